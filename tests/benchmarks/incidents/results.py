"""The figures of one size, as they are kept in JSON."""

from typing import Any, TypedDict

from tests.benchmarks.circumstances import Circumstances


class FilledTables(TypedDict):
    """Rows by table, and seconds by step of filling."""

    rows: dict[str, int]
    seconds: dict[str, float]


class SizeFigures(TypedDict):
    """`pages`: the fields of each `PageTiming`; `claims`: of each `Claims`."""

    waiting: int
    rows: dict[str, int]
    fill_seconds: dict[str, float]
    pages: list[dict[str, Any]]
    # Of bare Django's form.
    bare_loop_ms: float
    look_ups_a_second: float
    claims: list[dict[str, Any]]
    # How long the snapshot was held open.
    held_seconds: int


class SizeResult(SizeFigures, Circumstances):
    """The figures, with the circumstances they were measured in."""
