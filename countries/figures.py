"""How many reports portals got in a month, supplied by the app that counts them."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from countries.disclosure import LEAST_SHOWN, KeyedCount, protect_count

# A month is shown from this long after its end: its last reports have been taken in by then.
SHOWN_AFTER = timedelta(days=1)

type CountReports = Callable[[Collection[int], date], Mapping[int, KeyedCount] | None]
_count_reports: CountReports | None = None


def offer_report_counts(count: CountReports) -> None:
    """Make this the function behind `reports_of_month`: this app shows counts that an app above makes."""
    global _count_reports
    _count_reports = count


def last_closed_month(now: datetime) -> date:
    """The first day of the latest month that ended at least SHOWN_AFTER ago, in UTC.

    A running period would show the arrival of a single report.
    """
    running = (now - SHOWN_AFTER).date().replace(day=1)
    return (running - timedelta(days=1)).replace(day=1)


def reports_of_month(portals: Collection[int], month: date) -> Mapping[int, KeyedCount] | None:
    """Reports by portal id; portals without any are missing. None if the month is not counted to its end yet."""
    return _count_reports(portals, month) if _count_reports else None


def report_count_label(counted: KeyedCount | None) -> str:
    """The protected number, or a fixed text: small numbers look alike. None: not counted yet."""
    if counted is None:
        return _("not counted yet")
    printed = protect_count(counted)
    return _("fewer than %(count)d") % {"count": LEAST_SHOWN} if printed is None else str(printed)
