"""The worker's part of exports: write one, take up those whose worker died, and erase those that are old."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from analysts.exports.actions import end_export, lock_export, schedule_writing
from analysts.exports.files import (
    FORMATS,
    MOST_SHEET_ROWS,
    PART_BYTES,
    BuildTable,
    ExportStopped,
    ExportTable,
    Rows,
    seal_part,
)
from analysts.exports.permissions import check_can_export
from analysts.models import Export, ExportFormat, ExportPart, ExportProblem, ExportState
from analysts.models.export import OPEN, UNFINISHED
from audit.permissions import Denied
from reports import keys

# Without a sign of life for so long, the worker is taken to be dead: a batch takes seconds.
LOST_AFTER = timedelta(minutes=5)
MOST_RUNS = 3
# A file that is being sent is erased piece by piece; this ends what a broken download left.
LEFTOVERS_AFTER = timedelta(hours=1)
# Rows of exports that ended; `addresses_used` reads those of a day.
ROWS_KEPT = timedelta(days=7)


class RunEnded(Exception):
    """The export was cancelled, has expired, or is written by a later run."""


def write_export(*, export_id: UUID, tables: Mapping[str, BuildTable], now: datetime | None = None) -> None:
    """Write the whole file, if the export still waits for it.

    Errors of the code end the export as failed and are raised.
    """
    export = _begin_run(export_id, now=now or timezone.now())
    if export is None:
        return
    try:
        with translation.override(export.by.language or "en"):
            check_can_export(export.by, export.subject)
            _write_file(export, tables[export.subject](export), now=now)
    except RunEnded:
        return
    except ExportStopped as stopped:
        _stop_run(export, stopped.problem, now=now)
    except Denied:
        _stop_run(export, ExportProblem.REFUSED, now=now)
    except keys.NoOpenKey:
        _stop_run(export, ExportProblem.NO_KEY, now=now)
    except Exception:
        _stop_run(export, ExportProblem.FAILED, now=now)
        raise


@transaction.atomic
def _begin_run(export_id: UUID, *, now: datetime) -> Export | None:
    exports = Export.objects.select_for_update(of=("self",)).select_related("by")
    export = exports.filter(pk=export_id, state=ExportState.WAITING, until__gt=now).first()
    if export is None:
        return None
    ExportPart.objects.filter(export=export).delete()
    export.state, export.run, export.active_at = ExportState.RUNNING, export.run + 1, now
    export.written, export.size, export.total = 0, 0, None
    # Read once: the rows are those of these portals, also if one is taken away meanwhile.
    export.by.known_portal_ids = export.portals = export.by.portal_ids
    export.save(update_fields=["state", "run", "active_at", "written", "size", "total", "portals"])
    return export


def _write_file(export: Export, table: ExportTable, *, now: datetime | None) -> None:
    """Write it in parts of PART_BYTES. The last one may be shorter."""
    _check_length(export, table.total)
    _update_run(export, now=now, total=table.total)
    buffer, number = bytearray(), 0
    for piece in FORMATS[export.format].render(table.headings, _count_rows(export, table)):
        buffer += piece
        while len(buffer) >= PART_BYTES:
            _save_part(export, number, bytes(buffer[:PART_BYTES]), now=now)
            del buffer[:PART_BYTES]
            number += 1
    _save_part(export, number, bytes(buffer), now=now)
    _update_run(export, now=now, state=ExportState.READY, total=export.written)


def _count_rows(export: Export, table: ExportTable) -> Iterator[Rows]:
    """Count the rows as they are read: new ones may make a sheet too long after all."""
    for rows in table.batches:
        export.written += len(rows)
        _check_length(export, export.written)
        yield rows


def _check_length(export: Export, rows: int) -> None:
    if export.format == ExportFormat.XLSX and rows > MOST_SHEET_ROWS:
        raise ExportStopped(ExportProblem.TOO_LONG)


@transaction.atomic
def _save_part(export: Export, number: int, content: bytes, *, now: datetime | None) -> None:
    _update_run(export, now=now, size=F("size") + len(content))
    seal_part(export, number, content, now=now or timezone.now()).save(force_insert=True)


def _update_run(export: Export, *, now: datetime | None, **changes: object) -> None:
    """Change the row, if this run is still the one that writes it. Raises RunEnded."""
    running = Export.objects.filter(pk=export.pk, state=ExportState.RUNNING, run=export.run)
    if not running.update(active_at=now or timezone.now(), written=export.written, **changes):
        raise RunEnded


@transaction.atomic
def _stop_run(export: Export, problem: ExportProblem, *, now: datetime | None) -> None:
    """End it with a problem. Addresses no longer count unless some may have been opened."""
    locked = lock_export(export)
    if locked.state != ExportState.RUNNING or locked.run != export.run:
        return
    locked.problem = problem
    if problem in (ExportProblem.LIMIT, ExportProblem.REFUSED, ExportProblem.FILTERS, ExportProblem.TOO_LONG):
        locked.addresses = 0
    end_export(locked, ExportState.STOPPED, now=now or timezone.now())


@transaction.atomic
def tend_exports(*, now: datetime | None = None) -> None:
    """Erase files after 24 hours, take up lost runs, and delete what is left of ended exports."""
    now = now or timezone.now()
    locked = Export.objects.select_for_update()
    for export in locked.filter(state__in=OPEN, until__lte=now):
        end_export(export, ExportState.EXPIRED, now=now)
    lost = locked.filter(state__in=UNFINISHED, at__lte=now - LOST_AFTER).exclude(active_at__gt=now - LOST_AFTER)
    for export in lost:
        if export.run >= MOST_RUNS:
            export.problem = ExportProblem.FAILED
            end_export(export, ExportState.STOPPED, now=now)
        else:
            # A new job writes it from the beginning.
            export.state, export.active_at = ExportState.WAITING, now
            export.save(update_fields=["state", "active_at"])
            schedule_writing(export)
    ended = Export.objects.exclude(state__in=OPEN)
    ExportPart.objects.filter(export__in=ended.filter(ended_at__lte=now - LEFTOVERS_AFTER)).delete()
    ended.filter(until__lte=now - ROWS_KEPT).delete()
