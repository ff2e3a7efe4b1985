"""The rows of search results, and incidents by their number."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Verdict
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.table import IncidentRow, incident_rows
from analysts.models import Incident, User
from analysts.search.lookups import SearchResults, find_by_number
from analysts.welfare import viewing
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
