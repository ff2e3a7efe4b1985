"""What must outlive a key is sealed to the current one, in short transactions that may be killed at any point."""

import time
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from analysts.retention.sealed import GOES, Sealed, kinds_under
from reports import keys, sealing
from reports.models import SealingKey

BATCH = 200
# How often rows that somebody is just working on are asked for again before the key is left for another night.
PATIENCE = 5
# A reason of its own beside `sealed.Why`: it must stay and does not open; it is carried over as it is.
DAMAGED = "damaged"


class InUse(Exception):
    """Something under the key is just being worked on: it is left for the next run."""


def seal_anew(key: SealingKey, *, now: datetime) -> None:
    """Bring everything that must outlive the key under the current one. Raises InUse, keys.KeyMissing."""
    for kind in kinds_under(key):
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
        anew = [_reseal_row(kind, row, key, to) for row in rows]
        _store_anew(kind, [(row.pk, content) for row, (_, content) in zip(rows, anew, strict=True)], to)
        resealed = Counter(why for why, _ in anew)
        # Counted in the same transaction, so that the receipt is right however often a run was killed.
        counted = SealingKey.objects.select_for_update().get(pk=key.pk)
        counted.resealed = dict(Counter(counted.resealed) + resealed)
        counted.save(update_fields=["resealed"])
    return UUID(str(rows[-1].pk))


def _reseal_row(kind: Sealed, row: Any, key: SealingKey, to: sealing.PublicKey) -> tuple[str, bytes]:
    """The reason to be counted, and the row's content sealed to another key."""
    info, sealed = kind.info(row), bytes(getattr(row, kind.field))
    try:
        content = sealing.unseal_json(sealed, by=keys.private_key(key.pk), info=info)
    except sealing.UnsealError:
        # Nobody could read it before, nobody can after; it must not keep the key alive.
        return DAMAGED, sealed
    return str(row.why), sealing.seal_json(content, to=to, info=info)


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
