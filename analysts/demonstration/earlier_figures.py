"""The demonstration's figures of the time before its reports: as a hotline takes them over from an earlier system.

About two years of invented numbers by day, with the shape of real ones: few reports on weekends, portals of very
different size, one that is launched, a flood, and a country where removal is slow. No rows are behind them, so their
days are final (`FigureProgress.counted_from`). Rows that do exist are counted first and added to them.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import connection

from analysts.codes import AgeBand, Role, Severity, Sex, SiteType, Verdict
from analysts.figures import closing, public_figures, rollups
from analysts.figures.intervals import BOUNDS, WIDE_BOUNDS
from analysts.models import DailyFigure, FigureProgress, User
from analysts.models.figures.rollup import AGAIN, BEFORE_NOTICE, NEW
from countries.disclosure import KEYS
from countries.public.published_portal import PublishedPortal
from countries.statistics import PUBLISHED_AFTER

DAY = timedelta(days=1)
# No row of the demonstration is older.
YEAR = timedelta(days=366)
# Reports of a year by portal, in turn: most portals are small.
SIZES = (420, 3, 160, 24, 2, 90, 8, 48, 4, 30, 1, 14, 60, 6, 2, 20)
# One for each day of a week, from Monday.
RHYTHM = (1.3, 1.25, 1.15, 1.1, 1.05, 0.6, 0.55)
ASSESSING_DAYS = (0, 2, 4)
VERDICTS = (Verdict.ILLEGAL, Verdict.NOT_ILLEGAL, Verdict.OUTSIDE_REMIT, Verdict.NOT_ASSESSED)
VERDICT_WEIGHTS = (40, 26, 20, 14)
REMOVED = 0.85
COUNTRIES = ("NL", "US", "FR", "DE", "RO")
SLOW_COUNTRY = "RO"
FLOOD_DAYS, FLOOD_REPORTS = 4, 45

# Day, subject, dimension, value and portal (0: all).
type FigurePlace = tuple[date, str, str, str, int]


def close_periods(*, now: datetime) -> None:
    """Close, confirm and publish every quarter and year that is over."""
    first, second = User.objects.filter(role=Role.SENIOR).order_by("pk")[:2]
    while period := closing.find_closable(now=now):
        closing.confirm_period(by=second, close=closing.close_period(by=first, period=period, now=now), now=now)
    public_figures.publish_due_periods(today=now.date())


def take_over_figures(*, portals: Sequence[PublishedPortal], now: datetime, chance: random.Random, until: date) -> None:
    """Write figures of all days before `until`, from the first day of the last year that can be published."""
    first = date((now.date() - PUBLISHED_AFTER).year - 1, 1, 1)
    rollups.recount_days(now.date() - YEAR, now.date())
    invented = _InventedFigures(chance, first, until)
    for place, portal in enumerate(portals):
        invented.add_portal(portal, place)
    invented.add_counted()
    DailyFigure.objects.filter(day__lt=until, is_month=False).delete()
    _copy_rows(invented.rows())
    month = first
    while month <= now.date():
        rollups.fold_month(month)
        month = rollups.next_month(month)
    FigureProgress.objects.create(counted_until=now, counted_from=until)


class _InventedFigures:
    """Numbers and sums of record keys by place."""

    def __init__(self, chance: random.Random, first: date, until: date) -> None:
        self.chance = chance
        self.first = first
        self.until = until
        self.numbers: defaultdict[FigurePlace, list[int]] = defaultdict(lambda: [0, 0])

    def add_counted(self) -> None:
        """The figures of rows that there are."""
        rows = DailyFigure.objects.filter(day__lt=self.until, is_month=False)
        fields = ("day", "subject", "dimension", "value", "portal", "number", "key")
        for day, subject, dimension, value, portal, number, key in rows.values_list(*fields):
            self._add((day, subject, dimension, value, portal or 0), number, key)

    def rows(self) -> Iterator[tuple[FigurePlace, list[int]]]:
        yield from sorted(self.numbers.items())

    def _add(self, place: FigurePlace, number: int, key: int) -> None:
        counter = self.numbers[place]
        counter[0] += number
        counter[1] += key

    def _count(self, day: date, subject: str, portal: int, values: Sequence[tuple[str, str]]) -> None:
        """Count a record in each of its dimensions; those without portals are of all together only."""
        key = self.chance.randrange(KEYS)
        for dimension, value in values:
            self._add((day, subject, dimension, value, 0), 1, key)
            if dimension in ("all", "newness", "language", "verdict", "hours", "wide_hours"):
                self._add((day, subject, dimension, value, portal), 1, key)

    def add_portal(self, portal: PublishedPortal, place: int) -> None:
        """The reports of a portal and what happened to them. The third one is launched late; the first has a flood."""
        days = (self.until - self.first).days
        opens = days // 2 if place == 2 else 0
        flood = days * 2 // 3 if place == 0 else days
        size = SIZES[place % len(SIZES)] if place < 2 * len(SIZES) else SIZES[place % len(SIZES)] // 20
        for number in range(opens, days):
            day = self.first + number * DAY
            # A hotline grows by a third a year; after a launch, many are curious.
            mean = size / 365 * RHYTHM[day.weekday()] * (0.7 + number / days * 0.5) * (2 if number - opens < 30 else 1)
            if flood <= number < flood + FLOOD_DAYS:
                mean = FLOOD_REPORTS
            for _ in range(self._draw(mean)):
                self._add_report(portal, day)

    def _draw(self, mean: float) -> int:
        whole = int(mean)
        number = self.chance.randint(whole // 2, whole + (whole + 1) // 2) if whole > 1 else whole
        return number + (self.chance.random() < mean - whole)

    def _add_report(self, portal: PublishedPortal, day: date) -> None:
        language = self.chance.choice(portal.languages)
        self._count(day, "reports", portal.id, [("all", ""), ("language", language)])
        is_new = self.chance.random() < 0.85
        self._count(day, "addresses", portal.id, [("all", ""), ("newness", NEW if is_new else AGAIN)])
        if is_new:
            following = (day + ago * DAY for ago in range(1, 8))
            # None is counted as waiting: rows hold the waiting incidents.
            assessed = min(next(day for day in following if day.weekday() in ASSESSING_DAYS), self.until - DAY)
            self._add_verdict(portal, language, assessed, 24 * (assessed - day).days + 6)

    def _add_verdict(self, portal: PublishedPortal, language: str, day: date, most_hours: int) -> None:
        [verdict] = self.chance.choices(VERDICTS, VERDICT_WEIGHTS)
        hours = self._bound(self.chance.uniform(2, most_hours))
        wide = _wide_bound(hours)
        values = [("all", ""), ("language", language), ("verdict", verdict), ("hours", hours), ("wide_hours", wide)]
        values += [("site_type", self.chance.choice(SiteType.values)), ("lang_hours", f"{language} {wide}")]
        severity = self.chance.choice(Severity.values[:3])
        if verdict == Verdict.ILLEGAL:
            values += [("severity", severity), ("sev_hours", f"{severity} {wide}")]
            values += [("age", self.chance.choice(AgeBand.values)), ("sex", self.chance.choice(Sex.values))]
        self._count(day, "assessed", portal.id, values)
        self._count(day, "decided", portal.id, [("all", "")])
        if verdict == Verdict.ILLEGAL:
            self._count(day, "notified", portal.id, [("all", ""), ("recipient", "host")])
            if self.chance.random() < REMOVED:
                self._add_removal(portal, day, severity)

    def _add_removal(self, portal: PublishedPortal, notified: date, severity: str) -> None:
        country = self.chance.choice(COUNTRIES)
        duration = self.chance.uniform(200, 900) if country == SLOW_COUNTRY else self.chance.expovariate(1 / 40) + 1
        confirmed = notified + timedelta(hours=duration) + 2 * DAY
        if confirmed >= self.until:
            return
        hours = BEFORE_NOTICE if self.chance.random() < 0.06 else self._bound(duration)
        wide = hours if hours == BEFORE_NOTICE else _wide_bound(hours)
        values = [("all", ""), ("country", country), ("severity", severity), ("hours", hours), ("wide_hours", wide)]
        self._count(confirmed, "removed", portal.id, [*values, ("land_hours", f"{country} {wide}")])

    def _bound(self, hours: float) -> str:
        return str(next(bound for bound in BOUNDS if bound >= hours))


def _wide_bound(hours: str) -> str:
    return str(next(bound for bound in WIDE_BOUNDS if bound >= int(hours)))


def _copy_rows(rows: Iterator[tuple[FigurePlace, list[int]]]) -> None:
    columns = "day, is_month, subject, dimension, value, portal_id, number, key"
    lines = (
        f"{day}\tf\t{subject}\t{dimension}\t{value}\t{portal or chr(92) + 'N'}\t{number}\t{key}\n"
        for (day, subject, dimension, value, portal), (number, key) in rows
    )
    with connection.cursor() as cursor, cursor.copy(f"COPY analysts_dailyfigure ({columns}) FROM STDIN") as copy:
        copy.write("".join(lines))
