"""Routes of the search."""

from analysts.accounts.access import BOTH, READ, Scope, StaffRoute
from analysts.incidents.permissions import ANALYSTS
from analysts.search import views

ROUTES = (
    StaffRoute("search/", views.search_page, "search", ANALYSTS, BOTH),
    StaffRoute(
        "incidents/<incident_number:number>/",
        views.numbered_incident,
        "numbered_incident",
        ANALYSTS,
        READ,
        Scope.INCIDENT,
    ),
)
