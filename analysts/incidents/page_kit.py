"""What the concepts beyond this folder put on the incident's page.

They import this module and no other of the page: it imports them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analysts.assessment.forms import Act
from analysts.models import Incident, User


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page: its template, which finds its own data under `part`."""

    template: str
    context: Any


type Shows = Callable[[Incident, User, dict[str, Act], datetime], Part | None]
