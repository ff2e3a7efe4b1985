"""Exports of the two lists, all incidents and the audit log: the forms that order them, and their tables."""

from collections.abc import Callable, Mapping
from functools import partial

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.recent_sign_in import MINUTES, ask_again, is_recent, needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.accounts.time_zones import zone_of
from analysts.assessment.forms import portals_with_languages
from analysts.exports.actions import order_export
from analysts.exports.files import BuildTable, ExportStopped, ExportTable
from analysts.exports.forms import OrderEvents, OrderIncidents
from analysts.exports.inbox_table import build_inbox_table
from analysts.exports.incident_table import COLUMNS, open_addresses, read_incidents
from analysts.incidents.facet_search import count_matches, exact_label, find_by_received
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import Export, ExportFormat, ExportProblem, ExportSubject, User
from analysts.models.export import LONGEST_QUERY
from analysts.pages.incident_list import complete_search
from analysts.pages.incident_list_form import IncidentListForm, ListRequest
from analysts.welfare.meter import addresses_left
from audit import chain
from audit.exports import column_headings, event_batches
from audit.forms import EventFilters, filters_in_words
from audit.models import AuditEvent
from audit.permissions import Denied, check_can_read_events
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def export_incidents(request: StaffRequest) -> HttpResponse:
    """The filters come from the list's query string and are passed on in the field `query`."""
    check_can_see_queue(request.user)
    data = QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]) if request.method == "POST" else request.GET
    filters = _incident_filters(data, request.user)
    list_request = filters.read_request()
    form = OrderIncidents(request.POST if request.method == "POST" else None, user=request.user)
    if list_request and form.is_valid():
        if form.has_addresses and not is_recent(request, MINUTES):
            return ask_again(request)
        if answer := _place_order(request, form, partial(_order_incidents, request.user, list_request, form)):
            return answer
    number = count_matches(complete_search(list_request)) if list_request else 0
    context = {
        "title": _("Export incidents"),
        "list_request": list_request,
        "chosen": filters_in_words(filters, list_request.chosen) if list_request else [],
        "number": number,
        "counted": exact_label(number),
        "remaining": addresses_left(request.user, now=timezone.now()) if "addresses" in form.fields else None,
        "form": form,
    }
    status = 422 if form.errors or not list_request else 200
    return staff_page(request, "analysts/exports/order.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def export_events(request: StaffRequest) -> HttpResponse:
    """The filters come from the list's query string and are passed on as hidden fields."""
    check_can_read_events(request.user)
    filters = EventFilters(request.POST if request.method == "POST" else request.GET)
    form = OrderEvents(request.POST if request.method == "POST" else None)
    order = partial(_order_events, request.user, filters, form)
    if filters.is_valid() and form.is_valid() and (answer := _place_order(request, form, order)):
        return answer
    context = {
        "title": _("Export audit events"),
        "filters": filters,
        "chosen": filters_in_words(filters, filters.chosen()) if filters.is_valid() else [],
        "form": form,
    }
    return staff_page(request, "audit/export.html", context, status=422 if form.errors or filters.errors else 200)


def _place_order(
    request: StaffRequest, form: OrderIncidents | OrderEvents, order: Callable[[], Export]
) -> HttpResponse | None:
    """None if it is refused, which the form then says."""
    try:
        order()
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return None
    messages.success(request, _("Ordered. The file is written in the background and appears here."))
    return redirect("admin:exports")


def _order_incidents(user: User, list_request: ListRequest, form: OrderIncidents) -> Export:
    matches = None
    if form.has_addresses:
        remaining = addresses_left(user, now=timezone.now())
        # One more than is allowed is refused, however many more there are.
        matches = len(find_by_received(complete_search(list_request), most=remaining + 1))
    return order_export(
        by=user,
        subject=ExportSubject.INCIDENTS,
        format=ExportFormat(form.cleaned_data["format"]),
        columns=form.cleaned_data["columns"],
        query=list_request.query,
        details={"filters": list_request.query},
        matches=matches,
        purpose=form.cleaned_data.get("purpose", ""),
    )


def _order_events(user: User, filters: EventFilters, form: OrderEvents) -> Export:
    """Order the events up to the newest one: the export's own is not among them."""
    chosen, newest = filters.chosen(), chain.newest_anchor().number
    # Before the first event there is none of number 1.
    up_to = max(1, min(newest, int(chosen.get("number", newest))))
    return order_export(
        by=user,
        subject=ExportSubject.EVENTS,
        format=ExportFormat(form.cleaned_data["format"]),
        query=urlencode({**chosen, "number": str(up_to)}),
        details={"reason": form.cleaned_data["reason"], "filters": chosen, "number": up_to},
    )


def _incident_filters(data: QueryDict, user: User) -> IncidentListForm:
    return IncidentListForm(data, user=user, portals=portals_with_languages(user))


def build_incident_table(export: Export) -> ExportTable:
    """The list as the person sees it now. Raises Denied, ExportStopped."""
    list_request = _incident_filters(QueryDict(export.query), export.by).read_request()
    if list_request is None or not all(name in COLUMNS for name in export.columns):
        raise ExportStopped(ExportProblem.FILTERS)
    search = complete_search(list_request)
    addresses = open_addresses(export, search, now=timezone.now()) if export.has_addresses else None
    return read_incidents(search, export.columns, user=export.by, zone=zone_of(export.by), addresses=addresses)


def build_event_table(export: Export) -> ExportTable:
    """The events up to the order. Raises ExportStopped."""
    filters = EventFilters(QueryDict(export.query))
    if not filters.is_valid():
        raise ExportStopped(ExportProblem.FILTERS)
    events = filters.apply(AuditEvent.objects.all(), now=export.at)
    return ExportTable(column_headings(), events.count(), event_batches(events, by_time=filters.by_time()))


TABLES: Mapping[str, BuildTable] = {
    ExportSubject.INCIDENTS: build_incident_table,
    ExportSubject.EVENTS: build_event_table,
    ExportSubject.INBOX: build_inbox_table,
}
