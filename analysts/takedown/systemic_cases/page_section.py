"""Systemic cases on the page and in the timeline of an incident, and their answers on the dashboard."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.incidents.page_kit import Counts, PageSection
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Incident, SystemicCase, User

# How long the dashboard shows the analyst that a case was answered.
NEWS = timedelta(days=14)
ANSWERED = "systemic_cases_answered"


def waiting_cases(incident: Incident) -> list[SystemicCase]:
    """The cases without an answer: one, but after a merge."""
    waiting = SystemicCase.objects.waiting().filter(incident=incident).select_related("sent_by")
    return list(waiting[:MOST_OF_A_KIND])


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    cases = SystemicCase.objects.filter(incident=incident).select_related("sent_by", "answered_by")
    for case in cases.order_by("-sent_at", "pk")[:MOST_OF_A_KIND]:
        yield TimelineEntry(
            at=case.sent_at,
            by=case.sent_by,
            title=_("sent as a systemic case"),
            details=[text for text in (case.get_reason_display(), case.note) if text],
        )
        if case.answered_at and case.answered_by:
            yield TimelineEntry(
                at=case.answered_at,
                by=case.answered_by,
                title=_("systemic case answered"),
                details=[text for text in (case.get_answer_display(), case.answer_note) if text],
            )


def count_answered(user: User, now: datetime) -> Mapping[str, "QuerySet[Model, object]"]:
    """The user's own cases that were answered lately."""
    if user.role not in CONTENT_ROLES:
        return {}
    answered = SystemicCase.objects.filter(sent_by=user, answered_at__gt=now - NEWS)
    return {ANSWERED: answered}


def show_answered(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if not counts.get(ANSWERED):
        return None
    return PageSection("analysts/takedown/systemic_cases/_dashboard.html", counts[ANSWERED])
