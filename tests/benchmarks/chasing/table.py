"""The results as a table in a Markdown page; the JSON beside it has each page of each person."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.chasing.results import ChasingResult
from tests.proofs.marked_page import figure_table, write_between_marks
from tests.proofs.result import Figure, plain_figure

FROM, TO = "<!-- figures: written by benchmarks/chasing -->", "<!-- end of figures -->"


def as_markdown(measured: ChasingResult) -> str:
    circumstances = (
        f"{measured['machine']}; commit `{measured['commit']}`, {measured['at']}, load {measured['load_before']}"
        f" before. {measured['chases']:,} open chases, {measured['ended']:,} that ended, {measured['recipients']:,}"
        f" recipients; {measured['items']:,} addresses in {measured['letters']:,} letters after the last run."
    )
    return "\n".join([circumstances, "", *figure_table([*_run_figures(measured), *_page_figures(measured)])]) + "\n"


def _run_figures(measured: ChasingResult) -> Iterator[Figure]:
    for run in measured["runs"]:
        costs = f"{run['seconds']:g} s, {run['statements']:,} statements, {run['grown_mb']:g} MB"
        yield plain_figure(f"{run['what']}: {run['planned']:,} addresses planned", costs)


def _page_figures(measured: ChasingResult) -> Iterator[Figure]:
    """The slowest page of each person."""
    for by in dict.fromkeys(page["by"] for page in measured["pages"]):
        pages = [page for page in measured["pages"] if page["by"] == by]
        slowest = max(pages, key=lambda page: page["median_ms"])
        costs = f"{slowest['median_ms']:g} ms, {slowest['queries']} queries"
        yield plain_figure(f"slowest of {len(pages)} pages, {by}: {slowest['what']}", costs)


def write_page(path: Path, measured: ChasingResult) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    write_between_marks(path, FROM, TO, as_markdown(measured))
