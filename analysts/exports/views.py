"""The page of a person's exports: progress, cancel, download."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.recent_sign_in import needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.exports import actions
from analysts.exports.file_formats import MEDIA_TYPES
from analysts.exports.permissions import check_can_see_exports
from analysts.models import Export, ExportFormat, ExportSubject
from audit.permissions import Denied
from countries.staff.requests.staff_pages import staff_page

MOST_SHOWN = 20
LISTS = {ExportSubject.INCIDENTS: "admin:incident_list", ExportSubject.EVENTS: "admin:audit_auditevent_changelist"}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """`list_url`: the list with the filters of the export."""

    export: Export
    list_url: str

    @property
    def written(self) -> str:
        return number_format(self.export.written, force_grouping=True)

    @property
    def total(self) -> str:
        return "" if self.export.total is None else number_format(self.export.total, force_grouping=True)


@require_safe
def exports_page(request: StaffRequest) -> HttpResponse:
    check_can_see_exports(request.user)
    return render_exports(request)


def render_exports(request: StaffRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    exports = list(Export.objects.of(request.user).order_by("-at")[:MOST_SHOWN])
    actions.view_exports(by=request.user, count=len(exports))
    context = {"title": _("Exports"), "rows": [make_row(export) for export in exports], "refusal": refusal}
    return staff_page(request, "analysts/exports/exports.html", context, status=status)


def make_row(export: Export) -> ExportRow:
    url = reverse(LISTS[ExportSubject(export.subject)])
    return ExportRow(export, f"{url}?{export.query}" if export.query else url)


def _find_own_export(request: StaffRequest, export_id: UUID) -> Export:
    """Raises Http404 for an export of another person."""
    return get_object_or_404(Export, pk=export_id, by=request.user)


@require_POST
def cancel_view(request: StaffRequest, export_id: UUID) -> HttpResponse:
    check_can_see_exports(request.user)
    export = _find_own_export(request, export_id)
    try:
        actions.cancel_export(by=request.user, export=export)
    except Denied as denied:
        return render_exports(request, refusal=str(denied.reason), status=422)
    messages.success(request, _("The export is cancelled, and nothing of it is kept here."))
    return redirect("admin:exports")


@require_POST
@needs_recent_sign_in(reveal_minutes)
def fetch_view(request: StaffRequest, export_id: UUID) -> HttpResponse:
    """Send the file in pieces; each is erased here before it leaves."""
    check_can_see_exports(request.user)
    export = _find_own_export(request, export_id)
    try:
        pieces = actions.fetch_export(by=request.user, export=export)
    except Denied as denied:
        return render_exports(request, refusal=str(denied.reason), status=422)
    answer = StreamingHttpResponse(pieces, content_type=MEDIA_TYPES[ExportFormat(export.format)])
    name = f"{export.subject}-{timezone.now():%Y-%m-%d}-{export}.{export.format}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Length"] = str(export.size)
    answer.headers["Cache-Control"] = "no-store"
    return cast(HttpResponse, answer)
