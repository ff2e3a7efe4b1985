"""The view of all incident actions: find the incident, run the action, show refused input again."""

import uuid
from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import IncidentAction, Redraw
from analysts.incidents.page_urls import incident_url
from analysts.incidents.queries import find_incident
from analysts.models import Incident
from analysts.pages.incident import incident_page
from analysts.takedown.list_place import read_list


def handle_action(action: IncidentAction) -> Callable[..., HttpResponse]:
    """Build the view of an action."""

    @require_POST
    @wraps(action.run)
    def view(request: StaffRequest, incident_id: uuid.UUID, **parts: object) -> HttpResponse:
        incident = find_incident(request, incident_id)
        outcome = action.run(request, incident, **parts)
        if not isinstance(outcome, Redraw):
            return keep_round(request, incident, outcome)
        # Reload the incident: a colleague may have changed it.
        return incident_page(request, incident.pk, bound=outcome.bound, status=outcome.status)

    return view


def keep_round(request: StaffRequest, incident: Incident, outcome: HttpResponse) -> HttpResponse:
    """The answer; one that redirects to the incident's page names the to-do list from which that was reached."""
    page, sign, section = outcome.get("Location", "").partition("#")
    if page == incident_url(incident.pk) and (query := read_list(request.POST)):
        outcome["Location"] = f"{page}?{urlencode(query)}{sign}{section}"
    return outcome
