"""The results as a Markdown page, with the goals."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.url_list.results import ChangesTiming, ListResult, RequestTiming
from tests.proofs.result import Figure, at_most, plain_figure

FROM, TO = "<!-- figures: written by benchmarks/url_list -->", "<!-- end of figures -->"

type Lengths = dict[str, ListResult]


def goal_figures(lengths: Lengths) -> Iterator[Figure]:
    shortest, longest = (lengths[pick(lengths, key=int)] for pick in (min, max))
    of = f"{longest['entries']:,} entries"
    for each in longest["changes"]:
        if each["changes"] <= 10:
            yield at_most(f"{_change_label(each)}, {of}, processor", each["cpu_ms"], 20, "ms")
    yield at_most(f"nothing new (304), {of}, processor", longest["not_modified"]["cpu_ms"], 5, "ms")
    if shortest is not longest:
        short = {(each["changes"], each["variant"]): each["cpu_ms"] for each in shortest["changes"]}
        for each in longest["changes"]:
            if each["changes"] >= 1000 and (before := short.get((each["changes"], each["variant"]))):
                name = f"{_change_label(each)}: {of} against {shortest['entries']:,}, processor"
                yield at_most(name, round(each["cpu_ms"] / before, 2), 1.5)
    yield at_most(
        f"memory while {longest['full']['rows']:,} entries are sent", longest["full"]["peak_growth_mb"], 10, "MB"
    )
    yield plain_figure(f"full list, {of}", longest["full"]["rows_a_second"], "entries/s")


def _change_label(each: ChangesTiming) -> str:
    return f"{each['changes']:,} changes, {each['variant']}"


def as_markdown(lengths: Lengths) -> str:
    parts = [
        f"{int(entries):,} entries, {each['live']:,} of them live: commit `{each['commit']}`, {each['at']}, load"
        f" {each['load_before']} before, filled in {each['fill_seconds']:.0f} s"
        for entries, each in lengths.items()
    ]
    lines = [f"{next(iter(lengths.values()))['machine']}. {'; '.join(parts)}.", ""]
    lines += _table_head(
        "asked for", "queries", "kB", *(f"{int(each):,} entries: ms, p95, processor" for each in lengths)
    )
    by_length = [
        {(each["changes"], each["variant"]): each for each in length["changes"]} for length in lengths.values()
    ]
    for found in by_length[-1].values():
        cells = [_timing_cell(length.get((found["changes"], found["variant"]))) for length in by_length]
        lines.append(
            f"| {_change_label(found)} | {found['queries']} | {found['bytes'] / 1000:,.1f} | {' | '.join(cells)} |"
        )
    unchanged = " | ".join(_timing_cell(length["not_modified"]) for length in lengths.values())
    lines += [f"| nothing new (304) | | 0 | {unchanged} |", ""]
    lines += _table_head("full list", "entries sent", "entries a second", "memory grew by, MB")
    for entries, length in lengths.items():
        full = length["full"]
        lines.append(
            f"| {int(entries):,} | {full['rows']:,} | {full['rows_a_second']:,} | {full['peak_growth_mb']:g} |"
        )
    lines += ["", *_table_head("figure", "value", "goal", "")]
    for figure in goal_figures(lengths):
        verdict = {True: "holds", False: "**missed**", None: ""}[figure.holds]
        lines.append(
            f"| {figure.name} | {figure.value:,} {figure.unit} | {figure.goal} | {verdict} |".replace("  ", " ")
        )
    return "\n".join(lines) + "\n"


def _timing_cell(found: RequestTiming | None) -> str:
    return f"{found['median_ms']:g}, {found['p95_ms']:g}, {found['cpu_ms']:g}" if found else ""


def _table_head(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]


def write_page(path: Path, lengths: Lengths) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    before, _, rest = path.read_text().partition(FROM)
    _, mark, after = rest.partition(TO)
    if not mark:
        raise ValueError(f"{path} has no place for figures.")
    path.write_text(f"{before}{FROM}\n\n{as_markdown(lengths)}\n{TO}{after}")
