"""Database backend that checks a kept connection, without a round trip where possible."""

import select
from time import monotonic

import psycopg
from django.db.backends.postgresql import base

# Seconds. A server is not lost and replaced within this time: a connection used so recently and not closed still works.
TRUSTED_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """CONN_HEALTH_CHECKS runs `SELECT 1` before the first statement of a request: half the queries of storing a report.

    A server that stopped, crashed or ended the session has closed the socket, and this machine's kernel knows it. The
    kernel cannot know of a server that vanished without closing it: `SELECT 1` still runs once a connection was idle
    for a while, and after any error.
    """

    trusted_until = 0.0

    def is_usable(self) -> bool:
        is_trusted = monotonic() < self.trusted_until and not self.errors_occurred and _is_silent(self.connection)
        usable = is_trusted or super().is_usable()
        self.trusted_until = monotonic() + TRUSTED_SECONDS if usable else 0.0
        return usable


def _is_silent(connection: psycopg.Connection | None) -> bool:
    """Open, with no unread data. Data is the end of a connection or a notice; in both cases the server is asked."""
    if connection is None or connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
