"""The entry type of an incident's timeline, which rooms provide."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.models import Incident, User
from analysts.models.incident_queries import MOST_OF_A_KIND as MOST_OF_A_KIND

# The actor of entries caused by a schedule or a rule.
AUTOMATIC = _("automatically")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    # "" if the actor is not recorded.
    by: User | str | Promise
    title: str
    details: Sequence[str | Promise]
    # The reason for undoing it; empty if it was not undone.
    undo_reason: str = ""
    # The equivalent codes, by code list.
    elsewhere: Mapping[Any, TextChoices] = field(default_factory=dict)
    # Whether only the day is known.
    is_day: bool = False
    # The time of the event it follows. Sorts an entry whose time is known to the hour only after that event.
    after: datetime | None = None
    # A reminder or availability check, which repeats daily.
    repeats: bool = False

    @property
    def order(self) -> datetime:
        return max(self.at, self.after + timedelta.resolution) if self.after else self.at


type TimelineOf = Callable[[Incident], Iterable[TimelineEntry]]
