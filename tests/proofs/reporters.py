"""Many reporters at once, who send again until they see a receipt, as people do."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.proofs.ledger import Ledger
from tests.proofs.stack import Stack
from tests.proofs.visitor import HttpVisitor, Page

# Long enough for a database that recovers, short enough for a reporter who waits.
PATIENCE = 60.0
PAUSE_SECONDS = 0.1


@dataclass
class Reporters:
    """`with Reporters(stack, ledger).at_work():` sends from `count` threads until the block ends.

    Every second report is followed by details. `refused` counts answers other than a stored one by status, `broken`
    connections that ended without an answer; `unsure` texts that were not acknowledged within `patience` seconds.
    """

    stack: Stack
    ledger: Ledger
    count: int = 8
    portal: str = "bz"
    patience: float = PATIENCE
    refused: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    unsure: int = 0
    # Texts missing from refused pages, which must keep what was typed.
    text_lost: int = 0
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    @contextmanager
    def at_work(self) -> Iterator["Reporters"]:
        self._stop.clear()
        threads = [threading.Thread(target=self._work, args=(index,)) for index in range(self.count)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _work(self, index: int) -> None:
        visitor = self.stack.visitor(peer=f"127.0.{index // 250 + 1}.{index % 250 + 1}")
        while not self._stop.is_set():
            number = next(self._numbers)
            self._report(visitor, number)
        visitor.close()

    def _report(self, visitor: HttpVisitor, number: int) -> None:
        address = f"https://gallery-{number}.example.org/picture/{number}"
        form = self._until(lambda: visitor.get(f"/{self.portal}/en/report/"), lambda page: page.status == 200)
        if form is None:
            return
        fields = {"token": form.field("token"), "addresses": address}
        page = self._sent(visitor, "report", fields, address)
        if page is None:
            return
        self.ledger.acknowledge(page.receipt, "report", address)
        if number % 2:
            words = f"Picture gallery seen through a search result, number {number}"
            fields = {"token": page.field("token"), "description": words}
            if self._sent(visitor, "details", fields, words) is not None:
                self.ledger.acknowledge(page.receipt, "details", words)

    def _sent(self, visitor: HttpVisitor, step: str, fields: dict[str, str], text: str) -> Page | None:
        """The page that says it is stored; the same form is sent again after any other answer."""
        path = f"/{self.portal}/en/{step}/"

        def attempt() -> Page:
            page = visitor.post(path, fields)
            if page.status != 200 and text not in page.text:
                self.text_lost += 1
            return page

        page = self._until(attempt, lambda page: page.status == 200)
        if page is None:
            self.unsure += 1
        return page

    def _until(self, attempt: Callable[[], Page], good: Callable[[Page], bool]) -> Page | None:
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            try:
                page = attempt()
            except (OSError, http.client.HTTPException):
                self.broken += 1
            else:
                if good(page):
                    return page
                self.refused[page.status] += 1
            time.sleep(PAUSE_SECONDS)
        return None
