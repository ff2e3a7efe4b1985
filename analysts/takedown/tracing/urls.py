"""The tracing actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import IncidentAction
from analysts.takedown.tracing import views

ACTIONS = (
    IncidentAction("trace", "trace/", views.record_trace, recorded_as=_("Hosting traced")),
    IncidentAction("look_up_network", "look-up-network/", views.look_up_network),
)
