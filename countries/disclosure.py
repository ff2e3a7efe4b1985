"""Disclosure control: which counts may be shown outside the analysts' rooms, and in which form.

Pure functions without models. A count below LEAST_SHOWN is hidden, zero included; any other is rounded to BASE with a
noise that depends on the records counted (the cell key method of the UK's Office for National Statistics, "10-5 rule").
`protect_cells` also hides what would reveal a hidden count by subtraction, and audits the result by bounds.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

LEAST_SHOWN = 10
BASE = 5
# A record key is a random number below this; a cell key is the sum of the keys of its records, modulo this.
KEYS = 256
# Actions of people are shown only as a sum over at least this many.
FEWEST_PEOPLE = 3
# Providers are ranked from this many notified addresses.
FEWEST_NOTIFIED = 3
# Rates of agreement are interpreted from this many pairs.
FEWEST_PAIRS = 20

# The largest difference between a count and what is shown for it.
MOST_NOISE = 5
# The bounds of a count, hidden or shown, must differ by at least this, unless they are closer without the publication.
LEAST_RANGE = 10
# Later tables must leave at least this much open of a count that was published as "fewer than 10".
LEAST_RANGE_OF_SMALL = 5
# The number of the rules by which cells are hidden; 1 left shown counts as narrow as they were.
RULES = 2
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


class ProtectedCells[C: Hashable](NamedTuple):
    """The number printed for each cell; None: hidden.

    `narrow`: cells that are known to fewer than LEAST_RANGE without what is printed, from exact totals for example.
    """

    printed: Mapping[C, int | None]
    narrow: frozenset[C]


def _noise_row(*parts: tuple[int, int]) -> tuple[int, ...]:
    """A row of NOISE from pairs of noise and number of keys."""
    return tuple(noise for noise, keys in parts for _ in range(keys))


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
    """The published number: None below LEAST_SHOWN, else a multiple of BASE. The same records, the same value."""
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


def bounds_of(printed: int | None) -> Bounds:
    """The bounds that a published cell gives of its count. A hidden one may be large: it may hide another."""
    if printed is None:
        return Bounds(0, UNBOUNDED)
    return Bounds(max(LEAST_SHOWN, printed - MOST_NOISE), printed + MOST_NOISE)


def bounds_of_small(printed: int | None) -> Bounds:
    """The same for a list without totals, where only small counts are hidden."""
    return Bounds(0, LEAST_SHOWN - 1) if printed is None else bounds_of(printed)


def exact_bounds(count: int) -> Bounds:
    return Bounds(count, count)


def tighten_bounds[C: Hashable](bounds: Mapping[C, Bounds], sums: Iterable[TableSum[C]]) -> dict[C, Bounds]:
    """The narrowest bounds that follow from the sums, by propagation until nothing changes.

    Cells without known bounds are only known not to be negative. Sums that contradict each other, because an incident
    was reported to several portals, prove nothing and change nothing.
    """
    narrowed = dict(bounds)
    sums = [table_sum for table_sum in sums if table_sum.parts]
    touching: dict[C, list[int]] = {}
    for number, table_sum in enumerate(sums):
        for cell in (table_sum.total, *table_sum.parts):
            touching.setdefault(cell, []).append(number)
            narrowed.setdefault(cell, Bounds(0, UNBOUNDED))
    waiting, rounds = set(range(len(sums))), 0
    while waiting and rounds < MOST_ROUNDS:
        rounds += 1
        changed = [cell for number in sorted(waiting) for cell in _tighten_sum(narrowed, sums[number])]
        waiting = {number for cell in changed for number in touching[cell]}
    return narrowed


def _tighten_sum[C: Hashable](bounds: dict[C, Bounds], table_sum: TableSum[C]) -> list[C]:
    """Narrow the bounds of the cells of one sum; returns those that changed."""
    low = sum(bounds[part].low for part in table_sum.parts)
    high = min(UNBOUNDED, sum(bounds[part].high for part in table_sum.parts))
    open_parts = sum(bounds[part].high >= UNBOUNDED for part in table_sum.parts)
    total = bounds[table_sum.total]
    if low > total.high or (not open_parts and high < total.low):
        return []
    changed = []
    for part in table_sum.parts:
        part_bounds = bounds[part]
        if part_bounds.low == part_bounds.high:
            continue
        most = (
            min(part_bounds.high, total.high - (low - part_bounds.low)) if total.high < UNBOUNDED else part_bounds.high
        )
        others_open = open_parts - (part_bounds.high >= UNBOUNDED)
        others = (
            sum(bounds[other].high for other in table_sum.parts) - part_bounds.high if not others_open else UNBOUNDED
        )
        least = max(part_bounds.low, total.low - others)
        if (least, most) != part_bounds and least <= most:
            changed.append((part, Bounds(least, most)))
    if (narrowed := Bounds(max(total.low, low), min(total.high, high))) != total and total.low != total.high:
        changed.append((table_sum.total, narrowed))
    bounds.update(changed)
    return [cell for cell, _ in changed]


def protect_cells[C: Hashable](
    counts: Mapping[C, KeyedCount],
    sums: Sequence[TableSum[C]],
    bounds: Mapping[C, Bounds] | None = None,
) -> ProtectedCells[C]:
    """Decide what is shown of the cells of a publication.

    Args:
        counts: the cells to be decided.
        sums: how they add up, also with cells that are known.
        bounds: what readers know of further cells: exact totals, earlier tables, operators' months.
    """
    printed = {cell: protect_count(counted) for cell, counted in counts.items()}
    _hide_with_lonely(printed, counts, sums)
    before = {**dict.fromkeys(counts, Bounds(0, UNBOUNDED)), **tighten_bounds(bounds or {}, sums)}
    while True:
        exposed = find_exposed_cells(printed, sums, bounds or {}, before)
        chosen = {victim for cell in exposed if (victim := _choose_victim(cell, printed, counts, sums)) is not None}
        if not chosen:
            return ProtectedCells(printed, frozenset(cell for cell in printed if before[cell].range < LEAST_RANGE))
        for victim in chosen:
            printed[victim] = None
        _hide_with_lonely(printed, counts, sums)


def find_exposed_cells[C: Hashable](
    printed: Mapping[C, int | None],
    sums: Sequence[TableSum[C]],
    prior_bounds: Mapping[C, Bounds],
    before: Mapping[C, Bounds] | None = None,
) -> list[C]:
    """The cells, of this publication or of others, that it makes known too narrowly.

    A cell that readers know as narrowly without it, from an exact total below LEAST_RANGE for example, is none.
    `before`: the tightened `prior_bounds`, where they are computed already.
    """
    before = tighten_bounds(prior_bounds, sums) if before is None else before
    after = tighten_bounds({**prior_bounds, **{cell: bounds_of(value) for cell, value in printed.items()}}, sums)
    open_cell = Bounds(0, UNBOUNDED)
    return [
        cell
        for cell, bounds in after.items()
        if bounds.range < min(_least_range(prior_bounds.get(cell, open_cell)), before.get(cell, open_cell).range)
    ]


def _least_range(published: Bounds) -> int:
    return LEAST_RANGE_OF_SMALL if published.high < LEAST_SHOWN else LEAST_RANGE


def _choose_victim[C: Hashable](
    exposed: C, printed: Mapping[C, int | None], counts: Mapping[C, KeyedCount], sums: Sequence[TableSum[C]]
) -> C | None:
    """The cell to hide: the exposed one if it is shown, else the smallest shown cell beside it."""
    if printed.get(exposed) is not None:
        return exposed
    return _smallest_shown(_cells_beside(exposed, sums), printed, counts)


def _hide_with_lonely[C: Hashable](
    printed: dict[C, int | None], counts: Mapping[C, KeyedCount], sums: Sequence[TableSum[C]]
) -> None:
    """Complementary suppression: while a sum has exactly one hidden part, hide its smallest other part."""
    hides = True
    while hides:
        hides = False
        for table_sum in sums:
            parts = [part for part in table_sum.parts if part in printed]
            if sum(printed[part] is None for part in parts) != 1:
                continue
            if (victim := _smallest_shown(parts, printed, counts)) is not None:
                printed[victim] = None
                hides = True


def _cells_beside[C: Hashable](cell: C, sums: Sequence[TableSum[C]]) -> Collection[C]:
    return {
        other
        for table_sum in sums
        if cell == table_sum.total or cell in table_sum.parts
        for other in (table_sum.total, *table_sum.parts)
    }


def _smallest_shown[C: Hashable](
    cells: Collection[C], printed: Mapping[C, int | None], counts: Mapping[C, KeyedCount]
) -> C | None:
    candidates = [cell for cell in cells if printed.get(cell) is not None]
    return min(candidates, key=lambda cell: (counts[cell].number, repr(cell)), default=None)
