"""Small charts of the reports to each portal, with one scale."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from analysts.figures.page import steps_of
from analysts.figures.reading import FigurePeriod, PortalNumbers
from analysts.models import DailyFigure, FigureDimension, FigureSubject
from countries.charts import ChartSeries, DrawnChart, draw_small_multiples
from countries.models import Portal

MOST_PORTALS = 12


def draw_portals(
    period: FigurePeriod, portals: Sequence[Portal], totals: Mapping[int, PortalNumbers]
) -> list[DrawnChart]:
    """Charts of the MOST_PORTALS portals with most reports in the period, by their figures. One statement."""
    with_reports = [portal.pk for portal in portals if portal.pk in totals and totals[portal.pk].reports]
    most = sorted(with_reports, key=lambda pk: (-totals[pk].reports, pk))[:MOST_PORTALS]
    numbers: dict[int, dict[date, int]] = {portal: {} for portal in most}
    rows = DailyFigure.objects.filter(
        period.by_day, subject=FigureSubject.REPORTS, dimension=FigureDimension.ALL, portal__in=most
    )
    for portal_id, day, number in rows.values_list("portal", "day", "number"):
        if portal_id is not None:
            numbers[portal_id][day] = number
    steps, names = steps_of(period), {portal.pk: portal.name for portal in portals}
    charts = []
    for pk, days in numbers.items():
        values = [sum(days.get(day, 0) for day in within) for _label, within in steps]
        series = [ChartSeries(_("Reports received"), values)]
        labels = [label for label, _within in steps]
        charts.append(DrawnChart(f"portal-{pk}", names[pk], _("Beginning"), labels, series))
    return draw_small_multiples(charts)
