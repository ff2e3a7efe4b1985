"""An attacker on published figures: tries to find counts of portals that are hidden, in synthetic years.

The attacker has everything that anyone outside the analysts' rooms can get: the public files of each quarter and year
(CSV and JSON, whose numbers are those of the pages), the months that operators saw, the exact totals of the national
returns, and the exact sheets of all providers. A count is recovered if only one value is possible.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from analysts.figures import publication
from analysts.figures.intervals import WITHIN_HOURS
from analysts.figures.public_figures import build_public_figures
from analysts.figures.publication import NETWORK, VERDICTS, FigureCell
from analysts.figures.snapshot import FrozenFigures, FrozenTimes, by_portal, days_of
from analysts.figures.verification import read_csv, read_json
from countries.disclosure import (
    KEYS,
    LEAST_SHOWN,
    RULES,
    Bounds,
    KeyedCount,
    TableSum,
    bounds_of_small,
    exact_bounds,
    tighten_bounds,
)
from countries.models import Portal
from countries.public.statistics.memory import PublishedPeriod
from countries.statistics import PUBLISHED_AFTER, PublicMeasure
from tests.attack import sheets

YEAR = "2026"
QUARTERS = publication.quarters_of(YEAR)
MONTHS = tuple(month for quarter in QUARTERS for month in publication.months_of(quarter))
# Yearly reports of a portal: many are small.
SIZES = (4, 8, 12, 20, 40, 80, 200, 600, 2_000)
VERDICT_WEIGHTS = (26, 34, 28, 12)
CLOSE = 3
NO_FIGURES: FrozenFigures = {
    "national": {},
    "times": {},
    "portals": {},
    "network": {},
    "shown": {},
    "exposed": 0,
    "rules": RULES,
    "months": {},
    "corrections": {},
    "keys": {},
    "names": {},
    "independence": "",
}


@dataclass(slots=True)
class SyntheticYear:
    """The true counts of a year, with keys: of portals and of the network; and the network's times by period.

    `removals`: of providers, as national numbers, by period.
    """

    portals: dict[FigureCell, KeyedCount] = field(default_factory=dict)
    network: dict[FigureCell, KeyedCount] = field(default_factory=dict)
    times: dict[str, dict[str, FrozenTimes]] = field(default_factory=dict)
    removals: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class AttackResult:
    """`hidden`: counts below 10 that were published as hidden; `near`: shown cells within CLOSE of the count."""

    years: int = 0
    hidden: int = 0
    recovered: int = 0
    shown: int = 0
    near: int = 0

    @property
    def near_percent(self) -> float:
        return 100 * self.near / self.shown if self.shown else 100.0


def make_year(chance: Random, portals: tuple[int, int] = (4, 24)) -> SyntheticYear:
    """A year of a network of that many portals, from reports by month to verdicts and removals by quarter."""
    counts: Counter[FigureCell] = Counter()
    for portal in range(1, chance.randint(*portals) + 1):
        size = chance.choice(SIZES)
        opened = chance.choice((0, 0, 0, chance.randint(1, 11)))
        for number, month in enumerate(MONTHS):
            reports = _draw_number(chance, size / 12) if number >= opened else 0
            quarter = QUARTERS[number // 3]
            verdicts = Counter(chance.choices(VERDICTS, VERDICT_WEIGHTS, k=_draw_number(chance, reports)))
            removed = sum(chance.random() < 0.8 for _ in range(verdicts[PublicMeasure.ILLEGAL]))
            counts[FigureCell(month, portal, PublicMeasure.REPORTS)] += reports
            for period in (quarter, YEAR):
                counts[FigureCell(period, portal, PublicMeasure.REPORTS)] += reports
                counts[FigureCell(period, portal, PublicMeasure.ASSESSED)] += verdicts.total()
                counts[FigureCell(period, portal, PublicMeasure.REMOVED)] += removed
                for verdict in VERDICTS:
                    counts[FigureCell(period, portal, verdict)] += verdicts[verdict]
    year = SyntheticYear()
    network: Counter[FigureCell] = Counter()
    for cell, count in counts.items():
        # The key of no records is 0. Sums of keys of different records are independent of each other.
        year.portals[cell] = KeyedCount(count, chance.randrange(KEYS) if count else 0)
        if "-" not in cell.period:
            network[cell._replace(portal=NETWORK)] += count
    year.network = {cell: KeyedCount(total, chance.randrange(KEYS)) for cell, total in network.items()}
    year.times = {period: _make_times(chance, year, period) for period in (*QUARTERS, YEAR)}
    for quarter in QUARTERS:
        removed = network[FigureCell(quarter, NETWORK, PublicMeasure.REMOVED)]
        year.removals[quarter] = sheets.make_removals(chance, removed)
    return year


def _make_times(chance: Random, year: SyntheticYear, period: str) -> dict[str, FrozenTimes]:
    times: dict[str, FrozenTimes] = {}
    for measure in (PublicMeasure.ASSESSED, PublicMeasure.REMOVED):
        number = year.network[FigureCell(period, NETWORK, measure)].number
        within = sorted(chance.randint(0, number) / number for _ in WITHIN_HOURS) if number else [None, None, None]
        hours = chance.choice((6, 24, 72)) if number else None
        times[measure] = {
            "number": number,
            "median_hours": hours,
            "slow_hours": hours,
            "within": [*within],
            "before_notice": 0,
        }
    return times


def _draw_number(chance: Random, mean: float) -> int:
    """A number of events around a mean, from a binomial distribution with weeks of different size."""
    return sum(chance.random() < mean / (8 + 2 * mean) for _ in range(round(8 + 2 * mean)))


def _of_period(counts: Mapping[FigureCell, KeyedCount], period: str) -> dict[FigureCell, KeyedCount]:
    return {cell: counted for cell, counted in counts.items() if cell.period == period}


def publish_year(year: SyntheticYear) -> tuple[dict[FigureCell, int | None], dict[FigureCell, Bounds]]:
    """The published cells and a reader's bounds, in the order in which an installation publishes."""
    of_months = {cell: counted for cell, counted in year.portals.items() if "-" in cell.period}
    months = publication.protect_months(of_months)
    printed: dict[FigureCell, int | None] = dict(months)
    bounds = publication.known_months(months)
    for period in (*QUARTERS, YEAR):
        year_bounds, read = _publish_period(year, period, bounds)
        bounds |= read
        printed |= year_bounds
    # No rule of publication knows of them; the attacker does.
    for quarter, national in year.removals.items():
        bounds |= sheets.read_sheets(quarter, {**NO_FIGURES, "national": national})
    return printed, bounds


