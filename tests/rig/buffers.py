"""How many shared buffers PostgreSQL touches: exact, and the same on an idle machine and on a busy one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

# Without PostgreSQL's catalogues, which have lower numbers: once they are cached they are not touched any more.
TOUCHED = """
    SELECT relname, blocks FROM pg_class, pg_stat_get_xact_blocks_fetched(oid) AS blocks
    WHERE oid >= 16384 AND blocks > 0
"""


def count_buffers() -> Counter[str]:
    """Shared buffers touched since the transaction began, by table or index, those of triggers included."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        return Counter(dict(cursor.fetchall()))


def plan_on(tables: Iterable[str]) -> None:
    """Plan a query on each table: a session reads the head of each index once, with its first plan that has it.

    Otherwise the test that comes first would touch more than the same test later.
    """
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"EXPLAIN SELECT FROM {connection.ops.quote_name(table)}")


@contextmanager
def database_copy() -> Iterator[None]:
    """Connect to a copy of the test database, which is dropped at the end: what is committed stays there.

    No query is shared among parallel workers, whose buffers would not be counted.
    """
    original = connection.settings_dict["NAME"]
    name = f"{original}_copy"
    parameters = connection.get_connection_params()
    server = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    connection.close()
    with psycopg.connect(make_conninfo(dbname="postgres", **server), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # A session that is just ending would keep the database from being copied.
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [original])
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        admin.execute(f'ALTER DATABASE "{name}" SET max_parallel_workers_per_gather = 0')
        admin.execute(f'ALTER DATABASE "{name}" SET plan_cache_mode = force_custom_plan')
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = original
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
