"""The protected tables of a quarter and a year: what public and partner pages may show of each portal.

Everything else of the period is taken as known to the reader: the exact national returns, the months that operators
saw, and the quarters published before.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from countries.disclosure import (
    Bounds,
    KeyedCount,
    ProtectedCells,
    TableSum,
    bounds_of,
    bounds_of_small,
    exact_bounds,
    has_breakdown,
    protect_cells,
    protect_count,
)
from countries.statistics import PublicMeasure

# `ASSESSED` is the sum of these.
VERDICTS = (
    PublicMeasure.ILLEGAL,
    PublicMeasure.NOT_ILLEGAL,
    PublicMeasure.OUTSIDE_REMIT,
    PublicMeasure.NOT_ASSESSED,
)


class FigureCell(NamedTuple):
    """A count of one portal, or of the network (0), in a period such as `2026`, `2026Q3` or `2026-07`."""

    period: str
    portal: int
    measure: PublicMeasure


NETWORK = 0

type Counts = Mapping[FigureCell, KeyedCount]
type Known = Mapping[FigureCell, Bounds]


def months_of(quarter: str) -> tuple[str, ...]:
    """The months of a quarter such as `2026Q3`."""
    year, number = quarter.split("Q")
    return tuple(f"{year}-{month:02}" for month in range(3 * int(number) - 2, 3 * int(number) + 1))


def quarters_of(year: str) -> tuple[str, ...]:
    return tuple(f"{year}Q{number}" for number in range(1, 5))


def sums_of(cells: Iterable[FigureCell]) -> list[TableSum[FigureCell]]:
    """How the cells of any periods add up: portals to the network, verdicts to all assessed, periods to longer ones."""
    present = set(cells)
    sums = []
    by_column: dict[tuple[str, PublicMeasure], list[FigureCell]] = {}
    for cell in sorted(present):
        if cell.portal != NETWORK:
            by_column.setdefault((cell.period, cell.measure), []).append(cell)
        shorter = _shorter_periods(cell.period)
        parts = [part for period in shorter if (part := cell._replace(period=period)) in present]
        if shorter and len(parts) == len(shorter):
            sums.append(TableSum(cell, tuple(parts)))
        if cell.measure == PublicMeasure.ASSESSED:
            sums.append(TableSum(cell, tuple(cell._replace(measure=verdict) for verdict in VERDICTS)))
    for (period, measure), portals in by_column.items():
        if (network := FigureCell(period, NETWORK, measure)) in present:
            sums.append(TableSum(network, tuple(portals)))
    return sums


def _shorter_periods(period: str) -> tuple[str, ...]:
    if "Q" in period:
        return months_of(period)
    return () if "-" in period else quarters_of(period)


def protect_months(counts: Counts) -> dict[FigureCell, int | None]:
    """The figures of closed months that operators see. The list has no totals, so nothing more has to be hidden."""
    return {cell: protect_count(counted) for cell, counted in counts.items()}


def protect_period(counts: Counts, network: Mapping[FigureCell, int], earlier: Known) -> ProtectedCells[FigureCell]:
    """Decide what is shown of the portals' counts of one quarter or year.

    Args:
        counts: the period's counts of portals.
        network: the exact totals of the period, as the national returns print them.
        earlier: what readers know of other periods (`known_months`, `known_quarters`).
    """
    small = {cell.portal for cell, counted in counts.items() if _is_small_year(cell, counted)}
    decided = {cell: counted for cell, counted in counts.items() if cell.portal not in small}
    bounds: dict[FigureCell, Bounds] = {
        **earlier,
        **{cell: exact_bounds(total) for cell, total in network.items()},
        **known_small_years(counts),
    }
    protected = protect_cells(decided, sums_of([*counts, *bounds]), bounds)
    return ProtectedCells({**dict.fromkeys(counts), **protected.printed}, protected.narrow)


def _is_small_year(cell: FigureCell, counted: KeyedCount) -> bool:
    is_year = "Q" not in cell.period and "-" not in cell.period
    return is_year and cell.measure == PublicMeasure.REPORTS and not has_breakdown(counted)


def known_small_years(counts: Counts) -> dict[FigureCell, Bounds]:
    """The bounds that "fewer than 10 in the year" gives."""
    return {cell: bounds_of_small(None) for cell, counted in counts.items() if _is_small_year(cell, counted)}


def known_months(printed: Mapping[FigureCell, int | None]) -> dict[FigureCell, Bounds]:
    return {cell: bounds_of_small(value) for cell, value in printed.items()}


def known_quarters(
    printed: Mapping[FigureCell, int | None], network: Mapping[FigureCell, int]
) -> dict[FigureCell, Bounds]:
    """The bounds that published quarters and their exact totals give."""
    exact = {cell: exact_bounds(total) for cell, total in network.items()}
    return {**exact, **{cell: bounds_of(value) for cell, value in printed.items()}}
