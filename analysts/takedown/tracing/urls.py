"""The actions of this room on an incident."""

from analysts.incidents.page_kit import IncidentAction
from analysts.takedown.tracing import views

ACTIONS = (
    IncidentAction("trace", "trace/", views.trace),
    IncidentAction("look_up_network", "look-up-network/", views.look_up_network),
)
