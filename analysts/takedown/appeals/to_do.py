"""The to-do kind of appeals: for senior analysts who have assessed none of it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from analysts.codes import RevealReason
from analysts.models import Appeal
from analysts.takedown.to_do_kinds import ToDoKind, ToDoLine, incident_number


def line_of_appeal(appeal: Appeal, now: datetime) -> ToDoLine:
    number = incident_number(appeal.incident_id)
    return ToDoLine(appeal.incident_id, number, appeal.get_appellant_display(), appeal.received_at)


APPEAL = ToDoKind(
    name="appeals",
    label=_("Review an appeal"),
    why=_("A site owner or provider contests the verdict. A senior analyst who has not assessed it decides."),
    section="appeals",
    needs="analysts_appeal WHERE outcome = ''",
    due=lambda user, now: Appeal.objects.waiting().open_to(user),
    with_related=lambda appeals, user: appeals,
    line=line_of_appeal,
    attached="appeals",
    reveal_reason=RevealReason.COMPLAINT,
    waiting=lambda incident: Appeal.objects.waiting().filter(incident=incident).values("received_at"),
)
