"""The figures of a quarter or year as they are frozen when it is closed: aggregates, no rows.

National figures are exact; those of portals are kept with the sums of their record keys, and protected for publication.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import TypedDict

from django.db.models import Sum

from analysts.figures import publication
from analysts.figures.intervals import WITHIN_HOURS, percentile, share_within
from analysts.figures.providers import figures as provider_figures
from analysts.figures.publication import NETWORK, VERDICTS, FigureCell
from analysts.figures.reading import FigurePeriod, TimesTaken, read_times
from analysts.figures.rollups import next_month
from analysts.models import DailyFigure, FigureDimension, FigureSubject, IndependenceStatement
from countries.disclosure import RULES, Bounds, KeyedCount
from countries.statistics import PublicMeasure


class FrozenTimes(TypedDict):
    """Hours are the ends of intervals; shares are within 1, 3 and 7 days. None without records."""

    number: int
    median_hours: int | None
    slow_hours: int | None
    within: list[float | None]
    before_notice: int


class FrozenFigures(TypedDict):
    """`national`: numbers by `subject dimension value`. `portals` and `shown`: by portal id and measure.

    `portals` and `network` (all of them together): pairs of number and sum of record keys.
    `months`: what operators saw, by month and portal id. `corrections`: national numbers of earlier closed periods that
    changed since, by period: the difference. `keys`: sums of record keys of the numbers of providers. `names`: of
    providers, by id. `independence`: the statement of then. `exposed`: how many hidden numbers an exact national total
    makes known to fewer than 10. `rules`: by which `shown` was decided (`rules_of`).
    """

    national: dict[str, int]
    times: dict[str, FrozenTimes]
    portals: dict[str, dict[str, list[int]]]
    network: dict[str, list[int]]
    shown: dict[str, dict[str, int | None]]
    exposed: int
    rules: int
    months: dict[str, dict[str, int | None]]
    corrections: dict[str, dict[str, int]]
    keys: dict[str, int]
    names: dict[str, str]
    independence: str


# There are no national numbers of pairs of dimensions and of times by day.
NATIONAL = (
    FigureDimension.ALL,
    FigureDimension.LANGUAGE,
    FigureDimension.NEWNESS,
    FigureDimension.VERDICT,
    FigureDimension.SEVERITY,
    FigureDimension.AGE,
    FigureDimension.SEX,
    FigureDimension.SITE_TYPE,
    FigureDimension.FLAG,
    FigureDimension.REASON,
    FigureDimension.COUNTRY,
    FigureDimension.PROVIDER,
    FigureDimension.RECIPIENT_KIND,
    *provider_figures.OF_PROVIDERS,
)
# Where the measures of portals are: subject, dimension and value.
MEASURES: Mapping[PublicMeasure, tuple[str, str, str]] = {
    PublicMeasure.REPORTS: ("reports", "all", ""),
    PublicMeasure.ASSESSED: ("assessed", "all", ""),
    PublicMeasure.REMOVED: ("removed", "all", ""),
    **{verdict: ("assessed", "verdict", verdict.value) for verdict in VERDICTS},
}


def days_of(period: str) -> tuple[date, date]:
    """The first and last day of a quarter or year."""
    year, _, quarter = period.partition("Q")
    first = date(int(year), 3 * int(quarter) - 2 if quarter else 1, 1)
    after = date(int(year) + 1, 1, 1) if quarter in ("", "4") else date(int(year), 3 * int(quarter) + 1, 1)
    return first, after - timedelta(days=1)


def read_national(period: str) -> dict[str, int]:
    """National numbers, by subject, dimension and value, separated by spaces. One statement."""
    first, last = days_of(period)
    span = FigurePeriod(first, last)
    rows = DailyFigure.objects.filter(span.of_portal, span.by_month, dimension__in=NATIONAL)
    summed = rows.order_by().values_list("subject", "dimension", "value").annotate(Sum("number"))
    return {f"{subject} {dimension} {value}".strip(): number for subject, dimension, value, number in sorted(summed)}


def read_independence() -> str:
    """How the hotline states that it is independent of providers; "" if it is not written yet."""
    statement = IndependenceStatement.objects.first()
    return statement.text if statement else ""


def _freeze_times(times: TimesTaken) -> FrozenTimes:
    return {
        "number": sum(times.numbers.values()),
        "median_hours": percentile(times.numbers, 0.5),
        "slow_hours": percentile(times.numbers, 0.9),
        "within": [share_within(times.numbers, hours) for hours in WITHIN_HOURS],
        "before_notice": times.before,
    }


def read_cells(period: str, portals: Collection[int]) -> dict[FigureCell, KeyedCount]:
    """The measures of the network and of each portal, also those that are 0. One statement.

    `portals`: those that are published also if they had none of them, so that their absence does not say so.
    """
    first, last = days_of(period)
    rows = DailyFigure.objects.filter(
        FigurePeriod(first, last).by_month,
        subject__in=[FigureSubject.REPORTS, FigureSubject.ASSESSED, FigureSubject.REMOVED],
        dimension__in=[FigureDimension.ALL, FigureDimension.VERDICT],
    )
    summed = rows.order_by().values_list("portal", "subject", "dimension", "value")
    cells = {
        (portal or NETWORK, (subject, dimension, value)): KeyedCount(number, key)
        for portal, subject, dimension, value, number, key in summed.annotate(Sum("number"), Sum("key"))
    }
    return {
        FigureCell(period, portal, measure): cells.get((portal, place), KeyedCount(0, 0))
        for portal in sorted({NETWORK, *portals, *(portal for portal, _place in cells)})
        for measure, place in MEASURES.items()
    }


def read_months(period: str, portals: Collection[int]) -> dict[FigureCell, KeyedCount]:
    """Reports of each portal by month, as operators' lists have them. One statement a month."""
    reports = PublicMeasure.REPORTS
    months = {
        FigureCell(month, portal, reports): KeyedCount(0, 0)
        for month in (publication.months_of(period) if "Q" in period else ())
        for portal in portals
    }
    for month in publication.months_of(period) if "Q" in period else ():
        first = date.fromisoformat(f"{month}-01")
        rows = DailyFigure.objects.filter(
            FigurePeriod(first, next_month(first) - timedelta(days=1)).by_day,
            portal__isnull=False,
            subject=FigureSubject.REPORTS,
            dimension=FigureDimension.ALL,
        )
        for portal, number, key in rows.order_by().values_list("portal").annotate(Sum("number"), Sum("key")):
            if portal is not None:
                months[FigureCell(month, portal, reports)] = KeyedCount(number, key)
    return months


