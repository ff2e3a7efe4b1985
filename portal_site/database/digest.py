"""A digest of every row of the database: equal before a backup and after its restoration, in any order of rows."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

# Values are hashed as text; these decide how a value is written.
WRITTEN_AS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}
# A row's SHA-256 in four parts of 64 bits, each added up: the order of rows does not matter, a doubled row does.
PARTS = 4


@dataclass(frozen=True, slots=True)
class TableDigest:
    table: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DatabaseDigest:
    tables: tuple[TableDigest, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def sha256(self) -> str:
        return hashlib.sha256("".join(f"{table.table} {table.sha256}\n" for table in self.tables).encode()).hexdigest()

    def __str__(self) -> str:
        return f"sha256:{self.sha256} over {self.rows} rows in {len(self.tables)} tables"


@transaction.atomic(durable=True)
def of_database(*, snapshot: str = "") -> DatabaseDigest:
    """Every table of the schema `public`, at one moment: this one, or that of a `snapshot` another session exported.

    The server does the summing and no row is transferred, so memory use does not grow with the data. The role must be
    allowed to read every table. This does not detect deliberately forged rows: the audit chain does.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if snapshot:
            cursor.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
        for name, value in WRITTEN_AS.items():
            cursor.execute(sql.SQL("SET LOCAL {} TO {}").format(sql.Identifier(name), sql.Literal(value)))
        return DatabaseDigest(tuple(_of_table(cursor, name, columns) for name, columns in _table_columns(cursor)))


def _table_columns(cursor: CursorWrapper) -> Iterator[tuple[str, list[str]]]:
    """(table, its columns by name), by name."""
    cursor.execute(
        """
        SELECT relname, array_agg(attname::text ORDER BY attname::text COLLATE "C")
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
        GROUP BY relname ORDER BY relname::text COLLATE "C"
        """
    )
    yield from cursor.fetchall()


def _of_table(cursor: CursorWrapper, table: str, columns: list[str]) -> TableDigest:
    parts = sql.SQL(", ").join(
        sql.SQL("coalesce(sum(('x' || encode(substr(hash, {}, 8), 'hex'))::bit(64)::bigint), 0)").format(
            sql.Literal(8 * part + 1)
        )
        for part in range(PARTS)
    )
    cursor.execute(
        sql.SQL(
            "SELECT count(*), {} FROM (SELECT sha256(convert_to(ROW({})::text, 'UTF8')) AS hash FROM {}) AS hashes"
        ).format(parts, sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier("public", table))
    )
    [(rows, *sums)] = cursor.fetchall()
    text = "\n".join([*columns, str(rows), *(str(int(part) % 2**64) for part in sums)])
    return TableDigest(table, rows, hashlib.sha256(text.encode()).hexdigest())
