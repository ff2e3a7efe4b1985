"""The figures of a run of the benchmark, as they are kept in JSON."""

from typing import Any, TypedDict

from tests.benchmarks.circumstances import Circumstances


class ChasingRun(TypedDict):
    """`peak_mb`: of the whole process; `grown_mb`: above its memory before the run."""

    planned: int
    seconds: float
    statements: int
    peak_mb: int
    grown_mb: float


class NamedRun(ChasingRun):
    what: str


class ChasingFigures(TypedDict):
    """`pages`: the fields of each `PageTiming`."""

    chases: int
    ended: int
    recipients: int
    items: int
    letters: int
    runs: list[NamedRun]
    pages: list[dict[str, Any]]


class ChasingResult(ChasingFigures, Circumstances):
    """The figures, with the circumstances they were measured in."""