def network_cells(period: str, national: Mapping[str, int]) -> dict[FigureCell, int]:
    """The exact totals of the measures, as the national returns print them."""
    return {
        FigureCell(period, NETWORK, measure): national.get(" ".join(place).strip(), 0)
        for measure, place in MEASURES.items()
    }


def known_from(period: str, frozen: FrozenFigures) -> dict[FigureCell, Bounds]:
    """The bounds that readers know once the period is published."""
    printed = _cells_of(period, frozen["shown"])
    counts = {cell: KeyedCount(*numbers) for cell, numbers in _cells_of(period, frozen["portals"]).items()}
    return {
        **publication.known_months(_month_cells(frozen)),
        **publication.known_quarters(printed, network_cells(period, frozen["national"])),
        **publication.known_small_years(counts),
    }


def _month_cells(frozen: FrozenFigures) -> dict[FigureCell, int | None]:
    return {
        FigureCell(month, int(portal), PublicMeasure.REPORTS): value
        for month, portals in frozen["months"].items()
        for portal, value in portals.items()
    }


def _cells_of[V](period: str, by_portal: Mapping[str, Mapping[str, V]]) -> dict[FigureCell, V]:
    return {
        FigureCell(period, int(portal), PublicMeasure(measure)): value
        for portal, measures in by_portal.items()
        for measure, value in measures.items()
    }


