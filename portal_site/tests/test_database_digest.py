"""The digest over every row: it ignores their order and nothing else."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from portal_site.database import digest as database_digest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE digested (id integer, word text, at timestamptz, raw bytea)")
        cursor.execute(
            "INSERT INTO digested VALUES (1, 'one', now(), '\\x00ff'), (2, '', NULL, NULL), (3, NULL, NULL, '')"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE digested")


def of_table() -> database_digest.TableDigest:
    return next(found for found in database_digest.of_database().tables if found.table == "digested")


def change(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_digest_does_not_depend_on_where_rows_lie(table: None) -> None:
    before = of_table()
    change("CREATE TABLE aside AS SELECT * FROM digested ORDER BY id DESC", "TRUNCATE digested")
    assert of_table().rows == 0
    change("INSERT INTO digested SELECT * FROM aside", "DROP TABLE aside")
    assert of_table() == before
    assert before.rows == 3


def test_digest_does_not_depend_on_the_order_of_columns_or_the_sessions_settings(table: None) -> None:
    before = of_table()
    change(
        "ALTER TABLE digested ADD COLUMN aside text",
        "UPDATE digested SET aside = word",
        "ALTER TABLE digested DROP COLUMN word",
        "ALTER TABLE digested RENAME COLUMN aside TO word",
        "SET TimeZone TO 'Asia/Karachi'",
        "SET bytea_output TO 'escape'",
    )
    try:
        assert of_table() == before
    finally:
        change("RESET ALL")


@pytest.mark.parametrize(
    "change_",
    [
        "UPDATE digested SET word = 'One' WHERE id = 1",
        "UPDATE digested SET word = NULL WHERE id = 2",
        "UPDATE digested SET at = at + interval '1 microsecond' WHERE id = 1",
        "UPDATE digested SET raw = NULL WHERE id = 3",
        "DELETE FROM digested WHERE id = 2",
        "INSERT INTO digested SELECT * FROM digested WHERE id = 1",
        "ALTER TABLE digested RENAME COLUMN word TO words",
    ],
)
def test_digest_sees_every_change(table: None, change_: str) -> None:
    before = database_digest.of_database()
    change(change_)
    assert database_digest.of_database().sha256 != before.sha256


def test_command_prints_one_line_and_each_table_where_asked(table: None) -> None:
    out = StringIO()
    call_command("database_digest", "--tables", stdout=out)
    *tables, last = out.getvalue().splitlines()
    found = database_digest.of_database()
    assert last == f"sha256:{found.sha256} over {found.rows} rows in {len(tables)} tables"
    assert f"{of_table().sha256} 3 digested" in tables
    assert [line.split()[2] for line in tables] == sorted(line.split()[2] for line in tables)


def test_digest_of_a_snapshot_is_of_that_moment(table: None) -> None:
    before = of_table()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
            change("DELETE FROM digested")
            found = database_digest.of_database(snapshot=snapshot)
            assert next(table for table in found.tables if table.table == "digested") == before
            cursor.execute("ROLLBACK")
    finally:
        other.close()
