"""The quarterly sheet of a provider: exact for the provider itself, and protected for all others.

A provider knows the notices that it got. Others see numbers by the rules of `countries.disclosure`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.codes.content_types import ContentType
from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from analysts.figures.intervals import WITHIN_HOURS
from analysts.figures.page import MISSING, write_number
from analysts.figures.providers.figures import ProviderNumbers, read_providers
from analysts.figures.snapshot import FrozenFigures
from countries.csv_files import plain_csv
from countries.disclosure import (
    KEYS,
    KeyedCount,
    TableSum,
    protect_cells,
    protect_count,
    protect_derived,
    protect_share,
)
from reports.notices import RecipientAction

# Names of numbers: the notices of each type of content, and each action.
NOTICES = {f"notices_{kind.value}": kind for kind in ContentType}
ACTIONS = {f"action_{action.value}": action for action in RecipientAction}
NO_ACTION = f"action_{RecipientAction.NO_ACTION.value}"
# How the numbers of a sheet add up.
SUMS = (
    TableSum("notices", tuple(NOTICES)),
    TableSum("decided", tuple(ACTIONS)),
    TableSum(NO_ACTION, ("refused", "left_online")),
)
WITHIN_LABELS = (_("1 day"), _("3 days"), _("7 days"))


@dataclass(frozen=True, slots=True)
class ProviderSheetRow:
    """One number of a sheet, as it is shown; `value` None: hidden, or there was nothing to measure."""

    name: str
    label: str
    value: int | None
    unit: str = ""

    @property
    def text(self) -> str:
        if self.value is None:
            return MISSING
        return write_number(self.value) + (f" {self.unit}" if self.unit else "")


class SheetCount(NamedTuple):
    """`is_part`: it is a part of the number before it, which its label says."""

    label: str | Promise
    count: Callable[[ProviderNumbers], int]
    is_part: bool = False

    def full_label(self) -> str:
        return gettext("Of these: %(what)s") % {"what": self.label} if self.is_part else str(self.label)


def _count_notices(kind: ContentType) -> SheetCount:
    return SheetCount(kind.label, lambda numbers: numbers.notices[kind], is_part=True)


def _count_action(action: RecipientAction) -> SheetCount:
    return SheetCount(RECIPIENT_ACTIONS[action].label, lambda numbers: numbers.all_actions[action], is_part=True)


# By name, in the order of the sheet.
COUNTS = {
    "letters": SheetCount(_("Messages sent, reminders included"), lambda numbers: numbers.letters),
    "notices": SheetCount(
        _("Notices: web addresses named for the first time"), lambda numbers: numbers.notices.total()
    ),
    **{name: _count_notices(kind) for name, kind in NOTICES.items()},
    "replies": SheetCount(_("Replies received"), lambda numbers: numbers.replies.total()),
    "decided": SheetCount(_("Actions taken, by the replies"), lambda numbers: numbers.decided),
    **{name: _count_action(action) for name, action in ACTIONS.items()},
    "refused": SheetCount(_("No action because it was not found illegal"), lambda numbers: numbers.refused.total()),
    "removed": SheetCount(
        _("Confirmed as removed by consecutive checks, after a notice"), lambda numbers: numbers.removed
    ),
    "before_notice": SheetCount(_("Removed before a notice was sent"), lambda numbers: numbers.before_notice),
}


def _counts_of(numbers: ProviderNumbers) -> dict[str, int]:
    """The counts of COUNTS, and others that protect or measure them."""
    counts = {name: row.count(numbers) for name, row in COUNTS.items()}
    within = {
        f"within_{hours}": sum(number for bound, number in numbers.hours.items() if bound <= hours)
        for hours in WITHIN_HOURS
    }
    return counts | {"left_online": counts[NO_ACTION] - counts["refused"]} | within


def exact_rows(frozen: FrozenFigures, provider: str) -> list[ProviderSheetRow]:
    """The sheet for the provider itself."""
    numbers = read_providers(frozen["national"]).get(provider, ProviderNumbers(provider))
    counts = _counts_of(numbers)
    shares = [None if share is None else round(100 * share) for share in numbers.shares_within]
    precision = None if numbers.precision is None else round(100 * numbers.precision)
    return list(_rows_of(counts, precision, shares, numbers.median_hours, numbers.slow_hours))


def protected_rows(frozen: FrozenFigures, provider: str) -> list[ProviderSheetRow]:
    """The sheet for all others: counts below 10 hidden, the rest rounded; what would reveal a hidden one is hidden."""
    numbers = read_providers(frozen["national"]).get(provider, ProviderNumbers(provider))
    keys = _counts_of(read_providers(frozen["keys"]).get(provider, ProviderNumbers(provider)))
    counts = {name: KeyedCount(number, keys[name] % KEYS) for name, number in _counts_of(numbers).items()}
    printed = protect_cells(counts, SUMS).printed
    refused = protect_share(printed["refused"], printed["decided"])
    removed = printed["removed"]
    shares = [protect_share(protect_count(counts[f"within_{hours}"]), removed) for hours in WITHIN_HOURS]
    median, slow = (protect_derived(hours, removed) for hours in (numbers.median_hours, numbers.slow_hours))
    return list(_rows_of(printed, None if refused is None else 100 - refused, shares, median, slow))


def _rows_of(
    counts: Mapping[str, int | None],
    precision: int | None,
    shares: list[int | None],
    median: int | None,
    slow: int | None,
) -> Iterator[ProviderSheetRow]:
    for name, row in COUNTS.items():
        yield ProviderSheetRow(name, row.full_label(), counts[name])
    yield ProviderSheetRow(
        "precision", str(_("Precision: share of actions other than a refusal as not illegal")), precision, "%"
    )
    yield ProviderSheetRow("median_hours", str(_("Time from first notice to removal, median")), median, "h")
    yield ProviderSheetRow("slow_hours", str(_("Time from first notice to removal, 90th percentile")), slow, "h")
    for hours, label, share in zip(WITHIN_HOURS, WITHIN_LABELS, shares, strict=True):
        yield ProviderSheetRow(
            f"within_{hours}_hours", str(_("Removed within %(time)s of the first notice")) % {"time": label}, share, "%"
        )


def write_sheet(period: str, provider: str, rows: list[ProviderSheetRow]) -> str:
    """The sheet as CSV. Hidden cells stay empty."""
    headings = ("period", "provider", "name", "definition", "number", "unit")
    return plain_csv([headings, *((period, provider, row.name, row.label, row.value, row.unit) for row in rows)])
