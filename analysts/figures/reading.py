"""Figures of a period, read from the daily figures and gauges: a few statements by index, for any history."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import DateField, Q, QuerySet, Sum
from django.db.models.functions import Trunc

from analysts.codes import Verdict
from analysts.figures.rollups import is_counted_to, next_month
from analysts.models import DailyFigure, FigureDimension, FigureSubject, GaugeKind
from analysts.models import WorkGauge as Gauge
from analysts.models.figures.rollup import BEFORE_NOTICE, NEW
from countries.disclosure import KeyedCount

BY_DAY = (
    FigureSubject.REPORTS,
    FigureSubject.ADDRESSES,
    FigureSubject.ASSESSED,
    FigureSubject.DECIDED,
    FigureSubject.REMOVED,
)

# Longer periods are shown by the week or the month.
MOST_DAYS_BY_DAY, MOST_DAYS_BY_WEEK = 45, 210

type SteppedNumbers = Mapping[tuple[FigureSubject, str], Mapping[date, int]]


@dataclass(frozen=True, slots=True)
class FigurePeriod:
    """Days from `first` to `last`, and the portal; None: all portals. `is_open`: later days have no figures yet."""

    first: date
    last: date
    portal: int | None = None
    is_open: bool = False

    @property
    def of_portal(self) -> Q:
        return Q(portal=self.portal) if self.portal else Q(portal__isnull=True)

    @property
    def by_day(self) -> Q:
        """The figures of each day."""
        return Q(is_month=False, day__gte=self.first, day__lte=self.last)

    @property
    def by_index(self) -> list[Q]:
        """Figures to be summed, as ranges of the index: whole months, and the days before and after these."""
        begin = self.first if self.first.day == 1 else next_month(self.first)
        end = next_month(self.last) if self.is_open else (self.last + timedelta(days=1)).replace(day=1)
        if begin >= end:
            return [self.by_day]
        conditions = [Q(is_month=True, day__gte=begin, day__lt=end)]
        if self.first < begin:
            conditions.append(Q(is_month=False, day__gte=self.first, day__lt=begin))
        if end <= self.last:
            conditions.append(Q(is_month=False, day__gte=end, day__lte=self.last))
        return conditions

    @property
    def step(self) -> str:
        """The steps of its charts: each day, week or month."""
        number = (self.last - self.first).days + 1
        if number <= MOST_DAYS_BY_DAY:
            return "day"
        return "week" if number <= MOST_DAYS_BY_WEEK else "month"

    @property
    def steps(self) -> list[date]:
        """The first day of each step; that of the first one may be before the period."""
        begin = self.first
        if self.step == "month":
            begin = begin.replace(day=1)
        elif self.step == "week":
            begin -= timedelta(days=begin.weekday())
        periods = []
        while begin <= self.last:
            periods.append(begin)
            begin = (
                next_month(begin) if self.step == "month" else begin + timedelta(days=7 if self.step == "week" else 1)
            )
        return periods

    @property
    def by_month(self) -> Q:
        """The same as one condition."""
        return reduce(or_, self.by_index)


def _parts_of(conditions: list[Q], rows: QuerySet[DailyFigure], *columns: str) -> list[QuerySet[Any, tuple[Any, ...]]]:
    return [rows.filter(part).order_by().values_list(*columns).annotate(Sum("number")) for part in conditions]


def _sum_parts(conditions: list[Q], rows: QuerySet[DailyFigure], *columns: str) -> Iterator[tuple[Any, ...]]:
    """The columns and the sum of the numbers in each part of the period, to be added up. One statement.

    Each part is a range of the index; as alternatives of one condition they would not be.
    """
    parts = _parts_of(conditions, rows, *columns)
    yield from parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]


def read_steps(period: FigurePeriod) -> SteppedNumbers:
    """Numbers by step of the subjects of charts (`BY_DAY`), and of new addresses (`NEW`). One statement."""
    # Lists and no alternatives: only then are the ranges of the index read, instead of all of it.
    rows = DailyFigure.objects.filter(
        period.of_portal,
        subject__in=BY_DAY,
        dimension__in=[FigureDimension.ALL, FigureDimension.NEWNESS],
    )
    steps: dict[tuple[FigureSubject, str], dict[date, int]] = {}
    for subject, value, begin, number in sum_steps(period, rows, "subject", "value"):
        steps.setdefault((FigureSubject(subject), value), {})[begin] = number
    return steps


def sum_steps(period: FigurePeriod, rows: QuerySet[DailyFigure], *columns: str) -> Iterator[tuple[Any, ...]]:
    """The columns, the first day of a step, and the sum of the numbers in it. One statement."""
    begin = Trunc("day", period.step, output_field=DateField())
    # Sums of whole months are stored.
    parts = period.by_index if period.step == "month" else [period.by_day]
    return _sum_parts(parts, rows.annotate(begin=begin), *columns, "begin")


def read_backlog_before(period: FigurePeriod) -> int:
    """The incidents that waited for a first verdict when the period began. One statement over the months before."""
    if period.first == date.min:
        return 0
    before = FigurePeriod(date.min, period.first - timedelta(days=1), period.portal)
    rows = DailyFigure.objects.filter(
        before.of_portal,
        subject__in=[FigureSubject.ADDRESSES, FigureSubject.DECIDED],
        dimension__in=[FigureDimension.NEWNESS, FigureDimension.ALL],
    )
    sums: Counter[tuple[str, str]] = Counter()
    for subject, value, number in _sum_parts(before.by_index, rows, "subject", "value"):
        sums[subject, value] += number
    return sums[FigureSubject.ADDRESSES, NEW] - sums[FigureSubject.DECIDED, ""]


def backlog_by_step(period: FigurePeriod, numbers: SteppedNumbers, before: int) -> list[int]:
    """The incidents that waited for a first verdict at the end of each step."""
    arrived = numbers.get((FigureSubject.ADDRESSES, NEW), {})
    decided = numbers.get((FigureSubject.DECIDED, ""), {})
    rows = []
    for begin in period.steps:
        before += arrived.get(begin, 0) - decided.get(begin, 0)
        rows.append(before)
    return rows


@dataclass(frozen=True, slots=True)
class TimesTaken:
    """Records by the upper bound of the hours they took; `before`: removed before a notice, in none of these."""

    numbers: Mapping[int, int]
    before: int = 0


def read_times(period: FigurePeriod) -> dict[FigureSubject, TimesTaken]:
    """Times to assess and to removal. One statement."""
    rows = DailyFigure.objects.filter(
        period.of_portal,
        subject__in=[FigureSubject.ASSESSED, FigureSubject.REMOVED],
        dimension=FigureDimension.HOURS,
    )
    numbers: dict[str, Counter[int]] = {FigureSubject.ASSESSED: Counter(), FigureSubject.REMOVED: Counter()}
    before = 0
    for subject, value, number in _sum_parts(period.by_index, rows, "subject", "value"):
        if value == BEFORE_NOTICE:
            before += number
        else:
            numbers[subject][int(value)] += number
    return {
        FigureSubject.ASSESSED: TimesTaken(numbers[FigureSubject.ASSESSED]),
        FigureSubject.REMOVED: TimesTaken(numbers[FigureSubject.REMOVED], before),
    }


def read_values(period: FigurePeriod, subject: FigureSubject, dimension: FigureDimension) -> dict[str, int]:
    """Numbers by value of a dimension, most first. One statement."""
    rows = DailyFigure.objects.filter(period.of_portal, subject=subject, dimension=dimension)
    counts: Counter[str] = Counter()
    for value, number in _sum_parts(period.by_index, rows, "value"):
        counts[value] += number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def read_times_by_value(
    period: FigurePeriod, subject: FigureSubject, dimension: FigureDimension
) -> dict[str, dict[int, int]]:
    """Numbers by value and bound of a dimension whose values name both. One statement."""
    times: dict[str, dict[int, int]] = {}
    for value, number in read_values(period, subject, dimension).items():
        name, _, bound = value.rpartition(" ")
        if bound != BEFORE_NOTICE:
            times.setdefault(name, {})[int(bound)] = number
    return times


@dataclass(frozen=True, slots=True)
class PortalNumbers:
    """Figures of one portal in the period."""

    reports: int
    assessed: int
    illegal: int
    removed: int
    times: Mapping[FigureSubject, Mapping[int, int]]


def read_portals(period: FigurePeriod, portals: list[int]) -> dict[int, PortalNumbers]:
    """Figures by portal, of these portals. At most three statements.

    For the parts of one statement PostgreSQL would start workers, which takes longer than to read them.
    """
    rows = DailyFigure.objects.filter(
        subject__in=[FigureSubject.REPORTS, FigureSubject.ASSESSED, FigureSubject.REMOVED],
        dimension__in=[FigureDimension.ALL, FigureDimension.VERDICT, FigureDimension.WIDE_HOURS],
        portal__in=portals,
    )
    counts_of_portals: dict[int, dict[tuple[str, str], Counter[str]]] = {}
    parts = _parts_of(period.by_index, rows, "portal", "subject", "dimension", "value")
    for portal, subject, dimension, value, number in chain.from_iterable(parts):
        counts_of_portals.setdefault(portal, {}).setdefault((subject, dimension), Counter())[value] += number
    return {portal: _portal_numbers(numbers) for portal, numbers in counts_of_portals.items()}


def _portal_numbers(numbers: Mapping[tuple[str, str], Counter[str]]) -> PortalNumbers:
    def total(subject: FigureSubject, dimension: FigureDimension) -> int:
        return numbers.get((subject, dimension), Counter()).total()

    def times(subject: FigureSubject) -> dict[int, int]:
        of_subject = numbers.get((subject, FigureDimension.WIDE_HOURS), Counter[str]())
        return {int(value): number for value, number in of_subject.items() if value != BEFORE_NOTICE}

    return PortalNumbers(
        reports=total(FigureSubject.REPORTS, FigureDimension.ALL),
        assessed=total(FigureSubject.ASSESSED, FigureDimension.ALL),
        illegal=numbers.get((FigureSubject.ASSESSED, FigureDimension.VERDICT), Counter())[Verdict.ILLEGAL],
        removed=total(FigureSubject.REMOVED, FigureDimension.ALL),
        times={subject: times(subject) for subject in (FigureSubject.ASSESSED, FigureSubject.REMOVED)},
    )


def read_open_work(portal: int | None) -> dict[GaugeKind, dict[int, int]]:
    """Open work by kind and upper bound of its age in hours. One statement."""
    condition = Q(portal=portal) if portal else Q(portal__isnull=True)
    open_work: dict[GaugeKind, dict[int, int]] = {kind: {} for kind in GaugeKind}
    for kind, hours, number in Gauge.objects.filter(condition).values_list("kind", "hours", "number"):
        open_work[GaugeKind(kind)][hours] = number
    return open_work


def reports_of_month(portals: Collection[int], month: date) -> Mapping[int, KeyedCount] | None:
    """Reports by portal id, with the sums of their record keys; None if the month is not counted to its end yet.

    Args:
        month: its first day.
    """
    end = next_month(month)
    if not is_counted_to(end):
        return None
    days = DailyFigure.objects.filter(
        subject=FigureSubject.REPORTS,
        dimension=FigureDimension.ALL,
        portal__in=portals,
        is_month=False,
        day__gte=month,
        day__lt=end,
    )
    rows = days.order_by().values_list("portal").annotate(Sum("number"), Sum("key"))
    return {portal: KeyedCount(number, key) for portal, number, key in rows}
