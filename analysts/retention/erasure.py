"""The end of keys: closed, emptied of what must outlive them, destroyed. The only erasure that reaches backups.

Each step may be killed at any point and is finished by the next run. What must outlive a key is sealed anew in short
transactions; one more transaction checks that nothing is left, marks the key destroyed and writes the receipt of the
erasure to the audit record. Files go after that commit, dead bytes in the tables last.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from analysts.retention import policy, resealing
from analysts.retention.policy import KeyStep
from analysts.retention.sealed import SEALED
from analysts.takedown.notices import reply_links
from audit.actions import record_event
from reports import keymaking, keys
from reports.models import KeyClass, KeyState, SealingKey

logger = logging.getLogger(__name__)

# Advisory locks, recognised in pg_locks: "erase" (held by a destruction, shared by those who must not miss it) and
# "tend" (one run at a time).
ERASURE_LOCK = 0x6572617365
RUN_LOCK = 0x74656E64


class UnderWay(Exception):
    """Another run is at work."""


class CannotRotate(Exception):
    """There is no such key, or it is destroyed."""


@dataclass(slots=True)
class Tended:
    """What a run did: how many keys it made, and the ids of the others."""

    made: int = 0
    closed: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    # Destroyed earlier; their files were still there (a run cut short) or again (a restored keyring).
    removed_again: list[str] = field(default_factory=list)
    # Their private half is not in this keyring although something must be read with it, or is being sealed to them.
    missing: list[str] = field(default_factory=list)
    # Something under them was being worked on.
    in_use: list[str] = field(default_factory=list)


def tend_keys(*, now: datetime) -> Tended:
    """Everything a night has to do: make keys ahead, close, empty and destroy, and blank what no key of a month opens.

    Safe to run at any time and again.

    Raises UnderWay.
    """
    with _exclusive_run():
        done = Tended(made=keymaking.make_missing(now=now))
        done.removed_again = _remove_again(now)
        done.closed = _close_past_months(now)
        _withdraw_closed()
        # Told before the keyring's backup is made anew without them.
        lost = SealingKey.objects.filter(state=KeyState.OPEN).exclude(pk__in=keys.private_key_ids())
        done.missing = sorted(lost.values_list("pk", flat=True))
        for key in SealingKey.objects.filter(state=KeyState.CLOSED).order_by("month", "pk"):
            try:
                match policy.nightly_step(key, policy.tally_key(key, now=now), now=now):
                    case KeyStep.EMPTY:
                        empty_key(key, now=now)
                        done.emptied.append(key.pk)
                    case KeyStep.DESTROY:
                        destroy_key(key, now=now)
                        done.destroyed.append(key.pk)
            except keys.KeyMissing:
                done.missing.append(key.pk)
            except resealing.InUse:
                done.in_use.append(key.pk)
        _blank_destroyed()
        # After the addresses, on which they depend.
        reply_links.blank_old_links(now=now)
        return done


def rotate_key(key_id: str, *, now: datetime, at_once: bool = False) -> str:
    """Replace a key that somebody else may have: a new one of its class and month, and nothing left under the old.

    The old one is destroyed by the nightly run after KEY_REST_DAYS, or now where `at_once` says that it need not wait
    for a backup. Returns the id of the key that seals now. Run again, it goes on where it was cut short.

    Raises CannotRotate, UnderWay, InUse, and keys.KeyMissing where what must stay cannot be opened.
    """
    with _exclusive_run():
        key = SealingKey.objects.filter(pk=key_id).first()
        if key is None or key.state == KeyState.DESTROYED:
            raise CannotRotate
        if key.state == KeyState.OPEN:
            successor = keymaking.make_another(key)
            with transaction.atomic():
                key = SealingKey.objects.select_for_update().get(pk=key_id)
                key.state = KeyState.CLOSED
                key.save(update_fields=["state"])
                record_event(by=None, action="key.rotate", on=key, details={"successor": successor}, at=now)
        _withdraw_closed()
        empty_key(key, now=now)
        if at_once:
            destroy_key(key, now=now)
        return keys.public_key(now, KeyClass(key.key_class)).id


def await_destruction() -> None:
    """Make a destruction that is under way finish first, and others wait for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ERASURE_LOCK])


