"""Reports of portals in a month, for the operators' list."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Sum

from analysts.figures.rollups import is_counted_to, next_month
from analysts.models import DailyFigure, FigureDimension, FigureSubject
from countries.disclosure import KeyedCount


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
