"""The public surface's database role can do nothing to staff's work, on a real server."""

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from portal_site.database import roles
from reports import sealing
from reports.fields import LONGEST_TEXT
from reports.forms import AnswerForm, DetailsForm, ReportForm, Tick
from reports.models import LARGEST_REPLY, LARGEST_SUBMISSION, the_hour
from reports.notice_form import NoticeForm
from reports.notices import AnswerKind, DecisionGround, RecipientAction, RecipientDecision
from tests.rig.installation import Installation

FUTURE = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def attacker(installation: Installation) -> Iterator[psycopg.Connection]:
    """The public role; rolled back after each test."""
    with installation.connect(roles.PUBLIC) as connection:
        connection.autocommit = False
        yield connection
        if not connection.closed:
            connection.rollback()


def insert_receipt(attacker: psycopg.Connection) -> uuid.UUID:
    receipt = uuid.uuid4()
    attacker.execute(
        "INSERT INTO reports_receipt (id, changed_on, mailbox_key) VALUES (%s, %s, '')", [receipt, FUTURE.date()]
    )
    return receipt


def insert_envelope(
    attacker: psycopg.Connection, key: str, *, size: int = 10, language: str = "en", hour: datetime = FUTURE
) -> uuid.UUID:
    envelope = uuid.uuid4()
    attacker.execute(
        "INSERT INTO reports_submission"
        " (id, receipt_id, kind, portal_id, language, received_hour, key_id, digest, sealed)"
        " SELECT %s, %s, 'report', id, %s, %s, %s, %s, %s FROM countries_portal WHERE slug = 'bz'",
        [envelope, insert_receipt(attacker), language, hour, key, b"d", b"s" * size],
    )
    return envelope


