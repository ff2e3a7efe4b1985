"""Transactions of the database roles of the public surface and of sources, which staff's work must not depend on.

An attacker who runs such a surface can keep a transaction open, and the role can reset its own time-outs. These roles
are recognised by their privileges: they may add an envelope, and not change one.
"""

import logging
import time

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

# A request's transaction takes milliseconds; those that last longer than this are ended.
PATIENCE_SECONDS = 5
# How long PostgreSQL may take to end a session.
END_SECONDS = 5
# Age at which the worker ends a transaction: it would keep locks, dead rows and notifications. An honest one takes
# milliseconds.
OLDEST_SECONDS = 10

# Every transaction holds a lock on its own number, so the list needs no statistics and misses none.
OPEN = """
SELECT session.pid, session_lock.virtualtransaction
FROM pg_locks AS session_lock JOIN pg_stat_activity AS session USING (pid)
WHERE session_lock.locktype = 'virtualxid' AND session_lock.mode = 'ExclusiveLock' AND session_lock.granted
    AND session.datname = current_database()
    AND (
        has_any_column_privilege(session.usesysid, 'public.reports_submission', 'INSERT')
        OR has_function_privilege(session.usesysid, (
            SELECT oid FROM pg_proc WHERE proname = 'reports_store_source_items'
                AND pronamespace = 'public'::regnamespace
        ), 'EXECUTE')
    )
    AND NOT has_table_privilege(session.usesysid, 'public.reports_submission', 'UPDATE')
"""
PREPARED = "SELECT EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database())"

type OpenTransaction = tuple[int, str]


class StillOpen(Exception):
    """A transaction could not be ended: this role may not end it, or it was prepared to be committed later."""


def await_public_transactions() -> None:
    """Return once every transaction of the public surface that is open now has ended; end those that last.

    A transaction that began before a key was closed may still store an envelope under it. Takes at most
    PATIENCE_SECONDS and END_SECONDS. To be called outside a transaction. Raises StillOpen.
    """
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        if cursor.fetchone() != (False,):
            raise StillOpen
    remaining = _await_end(_open_transactions(), PATIENCE_SECONDS)
    if remaining:
        _end_sessions(remaining)
        if _await_end(remaining, END_SECONDS):
            raise StillOpen


def end_old_public_transactions() -> int:
    """End the sessions of the public surface with a transaction older than OLDEST_SECONDS; return how many.

    Raises StillOpen if this role may not end them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE xact_start < clock_timestamp() - make_interval(secs => %s)",
            [OLDEST_SECONDS],
        )
        old = {pid for (pid,) in cursor.fetchall()}
    ended = {transaction for transaction in _open_transactions() if transaction[0] in old}
    if ended:
        _end_sessions(ended)
    return len(ended)


def _open_transactions() -> set[OpenTransaction]:
    with connection.cursor() as cursor:
        # Inside a transaction, such as a test's, the list of sessions is kept until its end.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(OPEN)
        return {(pid, number) for pid, number in cursor.fetchall()}


def _await_end(transactions: set[OpenTransaction], seconds: float) -> set[OpenTransaction]:
    """The transactions among these that are still open after so many seconds."""
    end = time.monotonic() + seconds
    remaining = transactions
    while remaining and time.monotonic() < end:
        time.sleep(0.05)
        remaining = remaining & _open_transactions()
    return remaining


def _end_sessions(transactions: set[OpenTransaction]) -> None:
    """End the sessions in which these transactions are still open. Raises StillOpen if this role may not."""
    logger.warning("transactions ended", extra={"fact": "long transactions of the public surface's role were ended"})
    numbers = [number for _, number in transactions]
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT pg_terminate_backend(pid) FROM ({OPEN}) AS opened WHERE virtualtransaction = ANY(%s)",  # noqa: S608 - a constant of this module
                [numbers],
            )
    except DatabaseError as error:
        logger.exception(
            "not ended", extra={"fact": "the staff's database role may not end them: manage.py grant_roles"}
        )
        raise StillOpen from error