def _publish_period(
    year: SyntheticYear, period: str, bounds: Mapping[FigureCell, Bounds]
) -> tuple[dict[FigureCell, int | None], dict[FigureCell, Bounds]]:
    """Publish as an installation does; returns what its public files show, and what follows from them."""
    counts = _of_period(year.portals, period)
    network = {cell: total for cell, total in year.network.items() if cell.period == period}
    exact = {cell: counted.number for cell, counted in network.items()}
    protected = publication.protect_period(counts, exact, bounds)
    figures = build_public_figures(
        period,
        {
            **NO_FIGURES,
            "times": year.times[period],
            "portals": by_portal({cell: [*counted] for cell, counted in counts.items()}),
            "network": {cell.measure.value: [*counted] for cell, counted in network.items()},
            "shown": by_portal(protected.printed),
        },
    )
    last = days_of(period)[1]
    published = PublishedPeriod(period, "", last, last + PUBLISHED_AFTER, figures)
    numbers = sorted({cell.portal for cell in counts})
    portals = [Portal(pk=number, slug=f"p{number}", name=f"Portal {number}") for number in numbers]
    document, table = read_json(published, portals), read_csv(published, portals)
    printed = {cell: document["portals"][str(cell.portal)][cell.measure] for cell in counts}
    if printed != {cell: table[f"p{cell.portal}", cell.measure] for cell in counts}:
        raise AssertionError("The public files differ.")
    small = {FigureCell(period, int(portal), PublicMeasure.REPORTS) for portal in document["small"]}
    return printed, {
        **publication.known_quarters(printed, exact),
        **{cell: bounds_of_small(None) for cell in small},
    }


def publish_year_without_suppression(
    year: SyntheticYear,
) -> tuple[dict[FigureCell, int | None], dict[FigureCell, Bounds]]:
    """Counts below 10 are hidden and nothing else is done: neither rounding nor complementary suppression."""
    printed = {cell: None if counted.number < LEAST_SHOWN else counted.number for cell, counted in year.portals.items()}
    bounds = {
        cell: Bounds(0, LEAST_SHOWN - 1) if value is None else exact_bounds(value) for cell, value in printed.items()
    }
    return printed, bounds | {cell: exact_bounds(total.number) for cell, total in year.network.items()}


def attack_year(bounds: Mapping[FigureCell, Bounds]) -> dict[FigureCell, Bounds]:
    """The bounds that an attacker derives: margins, differences of periods, and sums over several of them."""
    sums = publication.sums_of(cell for cell in bounds if not sheets.is_of_provider(cell))
    sums += sheets.sums_of_sheets(bounds)
    return tighten_bounds(bounds, [*sums, *_combine_sums(sums, bounds)])


def _combine_sums(sums: list[TableSum[FigureCell]], bounds: Mapping[FigureCell, Bounds]) -> list[TableSum[FigureCell]]:
    """Totals as sums of the parts of their parts: the network's year of all portals' quarters, months and verdicts."""
    parts_of: dict[FigureCell, list[tuple[FigureCell, ...]]] = {}
    for table_sum in sums:
        parts_of.setdefault(table_sum.total, []).append(table_sum.parts)
    combined = []
    for table_sum in sums:
        ways = min((len(parts_of.get(part, ())) for part in table_sum.parts), default=0)
        for way in range(ways):
            parts = tuple(inner for part in table_sum.parts for inner in parts_of[part][way])
            if len(set(parts)) == len(parts):
                combined.append(TableSum(table_sum.total, parts))
    return combined


def _follows_from_network(cell: FigureCell, year: SyntheticYear) -> bool:
    """Whether an exact total of the returns is 0, which says the same of every portal."""
    same = (cell._replace(portal=NETWORK, period=period) for period in (cell.period, _quarter_of(cell.period), YEAR))
    return any(cell in year.network and year.network[cell].number == 0 for cell in same)


def _quarter_of(period: str) -> str:
    return QUARTERS[MONTHS.index(period) // 3] if "-" in period else period


def run_attack(*, years: int, seed: int, without_suppression: bool = False) -> AttackResult:
    result = AttackResult(years=years)
    chance = Random(seed)
    publish = publish_year_without_suppression if without_suppression else publish_year
    for _ in range(years):
        year = make_year(chance)
        printed, bounds = publish(year)
        narrowed = attack_year(bounds)
        for cell, counted in year.portals.items():
            if (value := printed[cell]) is not None:
                result.shown += 1
                result.near += abs(value - counted.number) <= CLOSE
            elif counted.number < LEAST_SHOWN and not _follows_from_network(cell, year):
                result.hidden += 1
                result.recovered += narrowed[cell] == exact_bounds(counted.number)
    return result
