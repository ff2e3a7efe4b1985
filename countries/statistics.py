"""Public statistics: what is published of a closed quarter or year, in protected form (`countries.disclosure`)."""

from datetime import timedelta
from enum import StrEnum
from typing import TypedDict

# A period is published at the earliest this long after its last day.
PUBLISHED_AFTER = timedelta(days=30)


class PublicMeasure(StrEnum):
    """The measures counted for each portal and period."""

    REPORTS = "reports"
    ASSESSED = "assessed"
    ILLEGAL = "illegal"
    NOT_ILLEGAL = "not_illegal"
    OUTSIDE_REMIT = "outside_remit"
    NOT_ASSESSED = "not_assessed"
    REMOVED = "removed"


class PublicTimes(TypedDict):
    """`half_hours`: half of the records took at most so long. `within`: percent within 1, 3, 7 days. None: hidden."""

    half_hours: int | None
    within: list[int | None]


class PublicFigures(TypedDict):
    """Numbers by measure; None: hidden. `assessed`, `removed`: times taken, of the network.

    `portals`: by portal id. `small`: the ids of portals with fewer than 10 reports in the year.
    """

    network: dict[str, int | None]
    assessed: PublicTimes
    removed: PublicTimes
    portals: dict[str, dict[str, int | None]]
    small: list[str]
