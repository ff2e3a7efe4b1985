"""Disclosure control: which counts may be shown outside the analysts' rooms, and in which form.

Pure functions without models. A count below LEAST_SHOWN is hidden, zero included; any other is rounded to BASE with a
noise that depends on the records counted (the cell key method of the UK's Office for National Statistics, "10-5 rule").
`protect_cells` also hides what would reveal a hidden count by subtraction, and audits the result by bounds.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

LEAST_SHOWN = 10
BASE = 5
# A record key is a random number below this; a cell key is the sum of the keys of its records, modulo this.
KEYS = 256
# What people do is shown only as a sum over at least this many.
FEWEST_PEOPLE = 3
# Providers are ranked from this many notified addresses.
FEWEST_NOTIFIED = 3
# Rates of agreement are interpreted from this many pairs.
FEWEST_PAIRS = 20

# The largest difference between a count and what is shown for it.
MOST_NOISE = 5
# The bounds of a hidden count must differ by at least this.
LEAST_RANGE = 10
# Of a count that was published as "fewer than 10", later tables must leave at least this much open.
LEAST_RANGE_OF_SMALL = 5
UNBOUNDED = 10**9
MOST_ROUNDS = 100


class KeyedCount(NamedTuple):
    """A number of records, and the sum of their record keys."""

    number: int
    key: int

    def plus(self, other: "KeyedCount") -> "KeyedCount":
        return KeyedCount(self.number + other.number, self.key + other.key)


class Bounds(NamedTuple):
    """The lowest and the highest value that a count can have."""

    low: int
    high: int

    @property
    def range(self) -> int:
        return self.high - self.low


class TableSum[C: Hashable](NamedTuple):
    """The count of cell `total` is the sum of the counts of `parts`."""

    total: C
    parts: tuple[C, ...]


@dataclass(frozen=True, slots=True)
class ProtectedCells[C: Hashable]:
    """What is shown for each cell; None: hidden. `exposed`: cells that could not be protected by hiding others."""

    shown: Mapping[C, int | None]
    exposed: frozenset[C] = field(default_factory=frozenset)


def _noise_row(*parts: tuple[int, int]) -> tuple[int, ...]:
    """A row of NOISE from pairs of noise and number of keys."""
    row = tuple(noise for noise, keys in parts for _ in range(keys))
    if len(row) != KEYS:
        raise ValueError(f"{len(row)} keys instead of {KEYS}")
    return row


# The noise by remainder of the count (modulo BASE) and cell key: every sum of count and noise is a multiple of BASE.
# 94 of 100 counts change by at most 3. A count that is a multiple already may change too, so that none is certain.
NOISE = (
    _noise_row((-5, 8), (0, 240), (5, 8)),
    _noise_row((-1, 224), (4, 32)),
    _noise_row((-2, 154), (3, 102)),
    _noise_row((2, 154), (-3, 102)),
    _noise_row((1, 224), (-4, 32)),
)


def protect_count(counted: KeyedCount) -> int | None:
    """What is shown for a count: None below LEAST_SHOWN, else a multiple of BASE. The same records, the same value."""
    if counted.number < LEAST_SHOWN:
        return None
    return max(LEAST_SHOWN, counted.number + NOISE[counted.number % BASE][counted.key % KEYS])


def protect_share(part: int | None, whole: int | None) -> int | None:
    """A percentage of two shown values; None if either is hidden. Rounded to BASE, and at most 100."""
    if part is None or not whole:
        return None
    return min(100, BASE * round(100 * part / whole / BASE))


def protect_derived[V](value: V, *of: int | None) -> V | None:
    """A median or other value of the records in the cells; None if any of these cells is hidden."""
    return None if None in of else value


def has_breakdown(year: KeyedCount) -> bool:
    """Whether a portal's year is shown in detail; otherwise only "fewer than 10 in the year"."""
    return year.number >= LEAST_SHOWN


def sum_over_people(numbers: Mapping[int, int]) -> int | None:
    """The sum of numbers by person; None over fewer than FEWEST_PEOPLE, which would show what one of them did."""
    return sum(numbers.values()) if len(numbers) >= FEWEST_PEOPLE else None


def bounds_of(shown: int | None) -> Bounds:
    """What a published cell says about its count. A hidden one may be large: it may hide another."""
    if shown is None:
        return Bounds(0, UNBOUNDED)
    return Bounds(max(LEAST_SHOWN, shown - MOST_NOISE), shown + MOST_NOISE)


def bounds_of_small(shown: int | None) -> Bounds:
    """The same for a list without totals, where only small counts are hidden."""
    return Bounds(0, LEAST_SHOWN - 1) if shown is None else bounds_of(shown)


def exact_bounds(count: int) -> Bounds:
    return Bounds(count, count)


