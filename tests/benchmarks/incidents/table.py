"""The results as a Markdown page: the cost at each size, and the goals."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.incidents.results import SizeResult
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure

FROM, TO = "<!-- figures: written by benchmarks/incidents -->", "<!-- end of figures -->"

MILLION = 1_000_000
# The pages that analysts turn to all day, up to a million incidents; all pages.
AT_ONCE, AT_ONCE_MS, MOST_MS = ("dashboard", "queue", "incident,"), 20, 50
MOST_QUERIES = 15

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
        of = f"{largest['waiting']:,} waiting against {smallest['waiting']:,}"
        yield at_least(f"rate of claims by statement, 8 claimers, {of}", round(share, 2), 0.6)
    all_claims = [each for size in sizes.values() for each in size["claims"]]
    by_statement = sum(each["number"] for each in all_claims if not each["how"].startswith("verb"))
    yield at_least("claims by statement, all sizes", by_statement, 100_000)
    yield plain_figure("claims through the verb, all sizes", sum(each["number"] for each in all_claims) - by_statement)
    yield equal_to("claimed twice", sum(each["doubles"] for each in all_claims), 0)


def _page_goals(incidents: int, size: SizeResult) -> Iterator[Figure]:
    for page in size["pages"]:
        if page["is_page"]:
            name = f"{page['what']}, {page['by']}, {incidents:,} incidents"
            is_small = incidents <= MILLION and page["what"].startswith(AT_ONCE)
            yield at_most(f"{name}: median", page["median_ms"], AT_ONCE_MS if is_small else MOST_MS, "ms")
            yield at_most(f"{name}: queries", page["queries"], MOST_QUERIES)


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
    lines = [_circumstances_line(sizes), "", *_page_lines(sizes), "", *_claim_lines(sizes), "", *_fill_lines(sizes), ""]
    lines += ["| figure | value | goal | |", "| --- | --- | --- | --- |"]
    for figure in goal_figures(sizes):
        verdict = {True: "holds", False: "**missed**", None: ""}[figure.holds]
        lines.append(
            f"| {figure.name} | {figure.value:,} {figure.unit} | {figure.goal} | {verdict} |".replace("  ", " ")
        )
    return "\n".join(lines) + "\n"


def write_page(path: Path, sizes: Sizes) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    before, _, rest = path.read_text().partition(FROM)
    _, mark, after = rest.partition(TO)
    if not mark:
        raise ValueError(f"{path} has no place for figures.")
    path.write_text(f"{before}{FROM}\n\n{as_markdown(sizes)}\n{TO}{after}")


def _circumstances_line(sizes: Sizes) -> str:
    parts = [
        f"{int(incidents):,}: commit `{size['commit']}`, {size['at']}, load {size['load_before']} before"
        for incidents, size in sizes.items()
    ]
    return f"{next(iter(sizes.values()))['machine']}. {'; '.join(parts)}."


def _table_head(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]


def _page_lines(sizes: Sizes) -> list[str]:
    """Median and 95th percentile, processor time with the database's, and queries, equal for all sizes."""
    lines = _table_head("what", "of whom", "queries", *(f"{int(each):,}: ms, p95, processor" for each in sizes))
    by_size = [{(page["what"], page["by"]): page for page in size["pages"]} for size in sizes.values()]
    for what, by in by_size[-1]:
        cells = [found.get((what, by)) for found in by_size]
        queries = sorted({cell["queries"] for cell in cells if cell})
        costs = [f"{cell['median_ms']:g}, {cell['p95_ms']:g}, {cell['cpu_ms']:g}" if cell else "" for cell in cells]
        lines.append(f"| {what} | {by} | {'–'.join(map(str, queries))} | {' | '.join(costs)} |")
    return lines


def _claim_lines(sizes: Sizes) -> list[str]:
    lines = _table_head("claims a second", "claimers", *(f"{int(each):,}: a second, of, twice" for each in sizes))
    by_size = [{(each["how"], each["claimers"]): each for each in size["claims"]} for size in sizes.values()]
    for how, claimers in by_size[-1]:
        cells = [found.get((how, claimers)) for found in by_size]
        rates = [f"{cell['a_second']:,.0f}, {cell['number']:,}, {cell['doubles']}" if cell else "" for cell in cells]
        lines.append(f"| {how} | {claimers} | {' | '.join(rates)} |")
    looked_up = [f"{size['look_ups_a_second']:,.0f}" for size in sizes.values()]
    return [*lines, f"| look-up by fingerprint | 8 | {' | '.join(looked_up)} |"]


def _fill_lines(sizes: Sizes) -> list[str]:
    lines = _table_head("incidents", "waiting", "rows", "seconds to fill")
    for incidents, size in sizes.items():
        rows, seconds = sum(size["rows"].values()), sum(size["fill_seconds"].values())
        lines.append(f"| {int(incidents):,} | {size['waiting']:,} | {rows:,} | {seconds:.0f} |")
    return lines
