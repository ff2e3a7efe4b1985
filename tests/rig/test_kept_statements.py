"""Statements of the test process stay prepared while what they read stays."""

import pytest
from django.db import connection, transaction

pytestmark = pytest.mark.django_db


def prepared() -> set[str]:
    with connection.cursor() as cursor:
        # A statement to be forgotten is forgotten with the next statement.
        cursor.execute("SELECT 1")
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return {statement for (statement,) in cursor.fetchall()}


def run_twice(statement: str) -> None:
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_rollback_keeps_prepared_statements() -> None:
    with transaction.atomic():
        run_twice("SELECT 'kept' FROM analysts_user")
        transaction.set_rollback(True)
    # That of the whole transaction, as at the end of each test.
    connection.connection._prepared.clear()

    assert "SELECT 'kept' FROM analysts_user" in prepared()


def test_changed_table_forgets_prepared_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE rehearsed (number integer)")
    run_twice("SELECT * FROM rehearsed")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rehearsed ADD COLUMN word text")
        cursor.execute("INSERT INTO rehearsed VALUES (1, 'word')")
        cursor.execute("SELECT * FROM rehearsed")

        assert cursor.fetchall() == [(1, "word")]


def test_change_taken_back_forgets_prepared_statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE rehearsed (number integer)")
        cursor.execute("INSERT INTO rehearsed VALUES (1)")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE rehearsed ADD COLUMN word text")
        run_twice("SELECT * FROM rehearsed")
        transaction.set_rollback(True)
    # That of the whole transaction, as at the end of each test.
    connection.connection._prepared.clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT * FROM rehearsed")

        assert cursor.fetchall() == [(1,)]
