"""The page of systemic cases, and their actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import READ, StaffRoute
from analysts.incidents.page_kit import ActionFold, plain_action
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.systemic_cases import actions, views
from analysts.takedown.systemic_cases.forms import AnswerSystemicCase, SendSystemicCase
from analysts.takedown.systemic_cases.permissions import ANSWERERS, check_can_answer, check_can_send

ROUTES = (StaffRoute("systemic-cases/", views.systemic_cases, "systemic_cases", ANALYSTS, READ),)

SEND = ActionFold(_("We should have acted and could not"), "S", name="systemic_case")

# Only the applicable one of the two is offered.
ACTIONS = (
    plain_action(
        "systemic_case",
        "systemic-case/",
        actions.send_systemic_case,
        _("Sent to the senior analysts as a systemic case."),
        label=_("Send as a systemic case"),
        check=check_can_send,
        form_class=SendSystemicCase,
        is_offered=lambda incident: not incident.has_systemic_case,
        fold=SEND,
        recorded_as=_("Sent as a systemic case"),
    ),
    plain_action(
        "answer_systemic_case",
        "answer-systemic-case/",
        actions.answer_systemic_case,
        _("Systemic case answered."),
        who=ANSWERERS,
        label=_("Answer the systemic case"),
        check=check_can_answer,
        form_class=AnswerSystemicCase,
        is_offered=lambda incident: incident.has_systemic_case,
        recorded_as=_("Systemic case answered"),
    ),
)
