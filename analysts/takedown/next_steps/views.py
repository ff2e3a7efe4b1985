"""The view that sets the next step of an incident."""

from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, perform_action, to_section
from analysts.models import Incident
from analysts.takedown.next_steps import actions
from analysts.takedown.next_steps.page_section import PLAN, plan_form


def plan_next_step(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        PLAN,
        plan_form(incident, incident.police_holds.last(), request.POST),
        lambda **words: actions.plan_next_step(by=request.user, incident=incident, **words),
        _("The next step is set."),
        onward=lambda: to_section(incident, "next-step"),
    )
