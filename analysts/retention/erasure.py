"""The end of keys: closed, emptied of what must outlive them, destroyed. The only erasure that reaches backups.

Each step may be killed at any point and is finished by the next run. What must outlive a key is sealed anew in short
transactions; one more transaction checks that nothing is left, marks the key destroyed and writes the receipt of the
erasure to the audit record. Files go after that commit, dead bytes in the tables last.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from analysts.retention import policy
from analysts.retention.policy import GOES, Sealed, Step
from analysts.takedown.notices import reply_links
from audit.actions import record
from reports import keymaking, keys, sealing
from reports.models import KeyClass, KeyState, SealingKey

logger = logging.getLogger(__name__)

BATCH = 200
# How often rows that somebody is just working on are asked for again before the key is left for another night.
PATIENCE = 5
# A reason of its own beside `retention.Why`: it must stay and does not open; it is carried over as it is.
DAMAGED = "damaged"

# Advisory locks, recognised in pg_locks: "erase" (held by a destruction, shared by those who must not miss it) and
# "tend" (one run at a time).
ERASURE_LOCK = 0x6572617365
RUN_LOCK = 0x74656E64


class UnderWay(Exception):
    """Another run is at work."""


class InUse(Exception):
    """Something under the key is just being worked on: it is left for the next run."""


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


def tend(*, now: datetime) -> Tended:
    """Everything a night has to do: make keys ahead, close, empty and destroy, and blank what no key of a month opens.

    Safe to run at any time and again.

    Raises UnderWay.
    """
    with _alone():
        done = Tended(made=keymaking.make_missing(now=now))
        done.removed_again = _remove_again(now)
        done.closed = _close_past_months(now)
        _withdraw_closed()
        # Told before the keyring's backup is made anew without them.
        lost = SealingKey.objects.filter(state=KeyState.OPEN).exclude(pk__in=keys.held())
        done.missing = sorted(lost.values_list("pk", flat=True))
        for key in SealingKey.objects.filter(state=KeyState.CLOSED).order_by("month", "pk"):
            try:
                match policy.step(key, policy.tally(key, now=now), now=now):
                    case Step.EMPTY:
                        empty(key, now=now)
                        done.emptied.append(key.pk)
                    case Step.DESTROY:
                        destroy(key, now=now)
                        done.destroyed.append(key.pk)
            except keys.KeyMissing:
                done.missing.append(key.pk)
            except InUse:
                done.in_use.append(key.pk)
        _blank()
        # After the addresses, on which they depend.
        reply_links.blank(now=now)
        return done


def rotate(key_id: str, *, now: datetime, at_once: bool = False) -> str:
    """Replace a key that somebody else may have: a new one of its class and month, and nothing left under the old.

    The old one is destroyed by the nightly run after KEY_REST_DAYS, or now where `at_once` says that it need not wait
    for a backup. Returns the id of the key that seals now. Run again, it goes on where it was cut short.

    Raises CannotRotate, UnderWay, InUse, and keys.KeyMissing where what must stay cannot be opened.
    """
    with _alone():
        key = SealingKey.objects.filter(pk=key_id).first()
        if key is None or key.state == KeyState.DESTROYED:
            raise CannotRotate
        if key.state == KeyState.OPEN:
            successor = keymaking.make_another(key)
            with transaction.atomic():
                key = SealingKey.objects.select_for_update().get(pk=key_id)
                key.state = KeyState.CLOSED
                key.save(update_fields=["state"])
                record(by=None, action="key.rotate", on=key, details={"successor": successor}, at=now)
        _withdraw_closed()
        empty(key, now=now)
        if at_once:
            destroy(key, now=now)
        return keys.public_key(now, KeyClass(key.key_class)).id


def await_destruction() -> None:
    """Make a destruction that is under way finish first, and others wait for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ERASURE_LOCK])


@contextmanager
def _alone() -> Iterator[None]:
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
    destroyed = SealingKey.objects.filter(pk__in=keys.held(), state=KeyState.DESTROYED)
    found = sorted(destroyed.values_list("pk", flat=True))
    if found:
        logger.warning("files of destroyed keys", extra={"fact": "files of destroyed keys were there and are removed"})
        with transaction.atomic():
            record(by=None, action="key.remove_again", details={"keys": found}, at=now)
    # After the record: killed in between, they are found and told of again.
    for key_id in found:
        keys.destroy(key_id)
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
            record(by=None, action="key.close", on=key, at=now)
        closed.append(key.pk)
    return closed


def _withdraw_closed() -> None:
    shut = SealingKey.objects.filter(pk__in=keys.published()).exclude(state=KeyState.OPEN)
    for key_id in shut.values_list("pk", flat=True):
        keys.withdraw(key_id)


