"""The figures of one length of the list, as they are kept in JSON."""

from typing import TypedDict

from tests.benchmarks.circumstances import Circumstances


class FilledList(TypedDict):
    """The list's entries; of them live, and sealed so that they open: the oldest and the newest."""

    entries: int
    live: int
    oldest_sealed: int
    newest_sealed: int


class RequestTiming(TypedDict):
    """Milliseconds; `cpu_ms` of the processor's time, in this process and in PostgreSQL's."""

    median_ms: float
    p95_ms: float
    cpu_ms: float


class ChangesTiming(RequestTiming):
    changes: int
    variant: str
    bytes: int
    queries: int


class FullListTiming(TypedDict):
    rows: int
    rows_a_second: int
    seconds: float
    peak_growth_mb: float


class FeedTimings(TypedDict):
    changes: list[ChangesTiming]
    not_modified: RequestTiming
    full: FullListTiming


class ListResult(FilledList, FeedTimings, Circumstances):
    """One length, with the circumstances it was measured in."""

    fill_seconds: float
