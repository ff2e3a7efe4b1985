"""The page of a person's exports: progress, cancel, download."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.recent_sign_in import needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.exports import actions
from analysts.exports.files import FORMATS
from analysts.exports.permissions import check_can_see_exports
from analysts.models import Export, ExportFormat, ExportSubject
from analysts.takedown.inbox.permissions import check_has_inbox
from audit.permissions import Denied, is_allowed
from countries.staff.requests.staff_pages import staff_page

MOST_SHOWN = 20
LISTS = {
    ExportSubject.INCIDENTS.value: "admin:incident_list",
    ExportSubject.EVENTS.value: "admin:audit_auditevent_changelist",
    ExportSubject.INBOX.value: "admin:inbox",
}


@require_safe
def exports_page(request: StaffRequest) -> HttpResponse:
    check_can_see_exports(request.user)
    return render_exports(request)


def render_exports(request: StaffRequest, *, refusal: str = "") -> HttpResponse:
    exports = list(Export.objects.filter(by=request.user).order_by("-at")[:MOST_SHOWN])
    actions.view_exports(by=request.user, count=len(exports))
    rows = [(export, list_url(export)) for export in exports]
    has_inbox = is_allowed(check_has_inbox, request.user)
    context = {"title": _("Exports"), "rows": rows, "refusal": refusal, "has_inbox": has_inbox}
    return staff_page(request, "analysts/exports/exports.html", context, status=422 if refusal else 200)


def list_url(export: Export) -> str:
    """The list with the filters of the export."""
    return reverse(LISTS[export.subject]) + (f"?{export.query}" if export.query else "")


@require_POST
def export_inbox(request: StaffRequest) -> HttpResponse:
    """Order the list of the user's inbox, without addresses."""
    check_has_inbox(request.user)
    try:
        actions.order_export(by=request.user, subject=ExportSubject.INBOX, format=ExportFormat.CSV)
    except Denied as denied:
        return render_exports(request, refusal=str(denied.reason))
    messages.success(request, _("Ordered. The file is written in the background and appears here."))
    return redirect("admin:exports")


@require_POST
def cancel_view(request: StaffRequest, export_id: UUID) -> HttpResponse:
    check_can_see_exports(request.user)
    export = get_object_or_404(Export, pk=export_id, by=request.user)
    try:
        actions.cancel_export(by=request.user, export=export)
    except Denied as denied:
        return render_exports(request, refusal=str(denied.reason))
    messages.success(request, _("The export is cancelled, and nothing of it is kept here."))
    return redirect("admin:exports")


@require_POST
@needs_recent_sign_in(reveal_minutes)
def fetch_view(request: StaffRequest, export_id: UUID) -> HttpResponse:
    """Send the file in pieces; each is erased here before it leaves."""
    check_can_see_exports(request.user)
    export = get_object_or_404(Export, pk=export_id, by=request.user)
    try:
        pieces = actions.fetch_export(by=request.user, export=export)
    except Denied as denied:
        return render_exports(request, refusal=str(denied.reason))
    name = f"{export.subject}-{timezone.now():%Y-%m-%d}-{export}.{export.format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(export.size),
        "Cache-Control": "no-store",
    }
    return cast(
        HttpResponse,
        StreamingHttpResponse(pieces, content_type=FORMATS[export.format].media_type, headers=headers),
    )
