"""One who claims through the verb, in a process of its own that begins from nothing: a copy of a process that has
threads, such as one that drives a browser, may wait for ever for what they held.
"""

from time import perf_counter
from typing import Any

import django
from django.db import connection


def claim_repeatedly(database: str, person: int, seconds: float, gate: Any, counts: Any) -> None:
    """Claims for so long from the moment that all are there; then tells how many it were, and how long it took."""
    django.setup()
    from analysts.assessment import actions  # noqa: PLC0415 - imports models, which need the set-up
    from analysts.models import User  # noqa: PLC0415 - the same

    connection.settings_dict["NAME"] = database
    by = User.objects.get(pk=person)
    gate.wait()
    began, claimed = perf_counter(), 0
    while perf_counter() < began + seconds and actions.claim_next(by=by):
        claimed += 1
    counts.put((claimed, perf_counter() - began))
    connection.close()