def empty(key: SealingKey, *, now: datetime) -> None:
    """Seal anew whatever must outlive a closed key, and note the day. Raises InUse, keys.KeyMissing."""
    _seal_anew(key, now=now)
    with transaction.atomic():
        row = SealingKey.objects.select_for_update().get(pk=key.pk)
        if row.emptied_on is None:
            row.emptied_on = now.date()
            row.save(update_fields=["emptied_on"])
            record(by=None, action="key.empty", on=row, details={"resealed": row.resealed}, at=now)


def destroy(key: SealingKey, *, now: datetime) -> None:
    """The end of an emptied key and of everything still under it. Raises InUse, keys.KeyMissing.

    What has come back into work since it was emptied is sealed anew first.
    """
    for _ in range(PATIENCE):
        _seal_anew(key, now=now)
        if _marked_destroyed(key, now=now):
            break
    else:
        raise InUse
    keys.destroy(key.pk)


def _marked_destroyed(key: SealingKey, *, now: datetime) -> bool:
    """The one transaction of a destruction; False where something must be sealed anew first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ERASURE_LOCK])
        row = SealingKey.objects.select_for_update().get(pk=key.pk)
        if row.state == KeyState.DESTROYED:
            return True
        found = policy.tally(row, now=now)
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
        record(by=None, action="key.destroy", on=row, details=details, at=now)
    return True


def _seal_anew(key: SealingKey, *, now: datetime) -> None:
    """Bring everything that must outlive the key under the current one. Raises InUse, keys.KeyMissing."""
    for kind in policy.sealed_under(key):
        for attempt in range(PATIENCE):
            if attempt:
                # An act on the row holds it for moments only.
                time.sleep(0.2 * attempt)
            after: UUID | None = UUID(int=0)
            while after is not None:
                after = _seal_batch_anew(kind, key, after=after, now=now)
            if not kind.under(key, now).exclude(why=GOES).exists():
                break
        else:
            raise InUse


def _seal_batch_anew(kind: Sealed, key: SealingKey, *, after: UUID, now: datetime) -> UUID | None:
    """The next rows after a primary key, in one short transaction; the last of them, None where there are no more.

    Rows that are locked are passed over: to wait for them could be to wait for each other.
    """
    with transaction.atomic():
        staying = kind.under(key, now).exclude(why=GOES).filter(pk__gt=after)
        rows = list(staying.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        if not rows:
            return None
        to = keys.public_key(now, kind.key_class)
        anew = [_sealed_anew(kind, row, key, to) for row in rows]
        _store_anew(kind, [(row.pk, content) for row, (_, content) in zip(rows, anew, strict=True)], to)
        resealed = Counter(why for why, _ in anew)
        # Counted in the same transaction, so that the receipt is right however often a run was killed.
        counted = SealingKey.objects.select_for_update().get(pk=key.pk)
        counted.resealed = dict(Counter(counted.resealed) + resealed)
        counted.save(update_fields=["resealed"])
    return UUID(str(rows[-1].pk))


def _sealed_anew(kind: Sealed, row: Any, key: SealingKey, to: sealing.PublicKey) -> tuple[str, bytes]:
    """The reason to be counted, and the row's content sealed to another key."""
    info, sealed = kind.info(row), bytes(getattr(row, kind.field))
    try:
        content = sealing.unseal(sealed, by=keys.private_key(key.pk), info=info)
    except sealing.Unreadable:
        # Nobody could read it before, nobody can after; it must not keep the key alive.
        return DAMAGED, sealed
    return str(row.why), sealing.seal(content, to=to, info=info)


def _store_anew(kind: Sealed, contents: list[tuple[UUID, bytes]], to: sealing.PublicKey) -> None:
    """One statement for a batch. Django's own for many rows costs more than all the sealing."""
    statement = sql.SQL(
        "UPDATE {table} AS stored SET {field} = anew.sealed, key_id = %s"
        " FROM unnest(%s::uuid[], %s::bytea[]) AS anew (id, sealed) WHERE stored.{pk} = anew.id"
    ).format(
        table=sql.Identifier(kind.model._meta.db_table),
        field=sql.Identifier(kind.field),
        pk=sql.Identifier(str(kind.model._meta.pk.column)),
    )
    ids, sealed = zip(*contents, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(statement, [to.id, list(ids), list(sealed)])


def _blank() -> None:
    """Give back the room of what lies under destroyed keys: dead bytes, which nobody can open any more."""
    for kind in policy.SEALED:
        after = UUID(int=0)
        while True:
            with transaction.atomic():
                dead = kind.readable(key__state=KeyState.DESTROYED).filter(pk__gt=after)
                pks = list(dead.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH])
                kind.model._default_manager.filter(pk__in=pks).update(**dict.fromkeys(kind.blanked, b""))
            if not pks:
                break
            after = pks[-1]
