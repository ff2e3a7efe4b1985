"""A desk beside a benchmark: another process in which a senior analyst opens a page every second."""

from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from statistics import median, quantiles
from time import perf_counter
from types import TracebackType
from typing import Self

import django

PAUSE = 1.0
PAGES = ("/admin/", "/admin/queue/", "/admin/incidents/", "/admin/to-do/")


class Desk:
    """The milliseconds that pages of `username` took. The environment names the installation."""

    def __init__(self, username: str) -> None:
        context = get_context("spawn")
        self._is_over, self._waits = context.Event(), context.SimpleQueue()
        self._process = context.Process(target=_open_pages, args=(username, self._is_over, self._waits), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._process.join()

    def report(self, name: str) -> None:
        """Print the times since the last call. Raises RuntimeError if no page was opened."""
        times = []
        while not self._waits.empty():
            times.append(self._waits.get())
        if len(times) < 2:
            raise RuntimeError("The desk opened no pages.")
        print(
            f"{name}: {len(times)} pages, median {median(times):.0f} ms, 95 of 100 within "
            f"{quantiles(times, n=20)[-1]:.0f} ms",
            flush=True,
        )


def _open_pages(username: str, is_over: Event, waits: "SimpleQueue[float]") -> None:
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
