"""The results as a table of goals in a Markdown page; the JSON beside it has each answer at each length."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.url_list.results import ChangesTiming, ListResult
from tests.proofs.marked_page import figure_table, write_between_marks
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
    circumstances = f"{next(iter(lengths.values()))['machine']}. {'; '.join(parts)}."
    return "\n".join([circumstances, "", *figure_table(goal_figures(lengths))]) + "\n"


def write_page(path: Path, lengths: Lengths) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    write_between_marks(path, FROM, TO, as_markdown(lengths))
