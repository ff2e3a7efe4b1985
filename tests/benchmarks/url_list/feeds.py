"""Members' requests, through Django's whole stack in this process: milliseconds, bytes, rows a second, memory."""

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import cast

from django.conf import settings
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.codes import Role
from analysts.models import FeedScope, User
from analysts.takedown.url_list import feed, members
from tests.benchmarks import processes
from tests.benchmarks.url_list.results import ChangesTiming, FeedTimings, FilledList, FullListTiming, RequestTiming
from tests.rig.fixtures import ClientResponse

CHANGES = (0, 10, 1_000, 10_000)
RUNS, RUNS_OF_MANY, MANY = 40, 4, 1_000
FULL, SINCE = "/api/url-list/", "/api/url-list/changes"


def measure_feeds(filled: FilledList) -> FeedTimings:
    sena = User.objects.create(username="sena", role=Role.SENIOR)
    tomorrow = timezone.now().date() + timedelta(days=1)
    made = members.make_key(by=sena, member="Example Search", scope=FeedScope.ADDRESSES, expires_on=tomorrow)
    ask = Asks(made[1])
    entries = filled["entries"]
    return {
        "changes": [
            measure_changes(ask, entries - number, number, variant)
            for variant in FeedScope
            for number in CHANGES
            if number <= filled["newest_sealed"]
        ],
        "not_modified": not_modified(ask, entries),
        "full": measure_full_list(ask, min(filled["oldest_sealed"], filled["live"])),
    }


class Asks:
    """A member's system, which reads answers piece by piece and discards them."""

    def __init__(self, secret: str) -> None:
        self.client, self.secret = Client(), secret

    def answer(self, path: str, query: Mapping[str, str | int] | None = None, *, tag: str = "") -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.secret}", "Host": settings.ALLOWED_HOSTS[0]}
        return self.client.get(path, query, headers={**headers, **({"If-None-Match": tag} if tag else {})})

    def size(self, path: str, **query: str | int) -> int:
        answer = self.answer(path, query)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}.")
        return sum(len(piece) for piece in pieces_of(answer))


def pieces_of(answer: ClientResponse) -> Iterator[bytes]:
    """The parts of a streamed answer."""
    # The stubs know the test client's whole answers only.
    return cast(Iterator[bytes], cast(StreamingHttpResponse, answer).streaming_content)


def measure_changes(ask: Asks, since: int, number: int, variant: FeedScope) -> ChangesTiming:
    def once() -> int:
        return ask.size(SINCE, since=since, limit=max(CHANGES), variant=variant.value)

    size = once()
    with CaptureQueriesContext(connection) as captured:
        once()
    return {
        "changes": number,
        "variant": variant.value,
        "bytes": size,
        "queries": len(captured),
        **_measure_times(once, RUNS_OF_MANY if number >= MANY else RUNS),
    }


def not_modified(ask: Asks, version: int) -> RequestTiming:
    tag = f'"{version}-addresses-json"'

    def once() -> None:
        if ask.answer(SINCE, {"since": version}, tag=tag).status_code != 304:
            raise RuntimeError("The list was sent to who has it.")

    once()
    return _measure_times(once, RUNS)


def _measure_times(once: Callable[[], object], runs: int) -> RequestTiming:
    """`cpu_ms`: the processor's time, in this process and in PostgreSQL's."""
    pids = [os.getpid(), connection.connection.info.backend_pid]
    took, before = [], processes.processor_seconds(pids)
    for _ in range(runs):
        began = perf_counter()
        once()
        took.append((perf_counter() - began) * 1000)
    cpu = (processes.processor_seconds(pids) - before) / runs * 1000
    return {
        "median_ms": round(median(took), 1),
        "p95_ms": round(quantiles(took, n=20)[-1], 1),
        "cpu_ms": round(cpu, 1),
    }


def measure_full_list(ask: Asks, most: int) -> FullListTiming:
    """Read the full list: `most` entries, or all. The first batch warms up and is not counted."""
    answer = ask.answer(FULL)
    pieces = iter(pieces_of(answer))
    for _ in range(3):
        next(pieces)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before, rows, began = _memory_kilobytes("VmRSS"), 0, perf_counter()
    for _piece in pieces:
        rows += feed.BATCH
        if rows >= most - 3 * feed.BATCH:
            break
    seconds = perf_counter() - began
    answer.close()
    return {
        "rows": rows,
        "rows_a_second": round(rows / seconds),
        "seconds": round(seconds, 1),
        "peak_growth_mb": round((_memory_kilobytes("VmHWM") - before) / 1024, 1),
    }


def _memory_kilobytes(name: str) -> int:
    """Kilobytes of this process; VmHWM is the peak since it was cleared."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
