"""The to-do page, and the actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import READ, SEND, StaffRoute
from analysts.incidents.page_kit import IncidentAction
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.chasing import bulk_views, due_page, views

ROUTES = (
    StaffRoute("to-do/", due_page.due_page, "to_do", ANALYSTS, READ),
    StaffRoute("to-do/hand-over/", bulk_views.hand_over_due, "hand_over_due", ANALYSTS, SEND),
    StaffRoute("url-list/review/", bulk_views.review_entries, "review_entries", ANALYSTS, SEND),
)

ACTIONS = (
    IncidentAction("check", "check/", views.check_availability, recorded_as=_("Availability checked")),
    IncidentAction("escalate", "escalate/", views.escalate_incident, recorded_as=_("Escalated")),
)
