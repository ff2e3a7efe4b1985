"""The shift as a table, beside the one before; the JSON has each piece of work."""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from tests.benchmarks.shift.results import ShiftResult
from tests.proofs.marked_page import write_between_marks

FROM, TO = "<!-- figures: written by benchmarks/shift -->", "<!-- end of figures -->"
HEAD = ("| figure | before | now | goal | |", "| --- | --- | --- | --- | --- |")
# By piece of work: its keys in the shift of November 2026, and the most that are wanted.
KEYS: dict[str, tuple[str, float | None]] = {
    "verdict": ("5.2", 5.2),
    "trace": ("", None),
    "route": ("", None),
    "trace to route, alone": ("44 to 53", 12),
    "traces to routes, in bulk": ("11, then 7", 5),
    "disagreement": ("", None),
    "check": ("", 1),
    "appeal": ("", None),
    "flood of 40": ("40 clicks, then a dead end", None),
    "police case": ("", None),
    "kind of to-do opened": ("", None),
}
# By page and width: pixels.
HEIGHTS = {("queue, 30 compact rows", 1440): 1_200, ("dashboard", 390): 2_500}
MOST_DECIDING = 900


def as_markdown(shift: ShiftResult) -> str:
    circumstances = (
        f"{shift['machine']}; commit `{shift['commit']}`, {shift['at']}, load {shift['load_before']} before. The"
        f" password was asked for again {shift['passwords']} times, which is not counted."
    )
    rows = [f"| {' | '.join(row)} |" for row in (*_key_rows(shift), *_view_rows(shift), *_height_rows(shift))]
    return "\n".join([circumstances, "", *HEAD, *rows]) + "\n"


def _key_rows(shift: ShiftResult) -> Iterator[tuple[str, ...]]:
    for name, (before, most) in KEYS.items():
        pieces = [piece for piece in shift["work"] if piece["name"] == name]
        keys, seconds = (mean(piece[unit] for piece in pieces) for unit in ("keys", "seconds"))
        number = f" ({len(pieces)} times)" if len(pieces) > 1 else ""
        yield f"{name}{number}", before, f"{keys:.1f} keys, {seconds:.1f} s", *_goal(keys, most, "keys")


def _view_rows(shift: ShiftResult) -> Iterator[tuple[str, ...]]:
    yield "reveals", "74", f"{shift['reveals']}", "", ""
    yield "addresses of other incidents in clear", "370", f"{shift['foreign']}", *_goal(shift["foreign"], 0, "")
    yield "pages with a reporter’s words", "", f"{shift['words']}", *_goal(shift["words"], 0, "")


def _height_rows(shift: ShiftResult) -> Iterator[tuple[str, ...]]:
    deciding = shift["deciding"]
    yield "from the address to Record", "", f"{deciding} px", *_goal(deciding, MOST_DECIDING, "px")
    for row in shift["heights"]:
        most = HEIGHTS.get((row["page"], row["width"]))
        yield f"{row['page']}, {row['width']} px wide", "", f"{row['height']:,} px", *_goal(row["height"], most, "px")
    is_first = shift["is_table_first"]
    yield "on a phone, the table before the cards", "no", "yes" if is_first else "no", "yes", _mark(is_first)


def _goal(value: float, most: float | None, unit: str) -> tuple[str, str]:
    return ("", "") if most is None else (f"at most {most:g} {unit}".strip(), _mark(value <= most))


def _mark(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def write_page(path: Path, shift: ShiftResult) -> None:
    """Replace the part between the two marks. Raises ValueError where the page has none."""
    write_between_marks(path, FROM, TO, as_markdown(shift))
