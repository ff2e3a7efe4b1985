"""Export of the audit log as CSV. It needs a reason and a recent sign-in."""

from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from audit import exports
from audit.forms import EventFilters, ExportReason
from audit.permissions import check_can_read_events
from countries.staff.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def export_page(request: StaffRequest) -> HttpResponse:
    """The filters come from the list's query string and are passed on as hidden fields."""
    check_can_read_events(request.user)
    filters = EventFilters(request.POST if request.method == "POST" else request.GET)
    form = ExportReason(request.POST if request.method == "POST" else None)
    if filters.is_valid() and form.is_valid():
        pieces = exports.export_events(by=request.user, filters=filters, reason=form.cleaned_data["reason"])
        # The CSV type and `attachment` keep browsers from rendering the file as a page.
        answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="audit-events-{timezone.now():%Y-%m-%d}.csv"'
        answer.headers["Cache-Control"] = "no-store"
        return cast(HttpResponse, answer)
    context = {
        "title": _("Export audit events"),
        "filters": filters,
        "chosen": filters.chosen_in_words() if filters.is_valid() else [],
        "form": form,
    }
    return staff_page(request, "audit/export.html", context, status=422 if form.errors or filters.errors else 200)
