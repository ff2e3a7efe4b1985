"""What the incident page shows from an illegal verdict on: where it is hosted, where it goes, and how that stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analysts.forms import Act
from analysts.models import Incident, User


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page: its template, which finds its own data under `part`."""

    template: str
    context: Any


type Shows = Callable[[Incident, User, dict[str, Act], datetime], Part | None]

# In the order of the page. Each is None where it has nothing to say.
PARTS: tuple[Shows, ...] = ()


def after_verdict(incident: Incident, user: User, bound: dict[str, Act], now: datetime) -> list[Part]:
    """The sections for an incident that was found illegal; none while it waits for its first verdict."""
    if not incident.known_chases:
        return []
    return [part for shows in PARTS if (part := shows(incident, user, bound, now)) is not None]
