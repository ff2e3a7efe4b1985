"""The form that orders an export of the audit log. It needs a reason and a recent sign-in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.exports.actions import order_export
from analysts.exports.forms import OrderEvents
from analysts.models import ExportFormat, ExportSubject, User
from audit import chain
from audit.forms import EventFilters
from audit.permissions import Denied, check_can_read_events
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def export_page(request: StaffRequest) -> HttpResponse:
    """The filters come from the list's query string and are passed on as hidden fields."""
    check_can_read_events(request.user)
    filters = EventFilters(request.POST if request.method == "POST" else request.GET)
    form = OrderEvents(request.POST if request.method == "POST" else None)
    if filters.is_valid() and form.is_valid():
        try:
            _order(request.user, filters, form)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Ordered. The file is written in the background and appears here."))
            return redirect("admin:exports")
    context = {
        "title": _("Export audit events"),
        "filters": filters,
        "chosen": filters.chosen_in_words() if filters.is_valid() else [],
        "form": form,
    }
    return staff_page(request, "audit/export.html", context, status=422 if form.errors or filters.errors else 200)


def _order(user: User, filters: EventFilters, form: OrderEvents) -> None:
    """Order the events up to the newest one: the export's own is not among them."""
    chosen, newest = filters.chosen(), chain.newest_anchor().number
    # Before the first event there is none of number 1.
    up_to = max(1, min(newest, int(chosen.get("number", newest))))
    order_export(
        by=user,
        subject=ExportSubject.EVENTS,
        format=ExportFormat(form.cleaned_data["format"]),
        query=urlencode({**chosen, "number": str(up_to)}),
        details={"reason": form.cleaned_data["reason"], "filters": chosen, "number": up_to},
    )
