"""To-do kind: review the next step of an incident whose date of review has come; and the waits before that date."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.codes.complaints import complaint_ends
from analysts.incidents.few_open import AnyOfIds
from analysts.models import NextStep, NextStepKind, User, WaitingFor
from analysts.takedown.to_do_kinds import ToDoKind, ToDoLine, incident_number


def due_reviews(user: User, now: datetime) -> QuerySet[NextStep]:
    return NextStep.objects.visible_to(user).to_review().filter(review_at__lte=now)


def line_of_step(step: NextStep, now: datetime) -> ToDoLine:
    number, why = incident_number(step.incident_id), str(step.step_kind.row.advice)
    if step.step_kind == NextStepKind.COMPLAIN:
        last = date_format(complaint_ends(step.since), "j M Y")
        why = f"{why} {gettext('Complaint possible until %(day)s.') % {'day': last}}"
    return ToDoLine(step.incident_id, number, place="", since=step.review_at, why=why)


def upcoming_reviews(user: User, now: datetime, few_ids: Sequence[UUID] | None) -> QuerySet[NextStep]:
    """The waits whose date of review is ahead, the earliest first. `few_ids`: as `find_few_takedowns`."""
    steps = NextStep.objects.visible_to(user).to_review().filter(review_at__gt=now).select_related("owner")
    return steps if few_ids is None else steps.filter(pk=AnyOfIds(few_ids))


def waits_for_others() -> Iterable[WaitingFor]:
    """For whom or what an incident can wait, besides an analyst."""
    return [party for party in WaitingFor if party != WaitingFor.ANALYST]


REVIEW = ToDoKind(
    name="review",
    label=_("Review the next step"),
    why=_("The next step is due. Take it, or set a later date."),
    section="next-step",
    due=due_reviews,
    is_open=True,
    with_related=lambda steps, user: steps.select_related("owner"),
    line=line_of_step,
)
