"""The to-do kind of systemic cases whose answer is overdue: for senior analysts."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from analysts.models import SystemicCase
from analysts.takedown.to_do_kinds import ToDoKind, ToDoLine, incident_number


def line_of_case(case: SystemicCase, now: datetime) -> ToDoLine:
    number = incident_number(case.incident_id)
    return ToDoLine(case.incident_id, number, case.get_reason_display(), case.answer_due_at)


SYSTEMIC = ToDoKind(
    name="systemic_cases",
    label=_("Answer a systemic case"),
    why=_("We should have acted and could not. The time for an answer to the analyst has passed."),
    section="answer_systemic_case",
    is_form=True,
    needs="analysts_systemiccase WHERE answer = ''",
    due=lambda user, now: SystemicCase.objects.overdue(now).open_to(user),
    with_related=lambda cases, user: cases,
    line=line_of_case,
    attached="systemic_cases",
    waiting=lambda incident: SystemicCase.objects.waiting().filter(incident=incident).due_times(),
)
