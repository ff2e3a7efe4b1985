"""A desk beside a benchmark: another process in which a senior analyst opens a page every second."""

from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from queue import Empty
from statistics import median
from time import perf_counter
from types import TracebackType
from typing import Self

import django

PAUSE = 1.0
# For the process to start on a busy machine.
START_SECONDS = 300
PAGES = ("/admin/", "/admin/queue/", "/admin/incidents/", "/admin/to-do/")


class Desk:
    """The milliseconds that pages of `username` took. The environment names the installation."""

    def __init__(self, username: str) -> None:
        context = get_context("spawn")
        self._is_over, self._waits = context.Event(), context.Queue()
        self._process = context.Process(target=_open_pages, args=(username, self._is_over, self._waits), daemon=True)

    def __enter__(self) -> Self:
        """Return once it has opened a page."""
        self._process.start()
        self._waits.get(timeout=START_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._process.join()

    def report(self, name: str) -> None:
        """Print the times since the last call. Raises RuntimeError if the desk was left."""
        if not self._process.is_alive():
            raise RuntimeError("A page failed.")
        times = []
        with suppress(Empty):
            while True:
                times.append(self._waits.get_nowait())
        if times:
            late = sorted(times)[int(0.95 * (len(times) - 1))]
            print(
                f"{name}: {len(times)} pages, median {median(times):.0f} ms, 95 of 100 within {late:.0f} ms", flush=True
            )


def _open_pages(username: str, is_over: Event, waits: "Queue[float]") -> None:
    django.setup()
    from analysts.models import User  # noqa: PLC0415 - needs the installation
    from tests.rig.fixtures import client_of  # noqa: PLC0415

    client = client_of(User.objects.get(username=username))
    for path in PAGES:
        client.get(path)
    while True:
        for path in PAGES:
            began = perf_counter()
            answer = client.get(path)
            waits.put((perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}.")
            if is_over.wait(PAUSE):
                return
