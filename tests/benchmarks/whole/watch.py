"""Watches the database beside everything else: how much waits for intake, and when reports of danger are taken in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from psycopg import Connection

from tests.proofs.stack import Stack

EVERY_SECONDS = 0.5
WAITING = "SELECT count(*) FROM reports_arrival"
# Intake stores report, incident and sighting in one transaction.
TAKEN_IN = """
    SELECT receipt_id::text FROM analysts_report
    WHERE receipt_id = ANY(%s::uuid[]) AND 'child_in_danger' = ANY(facts)
"""


class Watch:
    """`waiting`: the envelopes that waited, each EVERY_SECONDS. `danger`: seconds from when a report was due to when it
    was in the queue. `expected`: by report of danger that is not there yet, when it was due."""

    def __init__(self) -> None:
        self.waiting: list[int] = []
        self.danger: list[float] = []
        self.expected: dict[str, float] = {}
        self.is_over = threading.Event()

    def run(self, database: Connection) -> None:
        while not self.is_over.wait(EVERY_SECONDS):
            self._look(database)

    def _look(self, database: Connection) -> None:
        row = database.execute(WAITING).fetchone()
        self.waiting.append(int(row[0]) if row else 0)
        due = [report for report, at in self.expected.items() if at <= monotonic()]
        for (report,) in database.execute(TAKEN_IN, [due]).fetchall():
            self.danger.append(monotonic() - self.expected.pop(report))

    def wait_until_idle(self, seconds: float) -> float:
        """The seconds until nothing waits. Raises RuntimeError where that takes longer."""
        began = monotonic()
        while self.waiting[-1:] != [0] or self.expected:
            if monotonic() > began + seconds:
                raise RuntimeError(f"{self.waiting[-1]} envelopes still wait, {len(self.expected)} of danger.")
            self.is_over.wait(EVERY_SECONDS)
        return monotonic() - began


@contextmanager
def watching(stack: Stack) -> Iterator[Watch]:
    watch = Watch()
    with stack.connect() as database:
        thread = threading.Thread(target=watch.run, args=[database])
        thread.start()
        try:
            yield watch
        finally:
            watch.is_over.set()
            thread.join()
