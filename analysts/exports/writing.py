"""The worker's part of exports: write one, take up those whose worker died, and erase those that are old."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from analysts.exports.actions import end_export, lock_export, schedule_writing
from analysts.exports.file_formats import MOST_SHEET_ROWS, open_file
from analysts.exports.permissions import check_can_export
from analysts.exports.sealed_parts import PART_BYTES, seal_part
from analysts.exports.tables import BuildTable, ExportStopped, ExportTable
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
            _write_file(export, tables[export.subject], now=now)
    except RunEnded:
        return
    except ExportStopped as stopped:
        _stop_run(export, stopped.problem, now=now or timezone.now())
    except Denied:
        _stop_run(export, ExportProblem.REFUSED, now=now or timezone.now())
    except keys.NoOpenKey:
        _stop_run(export, ExportProblem.NO_KEY, now=now or timezone.now())
    except Exception:
        _stop_run(export, ExportProblem.FAILED, now=now or timezone.now())
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
    export.save(update_fields=["state", "run", "active_at", "written", "size", "total"])
    return export


def _write_file(export: Export, build_table: BuildTable, *, now: datetime | None) -> None:
    check_can_export(export.by, export.subject)
    table = build_table(export)
    total = table.count()
    if export.format == ExportFormat.XLSX and total > MOST_SHEET_ROWS:
        raise ExportStopped(ExportProblem.TOO_LONG)
    _update_run(export, now=now, total=total)
    rows_written = 0
    for number, (content, rows_written) in enumerate(_cut_parts(export, table)):
        _save_part(export, number, content, rows_written, now=now)
    _update_run(export, now=now, state=ExportState.READY, written=rows_written, total=rows_written)


def _cut_parts(export: Export, table: ExportTable) -> Iterator[tuple[bytes, int]]:
    """The file in parts of PART_BYTES, each with the number of rows until its end. The last one may be shorter."""
    buffer, rows_written = bytearray(), 0
    for piece, rows in _render_file(export, table):
        buffer += piece
        rows_written += rows
        while len(buffer) >= PART_BYTES:
            yield bytes(buffer[:PART_BYTES]), rows_written
            del buffer[:PART_BYTES]
    yield bytes(buffer), rows_written


def _render_file(export: Export, table: ExportTable) -> Iterator[tuple[bytes, int]]:
    """The bytes of the file, with the number of rows that each piece completes.

    Rows that came since they were counted may make a sheet too long after all.
    """
    file, rows_written = open_file(ExportFormat(export.format)), 0
    yield file.begin(table.headings), 0
    for rows in table.batches():
        rows_written += len(rows)
        if export.format == ExportFormat.XLSX and rows_written > MOST_SHEET_ROWS:
            raise ExportStopped(ExportProblem.TOO_LONG)
        yield file.add(rows), len(rows)
    yield file.end(), 0


@transaction.atomic
def _save_part(export: Export, number: int, content: bytes, rows_written: int, *, now: datetime | None) -> None:
    """`rows_written`: the rows that are complete with it."""
    _update_run(export, now=now, written=rows_written, size=F("size") + len(content))
    seal_part(export, number, content, now=now or timezone.now()).save(force_insert=True)


def _update_run(export: Export, *, now: datetime | None, **changes: object) -> None:
    """Change the row, if this run is still the one that writes it. Raises RunEnded."""
    moment = now or timezone.now()
    running = Export.objects.filter(pk=export.pk, state=ExportState.RUNNING, run=export.run)
    if not running.update(active_at=moment, **changes):
        raise RunEnded


@transaction.atomic
def _stop_run(export: Export, problem: ExportProblem, *, now: datetime) -> None:
    """End it with a problem. Addresses count no more unless some may have been opened."""
    locked = lock_export(export)
    if locked.state != ExportState.RUNNING or locked.run != export.run:
        return
    locked.problem = problem
    if problem in (ExportProblem.LIMIT, ExportProblem.REFUSED, ExportProblem.FILTERS, ExportProblem.TOO_LONG):
        locked.addresses = 0
    end_export(locked, ExportState.STOPPED, now=now)


# --- Every few minutes -------------------------------------------------------------------------------


def tend_exports(*, now: datetime | None = None) -> None:
    """Erase files after 24 hours, take up lost runs, and delete what is left of ended exports."""
    now = now or timezone.now()
    for pk in Export.objects.filter(state__in=OPEN, until__lte=now).values_list("pk", flat=True):
        _expire_export(pk, now=now)
    lost = Export.objects.filter(state__in=UNFINISHED, until__gt=now)
    for export in lost.exclude(active_at__gt=now - LOST_AFTER).filter(at__lte=now - LOST_AFTER):
        _take_up_run(export, now=now)
    ended = Export.objects.exclude(state__in=OPEN)
    ExportPart.objects.filter(export__in=ended.filter(ended_at__lte=now - LEFTOVERS_AFTER)).delete()
    ended.filter(until__lte=now - ROWS_KEPT).delete()


@transaction.atomic
def _expire_export(pk: UUID, *, now: datetime) -> None:
    export = lock_export(Export(pk=pk))
    if export.is_open and export.until <= now:
        end_export(export, ExportState.EXPIRED, now=now)


@transaction.atomic
def _take_up_run(export: Export, *, now: datetime) -> None:
    """Let a new job write it from the beginning; after MOST_RUNS it ends as failed."""
    locked = lock_export(export)
    if not locked.is_unfinished or locked.run != export.run or locked.active_at != export.active_at:
        return
    if locked.run >= MOST_RUNS:
        locked.problem = ExportProblem.FAILED
        end_export(locked, ExportState.STOPPED, now=now)
        return
    locked.state, locked.active_at = ExportState.WAITING, now
    locked.save(update_fields=["state", "active_at"])
    schedule_writing(locked)
