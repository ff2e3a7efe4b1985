"""Statements of the test process are planned once, and not once in each of thousands of tests.

Planning takes most of the server's time where tables are nearly empty. What a statement answers does not depend on it;
which blocks it reads does, so that `buffers.database_copy` plans each one as the staff surface does. A statement that
joins too many tables fails when it is first run.
"""

import re
from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg._preparing import Prepare, PrepareManager
from psycopg._queries import PostgresQuery
from psycopg.pq.abc import PGresult

from tests.rig.joined_tables import MOST_JOINED, most_joined

CHANGES_TABLES = re.compile(rb"(?:CREATE|DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")
MOST = 1000
# Joins of a statement that may have too many tables.
FEW_JOINED = 4


class KeptStatements(PrepareManager):
    """Prepares what is run twice, and keeps it when a test is rolled back."""

    prepare_threshold = 1
    prepared_max = MOST

    def __init__(self) -> None:
        super().__init__()
        self.tables_changed = False

    def get(self, query: PostgresQuery, prepare: bool | None = None) -> tuple[Prepare, bytes]:
        is_wide = query.query.startswith(b"SELECT") and query.query.count(b" JOIN ") >= FEW_JOINED
        if is_wide and self.key(query) not in self._names:
            assert most_joined(query.query) <= MOST_JOINED, f"joins too many tables: {query.query.decode()}"
        return super().get(query, prepare)

    def clear(self) -> bool:
        """Called by the connection after each rollback: forget statements only if it may have taken tables back."""
        if not self.tables_changed:
            return False
        self.tables_changed = False
        return super().clear()

    def _should_discard(self, prep: Prepare, results: Sequence[PGresult], *_: object) -> bool:
        if any(CHANGES_TABLES.match(result.command_status or b"") for result in results):
            self.tables_changed = True
            return super().clear()
        return False


def keep_statements(connection: BaseDatabaseWrapper, **_: object) -> None:
    connection.connection._prepared = KeptStatements()


connection_created.connect(keep_statements)
