"""The form that orders an export of the list of all incidents, with the list's filters."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.recent_sign_in import MINUTES, ask_again, is_recent
from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.forms import portals_with_languages
from analysts.exports.actions import order_export
from analysts.exports.forms import OrderExport
from analysts.handoff.allowances import addresses_left
from analysts.incidents.facet_search import count_matches, exact_label, find_by_received
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import ExportFormat, ExportSubject, User
from analysts.models.export import LONGEST_QUERY
from analysts.pages.incident_list import complete_search
from analysts.pages.incident_list_form import IncidentListForm, ListRequest
from audit.permissions import Denied
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def export_incidents(request: StaffRequest) -> HttpResponse:
    """The filters come from the list's query string and are passed on in the field `query`."""
    check_can_see_queue(request.user)
    data = QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]) if request.method == "POST" else request.GET
    listed = IncidentListForm(data, user=request.user, portals=portals_with_languages(request.user))
    list_request = listed.read_request()
    form = OrderExport(request.POST if request.method == "POST" else None, user=request.user)
    if list_request and form.is_valid():
        if form.has_addresses and not is_recent(request, MINUTES):
            return ask_again(request)
        try:
            _order(request.user, list_request, form)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Ordered. The file is written in the background and appears here."))
            return redirect("admin:exports")
    number = count_matches(complete_search(list_request)) if list_request else 0
    context = {
        "title": _("Export incidents"),
        "asked": list_request,
        "chosen": listed.chosen_in_words() if list_request else [],
        "number": number,
        "counted": exact_label(number),
        "left": addresses_left(request.user, now=timezone.now()) if "addresses" in form.fields else None,
        "form": form,
    }
    return staff_page(
        request, "analysts/exports/order.html", context, status=422 if form.errors or not list_request else 200
    )


def _order(user: User, list_request: ListRequest, form: OrderExport) -> None:
    chosen, matches = form.cleaned_data, None
    if form.has_addresses:
        remaining = addresses_left(user, now=timezone.now())
        # One more than is allowed is refused, however many more there are.
        matches = len(find_by_received(complete_search(list_request), most=remaining + 1))
    order_export(
        by=user,
        subject=ExportSubject.INCIDENTS,
        format=ExportFormat(chosen["format"]),
        columns=chosen["columns"],
        query=list_request.query,
        details={"filters": list_request.query},
        matches=matches,
        purpose=chosen.get("purpose", ""),
    )
