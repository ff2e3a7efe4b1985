"""Unread answers of reporters, for the analyst who asked: on the dashboard and on the incident page."""

from dataclasses import dataclass

from analysts.incidents.table import mask_address
from analysts.models import Incident, Question, User

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """An unread answer. `by`: the colleague who asked; "" if it was the viewer."""

    incident: Incident
    address: str
    portal: str
    by: str


def unread_answers(user: User) -> list[Answered]:
    """At most MOST_LISTED unread answers, without their text. One query."""
    waiting = Question.objects.unread_by(user).select_related(
        "incident__key", "incident__merged_into__key", "report__portal", "by"
    )
    return [answer_row(question, user) for question in waiting.order_by("pk")[:MOST_LISTED]]


def answer_row(question: Question, user: User) -> Answered:
    # Reports of a merged incident are on the page of the incident that it was merged into.
    incident = question.incident.merged_into or question.incident
    return Answered(
        incident=incident,
        address=mask_address(incident),
        portal=question.report.portal.name,
        by="" if question.by_id == user.pk else str(question.by),
    )


def count_unread_answers(incident: Incident, user: User) -> int:
    """The number of answers on the incident's page that the user has not read."""
    return Question.objects.unread_by(user).filter(report__sightings__incident=incident).count()
