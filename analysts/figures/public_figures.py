"""Publication of closed periods: the protected figures that the public may see, from the frozen ones alone."""

from datetime import date

from django.db import transaction

from analysts.figures.closing import figures_of
from analysts.figures.snapshot import FrozenFigures, FrozenTimes, days_of
from analysts.models import PeriodClose
from countries.disclosure import KeyedCount, has_breakdown, protect_count, protect_derived, protect_share
from countries.models import PublishedStatistics
from countries.outgoing_effects import PUBLIC_STATISTICS, is_held
from countries.statistics import PUBLISHED_AFTER, PublicFigures, PublicMeasure, PublicTimes


def build_public_figures(period: str, frozen: FrozenFigures) -> PublicFigures:
    """The published figures of a period: nothing that is not in a protected form."""
    reports = {portal: KeyedCount(*measures[PublicMeasure.REPORTS]) for portal, measures in frozen["portals"].items()}
    small = [portal for portal, counted in reports.items() if not has_breakdown(counted)]
    return {
        "network": {measure: protect_count(KeyedCount(*counted)) for measure, counted in frozen["network"].items()},
        "assessed": _protect_times(frozen["times"]["assessed"]),
        "removed": _protect_times(frozen["times"]["removed"]),
        "portals": frozen["shown"],
        "small": [] if "Q" in period else small,
    }


def _protect_times(times: FrozenTimes) -> PublicTimes:
    """Medians and shares are hidden where the number of records that they come from is."""
    number = times["number"]
    whole = protect_count(KeyedCount(number, 0))
    parts = [protect_count(KeyedCount(round(number * (share or 0)), 0)) for share in times["within"]]
    return {
        "half_hours": protect_derived(times["median_hours"], whole),
        "within": [protect_share(part, whole) for part in parts],
    }


def publish_due_periods(*, today: date) -> list[str]:
    """Publish each confirmed period that ended at least PUBLISHED_AFTER ago; returns these periods.

    None while a lockdown holds them.
    """
    if is_held(PUBLIC_STATISTICS):
        return []
    published = PublishedStatistics.objects.values("period")
    waiting = PeriodClose.objects.filter(confirmed_at__isnull=False).exclude(period__in=published)
    due = [close for close in waiting.order_by("period") if days_of(close.period)[1] + PUBLISHED_AFTER <= today]
    with transaction.atomic():
        PublishedStatistics.objects.bulk_create(
            [
                PublishedStatistics(
                    period=close.period,
                    last_day=days_of(close.period)[1],
                    published_on=today,
                    figures=build_public_figures(close.period, figures_of(close)),
                    digest=close.digest,
                )
                for close in due
            ],
            ignore_conflicts=True,
        )
    return [close.period for close in due]
