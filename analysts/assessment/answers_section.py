"""Answers that came back to whoever asked: on their dashboard, and on the incident's page until they have read them."""

from dataclasses import dataclass

from analysts.incidents.table import masked
from analysts.models import Incident, Question, User

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that waits to be read. `by`: whoever asked, where that was somebody else; "" for oneself."""

    incident: Incident
    address: str
    portal: str
    by: str


def answers(user: User) -> list[Answered]:
    """One query, whatever their number; no word of them."""
    waiting = Question.objects.unread_by(user).select_related(
        "incident__key", "incident__merged_into__key", "report__portal", "by"
    )
    return [answered(question, user) for question in waiting.order_by("pk")[:MOST_LISTED]]


def answered(question: Question, user: User) -> Answered:
    # The reports of what was merged are on the page of the other.
    incident = question.incident.merged_into or question.incident
    return Answered(
        incident=incident,
        address=masked(incident),
        portal=question.report.portal.name,
        by="" if question.by_id == user.pk else str(question.by),
    )


def unread_here(incident: Incident, user: User) -> int:
    """How many answers on the incident's page wait to be read by the user."""
    return Question.objects.unread_by(user).filter(report__sightings__incident=incident).count()
