"""One thing that is watched: its age, and what to do when it is late."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One thing that is watched. `since`: the time its age counts from, None if it has none.

    `advice`: what is wrong and what to do, shown if `is_late`.
    """

    name: str
    label: str | Promise
    is_late: bool
    since: datetime | None
    advice: str | Promise
    # Further words for display, such as the kinds of alarms.
    details: tuple[str, ...] = ()
    # The age in words, as exact as `since` is known; "" without one.
    age: str = ""
    # False: shown for information, and never late.
    is_watched: bool = True
