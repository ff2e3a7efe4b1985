"""Order, cancel and fetch exports."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from analysts.exports.files import send_parts
from analysts.exports.permissions import (
    check_can_cancel,
    check_can_export,
    check_can_export_addresses,
    check_can_fetch,
    check_can_see_exports,
)
from analysts.models import Export, ExportFormat, ExportPart, ExportState, ExportSubject, User
from analysts.models.export import LONGEST_KEPT, OPEN, UNFINISHED
from analysts.welfare.meter import addresses_left, serialise_files
from audit.actions import JSON, record_event, record_view
from audit.permissions import Denied
from reports import keys

WRITE_TASK = "analysts.write_export"
# Jobs that write or read whole files. The worker runs one of them beside all others, which do not wait for it.
QUEUE = "files"
# Files that one person may keep here at a time.
MOST_OPEN = 3


class ExportPurpose(models.TextChoices):
    """Why addresses are exported. Coded, so that audit events about it cannot contain content."""

    AUTHORITY = "authority", _("asked for by police or a court")
    RECIPIENT = "recipient", _("asked for by a recipient of notices")
    MEMBER = "member", _("for another hotline or a member")
    QUALITY = "quality", _("to review the quality of decisions")


def view_exports(*, by: User, count: int, now: datetime | None = None) -> None:
    """Record in the audit log that `by` saw the list of their exports."""
    check_can_see_exports(by)
    record_view(by=by, action="export.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def order_export(
    *,
    by: User,
    subject: ExportSubject,
    format: ExportFormat,
    columns: Sequence[str] = (),
    query: str = "",
    details: Mapping[str, JSON] | None = None,
    matches: int | None = None,
    purpose: str = "",
    now: datetime | None = None,
) -> Export:
    """Order the export, and the job that writes it. `query`: the query string of the list's filters.

    `matches`: with addresses, how many incidents match; None without. Each address counts under the person's limit of
    a day from now on, until the export is cancelled or stopped. Raises Denied.
    """
    now = now or timezone.now()
    check_can_export(by, subject)
    serialise_files()
    if matches is not None:
        check_can_order_addresses(by, matches, purpose, now=now)
    open_exports = Export.objects.filter(by=by, state__in=OPEN)
    if open_exports.filter(state__in=UNFINISHED).exists():
        raise Denied(_("One of your exports is still being written. Wait for it, or cancel it first."))
    if open_exports.count() >= MOST_OPEN:
        raise Denied(_("You have three exports here. Download or delete one first."))
    export = Export.objects.create(
        by=by,
        subject=subject,
        format=format,
        columns=list(columns),
        query=query,
        has_addresses=matches is not None,
        addresses=matches or 0,
        at=now,
        until=now + LONGEST_KEPT,
    )
    schedule_writing(export)
    order: dict[str, JSON] = {"format": export.format, "columns": list(columns), **(details or {})}
    if matches is not None:
        order |= {"addresses": matches, "reason": str(purpose)}
    if subject == ExportSubject.EVENTS:
        record_event(by=by, action="audit.export", on=export, details=order, at=now)
    else:
        record_event(by=by, action="export.order", on=export, details=order, at=now)
    return export


def check_can_order_addresses(user: User, matches: int, purpose: str, *, now: datetime) -> None:
    """Whether that many addresses may go into a file for that purpose."""
    check_can_export_addresses(user, now=now)
    if purpose not in ExportPurpose.values:
        raise Denied(_("Give the reason for which addresses are exported."))
    if not matches:
        raise Denied(_("No incident matches."))
    remaining = addresses_left(user, now=now)
    if matches > remaining:
        raise Denied(
            _(
                "You may put %(left)s more addresses into files today, and more incidents match. Narrow the filters, "
                "or export without addresses."
            )
            % {"left": remaining}
        )


def schedule_writing(export: Export) -> None:
    """Schedule the job inside the caller's transaction. A job that finds nothing to write does nothing."""
    app.configure_task(name=WRITE_TASK, queue=QUEUE).defer(export_id=str(export.pk))


@transaction.atomic
def cancel_export(*, by: User, export: Export, now: datetime | None = None) -> Export:
    """Stop the export, or erase its file. Addresses that were not opened no longer count."""
    now = now or timezone.now()
    export = lock_export(export)
    check_can_cancel(by, export)
    if export.state == ExportState.WAITING:
        export.addresses = 0
    end_export(export, ExportState.CANCELLED, now=now)
    record_event(by=by, action="export.cancel", on=export, details={**export.written_details}, at=now)
    return export


def fetch_export(*, by: User, export: Export, now: datetime | None = None) -> Iterator[bytes]:
    """Record the download and return the file in pieces, each erased here before it is sent.

    The iterator must be read outside a transaction. Raises Denied, Late.
    """
    now = now or timezone.now()
    with transaction.atomic():
        export = lock_export(export)
        check_can_fetch(by, export, now=now)
        _check_has_keys(export)
        export.state, export.ended_at = ExportState.FETCHED, now
        export.save(update_fields=["state", "ended_at"])
        details: dict[str, JSON] = {**export.written_details, "addresses": export.addresses}
        record_event(by=by, action="export.fetch", on=export, details=details, at=now)
    return send_parts(export)


def _check_has_keys(export: Export) -> None:
    """A key can be destroyed by hand before its month is over."""
    key_ids = set(ExportPart.objects.filter(export=export).values_list("key_id", flat=True))
    if not all(map(keys.has_private_half, key_ids)):
        raise Denied(_("Its key is not here any more. Order the export again."))


def lock_export(export: Export) -> Export:
    """Lock and return the current row, with its person."""
    return Export.objects.select_for_update(of=("self",)).select_related("by").get(pk=export.pk)


def end_export(export: Export, state: ExportState, *, now: datetime) -> None:
    """End the locked export, and erase what is written of it."""
    export.state, export.ended_at = state, now
    export.save(update_fields=["state", "ended_at", "problem", "addresses"])
    ExportPart.objects.filter(export=export).delete()
