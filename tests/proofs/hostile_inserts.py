"""Attacks with the public role that store, hold and flood; each returns the surprises that it found."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Event, Thread

import psycopg

from portal_site.database import roles
from tests.proofs.hostile_session import open_session
from tests.proofs.stack import Stack

FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
BIG = 20_000_000
# A payload that a listening worker cannot read.
PAYLOADS = ("x", "", "{}", "[]", "null", '{"type": "job_inserted"}', '{"type": "abort_job_requested", "job_id": 1}')
CHANNELS = ("procrastinate_any_queue_v1", "procrastinate_queue_v1#default")


def insert_envelope(
    attacker: psycopg.Connection, key: str, *, hour: datetime = FUTURE, size: int = 10, language: str = "en"
) -> uuid.UUID:
    receipt, envelope = uuid.uuid4(), uuid.uuid4()
    attacker.execute(
        "INSERT INTO reports_receipt (id, changed_on, mailbox_key) VALUES (%s, %s, '')", [receipt, hour.date()]
    )
    attacker.execute(
        "INSERT INTO reports_submission"
        " (id, receipt_id, kind, portal_id, language, received_hour, key_id, digest, sealed)"
        " SELECT %s, %s, 'report', id, %s, %s, %s, 'd', %s FROM countries_portal WHERE slug = 'bz'",
        [envelope, receipt, language, hour, key, b"s" * size],
    )
    return envelope


def open_key(stack: Stack) -> str:
    with stack.connect() as owner:
        rows = owner.execute(
            "SELECT id FROM reports_sealingkey WHERE state = 'open' AND key_class = 'words' ORDER BY month, id DESC"
        ).fetchall()
    return str(rows[0][0])


def is_stored(stack: Stack, table: str, condition: str) -> bool:
    with stack.connect() as owner:
        return owner.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {condition})").fetchone() == (True,)


def forge(stack: Stack) -> list[str]:
    """Invented rows, committed: what staff would see of them."""
    found = []
    with open_session(stack) as attacker:
        for statement, table, condition, what in (
            (
                "INSERT INTO reports_receipt (id, changed_on, mailbox_key, outcomes)"
                " VALUES (gen_random_uuid(), now(), '', '[[\"removed\", \"\", 1]]')",
                "reports_receipt",
                "outcomes::text LIKE '%removed%'",
                "invents a published outcome",
            ),
            (
                "INSERT INTO reports_noticeanswer (id, link_id, received_hour, key_id, digest, sealed, taken_in)"
                f" SELECT gen_random_uuid(), '{_LINK}', date_trunc('hour', now(), 'UTC'), '{open_key(stack)}', 'd',"
                " 's', true",
                "reports_noticeanswer",
                "taken_in",
                "stores a reply that staff never see",
            ),
        ):
            with suppress(psycopg.Error):
                attacker.execute(statement)
            attacker.commit()
            found += [what] if is_stored(stack, table, condition) else []
        for arguments, condition, what in (
            ({}, "received_hour > now()", "dates an envelope 2099"),
            ({"size": BIG}, f"length(sealed) >= {BIG}", "stores 20 MB in one envelope"),
            ({"language": "zz"}, "language = 'zz'", "invents a language"),
        ):
            with suppress(psycopg.Error):
                insert_envelope(attacker, open_key(stack), **arguments)
            attacker.commit()
            found += [what] if is_stored(stack, "reports_submission", condition) else []
    return found


_LINK = "00000000-0000-4000-8000-000000000001"


def prepare_link(stack: Stack) -> None:
    """A notice's link, as staff make it."""
    with stack.connect() as owner:
        owner.execute(
            "INSERT INTO reports_noticelink (id, expires_on, sealed) VALUES (%s, current_date + 30, '')", [_LINK]
        )


