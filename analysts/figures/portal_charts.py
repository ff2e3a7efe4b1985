"""Small charts of the reports to each portal, with one scale."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _

from analysts.figures.page import steps_of
from analysts.figures.reading import FigurePeriod
from analysts.models import DailyFigure, FigureDimension, FigureSubject
from countries.charts import ChartSeries, DrawnChart, draw_small_multiples
from countries.models import Portal

MOST_PORTALS = 12


def draw_portals(period: FigurePeriod, portals: Sequence[Portal]) -> list[DrawnChart]:
    """Charts of the MOST_PORTALS portals with most reports in the period. Two statements."""
    rows = DailyFigure.objects.filter(
        subject=FigureSubject.REPORTS, dimension=FigureDimension.ALL, portal__in=[portal.pk for portal in portals]
    )
    summed = rows.filter(period.by_month).values_list("portal").annotate(total=Sum("number"))
    totals = dict(summed.order_by("-total", "portal")[:MOST_PORTALS])
    numbers: dict[int, dict[date, int]] = {portal: {} for portal in totals if portal is not None}
    by_day = rows.filter(period.by_day, portal__in=totals).values_list("portal", "day", "number")
    for portal_id, day, number in by_day:
        numbers[portal_id][day] = number
    steps, names = steps_of(period), {portal.pk: portal.name for portal in portals}
    charts = []
    for pk, days in numbers.items():
        values = [sum(days.get(day, 0) for day in within) for _label, within in steps]
        series = [ChartSeries(_("Reports received"), values)]
        labels = [label for label, _within in steps]
        charts.append(DrawnChart(f"portal-{pk}", names[pk], _("Beginning"), labels, series))
    return draw_small_multiples(charts)
