"""Staff's work while the public role is hostile: each act again and again until a file says that it is over."""

import json
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from analysts.assessment import publishing
from analysts.assessment.intake import run as intake
from analysts.retention import erasure, public_transactions, resealing
from audit import chain
from countries.models import Portal
from reports import keys

# Seconds that a blocked act waits for a lock before it counts as failed.
LOCK_SECONDS = 60
# How often a destruction is tried while the worker's intake has locked rows under the key.
PATIENCE = 10


def work(until: str, rotated: str, taken: str, portal: str) -> None:
    """Work until the file `until` exists; writes to `taken` the seconds that each act took, -1 for one that failed.

    A line is added to the file `rotated` after each rotation: the public server has to get the new key.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    acts: dict[str, Callable[[], object]] = {
        # A few at a time: the longest run must not depend on how many reports wait.
        "take in": lambda: intake.take_in(limit=20),
        "publish": publishing.publish_outcomes,
        "change a portal": lambda: _change_portal(portal),
        "verify the audit log": chain.verify_chain,
        "destroy a key": _destroy_key,
    }
    results: dict[str, list[float]] = {name: [] for name in acts}
    while not Path(until).exists():
        for name, act in acts.items():
            began = time.monotonic()
            try:
                act()
            except (DatabaseError, resealing.InUse):
                traceback.print_exc()
                results[name].append(-1)
            else:
                results[name].append(time.monotonic() - began)
            if act is _destroy_key:
                with Path(rotated).open("a") as file:
                    file.write("again\n")
        time.sleep(0.2)
    unfinished = Path(f"{taken}.new")
    unfinished.write_text(json.dumps(results))
    unfinished.rename(taken)


def _change_portal(slug: str) -> None:
    with transaction.atomic():
        portal = Portal.objects.locked().get(slug=slug)
        portal.save(update_fields=["name"])


def _destroy_key() -> None:
    """Replace the key that seals now, and destroy it at once, also if rows that intake has locked delay it."""
    now = timezone.now()
    key_id = keys.public_key(now).id
    for _ in range(PATIENCE):
        try:
            erasure.rotate_key(key_id, now=now, at_once=True)
        except resealing.InUse as error:
            if isinstance(error.__cause__, public_transactions.StillOpen):
                raise
        else:
            return
    raise resealing.InUse
