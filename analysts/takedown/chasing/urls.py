"""The to-do page, and the actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import READ, StaffRoute
from analysts.incidents.page_kit import IncidentAction
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.chasing import to_do_round, views

ROUTES = (
    StaffRoute("to-do/", views.due_page, "to_do", ANALYSTS, READ),
    StaffRoute("to-do/next/", to_do_round.next_to_do, "next_to_do", ANALYSTS, READ),
)

ACTIONS = (
    IncidentAction("check", "check/", views.check_availability, recorded_as=_("Availability checked")),
    IncidentAction("escalate", "escalate/", views.escalate_incident, recorded_as=_("Escalated")),
)
