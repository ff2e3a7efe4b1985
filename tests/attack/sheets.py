"""Provider sheets in synthetic years: what an attacker reads from the exact sheets of all providers together.

A sheet names no portal, but removals at all providers add up to those of the network. In the attack every provider has
passed on its exact sheet, which says more than the protected ones of others.
"""

from collections import Counter
from collections.abc import Iterable
from random import Random

from analysts.figures.intervals import WIDE_BOUNDS
from analysts.figures.providers.figures import read_providers
from analysts.figures.providers.sheets import exact_rows
from analysts.figures.publication import NETWORK, FigureCell
from analysts.figures.snapshot import FrozenFigures
from analysts.models.figures.rollup import BEFORE_NOTICE
from countries.disclosure import Bounds, TableSum, exact_bounds
from countries.statistics import PublicMeasure

# For the providers of a synthetic year; most have few removals.
WEIGHTS = (40, 20, 8, 4, 2, 1, 1)
TAKEN = (*WIDE_BOUNDS[:6], BEFORE_NOTICE)


def make_removals(chance: Random, removed: int) -> dict[str, int]:
    """The national numbers of removals by provider and time taken: so many together."""
    providers = chance.choices([f"provider-{number}" for number in range(len(WEIGHTS))], WEIGHTS, k=removed)
    counts = Counter(f"removed prov_hours {provider} {chance.choice(TAKEN)}" for provider in providers)
    return dict(counts)


def read_sheets(period: str, frozen: FrozenFigures) -> dict[FigureCell, Bounds]:
    """The exact sheets of a period: removals of each provider, in cells numbered below the network's."""
    sheets = {}
    for number, provider in enumerate(sorted(read_providers(frozen["national"])), 1):
        rows = {row.name: row.value or 0 for row in exact_rows(frozen, provider)}
        cell = FigureCell(period, NETWORK - number, PublicMeasure.REMOVED)
        sheets[cell] = exact_bounds(rows["removed"] + rows["before_notice"])
    return sheets


def is_of_provider(cell: FigureCell) -> bool:
    return cell.portal < NETWORK


def sums_of_sheets(cells: Iterable[FigureCell]) -> list[TableSum[FigureCell]]:
    """Removals at all providers are those of the network."""
    parts: dict[FigureCell, list[FigureCell]] = {}
    for cell in cells:
        if is_of_provider(cell):
            parts.setdefault(cell._replace(portal=NETWORK), []).append(cell)
    return [TableSum(total, tuple(cells)) for total, cells in parts.items()]
