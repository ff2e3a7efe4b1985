"""Verification of a closed period: the frozen figures against the rows, and everything printed against the figures."""

import csv
import json
from collections.abc import Mapping
from io import StringIO

from django.db import transaction

from analysts.figures import rollups
from analysts.figures.closing import earlier_figures, figures_of
from analysts.figures.public_figures import build_public_figures
from analysts.figures.snapshot import (
    FrozenFigures,
    build_figures,
    compare_figures,
    days_of,
    digest_of,
    protect_figures,
    rules_of,
)
from analysts.models import PeriodClose
from countries.disclosure import RULES
from countries.models import Portal, PublishedStatistics
from countries.public.statistics import open_data
from countries.public.statistics.memory import PublishedPeriod
from countries.statistics import PublicFigures

# The name of the network, as in the open data; else a portal's path.
type PrintedNumbers = dict[tuple[str, str], int | None]


def verify_period(close: PeriodClose) -> Mapping[str, list[str]]:
    """Differences from the frozen figures, by check; empty lists if all agree.

    `digest`: of the stored figures. `shown`: what is protected, from the frozen aggregates. `rows`: everything, from
    the rows as they were when the period was closed; of days of which content was erased, from their daily figures.
    `published`: what was published, and every number of the public files, from the rows.
    """
    frozen, earlier = figures_of(close), earlier_figures(close.period)
    first, last = days_of(close.period)
    with transaction.atomic():
        rollups.recount_days(first, last, as_of=close.closed_at)
        recounted = build_figures(close.period, earlier, portals=[*map(int, frozen["portals"])])
        transaction.set_rollback(True)
    # Later corrections of other periods are none of this one, nor are later names, words and rules.
    recounted = {
        **recounted,
        "corrections": frozen["corrections"],
        "names": frozen["names"],
        "independence": frozen["independence"],
    }
    if (rules := rules_of(frozen)) != RULES:
        recounted = {**recounted, "shown": frozen["shown"], "exposed": frozen["exposed"], "rules": rules}
    return {
        "digest": [] if digest_of(frozen) == close.digest else [close.digest],
        "shown": list(compare_figures(frozen, protect_figures(close.period, frozen, earlier))),
        "rows": list(compare_figures({**frozen, "rules": rules}, recounted)),
        "published": _verify_published(close, recounted),
    }


def _verify_published(close: PeriodClose, recounted: FrozenFigures) -> list[str]:
    """The numbers that are published and differ from those that follow from the figures `recounted`."""
    row = PublishedStatistics.objects.filter(period=close.period).first()
    if row is None:
        return []
    period = PublishedPeriod(row.period, row.digest, row.last_day, row.published_on, row.figures)
    portals = list(Portal.objects.only("slug", "country", "name"))
    rebuilt = build_public_figures(close.period, recounted)
    differing = [] if (row.digest, row.figures["small"]) == (close.digest, rebuilt["small"]) else ["digest"]
    expected = _expected_numbers(rebuilt, portals)
    for name, printed in (
        ("csv", read_csv(period, portals)),
        ("json", _expected_numbers(read_json(period, portals), portals)),
    ):
        cells = {cell for cell, _number in expected.items() ^ printed.items()}
        differing += [f"{name}/{'/'.join(cell)}" for cell in sorted(cells)]
    return differing


def _expected_numbers(figures: PublicFigures, portals: list[Portal]) -> PrintedNumbers:
    expected: PrintedNumbers = {(open_data.NETWORK, measure): number for measure, number in figures["network"].items()}
    for name, times in (("assessed", figures["assessed"]), ("removed", figures["removed"])):
        expected[open_data.NETWORK, f"{name}_half_hours"] = times["half_hours"]
        for days, percent in zip(open_data.SPANS, times["within"], strict=True):
            expected[open_data.NETWORK, f"{name}_within_{days}_days"] = percent
    slugs = {str(portal.id): portal.slug for portal in portals}
    for portal, numbers in figures["portals"].items():
        if portal in slugs:
            expected |= {(slugs[portal], measure): number for measure, number in numbers.items()}
    return expected


def read_csv(period: PublishedPeriod, portals: list[Portal]) -> PrintedNumbers:
    """The numbers of the public CSV file of one period, read as anyone would."""
    rows = csv.DictReader(StringIO(open_data.write_csv([period], portals)))
    return {(row["portal"], row["measure"]): int(row["number"]) if row["number"] else None for row in rows}


def read_json(period: PublishedPeriod, portals: list[Portal]) -> PublicFigures:
    """The figures in the public JSON file of one period, read as anyone would."""
    [document] = json.loads(open_data.write_json([period], portals))["periods"]
    ids = {portal.slug: str(portal.id) for portal in portals}
    figures: PublicFigures = {
        "network": document["network"],
        "assessed": document["times"]["assessed"],
        "removed": document["times"]["removed"],
        "portals": {ids[entry["portal"]]: entry["numbers"] for entry in document["portals"]},
        "small": [ids[entry["portal"]] for entry in document["portals"] if entry["fewer_than_10_in_the_year"]],
    }
    return figures
