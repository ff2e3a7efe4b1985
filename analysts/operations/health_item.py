"""One thing that is watched: its state, its age, and what to do when it is not in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise

from analysts.incidents.table import age_label
from reports.models import the_hour

HOUR = timedelta(hours=1)


class HealthState(StrEnum):
    """A value that cannot be read is UNKNOWN: neither in order nor the opposite."""

    OK = "ok"
    NOT_OK = "not ok"
    UNKNOWN = "unknown"
    # For information, or not named in the settings of the machine.
    UNWATCHED = "info"


class HealthGrade(StrEnum):
    """How soon a person is needed: at once, within the working day, at the next occasion."""

    PAGE = "page"
    TICKET = "ticket"
    NOTE = "note"


# Each check has a section of the same name in docs/guides/operations.md.
GRADES: Mapping[str, HealthGrade] = {
    **dict.fromkeys(
        ("worker", "intake", "surfaces", "envelopes", "alarms", "mail", "coverage", "keys", "audit", "disk"),
        HealthGrade.PAGE,
    ),
    **dict.fromkeys(
        ("backlog", "jobs", "failed_jobs", "host_readings", "certificate", "backup", "units"), HealthGrade.TICKET
    ),
    **dict.fromkeys(("lockdown", "modes", "precision", "error_pages", "restore"), HealthGrade.NOTE),
}


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One thing that is watched. `since`: the time its age counts from, None if it has none.

    `advice`: what is wrong and what to do, shown if it is late or unknown.
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
    # Whether a value could not be read, or only an old one. An item that is known to be late stays late.
    is_unknown: bool = False

    @property
    def state(self) -> HealthState:
        if self.is_late:
            return HealthState.NOT_OK
        if self.is_unknown:
            return HealthState.UNKNOWN
        return HealthState.OK if self.is_watched else HealthState.UNWATCHED

    @property
    def grade(self) -> str:
        return GRADES.get(self.name, "")


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
    """An item whose time a single report can move: that time is cut to the hour, and its age changes on the hour.

    While it is not late, a time of the current hour is left out.
    """
    hour = the_hour(since) if since else None
    if not is_late and hour == the_hour(now):
        hour = None
    age = age_label(hour, the_hour(now)) if hour else ""
    return HealthItem(name, label, is_late, hour, advice, details, age)


def count_hours(since: datetime, now: datetime) -> int:
    """Whole hours between two moments, each cut to the hour: the number changes on the hour only."""
    return (the_hour(now) - the_hour(since)) // HOUR
