"""Notifications (NOTIFY), on any channel: read from the server's queue, since a listener must know the channel's name.

The queue is in memory, and pages of it reach the disk only when newer ones take their place; so the proof pushes them
out with notifications of its own. A session that listens and does not read keeps the server from dropping any.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.proofs.stack import Stack

PAGE_BYTES = 8192
# An entry's head: length, database, transaction, process; then channel and payload, each with a NUL at its end.
HEAD_BYTES = 16
CHANNEL = "proof"
# More pages than the server keeps in memory (16), each full of one notification.
PUSH_OUT = f"SELECT pg_notify('{CHANNEL}', n || repeat('x', 7900)) FROM generate_series(1, 24) AS n"
NOTE = """
INSERT INTO watched.notifications SELECT %(channel)s, %(payload)s
WHERE NOT EXISTS (SELECT FROM watched.notifications WHERE channel = %(channel)s AND payload = %(payload)s)
"""


@dataclass
class NotificationQueue:
    """Notes what each process notified in `watched.notifications`."""

    stack: Stack
    holder: psycopg.Connection | None = None

    def hold(self) -> None:
        """From now on nothing leaves the queue."""
        self.close()
        self.holder = self.stack.connect()
        for statement in ("SET idle_in_transaction_session_timeout = 0", f"LISTEN {CHANNEL}", "BEGIN"):
            self.holder.execute(statement)

    def note(self, owner: psycopg.Connection) -> None:
        """Note all since `hold`, or since the database was started again, and begin a new page."""
        owner.execute(PUSH_OUT)
        for channel, payload in read_queue(self.stack.folder / "postgres" / "pg_notify"):
            if channel != CHANNEL:
                owner.execute(NOTE, {"channel": channel, "payload": payload})
        self.hold()

    def close(self) -> None:
        if self.holder:
            with suppress(psycopg.Error):
                self.holder.close()


def read_queue(folder: Path) -> Iterator[tuple[str, str]]:
    """(channel, payload) of each notification in the files of a queue."""
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        for start in range(0, len(content), PAGE_BYTES):
            yield from _read_page(content[start : start + PAGE_BYTES])


def _read_page(page: bytes) -> Iterator[tuple[str, str]]:
    place = 0
    while place + HEAD_BYTES < len(page):
        length, database = (int.from_bytes(page[place + at : place + at + 4], sys.byteorder) for at in (0, 4))
        if not length:
            return
        # The rest of a page that is too short for the next notification belongs to no database.
        if database:
            channel, payload = page[place + HEAD_BYTES : place + length].split(b"\0")[:2]
            yield channel.decode(errors="replace"), payload.decode(errors="replace")
        place += length