@pytest.fixture
def open_key(installation: Installation) -> str:
    with installation.connect() as owner:
        found = owner.execute(
            "SELECT id FROM reports_sealingkey WHERE state = 'open' AND key_class = 'words' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert found
    return str(found[0])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO reports_receipt (id, changed_on, mailbox_key, outcomes)"
        " VALUES (gen_random_uuid(), now(), '', '[[\"removed\", \"\", 1]]')",
        "INSERT INTO reports_noticeanswer (id, link_id, received_hour, key_id, digest, sealed, taken_in)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), now(), 'k', 'd', 's', true)",
        "INSERT INTO countries_banner (id, ready_text, words) VALUES (1, 'slow', '{}')",
        "SELECT reason FROM countries_installationmode",
        "SELECT reason FROM countries_emergencysuspension",
        "SELECT reason FROM countries_withdrawal",
        "DELETE FROM countries_withdrawnitem",
        "CREATE TEMP TABLE kept (words text)",
        "SELECT lo_create(0)",
        "SELECT forms FROM countries_interfacetranslation",
        "SELECT account_id FROM countries_languagerole",
        "UPDATE countries_approvedtext SET forms = '[]'",
        "SELECT pg_notify('procrastinate_any_queue_v1', 'x')",
        "DO $$ BEGIN RAISE LOG 'x'; END $$",
        "SELECT pg_total_relation_size('analysts_incident')",
        "SELECT n_live_tup FROM pg_stat_user_tables",
        "SELECT pg_current_wal_lsn()",
        "CREATE RULE r AS ON INSERT TO pg_catalog.pg_class DO ALSO NOTHING",
        "COMMENT ON TABLE analysts_incident IS 'x'",
    ],
)
def test_statement_is_refused(attacker: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attacker.execute(statement)


def test_times_are_those_of_the_database(
    installation: Installation, attacker: psycopg.Connection, open_key: str
) -> None:
    before = the_hour(datetime.now(UTC))
    envelope = insert_envelope(attacker, open_key, language="xx")
    attacker.commit()
    with installation.connect() as owner:
        found = owner.execute(
            "SELECT received_hour, language, changed_on, outcomes, receipt_id FROM reports_submission"
            " JOIN reports_receipt ON reports_receipt.id = receipt_id WHERE reports_submission.id = %s",
            [envelope],
        ).fetchone()
        assert found
        hour, language, changed_on, outcomes, receipt = found
        owner.execute("DELETE FROM reports_arrival WHERE submission_id = %s", [envelope])
        owner.execute("DELETE FROM reports_submission WHERE id = %s", [envelope])
        owner.execute("DELETE FROM reports_receipt WHERE id = %s", [receipt])
    assert before <= hour <= the_hour(datetime.now(UTC))
    # Belize has no text in it: the default language instead of a refusal.
    assert (language, changed_on, outcomes) == ("en", hour.date(), [])


def test_envelope_beyond_any_genuine_one_is_refused(attacker: psycopg.Connection, open_key: str) -> None:
    insert_envelope(attacker, open_key, size=LARGEST_SUBMISSION)
    with pytest.raises(psycopg.errors.CheckViolation, match="submission_size"):
        insert_envelope(attacker, open_key, size=LARGEST_SUBMISSION + 1)


def test_largest_genuine_envelopes_are_within_the_limits() -> None:
    # A control character takes six bytes of JSON, more than any other.
    worst = "\x01"
    payloads: dict[str, tuple[dict[str, sealing.JSON], int]] = {
        "report": (
            {name: worst * field.limit for name, field in ReportForm.sealed_texts().items()},
            LARGEST_SUBMISSION,
        ),
        "details": (
            {
                **{name: worst * field.limit for name, field in DetailsForm.sealed_texts().items()},
                # As many fields as `raw_post` reads.
                "facts": [max(Tick.values, key=len)] * 100,
            },
            LARGEST_SUBMISSION,
        ),
        "answer": (
            {
                "message": str(uuid.uuid4()),
                **{name: worst * field.limit for name, field in AnswerForm.sealed_texts().items()},
            },
            LARGEST_SUBMISSION,
        ),
        "reply": (
            {
                "kind": max(AnswerKind.values, key=len),
                **RecipientDecision(RecipientAction.NO_ACTION, DecisionGround.TERMS, True, True).codes(),
                **{name: worst * field.limit for name, field in NoticeForm.sealed_texts().items()},
            },
            LARGEST_REPLY,
        ),
    }
    assert LONGEST_TEXT * 6 > sealing.LARGEST_CLASS / 4
    to = sealing.generate_key("test").public()
    for payload, limit in payloads.values():
        assert len(sealing.seal_json(payload, to=to, info=b"")) <= limit


def test_open_transaction_holds_up_no_key(
    installation: Installation, attacker: psycopg.Connection, open_key: str
) -> None:
    """The attacker checks the constraints early, so that every lock is held, and does not commit."""
    insert_envelope(attacker, open_key)
    attacker.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with installation.connect(roles.STAFF) as staff, staff.transaction(force_rollback=True):
        staff.execute("SET LOCAL lock_timeout = '2s'")
        staff.execute("SELECT 1 FROM reports_sealingkey WHERE id = %s FOR NO KEY UPDATE", [open_key])
        staff.execute("UPDATE reports_sealingkey SET state = 'closed' WHERE id = %s", [open_key])
        staff.execute("UPDATE countries_portal SET name = name WHERE slug = 'bz'")


AWAIT = """
from analysts.retention import public_transactions
public_transactions.PATIENCE_SECONDS = {patience}
public_transactions.await_public_transactions()
"""


def test_destruction_waits_for_reports_that_are_being_stored(
    installation: Installation, attacker: psycopg.Connection, open_key: str
) -> None:
    insert_envelope(attacker, open_key)
    timer = threading.Timer(0.5, attacker.rollback)
    timer.start()
    installation.run(AWAIT.format(patience=5), role=roles.STAFF)
    timer.join()
    assert not attacker.closed


def test_destruction_ends_a_transaction_that_stays_open(
    installation: Installation, attacker: psycopg.Connection, open_key: str
) -> None:
    # The role can reset its own time-outs: nothing may rely on them.
    attacker.execute("SET idle_in_transaction_session_timeout = 0")
    insert_envelope(attacker, open_key)
    with installation.connect("postgres") as bystander, bystander.transaction():
        bystander.execute("SELECT 1")
        installation.run(AWAIT.format(patience=0.2), role=roles.STAFF)
        assert bystander.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        attacker.execute("SELECT 1")


def test_worker_ends_old_transactions_only(
    installation: Installation, attacker: psycopg.Connection, open_key: str
) -> None:
    attacker.execute("SELECT 1")
    code = (
        "from analysts.retention import public_transactions as pt\n"
        "pt.OLDEST_SECONDS = {age}\nprint(pt.end_old_public_transactions())"
    )
    assert installation.run(code.format(age=60), role=roles.STAFF) == "0\n"
    assert installation.run(code.format(age=0), role=roles.STAFF) == "1\n"
    with pytest.raises(psycopg.OperationalError):
        attacker.execute("SELECT 1")


def test_no_job_sends_or_awaits_a_notification(installation: Installation) -> None:
    """LISTEN and NOTIFY cannot be taken from a role: it would hear each job, and end a worker that listens."""
    with installation.connect() as owner:
        enabled = owner.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE prosrc ~* 'pg_notify|[^_]notify ' AND tgenabled <> 'D'"
        ).fetchall()
    assert enabled == []
    code = "from procrastinate.contrib.django import app; print(app._worker().listen_notify)"
    assert installation.run(code, role=roles.STAFF) == "False\n"
