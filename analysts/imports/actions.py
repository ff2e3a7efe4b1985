"""Prepare, map, request, approve, discard and undo an import of history; open one of its cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.accounts.alarms import raise_alarm
from analysts.assessment.actions.entering import enter_imported
from analysts.codes import Role
from analysts.codes.imports import CodeList
from analysts.imports.permissions import (
    check_can_approve_import,
    check_can_discard,
    check_can_import,
    check_can_map,
    check_can_open_case,
    check_can_request,
    check_can_undo,
    check_is_own,
)
from analysts.imports.planning import OF_ANSWERS, OURS
from analysts.imports.raw_rows import ReadOptions
from analysts.imports.reading import store_parts
from analysts.imports.recording import record_import
from analysts.incidents import contents
from analysts.models import AlarmKind, HistoryImport, HistoryPart, HistoryRow, ImportFormat, ImportState, Incident, User
from audit.permissions import Denied
from countries.models import Portal
from reports import keys, sealing
from reports.addresses import find_addresses

NO_ADDRESS = _("No address is kept of such a case.")


@transaction.atomic
def prepare_import(
    *,
    by: User | None,
    source: str,
    format: ImportFormat,
    portal: Portal | None,
    file: BinaryIO,
    options: ReadOptions,
    now: datetime | None = None,
) -> HistoryImport:
    """Read the file and keep its rows sealed; nothing is imported. `by`: None for the command.

    Raises Denied, FileRefused, keys.NoOpenKey; then nothing is kept.
    """
    now = now or timezone.now()
    if by is not None:
        check_can_import(by)
        check_is_own(by, portal)
    history = HistoryImport.objects.create(
        source=source, format=format, portal=portal, prepared_by=by, prepared_at=now, rows=0
    )
    summary = store_parts(history, file, options, now=now)
    history.digest, history.rows, history.ignored_columns = summary.digest, summary.rows, summary.ignored_columns
    history.codes = {name: dict(codes) for name, codes in summary.codes.items() if codes}
    history.refusals = dict(summary.refusals)
    history.save(update_fields=["digest", "rows", "ignored_columns", "codes", "refusals"])
    record_import(history, "prepared", by=by, at=now)
    return history


@transaction.atomic
def map_codes(
    *, by: User, history: HistoryImport, mapping: Mapping[str, Mapping[str, str]], now: datetime | None = None
) -> HistoryImport:
    """Say what each code of the former system is in ours, "" for nothing; the worker then counts the rows again."""
    history = _lock(history)
    check_can_map(by, history)
    for name, codes in history.codes.items():
        if set(mapping.get(name, {})) != set(codes):
            raise Denied(_("Each code is mapped, or left empty."))
        allowed = {value for value, _label in choices_of(CodeList(name))}
        if not set(mapping[name].values()) <= {"", *allowed}:
            raise Denied(_("One of the codes is not ours."))
    history.mapping = {name: dict(mapping[name]) for name in history.codes}
    history.state, history.counts, history.parts_done = ImportState.COUNTING, {}, 0
    history.save(update_fields=["mapping", "state", "counts", "parts_done"])
    record_import(history, "mapped", by=by, at=now or timezone.now())
    return history


@transaction.atomic
def request_import(*, by: User, history: HistoryImport, now: datetime | None = None) -> HistoryImport:
    """Ask a second senior analyst to approve the counted import; a mail asks those who can."""
    now = now or timezone.now()
    history = _lock(history)
    check_can_request(by, history)
    history.state, history.requested_by, history.requested_at = ImportState.REQUESTED, by, now
    history.save(update_fields=["state", "requested_by", "requested_at"])
    record_import(history, "requested", by=by, at=now)
    if settings.MAIL_HOST:
        raise_alarm(AlarmKind.APPROVAL, to=User.objects.mail_addresses(Role.SENIOR), now=now)
    return history


@transaction.atomic
def approve_import(*, by: User, history: HistoryImport, now: datetime | None = None) -> HistoryImport:
    """Approve what another person requested; the worker imports it."""
    now = now or timezone.now()
    history = _lock(history)
    check_can_approve_import(by, history)
    history.state, history.approved_by, history.approved_at = ImportState.RUNNING, by, now
    history.counts, history.parts_done = {}, 0
    history.save(update_fields=["state", "approved_by", "approved_at", "counts", "parts_done"])
    record_import(history, "approved", by=by, at=now)
    return history


@transaction.atomic
def discard_import(*, by: User, history: HistoryImport, now: datetime | None = None) -> HistoryImport:
    """Erase the file; nothing was imported."""
    history = _lock(history)
    check_can_discard(by, history)
    history.state = ImportState.DISCARDED
    history.save(update_fields=["state"])
    HistoryPart.objects.filter(source_import=history).delete()
    record_import(history, "discarded", by=by, at=now or timezone.now())
    return history


@transaction.atomic
def open_case(*, by: User, history: HistoryImport, reference: str, now: datetime | None = None) -> Incident:
    """Put a closed case in the queue, by its number in the former system; returns its incident.

    Its address moves to the incident, on whose page it is revealed and recorded as any other. Raises Denied.
    """
    now = now or timezone.now()
    history = _lock(history)
    check_can_open_case(by, history)
    row = HistoryRow.objects.select_for_update().filter(source_import=history, reference=reference).first()
    if row is None:
        raise Denied(NO_ADDRESS)
    if row.incident is not None:
        return row.incident
    try:
        [address] = find_addresses(contents.import_address(row))
    except (ValueError, sealing.UnsealError, keys.KeyMissing):
        raise Denied(NO_ADDRESS) from None
    incident = enter_imported(address, history.portal, by=by, now=now)
    # Of two cases with one address, the first is the incident's.
    if not HistoryRow.objects.filter(incident=incident).exists():
        row.incident, row.key, row.sealed = incident, None, b""
        row.save(update_fields=["incident", "key", "sealed"])
    record_import(history, "opened", by=by, at=now)
    return incident


@transaction.atomic
def undo_import(*, by: User, history: HistoryImport, now: datetime | None = None) -> HistoryImport:
    """Undo the whole import, except rows that a report has reached since; the worker does it."""
    now = now or timezone.now()
    history = _lock(history)
    check_can_undo(by, history, now=now)
    history.state, history.undone_by = ImportState.UNDOING, by
    history.save(update_fields=["state", "undone_by"])
    record_import(history, "undoing", by=by, at=now)
    return history


def choices_of(code_list: CodeList) -> list[tuple[str, str]]:
    """Our codes for a list; for answers those of all lists, each with the name of its list."""
    if code_list != CodeList.ANSWER:
        return OURS[code_list]
    return [(f"{one}:{value}", f"{one.label}: {label}") for one in OF_ANSWERS for value, label in OURS[one]]


def _lock(history: HistoryImport) -> HistoryImport:
    return HistoryImport.objects.select_for_update(of=("self",)).select_related("portal").get(pk=history.pk)
