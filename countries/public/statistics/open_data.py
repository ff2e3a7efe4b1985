"""The published statistics as open data: CSV with a row for each number, and JSON, described by a JSON schema.

In English, for programs. Hidden numbers are empty in CSV and null in JSON. Figures of a demonstration say that they are
invented, the CSV in each row.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from countries.csv_files import plain_csv
from countries.models import Portal
from countries.public.published_portal import PublishedPortal
from countries.public.statistics.memory import PublishedPeriod
from countries.public.statistics.words import MEASURES, TIMES

SCHEMA = Path(__file__).parent.parent / "data" / "statistics.schema.json"
HEADINGS = ("period", "portal", "measure", "number", "definition")
# Name of the rows of all portals together.
NETWORK = "all"
SPANS = (1, 3, 7)
RULE = (
    "Numbers below 10 are hidden, and others that would reveal one. All others are rounded to 5 after a small random "
    "change, so that they do not add up. Portals that are not listed publicly count in the numbers of all portals."
)


type DataRow = tuple[str, str, str, int | None, str]


def data_rows(periods: Iterable[PublishedPeriod], portals: Sequence[PublishedPortal | Portal]) -> Iterator[DataRow]:
    """Period, portal, measure, number (None: hidden) and definition, of all portals together and of each of these."""
    definitions = [(measure, str(words.definition)) for measure, words in MEASURES.items()]
    for period in periods:
        figures = period.figures
        for measure, definition in definitions:
            yield period.period, NETWORK, measure, figures["network"].get(measure), definition
        for name, times in (("assessed", figures["assessed"]), ("removed", figures["removed"])):
            yield period.period, NETWORK, f"{name}_half_hours", times["half_hours"], str(TIMES["half_hours"])
            for days, percent in zip(SPANS, times["within"], strict=True):
                yield period.period, NETWORK, f"{name}_within_{days}_days", percent, str(TIMES["within"])
        for portal in portals:
            if (values := figures["portals"].get(str(portal.id))) is not None:
                for measure, definition in definitions:
                    yield period.period, portal.slug, measure, values.get(measure), definition


def write_csv(periods: Iterable[PublishedPeriod], portals: Sequence[PublishedPortal | Portal]) -> str:
    """All numbers as CSV, without a character that begins a formula."""
    with translation.override("en"):
        rows: list[tuple[str | int | None, ...]] = [HEADINGS, *data_rows(periods, portals)]
        if settings.DEMO:
            rows = [(*row, "invented" if number else "demonstration") for number, row in enumerate(rows)]
        return plain_csv(rows)


def write_json(periods: Iterable[PublishedPeriod], portals: Sequence[PublishedPortal | Portal]) -> str:
    """All numbers as JSON, by `data/statistics.schema.json`."""
    with translation.override("en"):
        definitions = {measure.value: str(words.definition) for measure, words in MEASURES.items()}
        definitions |= {name: str(words) for name, words in TIMES.items()}
    document = {
        "schema": reverse("statistics_schema", urlconf="countries.public.urls"),
        "rule": RULE,
        **({"demonstration": "This history is invented."} if settings.DEMO else {}),
        "definitions": definitions,
        "periods": [_describe_period(period, portals) for period in periods],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _describe_period(period: PublishedPeriod, portals: Sequence[PublishedPortal | Portal]) -> dict[str, object]:
    figures = period.figures
    return {
        "period": period.period,
        "last_day": period.last_day.isoformat(),
        "published_on": period.published_on.isoformat(),
        "network": figures["network"],
        "times": {"assessed": figures["assessed"], "removed": figures["removed"]},
        "portals": [
            {
                "portal": portal.slug,
                "country": portal.country,
                "name": portal.name,
                "fewer_than_10_in_the_year": str(portal.id) in figures["small"],
                "numbers": figures["portals"][str(portal.id)],
            }
            for portal in portals
            if str(portal.id) in figures["portals"]
        ],
    }


@cache
def read_schema() -> str:
    return SCHEMA.read_text(encoding="utf-8")
