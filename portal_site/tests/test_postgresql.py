"""Whether a kept connection still works is found out without a query where possible."""

from collections.abc import Iterator

import pytest
from django.db import connection

from portal_site.postgresql.base import DatabaseWrapper


@pytest.fixture
def kept(transactional_db: None) -> Iterator[DatabaseWrapper]:
    """A connection of its own that was just checked, as at the beginning of an earlier request."""
    other = connection.copy()
    assert isinstance(other, DatabaseWrapper)
    other.ensure_connection()
    assert other.is_usable()
    yield other
    other.close()


def run(wrapper: DatabaseWrapper, statement: str) -> object:
    with wrapper.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def last_statement(wrapper: DatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [wrapper.connection.info.backend_pid])
        return str(cursor.fetchone()[0])


def end_session(wrapper: DatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [wrapper.connection.info.backend_pid])
        assert cursor.fetchone() == (True,)


def test_connection_used_lately_is_not_asked(kept: DatabaseWrapper) -> None:
    run(kept, "SELECT 'mine'")
    assert kept.is_usable()
    assert last_statement(kept) == "SELECT 'mine'"


def test_connection_that_rested_is_asked(kept: DatabaseWrapper) -> None:
    run(kept, "SELECT 'mine'")
    kept.trusted_until = 0.0
    assert kept.is_usable()
    assert last_statement(kept) == "SELECT 1"


def test_connection_is_asked_after_an_error(kept: DatabaseWrapper) -> None:
    kept.errors_occurred = True
    assert kept.is_usable()
    assert last_statement(kept) == "SELECT 1"


def test_ended_connection_is_noticed_at_once(kept: DatabaseWrapper) -> None:
    end_session(kept)
    assert not kept.is_usable()


def test_request_after_an_ended_connection_gets_a_new_one(kept: DatabaseWrapper) -> None:
    ended = kept.connection.info.backend_pid
    end_session(kept)
    # As Django does at the beginning of each request.
    kept.close_if_unusable_or_obsolete()
    assert run(kept, "SELECT pg_backend_pid()") != ended
