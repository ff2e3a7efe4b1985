"""One thing that is watched: its age, and what to do when it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise

from analysts.incidents.table import age_label
from reports.models import the_hour

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One thing that is watched. `since`: the time its age counts from, None if it has none.

    `advice`: what is wrong and what to do, shown if `is_late`.
    """

    name: str
    label: str | Promise
    is_late: bool = False
    since: datetime | None = None
    advice: str | Promise = ""
    # Further words for display, such as the kinds of alarms.
    details: tuple[str, ...] = ()
    # The age in words, as exact as `since` is known; "" without one.
    age: str = ""
    # False: shown for information, and never late.
    is_watched: bool = True


def hourly_item(
    name: str,
    label: str | Promise,
    is_late: bool,
    since: datetime | None,
    advice: str | Promise,
    details: tuple[str, ...] = (),
    *,
    now: datetime,
) -> HealthItem:
    """An item whose time a single report can move: that time is cut to the hour, and its age changes on the hour."""
    hour = the_hour(since) if since else None
    age = age_label(hour, the_hour(now)) if hour else ""
    return HealthItem(name, label, is_late, hour, advice, details, age)


def count_hours(since: datetime, now: datetime) -> int:
    """Whole hours between two moments, each cut to the hour: the number changes on the hour only."""
    return (the_hour(now) - the_hour(since)) // HOUR
