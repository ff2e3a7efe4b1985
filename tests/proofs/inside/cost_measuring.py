"""Measures requests in the process that serves them: its processor time, that of its database session, its memory."""

import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import process_time

from django.db import connection
from django.http.response import HttpResponseBase

from tests.proofs.inside.cost_limits import FLOOR_BYTES, MOST_TIMES, lowest_floor, measure_floor

ORDINARY_ROUNDS = 5
ROUNDS_OF_DOUBT = 3

type Send = Callable[[], HttpResponseBase]


@dataclass
class KindCost:
    """The costs of one kind of request, in seconds and bytes, and which requests cost too much."""

    kind: str
    # The ordinary request's answer, where it is noted.
    status: int = 0
    seconds: float = 0
    bytes: int = 0
    requests: int = 0
    most_seconds: float = 0
    slowest: str = ""
    most_bytes: int = 0
    largest: str = ""
    over: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def measure_ordinary(cost: KindCost, send: Send) -> None:
    """The slower one where it is called for several."""
    send()
    cost.seconds = max(cost.seconds, median(_seconds(cost, "ordinary", send) for _ in range(ORDINARY_ROUNDS)))


def measure(cost: KindCost, what: str, send: Send) -> None:
    """Measured again where it is too much, each time beside the floor: a loaded machine may make any one slow."""
    most = MOST_TIMES * cost.seconds
    cost.requests += 1
    seconds = _seconds(cost, what, send)
    is_over = seconds > max(most, lowest_floor())
    for _ in range(ROUNDS_OF_DOUBT):
        if is_over:
            again = _seconds(cost, what, send)
            is_over = again > max(most, measure_floor())
            seconds = min(seconds, again)
    if seconds > cost.most_seconds:
        cost.most_seconds, cost.slowest = seconds, what
    if is_over:
        cost.over.append(f"{seconds:.2f} s: {what}")


def measure_memory(cost: KindCost, ordinary: Send, attacks: Mapping[str, Send]) -> None:
    """Apart from the time: to trace memory takes several times as long."""
    tracemalloc.start()
    try:
        cost.bytes = sorted(_peak(ordinary) for _ in range(3))[1]
        most = max(MOST_TIMES * cost.bytes, FLOOR_BYTES)
        for what, send in attacks.items():
            peak = _peak(send)
            if peak > cost.most_bytes:
                cost.most_bytes, cost.largest = peak, what
            if peak > most:
                cost.over.append(f"{peak // 1024:,} kB: {what}")
    finally:
        tracemalloc.stop()


def _seconds(cost: KindCost, what: str, send: Send) -> float:
    began = process_time() + _database_seconds()
    answer = send()
    taken = process_time() + _database_seconds() - began
    if answer.status_code >= 500 and answer.status_code != 503:
        cost.failed.append(f"{answer.status_code}: {what}")
    return taken


def _peak(send: Send) -> int:
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    send()
    return tracemalloc.get_traced_memory()[1] - before


def _database_seconds() -> float:
    """The processor time of this process's session in the database; 0 where the server is not on this machine."""
    if connection.connection is None:
        return 0
    with suppress(OSError):
        schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
        return int(schedule.split()[0]) / 1e9
    return 0
