"""The outcomes of the cases that a person assessed: numbers for that person only, and one of the team.

All of a bounded period, by indexes on the person and the day: nothing costs more as history grows.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Min, Model, Q, QuerySet

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Verdict
from analysts.codes.next_steps import NextStepKind
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import Chase, NextStep, Reply, User
from analysts.models.reply import TO_CALL, Confirmation, is_answered
from analysts.welfare.display_preferences import preferences_of
from analysts.welfare.exposure import work_day, work_zone
from countries.decided_settings import number_in_force
from countries.disclosure import FEWEST_PEOPLE
from reports.notices import AnswerKind

# Verdicts of this long are followed.
PERIOD = timedelta(weeks=8)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A person's illegal verdicts that stood. `fastest`: the shortest time from first notice to removal."""

    cases: int
    removed: int
    online: int
    fastest: timedelta | None
    # Labels with numbers: whom or what those still online wait for, and what recipients answered.
    waits: list[tuple[str, int]]
    answers: list[tuple[str, int]]

    @property
    def ended(self) -> int:
        """Cases whose work ended without a confirmed removal."""
        return self.cases - self.removed - self.online


def read_outcomes(user: User, *, now: datetime) -> Outcomes:
    """Three queries."""
    since = now - PERIOD
    chases = _chases_of(user, since=since)
    before_notice = Q(noticed_at=None) | Q(removed_at__lt=F("noticed_at"))
    numbers = chases.aggregate(
        cases=Count("pk"),
        removed=Count("pk", filter=_is_removed()),
        online=Count("pk", filter=Q(ended_at=None)),
        fastest=Min(F("removed_at") - F("noticed_at"), filter=_is_removed() & ~before_notice),
    )
    return Outcomes(**numbers, waits=_count_waits(chases), answers=_count_answers(chases, since=since))


def _is_removed() -> Q:
    """As `Chase.is_gone`."""
    return Q(ended_at__isnull=False, removed_in_a_row__gte=number_in_force("GONE_CHECKS"))


def _chases_of(user: User, *, since: datetime) -> QuerySet[Chase]:
    """The chases of rounds in which the user gave an illegal verdict, at most one row each."""
    return Chase.objects.filter(
        incident__assessments__by=user,
        incident__assessments__at__gt=since,
        incident__assessments__undone_at=None,
        incident__assessments__verdict=Verdict.ILLEGAL,
        incident__assessments__round=F("round"),
    )


def _count_waits(chases: QuerySet[Chase]) -> list[tuple[str, int]]:
    """By function, never by person."""
    steps = NextStep.objects.filter(incident__in=chases.filter(ended_at=None).values("incident"))
    numbers: Counter[str] = Counter()
    for kind, number in steps.order_by().values_list("kind").annotate(Count("pk")):
        numbers[str(NextStepKind(kind).row.waits_for.label)] += number
    return numbers.most_common()


def _count_answers(chases: QuerySet[Chase], *, since: datetime) -> list[tuple[str, int]]:
    """Without answers of the police that no call has confirmed."""
    replies = Reply.objects.filter(is_answered("notice__items"), notice__items__incident__in=chases.values("incident"))
    replies = replies.filter(received_at__gt=since).exclude(confirmation=Confirmation.DENIED)
    replies = replies.exclude(kind__in=TO_CALL, confirmation="")
    numbers: Any = replies.order_by().values_list("kind").annotate(number=Count("pk", distinct=True))
    # Without the instruction in brackets, which is for the recipient alone.
    return [
        (str(AnswerKind(kind).label).partition(" (")[0], number) for kind, number in numbers.order_by("-number", "kind")
    ]


# --- The last whole week, Monday to Sunday --------------------------------------------------------


def last_week(now: datetime) -> tuple[datetime, datetime]:
    today = work_day(now)
    monday = datetime.combine(today - timedelta(days=today.weekday()), time.min, tzinfo=work_zone())
    return (monday - WEEK), monday


def removed_of_team(*, now: datetime) -> int | None:
    """The number of cases removed in the last week; None if fewer than FEWEST_PEOPLE had assessed them."""
    first, end = last_week(now)
    removed = Chase.objects.filter(_is_removed(), ended_at__gte=first, ended_at__lt=end)
    of_verdicts = removed.filter(
        incident__assessments__undone_at=None,
        incident__assessments__verdict=Verdict.ILLEGAL,
        incident__assessments__round=F("round"),
    )
    numbers = of_verdicts.aggregate(
        people=Count("incident__assessments__by", distinct=True), cases=Count("pk", distinct=True)
    )
    return int(numbers["cases"]) if numbers["people"] >= FEWEST_PEOPLE else None


def count_weekly(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    preferences = preferences_of(user)
    if user.role not in CONTENT_ROLES or (preferences and not preferences.weekly_note):
        return {}
    first, end = last_week(now)
    removed = _chases_of(user, since=first - PERIOD).filter(_is_removed(), ended_at__gte=first, ended_at__lt=end)
    return {"own_removed": removed}


def show_weekly(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The weekly note of the dashboard: how many of the person's own cases were removed. Nothing is mailed."""
    if not counts.get("own_removed"):
        return None
    return PageSection("analysts/welfare/_dashboard_weekly.html", counts["own_removed"])