def keep_resources(stack: Stack) -> list[str]:
    """Locks, tables and objects that outlast a statement or slow others down."""
    found = []
    for statement, what in (
        ("SELECT pg_advisory_lock(418430839140)", "takes an advisory lock"),
        ("SELECT lo_from_bytea(0, 'kept')", "keeps a large object"),
        ("CREATE TEMP TABLE kept (words text)", "makes a temporary table"),
        ("SELECT pg_logical_emit_message(false, 'x', 'y')", "writes to the write-ahead log"),
    ):
        with open_session(stack) as attacker, suppress(psycopg.errors.InsufficientPrivilege):
            attacker.execute(statement)
            found.append(what)
    return found


def notify_worker(stack: Stack) -> None:
    with open_session(stack) as attacker:
        attacker.autocommit = True
        for channel in CHANNELS:
            for payload in (*PAYLOADS, "[" * 7000):
                attacker.execute(f"NOTIFY \"{channel}\", '{payload}'")


def hears_of_jobs(stack: Stack) -> bool:
    """Whether a listener of the public role hears of a new job, one that is not due yet."""
    with open_session(stack) as attacker:
        attacker.autocommit = True
        for channel in CHANNELS:
            attacker.execute(f'LISTEN "{channel}"')
        with stack.connect() as owner:
            owner.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at)"
                " VALUES ('default', 'analysts.pages.tasks.note_heartbeat', 0, '{\"timestamp\": 0}', now() + '1 day')"
            )
        return bool(list(attacker.notifies(timeout=1)))


def take_connections(stack: Stack, *, most: int = 99) -> int:
    """Open connections until the server refuses; whether staff still get in decides. Returns the number opened."""
    opened: list[psycopg.Connection] = []
    try:
        while len(opened) < most:
            opened.append(stack.connect(roles.PUBLIC))
    except psycopg.OperationalError:
        pass
    try:
        stack.connect(roles.STAFF).close()
    except psycopg.OperationalError:
        return -1
    finally:
        for each in opened:
            each.close()
    return len(opened)


def holds_up_key(stack: Stack) -> bool:
    """Whether staff cannot close the key that seals now."""
    with stack.connect(roles.STAFF) as staff, staff.transaction(force_rollback=True):
        staff.execute("SET LOCAL lock_timeout = '3s'")
        try:
            staff.execute("UPDATE reports_sealingkey SET state = 'closed' WHERE id = %s", [open_key(stack)])
        except psycopg.errors.LockNotAvailable:
            return True
    return False


@contextmanager
def holding(stack: Stack) -> Iterator[None]:
    """Keep transactions open that hold every lock there is to get; begun again whenever they are ended."""
    over, first = Event(), Event()
    threads = [Thread(target=_hold, args=(stack, over, first)) for _ in range(2)]
    threads.append(Thread(target=_queue_for_tables, args=(stack, over)))
    for thread in threads:
        thread.start()
    try:
        if not first.wait(30):
            raise TimeoutError("No transaction of the attacker's holds anything.")
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _hold(stack: Stack, over: Event, first: Event) -> None:
    while not over.is_set():
        with suppress(psycopg.Error), open_session(stack) as attacker:
            attacker.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            insert_envelope(
                attacker, open_key(stack), hour=datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
            )
            attacker.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in roles.PUBLIC_READS:
                attacker.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
            attacker.execute("SELECT 1 FROM pg_class LIMIT 1")
            first.set()
            while not over.wait(0.1):
                attacker.execute("SELECT 1")
            # Leaving the block would commit.
            attacker.rollback()
        over.wait(0.1)


# Tables that the holders use, and one of staff's.
QUEUED_FOR = ("reports_submission", "reports_sealingkey", "reports_arrival", "analysts_incident", "pg_class")


def _queue_for_tables(stack: Stack, over: Event) -> None:
    """CREATE RULE waits for an exclusive lock before it asks who owns the table; later statements wait behind it."""
    turn = 0
    while not over.is_set():
        with suppress(psycopg.Error), open_session(stack) as attacker:
            turn += 1
            attacker.execute(f"CREATE RULE r AS ON INSERT TO {QUEUED_FOR[turn % len(QUEUED_FOR)]} DO ALSO NOTHING")
        over.wait(0.5)
