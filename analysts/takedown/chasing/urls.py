"""The pages of this room, and its actions on an incident."""

from analysts.accounts.access import READ, Route
from analysts.incidents.page_kit import IncidentAction
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.chasing import views

ROUTES = (Route("due/", views.due, "due", ANALYSTS, READ),)

ACTIONS = (
    IncidentAction("check", "check/", views.check),
    IncidentAction("escalate", "escalate/", views.escalate),
)
