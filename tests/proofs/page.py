"""The results as a table in a Markdown page, between two marks; the rest of the page is written by hand."""

from pathlib import Path
from typing import NotRequired, TypedDict

FROM, TO = "<!-- results: written by make prove -->", "<!-- end of results -->"


class FigureRow(TypedDict):
    """The fields of a `Figure`."""

    name: str
    value: float | str
    goal: str
    holds: bool | None
    unit: str


class ProofResult(TypedDict):
    """The fields of a `Result`, with the circumstances it was obtained in."""

    proof: str
    shows: str
    promises: list[int]
    seconds: float
    figures: list[FigureRow]
    impossible: str
    at: str
    commit: str
    machine: str
    full: bool
    holds: bool
    # Of the code that the proof covers, and the time of the commit; missing in results of earlier versions.
    digest: NotRequired[str]
    commit_at: NotRequired[str]


def write_results(path: Path, results: list[ProofResult]) -> None:
    """Replace the table between the marks. Raises ValueError where the page has no marks."""
    before, _, rest = path.read_text().partition(FROM)
    _, mark, after = rest.partition(TO)
    if not mark:
        raise ValueError(f"{path} has no place for results.")
    path.write_text(f"{before}{FROM}\n\n{results_table(results)}\n{TO}{after}")


def results_table(results: list[ProofResult]) -> str:
    """A section for each proof, with its commit, date and machine, and a row for each figure."""
    lines: list[str] = []
    for proof in results:
        form = "" if proof["full"] else ", short form"
        digest = f", code `{proof['digest'][:12]}`" if "digest" in proof else ""
        lines += [
            f"### {proof['proof']}",
            "",
            f"{proof['shows'].rstrip('.')}. Promise {', '.join(map(str, proof['promises']))}.",
            f"Commit `{proof['commit']}`, {proof['at']}, {proof['seconds']:.0f} s{form}, {proof['machine']}{digest}.",
            "",
        ]
        if proof["impossible"]:
            lines += [f"**Not proved here**: {proof['impossible']}", ""]
            continue
        lines += ["| figure | value | promised | |", "| --- | --- | --- | --- |"]
        for figure in proof["figures"]:
            verdict = {True: "holds", False: "**fails**", None: ""}[figure["holds"]]
            cells = (
                figure["name"],
                f"{_write_value(figure['value'])} {figure['unit']}".strip(),
                figure["goal"],
                verdict,
            )
            lines.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def _write_value(value: float | str) -> str:
    if isinstance(value, bool | str):
        return str(value)
    return f"{round(value, 4):,}"
