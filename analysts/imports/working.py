"""The worker's part of history imports: count the rows, import them, undo them, part by part.

A part is one transaction, so a worker that is killed loses nothing and repeats nothing.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet
from django.utils import timezone

from analysts.assessment.actions.entering import enter_imported
from analysts.codes import EntryOrigin
from analysts.codes.imports import RowOutcome
from analysts.imports.planning import PlannedRow, plan_rows
from analysts.imports.recording import record_import
from analysts.imports.sealed_parts import open_part
from analysts.incidents.locking import lock_in_order
from analysts.incidents.sealing_contexts import history_row_info
from analysts.models import (
    EnteredAddress,
    HistoryImport,
    HistoryPart,
    HistoryRow,
    ImportState,
    Incident,
    Sighting,
)
from analysts.models.origins import PREPARED, PREPARED_FOR, WORKING
from analysts.states import State
from reports import keys, sealing
from reports.models import KeyClass, the_hour

# Rows of one transaction of an undoing.
UNDONE_AT_ONCE = 1_000


def work_on_next(*, now: datetime | None = None) -> bool:
    """Count, import or undo some rows of the oldest import that waits for it. False if none does."""
    now = now or timezone.now()
    with transaction.atomic():
        waiting = HistoryImport.objects.select_for_update(skip_locked=True, of=("self",)).filter(state__in=WORKING)
        history = waiting.select_related("approved_by", "undone_by", "portal").order_by("pk").first()
        if history is None:
            return False
        if history.state == ImportState.UNDOING:
            _undo_some(history, now=now)
        else:
            _do_part(history, now=now)
    return True


@transaction.atomic
def erase_old_files(*, now: datetime | None = None) -> None:
    """Discard files that were not imported within a week, or whose key is not here any more."""
    now = now or timezone.now()
    for history in HistoryImport.objects.select_for_update().filter(state__in=PREPARED):
        key_ids = set(HistoryPart.objects.filter(source_import=history).values_list("key_id", flat=True))
        is_old = history.state != ImportState.RUNNING and history.prepared_at + PREPARED_FOR <= now
        if is_old or not all(map(keys.has_private_half, key_ids)):
            if history.state == ImportState.RUNNING:
                # The rows imported so far can be undone.
                history.state, history.imported_at = ImportState.DONE, now
            else:
                history.state = ImportState.DISCARDED
            history.save(update_fields=["state", "imported_at"])
            HistoryPart.objects.filter(source_import=history).delete()
            record_import(history, "expired", by=None, at=now)


def _do_part(history: HistoryImport, *, now: datetime) -> None:
    """Count or import the next part; end the step after the last."""
    part = HistoryPart.objects.filter(source_import=history, number=history.parts_done).first()
    is_run = history.state == ImportState.RUNNING
    if part is not None:
        part.source_import = history
        planned = plan_rows(history, open_part(part), now=now)
        if is_run:
            _store_rows(history, planned, now=now)
            part.delete()
        history.counts = dict(Counter(history.counts) + Counter(str(row.outcome) for row in planned))
        history.parts_done += 1
    elif is_run:
        history.state, history.imported_at = ImportState.DONE, now
    else:
        history.state, history.parts_done = ImportState.COUNTED, 0
    history.save(update_fields=["state", "counts", "parts_done", "imported_at"])
    if history.state == ImportState.DONE:
        record_import(history, "imported", by=history.approved_by, at=now)


def _store_rows(history: HistoryImport, planned: Sequence[PlannedRow], *, now: datetime) -> None:
    key = keys.public_key(now, KeyClass.ADDRESSES)
    rows = []
    for plan in planned:
        if plan.outcome == RowOutcome.REPEATED:
            continue
        row = HistoryRow(
            id=uuid.uuid4(),
            source_import=history,
            source=history.source,
            reference=plan.row["reference"],
            fingerprint=plan.fingerprint,
            decided_on=plan.row["decided_on"],
            **plan.classification,
        )
        if plan.outcome in (RowOutcome.QUEUED, RowOutcome.HINTED):
            row.old_state = plan.row["codes"]["state"]
            row.host, row.notified_on = plan.row["host"], plan.row["notified_on"] or None
        if plan.outcome == RowOutcome.QUEUED and plan.address and history.approved_by:
            row.incident = enter_imported(plan.address, history.portal, by=history.approved_by, now=now)
        elif plan.outcome == RowOutcome.KEPT and plan.address:
            content = {"normalised": plan.address.normalised, "reported": plan.address.reported}
            row.key_id, row.sealed = key.id, sealing.seal_json(content, to=key, info=history_row_info(row))
        rows.append(row)
    HistoryRow.objects.bulk_create(rows)


def _undo_some(history: HistoryImport, *, now: datetime) -> None:
    """Delete some rows, with the incidents of untouched open cases; name the rows that stay."""
    rows = HistoryRow.objects.filter(source_import=history).exclude(reference__in=history.kept)
    batch = list(rows.select_related("incident").order_by("pk")[:UNDONE_AT_ONCE])
    reached = set(_reached(history).filter(pk__in=[row.pk for row in batch]).values_list("pk", flat=True))
    kept = [row.reference for row in batch if row.pk in reached]
    free = [row for row in batch if row.pk not in reached]
    HistoryRow.objects.filter(pk__in=[row.pk for row in free if row.incident is None]).delete()
    kept += _delete_cases([row for row in free if row.incident is not None])
    history.kept = [*history.kept, *kept]
    if len(batch) < UNDONE_AT_ONCE:
        history.state = ImportState.UNDONE
    history.save(update_fields=["kept", "state"])
    if history.state == ImportState.UNDONE:
        record_import(history, "undone", by=history.undone_by, at=now)


def _reached(history: HistoryImport) -> QuerySet[HistoryRow]:
    """The rows whose address a report has named since the import began."""
    since = {"report__received_hour__gte": the_hour(history.approved_at or history.prepared_at)}
    sightings = Sighting.objects.filter(**since)
    own = sightings.filter(incident__fingerprint=OuterRef("fingerprint"))
    merged = sightings.filter(incident__merged__fingerprint=OuterRef("fingerprint"))
    with_address = HistoryRow.objects.filter(source_import=history).exclude(fingerprint=b"")
    return with_address.filter(Exists(own) | Exists(merged))


def _delete_cases(rows: Sequence[HistoryRow]) -> list[str]:
    """Delete the rows with their incidents; returns the references of those with which staff have begun."""
    incidents = lock_in_order(Incident.objects.filter(pk__in=[row.incident_id for row in rows if row.incident_id]))
    untouched = {row.pk for row in incidents if row.state == State.WAITING and not row.fence and row.round == 1}
    begun = [row.reference for row in rows if row.incident_id not in untouched]
    return begun + _delete_untouched([row for row in rows if row.incident_id in untouched])


def _delete_untouched(rows: Sequence[HistoryRow]) -> list[str]:
    """As `_delete_cases`, without those that something refers to, such as a note. Halves find them."""
    incidents = [row.incident_id for row in rows if row.incident_id]
    try:
        with transaction.atomic():
            HistoryRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
            EnteredAddress.objects.filter(incident__in=incidents, origin=EntryOrigin.IMPORTED).delete()
            Incident.objects.filter(pk__in=incidents).delete()
    except ProtectedError:
        if len(rows) == 1:
            return [rows[0].reference]
        middle = len(rows) // 2
        return _delete_untouched(rows[:middle]) + _delete_untouched(rows[middle:])
    return []