def tighten_bounds[C: Hashable](known: Mapping[C, Bounds], sums: Iterable[TableSum[C]]) -> dict[C, Bounds]:
    """The narrowest bounds that follow from the sums, by propagation until nothing changes.

    Cells without known bounds are only known not to be negative. Sums that contradict each other, because an incident
    was reported to several portals, prove nothing and change nothing.
    """
    found = dict(known)
    sums = [each for each in sums if each.parts]
    touching: dict[C, list[int]] = {}
    for number, each in enumerate(sums):
        for cell in (each.total, *each.parts):
            touching.setdefault(cell, []).append(number)
            found.setdefault(cell, Bounds(0, UNBOUNDED))
    waiting, rounds = set(range(len(sums))), 0
    while waiting and rounds < MOST_ROUNDS:
        rounds += 1
        changed = [cell for number in sorted(waiting) for cell in _tighten_sum(found, sums[number])]
        waiting = {number for cell in changed for number in touching[cell]}
    return found


def _tighten_sum[C: Hashable](found: dict[C, Bounds], each: TableSum[C]) -> list[C]:
    """Narrow the bounds of the cells of one sum; returns those that changed."""
    low = sum(found[part].low for part in each.parts)
    high = min(UNBOUNDED, sum(found[part].high for part in each.parts))
    open_parts = sum(found[part].high >= UNBOUNDED for part in each.parts)
    total = found[each.total]
    if low > total.high or (not open_parts and high < total.low):
        return []
    changed = []
    for part in each.parts:
        own = found[part]
        if own.low == own.high:
            continue
        most = min(own.high, total.high - (low - own.low)) if total.high < UNBOUNDED else own.high
        others_open = open_parts - (own.high >= UNBOUNDED)
        others = sum(found[other].high for other in each.parts) - own.high if not others_open else UNBOUNDED
        least = max(own.low, total.low - others)
        if (least, most) != own and least <= most:
            changed.append((part, Bounds(least, most)))
    if (narrowed := Bounds(max(total.low, low), min(total.high, high))) != total and total.low != total.high:
        changed.append((each.total, narrowed))
    found.update(changed)
    return [cell for cell, _ in changed]


def protect_cells[C: Hashable](
    counts: Mapping[C, KeyedCount],
    sums: Sequence[TableSum[C]],
    known: Mapping[C, Bounds] | None = None,
) -> ProtectedCells[C]:
    """Decide what is shown of the cells of a publication.

    Args:
        counts: the cells to be decided.
        sums: how they add up, also with cells that are known.
        known: what other publications say about further cells: exact totals, earlier tables, operators' months.
    """
    known = known or {}
    shown = {cell: protect_count(counted) for cell, counted in counts.items()}
    _hide_with_lonely(shown, counts, sums)
    while True:
        exposed = _find_exposed(shown, sums, known)
        chosen = {
            victim
            for cell in exposed
            if (victim := _smallest_shown(_cells_beside(cell, sums), shown, counts)) is not None
        }
        if not chosen:
            return ProtectedCells(shown, frozenset(exposed))
        for victim in chosen:
            shown[victim] = None
        _hide_with_lonely(shown, counts, sums)


def find_exposed_cells[C: Hashable](
    shown: Mapping[C, int | None], sums: Sequence[TableSum[C]], known: Mapping[C, Bounds]
) -> frozenset[C]:
    """The hidden cells of a publication whose bounds are too narrow."""
    return frozenset(_find_exposed(shown, sums, known))


def _find_exposed[C: Hashable](
    shown: Mapping[C, int | None], sums: Sequence[TableSum[C]], known: Mapping[C, Bounds]
) -> list[C]:
    bounds = tighten_bounds({**known, **{cell: bounds_of(value) for cell, value in shown.items()}}, sums)
    exposed = [cell for cell, value in shown.items() if value is None and bounds[cell].range < LEAST_RANGE]
    small = [cell for cell, each in known.items() if each.high < LEAST_SHOWN and each.range >= LEAST_RANGE_OF_SMALL]
    exposed += [cell for cell in small if bounds[cell].range < LEAST_RANGE_OF_SMALL]
    open_before = [cell for cell, each in known.items() if each.high >= UNBOUNDED]
    return exposed + [cell for cell in open_before if bounds[cell].range < LEAST_RANGE]


def _hide_with_lonely[C: Hashable](
    shown: dict[C, int | None], counts: Mapping[C, KeyedCount], sums: Sequence[TableSum[C]]
) -> None:
    """Complementary suppression: while a sum has exactly one hidden part, hide its smallest other part."""
    hides = True
    while hides:
        hides = False
        for each in sums:
            parts = [part for part in each.parts if part in shown]
            if sum(shown[part] is None for part in parts) != 1:
                continue
            if (victim := _smallest_shown(parts, shown, counts)) is not None:
                shown[victim] = None
                hides = True


def _cells_beside[C: Hashable](cell: C, sums: Sequence[TableSum[C]]) -> Collection[C]:
    return {other for each in sums if cell == each.total or cell in each.parts for other in (each.total, *each.parts)}


def _smallest_shown[C: Hashable](
    cells: Collection[C], shown: Mapping[C, int | None], counts: Mapping[C, KeyedCount]
) -> C | None:
    candidates = [cell for cell in cells if shown.get(cell) is not None]
    return min(candidates, key=lambda cell: (counts[cell].number, repr(cell)), default=None)
