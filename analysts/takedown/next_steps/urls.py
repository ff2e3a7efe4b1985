"""The action that sets the next step of an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import IncidentAction
from analysts.takedown.next_steps import views

ACTIONS = (IncidentAction("plan_next_step", "next-step/", views.plan_next_step, recorded_as=_("Next step set")),)
