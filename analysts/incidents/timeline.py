"""One line of an incident's history: what a room offers to the timeline."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.models import Incident, User

# Of each noun the latest so many.
MOST_OF_A_KIND = 50
# By whom, where a clock or a rule did it.
AUTOMATIC = _("automatically")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    # "" where nobody wrote down who it was.
    by: User | str | Promise
    what: str
    details: list[Any]
    # Why it holds no more; empty where it does.
    taken_back: str = ""
    # What others would call it, by code list.
    elsewhere: Mapping[Any, TextChoices] = field(default_factory=dict)
    # Only the day is known.
    is_day: bool = False
    # What it follows, where only the hour of it is known: never told as if it had come before.
    after: datetime | None = None
    # A reminder, or a look whether it is still there: day after day the same.
    repeats: bool = False

    @property
    def order(self) -> datetime:
        return max(self.at, self.after + timedelta.resolution) if self.after else self.at


type TimelineOf = Callable[[Incident], Iterable[TimelineEntry]]
