"""The content of a page of statistics: numbers, charts and tables, of the network or of one portal. No queries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from countries.charts import ChartSeries, DrawnChart
from countries.disclosure import LEAST_SHOWN
from countries.languages import in_digits, quarter_name, written_hours, written_number, written_percent
from countries.public.network.network_map import MapCountry, NetworkMap, draw_map
from countries.public.published_portal import PublishedPortal
from countries.public.statistics.memory import PublishedHistory, PublishedPeriod
from countries.public.statistics.words import MEASURES, SHORT, VERDICTS
from countries.row_charts import draw_rows
from countries.statistics import PublicMeasure

# Quarters on a page; the open data have all.
MOST_QUARTERS = 8

type MeasureValues = Mapping[str, int | None]


class MeasureNumber(NamedTuple):
    """A number in words, with its name and definition."""

    label: Promise
    definition: Promise
    number: str
    is_hidden: bool


class StatisticsRow(NamedTuple):
    """A row of a table, its cells with the headings of their columns. `note`: instead of all cells."""

    heading: str
    address: str
    cells: list[tuple[Promise, str]]
    note: str = ""


class NamedPortal(NamedTuple):
    """A portal with its name in the language of the page."""

    name: str
    portal: PublishedPortal


class StatisticsWriter:
    """Writes numbers of the network (`portal` None) or of a portal in the language `tag`, which is active."""

    def __init__(self, tag: str, portal: PublishedPortal | None) -> None:
        self.tag = tag
        self.portal = portal

    def values_of(self, period: PublishedPeriod, portal: PublishedPortal | None) -> MeasureValues | None:
        """The numbers by measure; None for a portal that was not open then."""
        return period.figures["portals"].get(str(portal.id)) if portal else period.figures["network"]

    def write_value(self, value: int | None) -> str:
        return hidden_text() if value is None else written_number(value, self.tag)

    def period_name(self, period: PublishedPeriod) -> str:
        return quarter_name(period.year, period.quarter, self.tag) if period.quarter else self.year_name(period.year)

    def year_name(self, year: int) -> str:
        return in_digits(str(year), self.tag)

    def numbers(self, period: PublishedPeriod) -> list[MeasureNumber]:
        values = self.values_of(period, self.portal) or {}
        return [
            MeasureNumber(words.label, words.definition, self.write_value(value), is_hidden=value is None)
            for measure, words in MEASURES.items()
            for value in (values.get(measure),)
        ]

    def headline(self, period: PublishedPeriod) -> str:
        """How many of ten illegal pages of the whole network were gone in a week; "" where that is hidden or none."""
        percent = period.figures["removed"]["within"][-1]
        # To the nearest, and down from the middle: no more than was achieved.
        tenths = ((percent or 0) + 4) // 10
        if not tenths:
            return ""
        words = _("About %(number)s of %(ten)s illegal pages were gone a week after our first notice.")
        return words % {"number": written_number(tenths, self.tag), "ten": written_number(10, self.tag)}

    def times(self, period: PublishedPeriod) -> list[str]:
        """Sentences about the times taken by the whole network; none of what is hidden."""
        assessed, removed = period.figures["assessed"], period.figures["removed"]
        times = []
        if (hours := assessed["half_hours"]) is not None:
            times.append(
                _("We checked half of all reports within %(time)s.") % {"time": written_hours(hours, self.tag)}
            )
        if (hours := removed["half_hours"]) is not None:
            words = _("Half of the illegal pages were gone within %(time)s of our first notice.")
            times.append(words % {"time": written_hours(hours, self.tag)})
        if (percent := removed["within"][-1]) is not None:
            words = _("After 7 days, %(percent)s were gone.")
            times.append(words % {"percent": written_percent(percent, self.tag)})
        return times

    def table(self, periods: Iterable[PublishedPeriod]) -> list[StatisticsRow]:
        """A row for each period in which the portal was open, the newest first."""
        rows = []
        for period in reversed([*periods]):
            values = self.values_of(period, self.portal)
            if values is None:
                continue
            note = self._small_note(period, self.portal) if self.portal else ""
            rows.append(StatisticsRow(self.period_name(period), "", self._cells(values, MEASURES), note))
        return rows

    def portal_table(self, period: PublishedPeriod, portals: Iterable[NamedPortal]) -> list[StatisticsRow]:
        """A row for each of these portals that was open in the period."""
        rows = []
        for name, portal in portals:
            values = self.values_of(period, portal)
            if values is None:
                continue
            tag = self.tag if portal.text(self.tag) else portal.first_language or ""
            address = reverse("portal_statistics", args=[portal.slug, tag])
            cells = self._cells(values, SHORT)
            rows.append(StatisticsRow(name, address, cells, self._small_note(period, portal)))
        return rows

    def _cells(self, values: MeasureValues, measures: Iterable[PublicMeasure]) -> list[tuple[Promise, str]]:
        return [(MEASURES[measure].label, self.write_value(values.get(measure))) for measure in measures]

    def _small_note(self, period: PublishedPeriod, portal: PublishedPortal) -> str:
        if str(portal.id) not in period.figures["small"]:
            return ""
        return _("fewer than %(number)s in the year") % {"number": written_number(LEAST_SHOWN, self.tag)}

    def draw_reports(self, periods: Sequence[PublishedPeriod]) -> DrawnChart:
        return draw_rows(self._chart("reports", _("Reports by quarter"), periods, [PublicMeasure.REPORTS]))

    def draw_verdicts(self, periods: Sequence[PublishedPeriod]) -> DrawnChart:
        return draw_rows(self._chart("verdicts", _("What our checks found"), periods, VERDICTS))

    def _chart(
        self, name: str, title: str, periods: Sequence[PublishedPeriod], measures: Sequence[PublicMeasure]
    ) -> DrawnChart:
        values_by_period = [
            (period, values) for period in periods if (values := self.values_of(period, self.portal)) is not None
        ]
        series = [
            ChartSeries(str(MEASURES[measure].label), [values.get(measure) for _period, values in values_by_period])
            for measure in measures
        ]
        return DrawnChart(
            name,
            title,
            _("Quarter"),
            [self.period_name(period) for period, _values in values_by_period],
            series,
            hidden_text=hidden_text(),
            write=lambda value: written_number(int(value), self.tag),
        )

    def draw_network(self, period: PublishedPeriod, portals: Iterable[NamedPortal]) -> NetworkMap:
        """The countries with a portal that was open in the period, by their number of reports."""
        countries: dict[str, MapCountry] = {}
        for name, portal in portals:
            values = self.values_of(period, portal)
            if values is not None and portal.country not in countries:
                number = values.get(PublicMeasure.REPORTS)
                countries[portal.country] = MapCountry(portal.country, name, number, self.write_value(number))
        return draw_map(countries.values())


def hidden_text() -> str:
    """The word for a hidden number; it may be below 10, or hide another one."""
    return _("hidden")


def latest_period(history: PublishedHistory) -> PublishedPeriod | None:
    return history.periods[-1] if history.periods else None


def usual_time(history: PublishedHistory, tag: str) -> str:
    """A sentence about the usual time until a report is checked, of the latest quarter; "" without one."""
    if not history.quarters:
        return ""
    hours = history.quarters[-1].figures["assessed"]["half_hours"]
    if hours is None:
        return ""
    return _("Usual time: we check half of all reports within %(time)s.") % {"time": written_hours(hours, tag)}
