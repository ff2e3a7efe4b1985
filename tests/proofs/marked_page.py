"""The part of a Markdown page that a program writes, between two marks; the rest of the page is written by hand."""

from collections.abc import Iterable
from pathlib import Path

from tests.proofs.result import Figure


def write_between_marks(path: Path, begin: str, end: str, text: str) -> None:
    """Replace the text between the two marks. Raises ValueError where the page has no marks."""
    before, _, rest = path.read_text().partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"{path} has no place for results.")
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}")


def figure_table(figures: Iterable[Figure]) -> list[str]:
    """The lines of a table with a row for each figure, and whether its goal is met."""
    rows = [(each.name, _write_value(each), each.goal.removeprefix("must be "), _verdict(each)) for each in figures]
    return ["| figure | value | goal | |", "| --- | --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)]


def _write_value(figure: Figure) -> str:
    value = figure.value if isinstance(figure.value, str) else f"{figure.value:,}"
    return f"{value} {figure.unit}".strip()


def _verdict(figure: Figure) -> str:
    return {True: "met", False: "**missed**", None: ""}[figure.holds]