@contextmanager
def _exclusive_run() -> Iterator[None]:
    """Of the session, so that a killed run holds it no longer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUN_LOCK])
        if cursor.fetchone() != (True,):
            raise UnderWay
    try:
        yield
    finally:
        # After a lost connection the lock is gone with it.
        if connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])


def _remove_again(now: datetime) -> list[str]:
    destroyed = SealingKey.objects.filter(pk__in=keys.private_key_ids(), state=KeyState.DESTROYED)
    found = sorted(destroyed.values_list("pk", flat=True))
    if found:
        logger.warning("files of destroyed keys", extra={"fact": "files of destroyed keys were there and are removed"})
        with transaction.atomic():
            record_event(by=None, action="key.remove_again", details={"keys": found}, at=now)
    # After the record: killed in between, they are found and told of again.
    for key_id in found:
        keys.destroy_key(key_id)
    return found


def _close_past_months(now: datetime) -> list[str]:
    closed = []
    for key in SealingKey.objects.filter(state=KeyState.OPEN, month__lt=now.date()).order_by("month", "pk"):
        if policy.closes_on(key) > now.date():
            continue
        with transaction.atomic():
            # Waits for envelopes that are just being stored under it.
            key = SealingKey.objects.select_for_update().get(pk=key.pk)  # the row as it is now
            key.state = KeyState.CLOSED
            key.save(update_fields=["state"])
            record_event(by=None, action="key.close", on=key, at=now)
        closed.append(key.pk)
    return closed


def _withdraw_closed() -> None:
    shut = SealingKey.objects.filter(pk__in=keys.public_key_ids()).exclude(state=KeyState.OPEN)
    for key_id in shut.values_list("pk", flat=True):
        keys.withdraw_public_half(key_id)


def empty_key(key: SealingKey, *, now: datetime) -> None:
    """Seal anew whatever must outlive a closed key, and note the day. Raises InUse, keys.KeyMissing."""
    resealing.seal_anew(key, now=now)
    with transaction.atomic():
        row = SealingKey.objects.select_for_update().get(pk=key.pk)
        if row.emptied_on is None:
            row.emptied_on = now.date()
            row.save(update_fields=["emptied_on"])
            record_event(by=None, action="key.empty", on=row, details={"resealed": row.resealed}, at=now)


def destroy_key(key: SealingKey, *, now: datetime) -> None:
    """The end of an emptied key and of everything still under it. Raises InUse, keys.KeyMissing.

    What has come back into work since it was emptied is sealed anew first.
    """
    for _ in range(resealing.PATIENCE):
        resealing.seal_anew(key, now=now)
        if _mark_destroyed(key, now=now):
            break
    else:
        raise resealing.InUse
    keys.destroy_key(key.pk)


def _mark_destroyed(key: SealingKey, *, now: datetime) -> bool:
    """The one transaction of a destruction; False where something must be sealed anew first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ERASURE_LOCK])
        row = SealingKey.objects.select_for_update().get(pk=key.pk)
        if row.state == KeyState.DESTROYED:
            return True
        found = policy.tally_key(row, now=now)
        if found.stays:
            return False
        row.state = KeyState.DESTROYED
        row.destroyed_on = now.date()
        row.save(update_fields=["state", "destroyed_on"])
        # The receipt of the erasure: counts, and no id of a report or an incident.
        details = {
            "class": row.key_class,
            "month": f"{row.month:%Y-%m}",
            "erased": dict(found.goes),
            "resealed": row.resealed,
        }
        record_event(by=None, action="key.destroy", on=row, details=details, at=now)
    return True


def _blank_destroyed() -> None:
    """Give back the room of what lies under destroyed keys: dead bytes, which nobody can open any more."""
    for kind in SEALED:
        after = UUID(int=0)
        while True:
            with transaction.atomic():
                dead = kind.readable(key__state=KeyState.DESTROYED).filter(pk__gt=after)
                free = dead.select_for_update(skip_locked=True, of=("self",))
                pks = list(free.values_list("pk", flat=True)[: resealing.BATCH])
                kind.model._default_manager.filter(pk__in=pks).update(**dict.fromkeys(kind.blanked, b""))
            if not pks:
                break
            after = pks[-1]
