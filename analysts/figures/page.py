"""The charts and tables of the figures page, built from figures that were read."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import inf

from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysts.figures.breakdowns import BREAKDOWNS, Breakdown
from analysts.figures.forms import hours_in_words
from analysts.figures.intervals import BOUNDS, WIDE_BOUNDS, WITHIN_HOURS, estimate_median, percentile, share_within
from analysts.figures.reading import (
    FigurePeriod,
    PortalNumbers,
    SteppedNumbers,
    TimesTaken,
    backlog_by_step,
    read_times_by_value,
    read_values,
    sum_steps,
)
from analysts.models import DailyFigure, FigureDimension, FigureSubject, FigureTarget, GaugeKind
from countries.charts import (
    ChartSeries,
    DrawnChart,
    draw_bars,
    draw_lines,
    draw_small_multiples,
    draw_stacked_bars,
    format_value,
)
from countries.models import Portal

MOST_BARS = 15
# At most this many small charts, one for each portal.
MOST_PORTALS = 12
# A median of fewer hours is not shown in days.
HOURS_SHOWN = 48
AGES = (24, 72, 168, 336, 720, BOUNDS[-1])
MISSING = "–"


# A name, and the cells beside it in words.
type NamedCells = tuple[str, list[str]]


def write_number(number: int) -> str:
    return format_value(number)


def write_share(share: float | None) -> str:
    return MISSING if share is None else _("%(number)s %%") % {"number": number_format(round(100 * share), 0)}


def write_bound(hours: int | None) -> str:
    """A time of at most so many hours."""
    if hours is None:
        return MISSING
    if hours == BOUNDS[-1]:
        return _("longer")
    return _("up to %(time)s") % {"time": hours_in_words(hours)}


def write_median(numbers: Mapping[int, int], bounds: Sequence[int]) -> str:
    """The median with one decimal, in hours below two days, then in days."""
    hours = estimate_median(numbers, bounds)
    if hours is None:
        return MISSING
    if hours == inf:
        return _("longer")
    if hours < HOURS_SHOWN:
        return _("%(number)s hours") % {"number": number_format(hours, 1)}
    return _("%(number)s days") % {"number": number_format(hours / 24, 1)}


def step_labels(period: FigurePeriod) -> list[str]:
    label_format = "M Y" if period.step == "month" else "j M"
    return [date_format(begin, label_format) for begin in period.steps]


def draw_intake(period: FigurePeriod, numbers: SteppedNumbers) -> DrawnChart:
    steps = period.steps
    series = [
        ChartSeries(label, [numbers.get((subject, ""), {}).get(begin, 0) for begin in steps])
        for subject, label in (
            (FigureSubject.REPORTS, _("Reports received")),
            (FigureSubject.ASSESSED, _("Incidents assessed")),
            (FigureSubject.REMOVED, _("Incidents removed")),
        )
    ]
    title = _("Reports, verdicts and removals")
    return draw_lines(DrawnChart("intake", title, _("Beginning"), step_labels(period), series))


def draw_backlog(period: FigurePeriod, numbers: SteppedNumbers, before: int) -> DrawnChart:
    title, series = _("Incidents waiting for their first verdict, at the end"), _("Waiting")
    values = [ChartSeries(series, backlog_by_step(period, numbers, before))]
    return draw_lines(DrawnChart("backlog", title, _("Beginning"), step_labels(period), values))


def sum_between(numbers: Mapping[int, int], bounds: Sequence[int]) -> list[int]:
    """The numbers up to each of the bounds and above the one before."""
    return [
        sum(number for bound, number in numbers.items() if low < bound <= high) for low, high in pairwise((0, *bounds))
    ]


def draw_times(name: str, title: str, numbers: Mapping[int, int]) -> DrawnChart:
    """A histogram over the wide intervals."""
    values = sum_between(numbers, WIDE_BOUNDS)
    labels = [_("longer") if bound == BOUNDS[-1] else "≤ " + hours_in_words(bound) for bound in WIDE_BOUNDS]
    return draw_stacked_bars(DrawnChart(name, title, _("Time taken"), labels, [ChartSeries(_("Number"), values)]))


def times_cells(numbers: Mapping[int, int], bounds: Sequence[int]) -> list[str]:
    """The median, the 90th percentile, and the shares within WITHIN_HOURS. `bounds`: of the intervals counted by."""
    shares = (write_share(share_within(numbers, hours)) for hours in WITHIN_HOURS)
    return [write_median(numbers, bounds), write_bound(percentile(numbers, 0.9)), *shares]


def times_rows(times: Mapping[FigureSubject, TimesTaken]) -> list[NamedCells]:
    """Number, times, and the number of removals before a notice."""
    assessed, removed = times[FigureSubject.ASSESSED], times[FigureSubject.REMOVED]
    return [
        (name, [write_number(sum(times_taken.numbers.values())), *times_cells(times_taken.numbers, BOUNDS), before])
        for name, times_taken, before in (
            (_("Time to assess"), assessed, MISSING),
            (_("Time to removal"), removed, write_number(removed.before)),
        )
    ]


def age_labels() -> list[str]:
    return [_("older") if bound == BOUNDS[-1] else write_bound(bound) for bound in AGES]


def age_rows(
    work: Mapping[GaugeKind, Mapping[int, int]], target: FigureTarget | None
) -> list[tuple[str, list[int], int, int | None]]:
    """Open work of each kind: by age, in all, and above the target; None without one."""
    limits = {GaugeKind.WAITING: target.assess_hours, GaugeKind.NOTIFIED: target.removal_hours} if target else {}
    rows = []
    for kind in GaugeKind:
        numbers, limit = work[kind], limits.get(kind)
        by_age = sum_between(numbers, AGES)
        late = None if limit is None else sum(number for bound, number in numbers.items() if bound > limit)
        rows.append((capfirst(str(kind.label)), by_age, sum(by_age), late))
    return rows


def divide_figures(period: FigurePeriod, breakdown: Breakdown) -> dict[str, object]:
    """A chart of the most frequent values, and a row for each value. At most three statements."""
    row = BREAKDOWNS[breakdown]
    numbers = read_values(period, row.subject, row.dimension)
    times = read_times_by_value(period, row.subject, row.times) if row.times else {}
    names = row.name_values(numbers.keys())
    total = sum(numbers.values())
    rows: list[NamedCells] = [
        (
            names.get(value, value),
            [
                write_number(number),
                write_share(number / total),
                *(times_cells(times.get(value, {}), WIDE_BOUNDS) if row.times else ()),
            ],
        )
        for value, number in numbers.items()
    ]
    most = list(numbers.items())[:MOST_BARS]
    title = _("%(what)s, by %(dimension)s") % {"what": capfirst(row.subject.label), "dimension": breakdown.label}
    columns, values = [names.get(value, value) for value, _number in most], [number for _value, number in most]
    chart = DrawnChart("divided", title, capfirst(str(breakdown.label)), columns, [ChartSeries(_("Number"), values)])
    return {"chart": draw_bars(chart), "rows": rows, "has_times": row.times is not None}


def portal_rows(portals: Sequence[Portal], numbers: Mapping[int, PortalNumbers]) -> list[tuple[Portal, list[str]]]:
    """The figures of each portal in words; times as the median and the share within 3 days."""
    none = PortalNumbers(0, 0, 0, 0, {FigureSubject.ASSESSED: {}, FigureSubject.REMOVED: {}})
    rows = []
    for portal in portals:
        values = numbers.get(portal.pk, none)
        illegal = write_share(values.illegal / values.assessed if values.assessed else None)
        cells = [write_number(values.reports), write_number(values.assessed), illegal, write_number(values.removed)]
        for subject in (FigureSubject.ASSESSED, FigureSubject.REMOVED):
            durations = values.times[subject]
            cells += [write_median(durations, WIDE_BOUNDS), write_share(share_within(durations, WITHIN_HOURS[1]))]
        rows.append((portal, cells))
    return rows


def draw_portals(
    period: FigurePeriod, portals: Sequence[Portal], totals: Mapping[int, PortalNumbers]
) -> list[DrawnChart]:
    """Charts of the MOST_PORTALS portals with most reports in the period, by their figures. One statement."""
    with_reports = [portal.pk for portal in portals if portal.pk in totals and totals[portal.pk].reports]
    most = sorted(with_reports, key=lambda pk: (-totals[pk].reports, pk))[:MOST_PORTALS]
    numbers: dict[int, dict[date, int]] = {portal: {} for portal in most}
    rows = DailyFigure.objects.filter(subject=FigureSubject.REPORTS, dimension=FigureDimension.ALL, portal__in=most)
    for portal_id, begin, number in sum_steps(period, rows, "portal"):
        numbers[portal_id][begin] = number
    labels, steps, names = step_labels(period), period.steps, {portal.pk: portal.name for portal in portals}
    charts = []
    for pk, of_portal in numbers.items():
        series = [ChartSeries(_("Reports received"), [of_portal.get(begin, 0) for begin in steps])]
        charts.append(DrawnChart(f"portal-{pk}", names[pk], _("Beginning"), labels, series))
    return draw_small_multiples(charts)
