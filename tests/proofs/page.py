"""The results as a table in a Markdown page, between two marks; the rest of the page is written by hand."""

from pathlib import Path
from typing import Any

FROM, TO = "<!-- results: written by make prove -->", "<!-- end of results -->"


def write_results(path: Path, results: list[dict[str, Any]]) -> None:
    """Replace the table between the marks. Raises ValueError where the page has no marks."""
    before, _, rest = path.read_text().partition(FROM)
    _, mark, after = rest.partition(TO)
    if not mark:
        raise ValueError(f"{path} has no place for results.")
    path.write_text(f"{before}{FROM}\n\n{results_table(results)}\n{TO}{after}")


def results_table(results: list[dict[str, Any]]) -> str:
    """A section for each proof, with its commit, date and machine, and a row for each figure."""
    lines: list[str] = []
    for proof in results:
        form = "" if proof["full"] else ", short form"
        lines += [
            f"### {proof['proof']}",
            "",
            f"{proof['shows'].rstrip('.')}. Promise {', '.join(map(str, proof['promises']))}.",
            f"Commit `{proof['commit']}`, {proof['at']}, {proof['seconds']:.0f} s{form}, {proof['machine']}.",
            "",
        ]
        if proof["impossible"]:
            lines += [f"**Not proved here**: {proof['impossible']}", ""]
            continue
        lines += ["| figure | value | promised | |", "| --- | --- | --- | --- |"]
        for figure in proof["figures"]:
            verdict = {True: "holds", False: "**fails**", None: ""}[figure["holds"]]
            value = f"{figure['value']:,}" if isinstance(figure["value"], int | float) else figure["value"]
            cells = (figure["name"], f"{value} {figure['unit']}".strip(), figure["goal"], verdict)
            lines.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)
