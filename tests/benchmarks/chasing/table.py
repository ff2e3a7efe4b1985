"""The results as a Markdown page."""

from pathlib import Path

from tests.benchmarks.chasing.results import ChasingResult, NamedRun

FROM, TO = "<!-- figures: written by benchmarks/chasing -->", "<!-- end of figures -->"


def as_markdown(measured: ChasingResult) -> str:
    circumstances = (
        f"{measured['machine']}; commit `{measured['commit']}`, {measured['at']}, load {measured['load_before']}"
        f" before. {measured['chases']:,} open chases, {measured['ended']:,} that ended, {measured['recipients']:,}"
        f" recipients; {measured['items']:,} addresses in {measured['letters']:,} letters after the last run."
    )
    lines = [circumstances, "", *_run_lines(measured["runs"]), "", *_page_lines(measured["pages"])]
    return "\n".join(lines) + "\n"


def _run_lines(runs: list[NamedRun]) -> list[str]:
    lines = ["| run | addresses planned | seconds | statements | peak MB | of these for the run |", "|" + " --- |" * 6]
    for run in runs:
        lines.append(
            f"| {run['what']} | {run['planned']:,} | {run['seconds']:g} | {run['statements']:,} | {run['peak_mb']:,}"
            f" | {run['grown_mb']:g} |"
        )
    return lines


def _page_lines(pages: list[dict[str, object]]) -> list[str]:
    lines = ["| page | of whom | queries | ms, median | p95 | processor |", "|" + " --- |" * 6]
    for page in pages:
        cells = (page[name] for name in ("what", "by", "queries", "median_ms", "p95_ms", "cpu_ms"))
        lines.append(f"| {' | '.join(f'{cell:g}' if isinstance(cell, float) else str(cell) for cell in cells)} |")
    return lines


def write_page(path: Path, measured: ChasingResult) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    before, _, rest = path.read_text().partition(FROM)
    _, mark, after = rest.partition(TO)
    if not mark:
        raise ValueError(f"{path} has no place for figures.")
    path.write_text(f"{before}{FROM}\n\n{as_markdown(measured)}\n{TO}{after}")
