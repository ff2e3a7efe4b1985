"""Answers that came back to whoever asked: on their dashboard, and on the incident's page until they have read them."""

from dataclasses import dataclass

from analysts.incidents.table import mask_address
from analysts.models import Incident, Question, User

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that waits to be read. `by`: whoever asked, where that was somebody else; "" for oneself."""

    incident: Incident
    address: str
    portal: str
    by: str


def unread_answers(user: User) -> list[Answered]:
    """One query, whatever their number; no word of them."""
    waiting = Question.objects.unread_by(user).select_related(
        "incident__key", "incident__merged_into__key", "report__portal", "by"
    )
    return [answer_row(question, user) for question in waiting.order_by("pk")[:MOST_LISTED]]


def answer_row(question: Question, user: User) -> Answered:
    # The reports of what was merged are on the page of the other.
    incident = question.incident.merged_into or question.incident
    return Answered(
        incident=incident,
        address=mask_address(incident),
        portal=question.report.portal.name,
        by="" if question.by_id == user.pk else str(question.by),
    )


def unread_here(incident: Incident, user: User) -> int:
    """How many answers on the incident's page wait to be read by the user."""
    return Question.objects.unread_by(user).filter(report__sightings__incident=incident).count()
