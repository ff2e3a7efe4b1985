"""How wide a published cell is known: a linear programme over everything published, solved exactly.

The true counts satisfy everything that was published, so that the search for the lowest and the highest value of a cell
begins there (bounded simplex in dictionary form, Bland's rule). Numbers are whole or fractions, never rounded.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from countries.disclosure import Bounds, TableSum

type Number = int | Fraction
# The parts of a basic cell: the factor of each free cell.
type Row[C] = dict[C, Number]


@dataclass
class Polytope[C: Hashable]:
    """All values of cells that agree with `sums` and `bounds`; `values` is one of them and moves within.

    `rows`: each basic cell as a sum of free ones.
    """

    bounds: Mapping[C, Bounds]
    values: dict[C, Number]
    rows: dict[C, Row[C]] = field(default_factory=dict)
    # The basic cells in whose row a free cell is.
    columns: dict[C, set[C]] = field(default_factory=dict)
    order: dict[C, int] = field(default_factory=dict)

    @classmethod
    def of(cls, sums: Iterable[TableSum[C]], bounds: Mapping[C, Bounds], counts: Mapping[C, int]) -> "Polytope[C]":
        """`counts`: the true ones. Raises ValueError if they contradict sums or bounds."""
        outside = [cell for cell, count in counts.items() if not bounds[cell].low <= count <= bounds[cell].high]
        polytope = cls(bounds, dict(counts), order={cell: number for number, cell in enumerate(counts)})
        sums = list(sums)
        wrong = [each for each in sums if counts[each.total] != sum(counts[part] for part in each.parts)]
        if outside or wrong:
            raise ValueError(f"Not the true counts: {outside[:3]} {wrong[:3]}")
        for table_sum in sums:
            polytope._add_equation({table_sum.total: -1, **dict.fromkeys(table_sum.parts, 1)})
        return polytope

    def _add_equation(self, equation: Row[C]) -> None:
        """Solve it for one of its free cells, unless it follows from the others."""
        free: Row[C] = {}
        for cell, factor in equation.items():
            _add(free, self.rows.get(cell, {cell: 1}), factor)
        if not free:
            return
        # A cell that is known has nothing to move, so that it is best as a free one.
        basic = max(free, key=lambda cell: (self.bounds[cell].range, -self.order[cell]))
        self._solve_for(basic, free)

    def _solve_for(self, basic: C, equation: Row[C]) -> None:
        """`equation`, whose sum is 0, makes `basic` a sum of the others; put it in place of `basic` everywhere."""
        factor = equation.pop(basic)
        row: Row[C] = {cell: _divide(-value, factor) for cell, value in equation.items()}
        for other in self.columns.pop(basic, set()):
            changed = self.rows[other]
            by = changed.pop(basic)
            before = set(changed)
            _add(changed, row, by)
            self._note_columns(other, before, set(changed))
        self.rows[basic] = row
        self._note_columns(basic, set(), set(row))

    def _note_columns(self, basic: C, before: set[C], after: set[C]) -> None:
        for cell in before - after:
            self.columns[cell].discard(basic)
        for cell in after - before:
            self.columns.setdefault(cell, set()).add(basic)

    def find_range(self, cell: C, *, enough: int) -> Number:
        """The difference of the highest and the lowest value of the cell; the search ends at `enough`."""
        start = self.values[cell]
        high = self._push(cell, 1, start + enough)
        return high - self._push(cell, -1, high - enough)

    def _push(self, cell: C, direction: int, goal: Number) -> Number:
        """Move the cell up (1) or down (-1) as far as possible, or to the goal; returns the value that it reaches."""
        while (goal - self.values[cell]) * direction > 0:
            objective = self.rows.get(cell, {cell: 1})
            if (step := self._choose(objective, direction)) is None:
                break
            self._move(*step)
        return self.values[cell]

    def _choose(self, objective: Row[C], direction: int) -> tuple[C, int] | None:
        """The first free cell whose move helps, and where to."""
        for cell in sorted(objective, key=self.order.__getitem__):
            way = 1 if objective[cell] * direction > 0 else -1
            bounds = self.bounds[cell]
            if self.values[cell] != (bounds.high if way > 0 else bounds.low):
                return cell, way
        return None

    def _move(self, cell: C, way: int) -> None:
        """Move a free cell until it or a basic one meets a bound; that basic one then changes places with it."""
        value, bounds = self.values[cell], self.bounds[cell]
        limit: Number = bounds.high - value if way > 0 else value - bounds.low
        blocking: C | None = None
        basics = sorted(self.columns.get(cell, ()), key=self.order.__getitem__)
        for basic in basics:
            change = self.rows[basic][cell] * way
            bound = self.bounds[basic].high if change > 0 else self.bounds[basic].low
            if (room := _divide(bound - self.values[basic], change)) < limit:
                limit, blocking = room, basic
        for basic in basics:
            self.values[basic] += self.rows[basic][cell] * way * limit
        self.values[cell] += way * limit
        if blocking is not None:
            row = self.rows.pop(blocking)
            self._note_columns(blocking, set(row), set())
            self._solve_for(cell, {**row, blocking: -1})


def _add[C](row: Row[C], other: Row[C], factor: Number) -> None:
    for cell, value in other.items():
        if total := row.get(cell, 0) + value * factor:
            row[cell] = total
        else:
            row.pop(cell, None)


def _divide(number: Number, by: Number) -> Number:
    quotient = Fraction(number) / by
    return quotient.numerator if quotient.denominator == 1 else quotient
