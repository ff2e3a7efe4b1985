"""The results as a table of goals in a Markdown page; the JSON beside it has the cost of each page at each size."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.incidents.results import SizeResult
from tests.proofs.marked_page import figure_table, write_between_marks
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure

FROM, TO = "<!-- figures: written by benchmarks/incidents -->", "<!-- end of figures -->"

MILLION = 1_000_000
# Processor time, in multiples of that of bare Django's form in the same run: of a page, of the page of an incident that
# is revealed or decided, of an illegal verdict.
PAGE, WHOLE_INCIDENT, VERDICT = 60, 75, 30
WHOLE = tuple(f"incident, {kind}" for kind in ("revealed", "with the words", "assessed", "acted on", "closed"))
VERDICTS = ("illegal verdict", "illegal verdict undone")

type Sizes = dict[str, SizeResult]


def goal_figures(sizes: Sizes) -> Iterator[Figure]:
    """The goals for which the needed sizes were measured: those of pages and snapshots for each large one."""
    smallest, largest = (sizes[f(sizes, key=int)] for f in (min, max))
    for incidents, size in sizes.items():
        if int(incidents) >= MILLION or size is largest:
            yield from _page_goals(int(incidents), size)
            yield from _rate_goals(int(incidents), size)
    if smallest is not largest:
        share = _rates(largest)["statement", 8] / _rates(smallest)["statement", 8]
        yield _growth(smallest, largest)
        of = f"{largest['waiting']:,} waiting against {smallest['waiting']:,}"
        yield at_least(f"rate of claims by statement, 8 claimers, {of}", round(share, 2), 0.6)
    all_claims = [each for size in sizes.values() for each in size["claims"]]
    by_statement = sum(each["number"] for each in all_claims if not each["how"].startswith("verb"))
    yield at_least("claims by statement, all sizes", by_statement, 100_000)
    yield plain_figure("claims through the verb, all sizes", sum(each["number"] for each in all_claims) - by_statement)
    yield equal_to("claimed twice", sum(each["doubles"] for each in all_claims), 0)


def _page_goals(incidents: int, size: SizeResult) -> Iterator[Figure]:
    """The dearest page of each group, and the one with the most queries."""
    pages = [page for page in size["pages"] if page["is_page"]]
    whole = [page for page in pages if page["what"].startswith(WHOLE)]
    others = [page for page in pages if page not in whole]
    verdicts = [action for action in size["pages"] if action["what"] in VERDICTS]
    bare_ms = median(page["bare_ms"] for page in pages)
    yield plain_figure(f"bare Django's form beside {incidents:,} incidents: processor time", round(bare_ms, 2), "ms")
    yield plain_figure("the same in a loop of its own", round(size["bare_loop_ms"], 2), "ms")
    for kind, group, limit in (
        ("pages", others, PAGE),
        ("revealed and decided incidents", whole, WHOLE_INCIDENT),
        ("illegal verdict and its undoing", verdicts, VERDICT),
    ):
        # A small installation may have none of a kind.
        if group:
            dearest = max(group, key=_by_bare)
            name = f"{kind}, {incidents:,} incidents: most processor time ({dearest['what']}, {dearest['by']})"
            yield at_most(name, round(_by_bare(dearest), 1), limit, "x bare")
    longest = max(page["median_ms"] for page in pages)
    yield plain_figure(f"all pages, {incidents:,} incidents: longest median", longest, "ms")
    yield plain_figure(f"all pages, {incidents:,} incidents: most queries", max(page["queries"] for page in pages))


def _by_bare(page: dict[str, Any]) -> float:
    """Its processor time in multiples of that of bare Django's form."""
    return float(page["cpu_ms"] / page["bare_ms"])


def _growth(smallest: SizeResult, largest: SizeResult) -> Figure:
    """How much dearer the page is that grew most with the number of incidents."""
    before = {(page["what"], page["by"]): _by_bare(page) for page in smallest["pages"]}
    growth = {
        (page["what"], page["by"]): _by_bare(page) / before[page["what"], page["by"]]
        for page in largest["pages"]
        if page["is_page"] and (page["what"], page["by"]) in before
    }
    dearest = max(growth, key=lambda page: growth[page])
    name = f"processor time, largest against smallest size: most growth ({', '.join(dearest)})"
    return plain_figure(name, round(growth[dearest], 2))


def _rate_goals(incidents: int, size: SizeResult) -> Iterator[Figure]:
    of, rates = f"{incidents:,} incidents, {size['waiting']:,} waiting", _rates(size)
    yield at_least(f"look-ups by fingerprint, {of}", size["look_ups_a_second"], 20_000, "/s")
    yield at_least(f"claims by statement, 8 claimers, {of}", rates["statement", 8], 3_000, "/s")
    yield at_least(f"claims through the verb, 8 claimers, {of}", rates["verb", 8], 150, "/s")
    left = rates["after these, beside an export", 8] / rates["statement", 8]
    yield at_least(f"left of that rate after 20,000 claims beside an export in batches, {of}", round(left, 2), 0.5)
    held = rates["after these, beside one open snapshot", 8] / rates["statement", 8]
    yield at_least(f"the same after a snapshot was held for {size.get('held_seconds', 0)} s, {of}", round(held, 2), 0.5)


def _rates(size: SizeResult) -> dict[tuple[str, int], float]:
    """Claims a second, by how and with how many claimers."""
    return {(each["how"], each["claimers"]): each["a_second"] for each in size["claims"]}


def as_markdown(sizes: Sizes) -> str:
    return "\n".join([_circumstances_line(sizes), "", *figure_table(goal_figures(sizes))]) + "\n"


def write_page(path: Path, sizes: Sizes) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    write_between_marks(path, FROM, TO, as_markdown(sizes))


def _circumstances_line(sizes: Sizes) -> str:
    parts = [
        f"{int(incidents):,}: commit `{size['commit']}`, {size['at']}, load {size['load_before']} before"
        for incidents, size in sizes.items()
    ]
    return f"{next(iter(sizes.values()))['machine']}. {'; '.join(parts)}."
