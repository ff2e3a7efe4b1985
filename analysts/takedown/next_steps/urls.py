"""The action that sets the next step of an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import plain_action
from analysts.takedown.next_steps.actions import plan_next_step
from analysts.takedown.next_steps.forms import PlanNextStep

ACTIONS = (
    plain_action(
        "plan_next_step",
        "next-step/",
        plan_next_step,
        _("The next step is set."),
        section="next-step",
        form_class=PlanNextStep,
        recorded_as=_("Next step set"),
    ),
)
