"""Closing, emptying and destroying sealing keys: the only erasure that also reaches backups.

Each step may be killed at any point; the next run completes it. Content that must outlive a key is resealed in short
transactions. One more transaction checks that no such content is left, marks the key destroyed and records the erasure
in the audit log. After that commit the key files are deleted, and last the unreadable bytes in the tables.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BinaryField, Func

from analysts.models import Incident
from analysts.retention import policy, public_transactions, resealing
from analysts.retention.policy import KeyStep
from analysts.retention.sealed import SEALED
from analysts.takedown.notices.replies import links as reply_links
from audit.actions import record_event
from reports import keymaking, keys
from reports.addresses import AddressKind
from reports.models import KeyClass, KeyState, SealingKey

logger = logging.getLogger(__name__)

# Advisory locks, in ASCII so that they are recognisable in pg_locks: "erase" (exclusive for a destruction, shared for
# transactions that must wait for it) and "tend" (one run at a time).
ERASURE_LOCK = 0x6572617365
RUN_LOCK = 0x74656E64
CHANCE = Func(template="sha256(convert_to(gen_random_uuid()::text, 'UTF8'))", output_field=BinaryField())


class UnderWay(Exception):
    """Another run is in progress."""


class CannotRotate(Exception):
    """The key does not exist or is destroyed."""


@dataclass(slots=True)
class Tended:
    """The result of a run: the number of keys created, and the ids of keys by what was done with them."""

    created: int = 0
    closed: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    # Destroyed earlier, but their files existed: an earlier run was killed, or the keyring was restored.
    removed_again: list[str] = field(default_factory=list)
    # The private half is missing from this keyring although it is needed, or although the key is open.
    missing: list[str] = field(default_factory=list)
    # Skipped because rows sealed under them were locked.
    in_use: list[str] = field(default_factory=list)


def tend_keys(*, now: datetime) -> Tended:
    """The nightly run: create keys ahead, close, empty and destroy keys, and blank content of destroyed keys.

    Safe to run at any time and repeatedly. Raises UnderWay.
    """
    with _exclusive_run():
        tended = Tended(created=keymaking.make_missing(now=now))
        # An installation that was set up before there was this key.
        keys.create_secret("reply-links.key")
        tended.removed_again = _remove_again(now)
        tended.closed = _close_past_months(now)
        _withdraw_closed()
        # Reported before the next backup of the keyring is made without them.
        lost = SealingKey.objects.filter(state=KeyState.OPEN).exclude(pk__in=keys.private_key_ids())
        tended.missing = sorted(lost.values_list("pk", flat=True))
        for key in SealingKey.objects.filter(state=KeyState.CLOSED).order_by("month", "pk"):
            try:
                match policy.nightly_step(key, policy.tally_key(key, now=now), now=now):
                    case KeyStep.EMPTY:
                        empty_key(key, now=now)
                        tended.emptied.append(key.pk)
                    case KeyStep.DESTROY:
                        destroy_key(key, now=now)
                        tended.destroyed.append(key.pk)
            except keys.KeyMissing:
                tended.missing.append(key.pk)
            except resealing.InUse:
                tended.in_use.append(key.pk)
        _blank_destroyed()
        # After the addresses: links depend on them.
        reply_links.blank_old_links(now=now)
        return tended


def rotate_key(key_id: str, *, now: datetime, at_once: bool = False) -> str:
    """Replace a key that may be compromised with a new one of its class and month, and empty the old one.

    The nightly run destroys the old key after KEY_REST_DAYS; with `at_once` it is destroyed now, without waiting for a
    backup. Returns the id of the key that now seals. If killed, run it again to continue.

    Raises CannotRotate, UnderWay, InUse, and keys.KeyMissing if content to be kept cannot be opened.
    """
    with _exclusive_run():
        key = SealingKey.objects.filter(pk=key_id).first()
        if key is None or key.state == KeyState.DESTROYED:
            raise CannotRotate
        if key.state == KeyState.OPEN:
            successor = keymaking.make_another(key)
            with transaction.atomic():
                key = SealingKey.objects.locked().get(pk=key_id)
                key.state = KeyState.CLOSED
                key.save(update_fields=["state"])
                record_event(by=None, action="key.rotate", on=key, details={"successor": successor}, at=now)
        _withdraw_closed()
        empty_key(key, now=now)
        if at_once:
            destroy_key(key, now=now)
        return keys.public_key(now, KeyClass(key.key_class)).id


def await_destruction() -> None:
    """Wait for a running destruction, and hold off others until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ERASURE_LOCK])


