"""The published statistics, held in memory with the portals (`published`), so that no page asks for them.

A published row never changes, so each is read once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from countries.models import PublishedStatistics
from countries.public.page_cache import CachedPage
from countries.statistics import PublicFigures


@dataclass(frozen=True, slots=True)
class PublishedPeriod:
    """The published figures of a quarter or year. Equal where period and digest are."""

    period: str
    digest: str
    last_day: date = field(compare=False)
    published_on: date = field(compare=False)
    figures: PublicFigures = field(compare=False, repr=False)

    @property
    def year(self) -> int:
        return int(self.period[:4])

    @property
    def quarter(self) -> int | None:
        """None for a year."""
        return int(self.period[5:]) if "Q" in self.period else None


@dataclass(frozen=True, slots=True)
class PublishedHistory:
    """All published periods, in order, a year after its quarters; and the pages of the network made from them."""

    periods: Sequence[PublishedPeriod] = ()
    pages: dict[tuple[str, ...], CachedPage] = field(default_factory=dict, compare=False, repr=False)

    @property
    def quarters(self) -> list[PublishedPeriod]:
        return [period for period in self.periods if period.quarter]

    @property
    def years(self) -> list[PublishedPeriod]:
        return [period for period in self.periods if not period.quarter]


def read_periods(periods: Sequence[PublishedPeriod]) -> Sequence[PublishedPeriod]:
    """The periods in the database; one query, and one more for those that are not known yet."""
    digests = dict(PublishedStatistics.objects.order_by().values_list("period", "digest"))
    unchanged = [period for period in periods if digests.get(period.period) == period.digest]
    new = digests.keys() - {period.period for period in unchanged}
    rows = PublishedStatistics.objects.filter(period__in=new) if new else ()
    unchanged += [PublishedPeriod(row.period, row.digest, row.last_day, row.published_on, row.figures) for row in rows]
    return tuple(sorted(unchanged, key=lambda period: (period.last_day, period.quarter is None)))
