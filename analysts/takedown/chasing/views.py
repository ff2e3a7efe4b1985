"""The views that record checks and escalations of an incident."""

from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, perform_action, to_section
from analysts.models import Incident
from analysts.takedown.chasing import actions
from analysts.takedown.chasing.page_section import CHECK, ESCALATE, check_form, escalate_form


def check_availability(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        CHECK,
        check_form(request.POST),
        lambda **words: actions.check(by=request.user, incident=incident, **words),
        _("The availability check is recorded."),
        onward=lambda: to_section(incident, "status"),
    )


def escalate_incident(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        ESCALATE,
        escalate_form(incident, request.POST),
        lambda **words: actions.escalate(by=request.user, incident=incident, **words),
        _("The next notice to this recipient will include this incident."),
        onward=lambda: to_section(incident, "status"),
    )
