"""The quarterly sheet of a provider: exact for the provider itself, and protected for all others.

A provider knows the notices that it got. Others see numbers by the rules of `countries.disclosure`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.codes.content_types import ContentType
from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from analysts.figures.intervals import WITHIN_HOURS
from analysts.figures.providers.figures import ProviderNumbers, read_providers
from analysts.figures.snapshot import FrozenFigures
from audit.csv_files import plain_csv
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

NOTICES = tuple(f"notices_{kind.value}" for kind in ContentType)
ACTIONS = tuple(f"action_{action.value}" for action in RecipientAction)
NO_ACTION = f"action_{RecipientAction.NO_ACTION.value}"
# How the numbers of a sheet add up.
SUMS = (
    TableSum("notices", NOTICES),
    TableSum("decided", ACTIONS),
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


def _counts_of(numbers: ProviderNumbers) -> dict[str, int]:
    actions = numbers.all_actions
    refused = numbers.refused.total()
    return {
        "letters": numbers.letters,
        "notices": sum(numbers.notices.values()),
        **{name: numbers.notices[kind] for name, kind in zip(NOTICES, ContentType, strict=True)},
        "replies": sum(numbers.replies.values()),
        "decided": numbers.decided,
        **{name: actions[action] for name, action in zip(ACTIONS, RecipientAction, strict=True)},
        "refused": refused,
        "left_online": actions[RecipientAction.NO_ACTION] - refused,
        "removed": numbers.removed,
        "before_notice": numbers.before_notice,
        **{f"within_{hours}": _within(numbers, hours) for hours in WITHIN_HOURS},
    }


def _within(numbers: ProviderNumbers, hours: int) -> int:
    return sum(number for bound, number in numbers.hours.items() if bound <= hours)


def _part_label(what: Promise | str) -> str:
    return gettext("Of these: %(what)s") % {"what": what}


def _label_of(name: str) -> Promise | str:
    labels: Mapping[str, Promise | str] = {
        "letters": _("Messages sent, reminders included"),
        "notices": _("Notices: web addresses named for the first time"),
        **{name: _part_label(kind.label) for name, kind in zip(NOTICES, ContentType, strict=True)},
        "replies": _("Replies received"),
        "decided": _("Actions taken, by the replies"),
        **{
            name: _part_label(RECIPIENT_ACTIONS[action].label)
            for name, action in zip(ACTIONS, RecipientAction, strict=True)
        },
        "refused": _("No action because it was not found illegal"),
        "removed": _("Confirmed as removed by consecutive checks, after a notice"),
        "before_notice": _("Removed before a notice was sent"),
    }
    return labels[name]


SHOWN = ("letters", "notices", *NOTICES, "replies", "decided", *ACTIONS, "refused", "removed", "before_notice")


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
    printed = protect_cells(counts, SUMS).shown
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
    for name in SHOWN:
        yield ProviderSheetRow(name, str(_label_of(name)), counts[name])
    yield ProviderSheetRow(
        "precision", str(_("Precision: share of actions that did not refuse as not illegal")), precision, "%"
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
