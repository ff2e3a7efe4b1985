"""The results as a table in docs/figures/proof.md: a row for each proof. docs/figures/proof.json has every figure."""

from pathlib import Path
from typing import NotRequired, TypedDict

from tests.proofs.marked_page import write_between_marks

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
    # Digest of the code that the proof covers, and the time of the commit; missing in results of earlier versions.
    digest: NotRequired[str]
    commit_at: NotRequired[str]


def write_results(path: Path, results: list[ProofResult]) -> None:
    """Replace the table between the marks. Raises ValueError where the page has no marks."""
    write_between_marks(path, FROM, TO, results_table(results))


def results_table(results: list[ProofResult]) -> str:
    """A row for each proof: its promises, whether its figures hold, and the day and commit of the result."""
    lines = ["| proof | shows | promise | figures | day | commit |", "| --- | --- | --- | --- | --- | --- |"]
    for proof in results:
        cells = (
            proof["proof"],
            proof["shows"].rstrip("."),
            ", ".join(map(str, proof["promises"])),
            _result_of(proof),
            proof["at"][:10],
            f"`{proof['commit']}`",
        )
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


def _result_of(proof: ProofResult) -> str:
    """How many of the promised figures hold; of those that do not, the names."""
    if proof["impossible"]:
        return f"**not proved here**: {proof['impossible']}"
    verdicts = [(figure["name"], figure["holds"]) for figure in proof["figures"] if figure["holds"] is not None]
    failures = [name for name, holds in verdicts if not holds]
    form = "" if proof["full"] else ", short form"
    if failures:
        return f"**fails**: {', '.join(failures)}{form}"
    return f"all {len(verdicts)} hold{form}"
