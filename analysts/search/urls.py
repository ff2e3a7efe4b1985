"""Routes of the search."""

from analysts.accounts.access import READ, Scope, StaffRoute
from analysts.incidents.permissions import ANALYSTS
from analysts.search import views

ROUTES = (
    StaffRoute(
        "incidents/<incident_number:number>/",
        views.numbered_incident,
        "numbered_incident",
        ANALYSTS,
        READ,
        Scope.INCIDENT,
    ),
)
