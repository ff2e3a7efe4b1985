"""The results as a table in a Markdown page, between two marks; the rest of the page is written by hand."""

from pathlib import Path
from typing import Any

FROM, TO = "<!-- results: written by make prove -->", "<!-- end of results -->"


def write(path: Path, statement: dict[str, Any]) -> None:
    """Raises ValueError where the page has no marks."""
    before, _, rest = path.read_text().partition(FROM)
    _, mark, after = rest.partition(TO)
    if not mark:
        raise ValueError(f"{path} has no place for results.")
    path.write_text(f"{before}{FROM}\n\n{table(statement)}\n{TO}{after}")


def table(statement: dict[str, Any]) -> str:
    """Commit, date and one row for each figure, grouped by proof."""
    lines = [
        f"Commit `{statement['commit']}`, {statement['at']}, {statement['machine']}.",
        "",
        "| proof | figure | value | promised | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for proof in statement["proofs"]:
        name = f"**{proof['proof']}** ({proof['seconds']:.0f} s): {proof['shows']}"
        if proof["impossible"]:
            lines.append(f"| {name} | | | | not proved here: {proof['impossible']} |")
        for figure in proof["figures"]:
            verdict = {True: "holds", False: "**fails**", None: ""}[figure["holds"]]
            value = f"{figure['value']:,}" if isinstance(figure["value"], int | float) else figure["value"]
            cells = (name, figure["name"], f"{value} {figure['unit']}".strip(), figure["goal"], verdict)
            lines.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
            name = ""
    return "\n".join(lines) + "\n"
