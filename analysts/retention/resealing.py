"""Resealing content that must outlive its key to the current key, in short transactions that may be killed."""

import time
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from analysts.incidents import contents
from analysts.incidents.sealing_contexts import mask_info
from analysts.retention.sealed import GOES, Sealed, kinds_under
from reports import keys, sealing
from reports.models import SealingKey

BATCH = 200
# Attempts to get rows that are locked, before the key is left for the next run.
PATIENCE = 5
# A reason beside those of `sealed.Why`: the content must be kept but cannot be opened, so it is copied unchanged.
DAMAGED = "damaged"


class InUse(Exception):
    """Rows under the key are locked; the key is left for the next run."""


def seal_anew(key: SealingKey, *, now: datetime) -> None:
    """Reseal everything that must outlive the key to the current one. Raises InUse, keys.KeyMissing."""
    for kind in kinds_under(key):
        for attempt in range(PATIENCE):
            if attempt:
                # An action locks a row only briefly.
                time.sleep(0.2 * attempt)
            after: UUID | None = UUID(int=0)
            while after is not None:
                after = _seal_batch_anew(kind, key, after=after, now=now)
            if not kind.under(key, now).exclude(why=GOES).exists():
                break
        else:
            raise InUse


def _seal_batch_anew(kind: Sealed, key: SealingKey, *, after: UUID, now: datetime) -> UUID | None:
    """Reseal the next batch of rows after a primary key; return the last of their keys, or None at the end.

    Locked rows are skipped, because waiting for them could cause a deadlock.
    """
    with transaction.atomic():
        staying = kind.under(key, now).exclude(why=GOES).filter(pk__gt=after)
        # Not their ids: a public transaction that refers to a message, and stays open, must not keep it from that.
        rows = list(staying.select_for_update(skip_locked=True, of=("self",), no_key=True)[:BATCH])
        if not rows:
            return None
        to = keys.public_key(now, kind.key_class)
        results = [_reseal_row(kind, row, key, to) for row in rows]
        _store_anew(kind, [(row.pk, *values) for row, (_, values) in zip(rows, results, strict=True)], to)
        resealed = Counter(reason for reason, _ in results)
        # Counted in the same transaction, so that the counts stay correct when a run is killed.
        counted = SealingKey.objects.locked().get(pk=key.pk)
        counted.resealed = dict(Counter(counted.resealed) + resealed)
        counted.save(update_fields=["resealed"])
    return UUID(str(rows[-1].pk))


def _reseal_row(kind: Sealed, row: Any, key: SealingKey, to: sealing.PublicKey) -> tuple[str, list[bytes]]:
    """Return the reason to count, and the contents of the row's `kind.resealed` for the key `to`."""
    sealed = bytes(getattr(row, kind.field))
    mask_fields = kind.resealed[1:]
    masks = [
        contents.reseal_mask(bytes(getattr(row, name)), key.pk, to=to, info=mask_info(row.pk)) for name in mask_fields
    ]
    try:
        return str(row.why), [contents.reseal_content(sealed, key.pk, to=to, info=kind.info(row)), *masks]
    except sealing.UnsealError:
        # Content that cannot be opened must not prevent the key's destruction.
        return DAMAGED, [sealed, *masks]


def _store_anew(kind: Sealed, rows: list[tuple[UUID | bytes, ...]], to: sealing.PublicKey) -> None:
    """Store a batch in one statement: Django's bulk_update costs more than the sealing.

    `rows`: the primary key, then the contents of `kind.resealed`.
    """
    fields = [sql.Identifier(name) for name in kind.resealed]
    statement = sql.SQL(
        "UPDATE {table} AS stored SET {changes}, key_id = %s"
        " FROM unnest(%s::uuid[], {arrays}) AS batch (id, {fields}) WHERE stored.{pk} = batch.id"
    ).format(
        table=sql.Identifier(kind.model._meta.db_table),
        changes=sql.SQL(", ").join(sql.SQL("{0} = batch.{0}").format(name) for name in fields),
        arrays=sql.SQL(", ").join(sql.SQL("%s::bytea[]") for _ in fields),
        fields=sql.SQL(", ").join(fields),
        pk=sql.Identifier(str(kind.model._meta.pk.column)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [to.id, *(list(column) for column in zip(*rows, strict=True))])
