"""Database backend that checks a kept connection, without a round trip where possible, and splits no text twice."""

import select
from functools import lru_cache
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, PostgresQuery, _query2pg_nocache

# Seconds. A server is not lost and replaced within this time: a connection used so recently and not closed still works.
TRUSTED_SECONDS = 1.0


# Long statements whose parts are kept: those of staff pages, of up to 50 kB (`analysts.models.compiled_query`).
MOST_KEPT = 200


@lru_cache(maxsize=MOST_KEPT)
def _split_once(query: bytes, encoding: str) -> Any:
    return _query2pg_nocache(query, encoding)


class LongQuery(PostgresQuery):
    """As psycopg's, which looks for the placeholders of a text above 4 kB each time: a millisecond for 50 kB."""

    def convert(self, query: Any, vars: Any) -> None:
        if vars is None or not isinstance(query, str | bytes) or len(query) <= MAX_CACHED_STATEMENT_LENGTH:
            super().convert(query, vars)
            return
        encoding = self._tx.encoding
        encoded = query.encode(encoding) if isinstance(query, str) else query
        self.query, self._want_formats, self._order, self._parts = _split_once(encoded, encoding)
        self.dump(vars)


class Cursor(base.ServerBindingCursor):
    _query_cls = LongQuery


class DatabaseWrapper(base.DatabaseWrapper):
    """CONN_HEALTH_CHECKS runs `SELECT 1` before the first statement of a request: half the queries of storing a report.

    A server that stopped, crashed or ended the session has closed the socket, and this machine's kernel knows it. The
    kernel cannot know of a server that vanished without closing it: `SELECT 1` still runs once a connection was idle
    for a while, and after any error.
    """

    trusted_until = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"cursor_factory": Cursor}

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
