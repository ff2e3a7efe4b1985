"""One claimer that uses the real action, in a process of its own: a fork of a process with threads, such as one that
drives a browser, may wait for ever for their locks.
"""

from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from time import perf_counter

import django
from django.db import connection


def claim_repeatedly(
    database: str, person: int, seconds: float, gate: Barrier, counts: "SimpleQueue[tuple[int, float]]"
) -> None:
    """Claim for `seconds` from the moment that all are ready; then report how many claims, and the time they took."""
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
