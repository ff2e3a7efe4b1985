r"""Milliseconds of each filter of the list of all incidents, and of each pair of them: count and first page.

    python -m tests.benchmarks.incidents.filters --incidents 300000 --folder /tmp/filters

Fills an installation in the folder, with takedowns, or measures the one that is there. Goals at 5 million incidents:
each filter and each offered pair 50 ms, any pair 500 ms. Offered pairs are those of a state or a lane with another
filter; the others are asked as well. Processor time is that of this process and of its PostgreSQL process.
"""

import os
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from io import StringIO
from itertools import combinations
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from tests.benchmarks import processes
from tests.benchmarks.incidents.installation import running_installation

if TYPE_CHECKING:
    from analysts.pages.incident_list_form import ListRequest

RUNS = 5
WAITING = 0.4
# A frequent and a rare value of each filter; "" is the most frequent one that the rows have.
ASKED = (
    ("state", "waiting"),
    ("state", "closed"),
    ("verdict", "illegal"),
    ("verdict", "outside_remit"),
    ("severity", "A"),
    ("language", "en"),
    ("country", ""),
    ("provider", ""),
    ("recipient", ""),
    ("analyst", ""),
    ("waits_for", "police"),
    ("lane", "words"),
    ("lane", "second"),
)


@dataclass(frozen=True, slots=True)
class FilterTiming:
    """`number`: of matches, at most 1,001. `ms`: the median; `cpu_ms`: processor time of one run."""

    what: str
    by: str
    number: int
    ms: float
    cpu_ms: float


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.incidents.filters", description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    with running_installation(options.folder):
        _fill_once(options.incidents)
        timings = _measure_filters()
    print("| filters | of whom | matches | ms | processor ms |\n| --- | --- | --- | --- | --- |")
    for each in sorted(timings, key=lambda timing: -timing.ms):
        print(f"| {each.what} | {each.by} | {each.number} | {each.ms} | {each.cpu_ms} |")


def _fill_once(incidents: int) -> None:
    from django.core.management import call_command  # noqa: PLC0415 - the next ones need the installation
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from analysts.models import Incident  # noqa: PLC0415
    from countries.models import Portal  # noqa: PLC0415
    from reports import keys  # noqa: PLC0415
    from reports.models import KeyClass, SealingKey  # noqa: PLC0415
    from tests.benchmarks.incidents import facets, fill, people, takedowns  # noqa: PLC0415

    if Incident.objects.exists():
        return
    call_command("create_keys", stdout=StringIO())
    call_command("load_catalogue", live=True, stdout=StringIO())
    portals = list(Portal.objects.order_by("slug"))
    analysts, _viewers = people.create_analysts(portals), people.create_viewers(portals)
    now = timezone.now()
    address, words = (
        SealingKey.objects.get(pk=keys.public_key(now, each).id) for each in (KeyClass.ADDRESSES, KeyClass.WORDS)
    )
    fill.fill_tables(incidents, waiting=WAITING, portals=portals, people=analysts, key=address, now=now)
    takedowns.fill_takedowns(by=analysts[0], words=words, now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    facets.fill_facets()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) analysts_incidentfacet")


def _measure_filters() -> list[FilterTiming]:
    from analysts.incidents.facet_parts import FacetChoice, FacetSearch  # noqa: PLC0415 - needs the installation
    from analysts.models import IncidentFacet, User  # noqa: PLC0415
    from analysts.pages.incident_list_form import ListRequest, ListSort  # noqa: PLC0415

    def find_value(name: str) -> str:
        return IncidentFacet.objects.filter(name=name).order_by("-value").values_list("value", flat=True)[0]

    choices = [FacetChoice(name, (value or find_value(name),)) for name, value in ASKED]
    pairs = [pair for pair in combinations(choices, 2) if pair[0].name != pair[1].name]
    timings = []
    for viewer in User.objects.filter(username__startswith="senior-").order_by("username"):
        asked = ListRequest(FacetSearch(tuple(viewer.portal_ids), ()), ListSort.RECEIVED, {})
        for chosen in ((), *((choice,) for choice in choices), *pairs):
            what = ", ".join(f"{choice.name} {choice.values[0][:12]}" for choice in chosen) or "none"
            request = replace(asked, search=replace(asked.search, choices=chosen))
            timings.append(_measure_request(what, viewer.username, request))
        for sort in (ListSort.PRIORITY, ListSort.REVIEW, ListSort.OLDEST):
            timings.append(_measure_request(f"none, order {sort.value}", viewer.username, replace(asked, sort=sort)))
    return timings


def _measure_request(what: str, by: str, request: "ListRequest") -> FilterTiming:
    from django.db import connection  # noqa: PLC0415 - needs the installation

    from analysts.pages.incident_list import find_list_page  # noqa: PLC0415

    page, took = find_list_page(request, None), []
    together = [os.getpid(), connection.connection.info.backend_pid]
    before = processes.processor_seconds(together)
    for _run in range(RUNS):
        began = perf_counter()
        find_list_page(request, None)
        took.append((perf_counter() - began) * 1000)
    cpu = (processes.processor_seconds(together) - before) / RUNS * 1000
    return FilterTiming(what, by, page.number, round(median(took), 1), round(cpu, 1))


if __name__ == "__main__":
    main()
