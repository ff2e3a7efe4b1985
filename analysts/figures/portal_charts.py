"""Small charts of the reports to each portal, with one scale."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from analysts.figures.page import step_labels
from analysts.figures.reading import FigurePeriod, PortalNumbers, sum_steps
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
    rows = DailyFigure.objects.filter(subject=FigureSubject.REPORTS, dimension=FigureDimension.ALL, portal__in=most)
    for portal_id, begin, number in sum_steps(period, rows, "portal"):
        numbers[portal_id][begin] = number
    labels, steps, names = step_labels(period), period.steps, {portal.pk: portal.name for portal in portals}
    charts = []
    for pk, of_portal in numbers.items():
        series = [ChartSeries(_("Reports received"), [of_portal.get(begin, 0) for begin in steps])]
        charts.append(DrawnChart(f"portal-{pk}", names[pk], _("Beginning"), labels, series))
    return draw_small_multiples(charts)
