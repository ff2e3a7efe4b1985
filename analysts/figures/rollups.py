"""Figures by day: counting what changed, recounting recent days, and counting all days from the rows.

The worker counts; reports never wait for it. A day is counted as a whole, so repeating it changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import F, Min, Q
from django.db.models.functions import TruncDate

from analysts.figures.counting import FOLD_MONTH, RANKED_KINDS, SUBJECTS, recount_statement
from analysts.figures.intervals import BOUNDS, WIDE_BOUNDS
from analysts.figures.providers.counting import PROVIDER_KINDS
from analysts.figures.subject_queries import SubjectQuery
from analysts.models import Assessment, Chase, FigureProgress, NoticeItem, Referral, Reply, Report
from countries.decided_settings import number_in_force

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Transactions that began before the last run may have committed after it.
OVERLAP = timedelta(minutes=30)
# Recounted every night: changes that no column dates, such as merges and splits.
RECENT_DAYS = 40
# Days counted by one statement.
DAYS_AT_ONCE = 31
# As verdicts are now.
LATER = datetime(9999, 1, 1, tzinfo=UTC)


def count_changes(*, now: datetime, may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Count the days whose rows changed since the last run; returns how many figures changed.

    The first count, of all days, is made in parts, each a transaction of its own. `may_go_on`: asked before each; the
    next run continues. Changes made meanwhile are counted at its end.
    """
    changed = 0
    while may_go_on():
        part, is_first_count = _count_part(now=now)
        changed += part
        if not is_first_count:
            break
    return changed


@transaction.atomic
def _count_part(*, now: datetime) -> tuple[int, bool]:
    """Returns how many figures changed, and whether it was a part of the first count."""
    progress = _lock_progress()
    if progress is None:
        progress = FigureProgress(counted_until=midnight(_first_day()), first_count_at=now)
    if (began := progress.first_count_at) is None:
        days = changed_days(since=progress.counted_until - OVERLAP, now=now)
        changed = sum(recount_days(first, last) for first, last in _ranges_of(days))
        progress.counted_until = now
    else:
        first = progress.counted_until.astimezone(UTC).date()
        end = first + DAYS_AT_ONCE * DAY
        changed = recount_days(first, min(end - DAY, now.date()))
        is_last = end > now.date()
        progress.counted_until, progress.first_count_at = (began, None) if is_last else (midnight(end), began)
    progress.save()
    return changed, began is not None


def recount_recent_days(*, now: datetime) -> int:
    """Count RECENT_DAYS again, each week in a transaction of its own; returns how many figures changed."""
    changed, first = 0, now.date() - RECENT_DAYS * DAY
    while first <= now.date():
        with transaction.atomic():
            progress = _lock_progress()
            if progress is None or progress.first_count_at is not None:
                break
            changed += recount_days(first, min(first + 6 * DAY, now.date()))
        first += 7 * DAY
    return changed


def recount_all_days(*, first: date | None = None, last: date, keep: bool = True) -> int:
    """Count all days from `first` (None: from the first report) again; returns how many figures changed.

    `keep` False: only find out.
    """
    with transaction.atomic():
        _lock_progress()
        changed = recount_days(first or _first_day(), last)
        if not keep:
            transaction.set_rollback(True)
        return changed


def recount_days(first: date, last: date, *, as_of: datetime = LATER) -> int:
    """Count the days from `first` to `last`; returns how many figures changed.

    `as_of`: verdicts as they were then. Days of figures that were taken over are left as they are.
    """
    changed: Counter[date] = Counter()
    begin = max(first, FigureProgress.objects.values_list("counted_from", flat=True).first() or first)
    while begin <= last:
        end = min(begin + DAYS_AT_ONCE * DAY, last + DAY)
        for query in SUBJECTS:
            changed.update(_recount_subject(query, begin, end, as_of))
        begin = end
    for month in sorted({day.replace(day=1) for day in changed}):
        fold_month(month)
    return changed.total()


def fold_month(month: date) -> None:
    """Sum up the month, also before it is over: reading decides which months it takes."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD_MONTH, {"first_day": month, "end_day": next_month(month)})


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@cache
def _statement_of(query: SubjectQuery) -> str:
    return recount_statement(query)


def _recount_subject(query: SubjectQuery, first: date, end: date, as_of: datetime) -> list[date]:
    """The days of figures that changed, each as often as figures did."""
    params: dict[str, date | datetime | int | list[int] | list[str]] = {
        "first": midnight(first),
        "end": midnight(end),
        "as_of": as_of,
        "first_day": first,
        "end_day": end,
        "bounds": [*BOUNDS],
        "wide": [*WIDE_BOUNDS],
        "hosts": [kind.value for kind in RANKED_KINDS],
        "providers": [kind.value for kind in PROVIDER_KINDS],
        "checks": number_in_force("GONE_CHECKS"),
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement_of(query), params)
        return [day for (day,) in cursor.fetchall()]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def changed_days(*, since: datetime, now: datetime) -> set[date]:
    """The days with rows that were added or changed since then, at least today and yesterday; by index."""
    reports = Report.objects.filter(unpublished=True)
    decided = Assessment.objects.filter(Q(at__gte=since) | Q(undone_at__gte=since)).values("incident")
    # A later verdict of a round takes the place of an earlier one, on another day.
    assessments = Assessment.objects.filter(incident__in=decided)
    # So does a later action on an address. Replies of earlier releases have the hour only.
    recent = Reply.objects.filter(received_at__gte=since - HOUR).exclude(action="")
    items = NoticeItem.objects.filter(notice__in=recent.values("notice"), dropped="")
    actions = Reply.objects.filter(notice__items__incident__in=items.values("incident")).exclude(action="")
    referrals = Referral.objects.filter(noticed_at__gte=since)
    chases = Chase.objects.filter(ended_at__gte=since)
    days = {now.date(), now.date() - DAY}
    for rows, column in (
        (reports, "received_hour"),
        (assessments, "at"),
        (actions, "received_at"),
        (referrals, "noticed_at"),
        (chases, "ended_at"),
    ):
        days |= set(rows.order_by().values_list(TruncDate(F(column), tzinfo=UTC), flat=True).distinct())
    return {day for day in days if day <= now.date()}


def _ranges_of(days: Collection[date]) -> Iterator[tuple[date, date]]:
    """The days as ranges without gaps."""
    ordered = sorted(days)
    starts = [day for day in ordered if day - DAY not in days]
    ends = [day for day in ordered if day + DAY not in days]
    yield from zip(starts, ends, strict=True)


def _first_day() -> date:
    """The day of the earliest row that is counted."""
    earliest: Iterable[datetime | None] = (
        Report.objects.aggregate(first=Min("received_hour"))["first"],
        Assessment.objects.aggregate(first=Min("at"))["first"],
    )
    return min((moment.astimezone(UTC).date() for moment in earliest if moment), default=datetime.now(UTC).date())


def _lock_progress() -> FigureProgress | None:
    """The progress, locked, so that two runs count after each other; None before the first run."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE analysts_figureprogress IN SHARE ROW EXCLUSIVE MODE")
    return FigureProgress.objects.select_for_update().first()


def is_counted_to(day: date) -> bool:
    """Whether everything before the day is counted."""
    return FigureProgress.objects.filter(counted_until__gte=midnight(day)).exists()
