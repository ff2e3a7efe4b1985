"""The search page, and incidents by their number."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Verdict
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.table import IncidentRow, incident_rows
from analysts.models import Incident, User
from analysts.search.actions import search_incidents
from analysts.search.forms import SearchForm
from analysts.search.limits import allowed_again_at
from analysts.search.lookups import (
    MOST_SHOWN,
    SearchResults,
    find_by_number,
    searchable_since,
)
from analysts.welfare import viewing
from audit.permissions import Denied
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An incident found. `verdict`: "" where there is none, or it may not be shown yet."""

    row: IncidentRow
    verdict: str


@dataclass(frozen=True, slots=True)
class ResultGroup:
    label: str
    rows: list[ResultRow]


@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: StaffRequest) -> HttpResponse:
    """The results of a POST; a GET explains what can be searched for."""
    check_sees_content(request.user)
    if request.method != "POST":
        return _draw_page(request, SearchForm())
    form, now = SearchForm(request.POST), timezone.now()
    if not form.is_valid():
        return _draw_page(request, form, status=422)
    try:
        results = search_incidents(by=request.user, terms=form.cleaned_data["q"], now=now)
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return _draw_page(request, form, status=403)
    if results is None:
        until = allowed_again_at(now)
        page = _draw_page(request, form, refused_until=until, status=429)
        page.headers["Retry-After"] = str(int((until - now).total_seconds()) + 1)
        return page
    return _draw_page(request, form, results=results, groups=build_groups(results, request.user, now))


def build_groups(results: SearchResults, user: User, now: datetime) -> list[ResultGroup]:
    rows = {
        built.row.incident.pk: built
        for built in build_rows([incident for group in results.incidents.values() for incident in group], user, now)
    }
    return [
        ResultGroup(str(match.label), [rows[incident.pk] for incident in incidents])
        for match, incidents in results.incidents.items()
    ]


def build_rows(incidents: list[Incident], user: User, now: datetime) -> list[ResultRow]:
    """`incidents`: with their verdicts (`lookups`)."""
    return [
        ResultRow(row, str(Verdict(verdict).label) if verdict else "")
        for row in incident_rows(incidents, user, now)
        for verdict in [row.incident.verdict]  # type: ignore[attr-defined] # annotated
    ]


def _draw_page(
    request: StaffRequest,
    form: SearchForm,
    *,
    results: SearchResults | None = None,
    groups: list[ResultGroup] | None = None,
    refused_until: datetime | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": _("Search"),
        "form": form,
        "search_typed": form.data.get("q", ""),
        "search_refused": status != 200,
        "result": results,
        "groups": groups or [],
        "refused_until": refused_until,
        "limit": number_in_force("SEARCHES_AN_HOUR"),
        "since": searchable_since(),
        "most_shown": MOST_SHOWN,
    }
    return staff_page(request, "analysts/search/search.html", context, status=status)


@require_safe
def numbered_incident(request: StaffRequest, number: str) -> HttpResponse:
    """Lead to the incident with this number; offer a choice if several have it. 404 if the user may see none."""
    check_sees_content(request.user)
    match = find_by_number(number, request.user)
    match match:
        case []:
            raise Http404
        case [incident]:
            return redirect("admin:incident", incident.pk)
    now = timezone.now()
    viewing.view_queue(by=request.user, filters={"view": "number"}, now=now)
    context = {
        "title": _("Incidents with the number %(number)s") % {"number": number},
        "group": ResultGroup("", build_rows(match, request.user, now)),
    }
    return staff_page(request, "analysts/search/same_number.html", context)
