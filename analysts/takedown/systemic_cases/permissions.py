"""Permission checks on systemic cases."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, User
from audit.permissions import Denied


def check_can_send(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.has_systemic_case:
        raise Denied(_("A systemic case of this incident waits for its answer."))


def check_answers_cases(user: User) -> None:
    check_sees_content(user)
    if user.role != Role.SENIOR:
        raise Denied(_("A senior analyst answers systemic cases."))


def check_can_answer(user: User, incident: Incident) -> None:
    check_answers_cases(user)
    if not incident.has_systemic_case:
        raise Denied(_("No systemic case of this incident waits for an answer."))


ANSWERERS = Who(frozenset({Role.SENIOR}), check_answers_cases)
