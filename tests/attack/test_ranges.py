"""LEAST_RANGE as the property that it names: by a linear programme over everything published, no cell is narrower."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from analysts.figures import publication
from analysts.figures.publication import NETWORK, FigureCell
from countries.disclosure import (
    LEAST_RANGE,
    LEAST_RANGE_OF_SMALL,
    LEAST_SHOWN,
    UNBOUNDED,
    Bounds,
    TableSum,
    exact_bounds,
    tighten_bounds,
)
from tests.attack.figures import make_year, publish_year
from tests.attack.ranges import Polytope
from tests.attack.sheets import is_of_provider

OPEN = Bounds(0, UNBOUNDED)
# Networks of so few portals, in which an exact total says most about each; and the seeds of their years.
PORTALS = (2, 4)
# Among them years in which much is shown, little, and nothing.
SEEDS = (2, 3, 6, 7, 9, 10, 11)


def without_portals(bounds: Mapping[FigureCell, Bounds]) -> dict[FigureCell, Bounds]:
    """Facts known without the numbers of portals: exact national totals, months, and "fewer than 10 in the year"."""
    return {
        cell: known if cell.portal == NETWORK or "-" in cell.period or known.high < LEAST_SHOWN else OPEN
        for cell, known in bounds.items()
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_publication_makes_no_cell_narrower_than_the_least_range(seed: int) -> None:
    """Each cell of a portal, hidden or shown, can have values that far apart, unless national totals alone say more."""
    year = make_year(Random(seed), portals=PORTALS)
    printed, bounds = publish_year(year)
    bounds = {cell: known for cell, known in bounds.items() if not is_of_provider(cell)}
    sums = publication.sums_of(bounds)
    counts = {cell: counted.number for cell, counted in {**year.portals, **year.network}.items()}
    polytope = Polytope.of(sums, tighten_bounds(bounds, sums), {cell: counts[cell] for cell in bounds})
    without = tighten_bounds(without_portals(bounds), sums)
    narrow = {}
    for cell in printed:
        least = min(LEAST_RANGE_OF_SMALL if bounds[cell].high < LEAST_SHOWN else LEAST_RANGE, without[cell].range)
        if (found := polytope.find_range(cell, enough=least)) < least:
            narrow[cell] = found, least
    assert narrow == {}


def test_years_of_the_programme_show_numbers() -> None:
    shown = [
        sum(value is not None for value in publish_year(make_year(Random(seed), portals=PORTALS))[0].values())
        for seed in SEEDS
    ]
    assert sum(shown) > 100


def tables_with(rows: Mapping[str, int], columns: Mapping[str, int]) -> list[dict[tuple[str, str], int]]:
    """Every table of two rows, a and b, with these margins."""
    firsts = product(*(range(total + 1) for total in columns.values()))
    return [
        {("a", column): value for column, value in zip(columns, first, strict=True)}
        | {("b", column): columns[column] - value for column, value in zip(columns, first, strict=True)}
        for first in firsts
        if sum(first) == rows["a"]
    ]


def test_programme_finds_the_ranges_that_all_whole_tables_have() -> None:
    """A table of 2 by 3 with known margins: against every table that there is."""
    chance = Random(3)
    cells = [(row, column) for row in "ab" for column in "xyz"]
    for _ in range(50):
        counts = {cell: chance.randint(0, 9) for cell in cells}
        rows = {row: sum(counts[row, column] for column in "xyz") for row in "ab"}
        columns = {column: sum(counts[row, column] for row in "ab") for column in "xyz"}
        tables = tables_with(rows, columns)
        sums = [TableSum(row, tuple((row, column) for column in "xyz")) for row in "ab"]
        sums += [TableSum(column, tuple((row, column) for row in "ab")) for column in "xyz"]
        bounds = {name: exact_bounds(total) for name, total in {**rows, **columns}.items()} | dict.fromkeys(cells, OPEN)
        polytope = Polytope.of(sums, bounds, {**rows, **columns, **counts})
        for cell in cells:
            values = [table[cell] for table in tables]
            assert polytope.find_range(cell, enough=100) == max(values) - min(values)


def test_programme_is_as_exact_as_fractions() -> None:
    """2 a = 3 b, b up to 5: a moves by 7.5 and not by 7."""
    sums = [TableSum("six", ("a1", "a2")), TableSum("six", ("b1", "b2", "b3"))]
    bounds = {"six": OPEN, "a1": OPEN, "a2": OPEN, **dict.fromkeys(("b1", "b2", "b3"), Bounds(0, 5))}
    equal = [TableSum("a1", ("a2",)), TableSum("b1", ("b2",)), TableSum("b2", ("b3",))]
    polytope = Polytope.of([*sums, *equal], bounds, dict.fromkeys(bounds, 0))
    assert polytope.find_range("a1", enough=100) == Fraction(15, 2)


def test_programme_begins_at_true_counts_only() -> None:
    bounds = {"all": exact_bounds(5), "a": OPEN, "b": OPEN}
    with pytest.raises(ValueError, match="Not the true counts"):
        Polytope.of([TableSum("all", ("a", "b"))], bounds, {"all": 5, "a": 3, "b": 3})