def by_portal[V](cells: Mapping[FigureCell, V]) -> dict[str, dict[str, V]]:
    """The cells by portal id and measure, as they are frozen."""
    portals: dict[str, dict[str, V]] = {}
    for cell, value in sorted(cells.items()):
        portals.setdefault(str(cell.portal), {})[cell.measure.value] = value
    return portals


def build_figures(period: str, earlier: Mapping[str, FrozenFigures], *, portals: Collection[int]) -> FrozenFigures:
    """The figures of the period from the daily figures; about ten statements.

    `earlier`: the closed periods of the same year, and the latest one before. `portals`: those that were open.
    """
    first, last = days_of(period)
    national, cells = read_national(period), read_cells(period, portals)
    portals_with_cells = {cell.portal for cell in cells} - {NETWORK}
    months = read_months(period, portals_with_cells)
    times = read_times(FigurePeriod(first, last))
    return protect_figures(
        period,
        {
            "national": national,
            "times": {subject.value: _freeze_times(durations) for subject, durations in times.items()},
            "portals": {
                portal: {measure: [*counted] for measure, counted in measures.items()}
                for portal, measures in by_portal(cells).items()
                if portal != str(NETWORK)
            },
            "network": {cell.measure.value: [*counted] for cell, counted in cells.items() if cell.portal == NETWORK},
            "shown": {},
            "exposed": 0,
            "rules": RULES,
            "months": _months_shown(months),
            "corrections": _find_corrections(earlier),
            "keys": provider_figures.read_keys(FigurePeriod(first, last)),
            "names": provider_figures.read_names(national),
            "independence": read_independence(),
        },
        earlier,
    )


def _months_shown(months: Mapping[FigureCell, KeyedCount]) -> dict[str, dict[str, int | None]]:
    printed: dict[str, dict[str, int | None]] = {}
    for cell, value in sorted(publication.protect_months(months).items()):
        printed.setdefault(cell.period, {})[str(cell.portal)] = value
    return printed


def rules_of(frozen: FrozenFigures) -> int:
    """The number of the rules of disclosure that decided its `shown`; the first ones left no number."""
    return frozen.get("rules", 1)


def protect_figures(period: str, frozen: FrozenFigures, earlier: Mapping[str, FrozenFigures]) -> FrozenFigures:
    """The same with the protected figures of each portal; from the frozen aggregates alone.

    A decision by earlier rules is returned as it is: the digest holds it.
    """
    if rules_of(frozen) != RULES:
        return frozen
    counts = {cell: KeyedCount(*numbers) for cell, numbers in _cells_of(period, frozen["portals"]).items()}
    bounds: dict[FigureCell, Bounds] = {}
    for other, figures in earlier.items():
        bounds |= known_from(other, figures)
    bounds |= publication.known_months(_month_cells(frozen))
    protected = publication.protect_period(counts, network_cells(period, frozen["national"]), bounds)
    return {**frozen, "shown": by_portal(protected.printed), "exposed": len(protected.narrow)}


def _find_corrections(earlier: Mapping[str, FrozenFigures]) -> dict[str, dict[str, int]]:
    """National numbers of earlier periods that differ from what was published: now less then."""
    corrections = {}
    for period, frozen in sorted(earlier.items()):
        now, then = Counter(read_national(period)), Counter(frozen["national"])
        now.subtract(then)
        # Corrections that an earlier period has named already are named once.
        for other in earlier.values():
            now.subtract(other["corrections"].get(period, {}))
        if changed := {name: number for name, number in sorted(now.items()) if number}:
            corrections[period] = changed
    return corrections


def digest_of(frozen: FrozenFigures) -> str:
    """SHA-256 of the figures as canonical JSON, in hexadecimal."""
    return sha256(json.dumps(frozen, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def compare_figures(frozen: FrozenFigures, recounted: FrozenFigures) -> Iterable[str]:
    """The names of the numbers that differ."""
    flat, other = dict(_flatten(frozen)), dict(_flatten(recounted))
    return sorted(name for name in flat.keys() | other.keys() if flat.get(name) != other.get(name))


def _flatten(value: object, name: str = "") -> Iterable[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flatten(inner, f"{name}/{key}" if name else str(key))
    else:
        yield name, value