@contextmanager
def _exclusive_run() -> Iterator[None]:
    """Hold RUN_LOCK for the database session, so that a killed run releases it. Raises UnderWay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUN_LOCK])
        if cursor.fetchone() != (True,):
            raise UnderWay
    try:
        yield
    finally:
        # A lost connection has released the lock.
        if connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [RUN_LOCK])


def _remove_again(now: datetime) -> list[str]:
    present = keys.private_key_ids() | keys.mask_key_owners()
    destroyed = SealingKey.objects.filter(pk__in=present, state=KeyState.DESTROYED)
    key_ids = sorted(destroyed.values_list("pk", flat=True))
    if key_ids:
        logger.warning("files of destroyed keys", extra={"fact": "files of destroyed keys were there and are removed"})
        with transaction.atomic():
            record_event(by=None, action="key.remove_again", details={"keys": key_ids}, at=now)
    # After recording: if killed in between, the next run finds and records them again.
    for key_id in key_ids:
        keys.destroy_key(key_id)
    return key_ids


def _close_past_months(now: datetime) -> list[str]:
    closed = []
    for key in SealingKey.objects.filter(state=KeyState.OPEN).order_by("month", "pk"):
        if policy.closes_on(key) > now.date():
            continue
        with transaction.atomic():
            # Waits for staff's transactions that seal to it; `destroy_key` waits for those of the public surface.
            key = SealingKey.objects.locked().get(pk=key.pk)  # the row as it is now
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
    """Reseal the content that must outlive a closed key, and save the day. Raises InUse, keys.KeyMissing."""
    resealing.seal_anew(key, now=now)
    with transaction.atomic():
        row = SealingKey.objects.locked().get(pk=key.pk)
        if row.emptied_on is None:
            row.emptied_on = now.date()
            row.save(update_fields=["emptied_on"])
            record_event(by=None, action="key.empty", on=row, details={"resealed": row.resealed}, at=now)


def destroy_key(key: SealingKey, *, now: datetime) -> None:
    """Destroy an emptied key and with it everything still sealed under it. Raises InUse, keys.KeyMissing.

    Content of incidents reopened since it was emptied is resealed first, as are reports stored while it was closed:
    after the wait none can be added.
    """
    try:
        public_transactions.await_public_transactions()
    except public_transactions.StillOpen as error:
        raise resealing.InUse from error
    for _ in range(resealing.PATIENCE):
        resealing.seal_anew(key, now=now)
        if _mark_destroyed(key, now=now):
            break
    else:
        raise resealing.InUse
    keys.destroy_key(key.pk)


def _mark_destroyed(key: SealingKey, *, now: datetime) -> bool:
    """Mark the key destroyed and record it, in one transaction. False if content must be resealed first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ERASURE_LOCK])
        row = SealingKey.objects.locked().get(pk=key.pk)
        if row.state == KeyState.DESTROYED:
            return True
        tally = policy.tally_key(row, now=now)
        if tally.stays:
            return False
        row.state = KeyState.DESTROYED
        row.destroyed_on = now.date()
        row.save(update_fields=["state", "destroyed_on"])
        # The event of the erasure contains counts, and no ids of reports or incidents.
        details = {
            "class": row.key_class,
            "month": f"{row.month:%Y-%m}",
            "erased": dict(tally.goes),
            "resealed": row.resealed,
        }
        record_event(by=None, action="key.destroy", on=row, details=details, at=now)
    return True


def _blank_destroyed() -> None:
    """Blank the content sealed under destroyed keys, which cannot be opened any more, to free its space."""
    for kind in SEALED:
        after = UUID(int=0)
        while True:
            with transaction.atomic():
                dead = kind.readable(key__state=KeyState.DESTROYED).filter(pk__gt=after)
                free = dead.select_for_update(skip_locked=True, of=("self",), no_key=True)
                pks = list(free.values_list("pk", flat=True)[: resealing.BATCH])
                kind.model._default_manager.filter(pk__in=pks).update(**kind.blanked)
                for rows in kind.keyed_rows(pks) if kind.keyed_rows else ():
                    rows.update(record_key=None)
                    if rows.model is Incident:
                        # Names and numbers can be guessed, and may be the child's: the key goes with the words.
                        rows.filter(address_kind=AddressKind.ACCOUNT).update(fingerprint=CHANCE)
            if not pks:
                break
            after = pks[-1]
