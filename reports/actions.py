"""The two database operations of a reporter's request: store an envelope, look a receipt up."""

import json
import secrets
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg import errors

from countries.public.published_portal import PublishedPortal
from reports import keys, receipts, sealing
from reports.forms import Tick
from reports.models import KeyClass, SubmissionKind, the_hour

# Both rows in one statement, hence in one transaction and one round trip. The setting lasts as long, for the trigger
# that notes the arrival. A further look is asked for once: a second time is refused, never ignored.
STORE_ONCE = """
WITH receipt AS (
    INSERT INTO reports_receipt (id, changed_on, mailbox_key)
    SELECT %s, %s, %s FROM set_config('reports.is_expedited', %s, true)
    ON CONFLICT DO NOTHING
)
INSERT INTO reports_submission
    (id, receipt_id, kind, portal_id, language, received_hour, key_id, digest, sealed, message_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
STORE = f"{STORE_ONCE}ON CONFLICT DO NOTHING"
# One in so many arrivals without danger is expedited, too.
EXPEDITED_ONE_IN = 8
ONCE_CONSTRAINTS = ("submission_again_once", "submission_once_a_text")

# The name of the database's refusal of a key that is not open (trigger in the migrations).
KEY_OPEN_CONSTRAINT = "sealing_key_open"


class KeyClosed(IntegrityError):
    """The database refuses the key this server seals to: the server's keyring is out of date."""


class AskedAlready(IntegrityError):
    """The receipt has a reason for a further look already."""


def make_submission(
    *,
    credentials: receipts.Credentials,
    kind: SubmissionKind,
    payload: Mapping[str, sealing.JSON],
    portal_id: int,
    language: str,
    now: datetime,
    message: uuid.UUID | None = None,
    is_urgent: bool = False,
) -> list[uuid.UUID | str | int | bytes | date | None]:
    """The values of STORE, the payload sealed. Raises keys.NoOpenKey."""
    key = keys.public_key(now)
    info = sealing.build_info(
        key_class=KeyClass.WORDS.value, portal=str(portal_id), receipt=credentials.receipt_id, kind=kind.value
    )
    expedited = "on" if draw_expedited(payload) else "off"
    receipt = (credentials.receipt_id, now.date(), credentials.mailbox.public().raw, expedited)
    text = json.dumps(payload, sort_keys=True) + (f"\n{the_hour(now).isoformat()}" if is_urgent else "")
    submission = (
        uuid.uuid4(),
        credentials.receipt_id,
        kind.value,
        portal_id,
        language,
        the_hour(now),
        key.id,
        receipts.text_digest(credentials, kind=kind.value, text=text),
        sealing.seal_json(payload, to=key, info=info),
        message,
    )
    return [*receipt, *submission]


def draw_expedited(payload: Mapping[str, sealing.JSON]) -> bool:
    """Whether intake may take the envelope in before others: each that says that a child is in danger, and others at
    random, so that the mark does not tell which it is."""
    facts = payload.get("facts")
    is_drawn = secrets.randbelow(EXPEDITED_ONE_IN) == 0
    return is_drawn or (isinstance(facts, list) and Tick.CHILD_IN_DANGER in facts)


def store_submission(
    *,
    credentials: receipts.Credentials,
    kind: SubmissionKind,
    payload: Mapping[str, sealing.JSON],
    portal: PublishedPortal,
    language: str,
    message: uuid.UUID | None = None,
    is_urgent: bool = False,
    now: datetime | None = None,
) -> None:
    """Seal `payload` and commit it under the receipt of `credentials`; the same payload twice is a no-op.

    `message`: the message of the receipt that it answers. `is_urgent`: the same payload counts again in a later hour.

    Needs no more than INSERT: ids are made here, nothing is read back, and conflicts are ignored without naming a
    target. Durable: when this returns, the envelope is on disk.

    Raises:
        keys.NoOpenKey: the keyring has no key to seal to.
        KeyClosed: the database no longer takes the key there is.
        AskedAlready: a further look was asked for before.
        django.db.Error: the database is unreachable, or refuses.
    """
    values = make_submission(
        credentials=credentials,
        kind=kind,
        payload=payload,
        portal_id=portal.id,
        language=language,
        message=message,
        is_urgent=is_urgent,
        now=now or timezone.now(),
    )
    try:
        with durable_transaction(), connection.cursor() as cursor:
            cursor.execute(STORE_ONCE if kind == SubmissionKind.AGAIN else STORE, values)
    except IntegrityError as error:
        if (constraint := constraint_of(error)) == KEY_OPEN_CONSTRAINT:
            raise KeyClosed from None
        if constraint in ONCE_CONSTRAINTS:
            raise AskedAlready from None
        raise


def durable_transaction() -> AbstractContextManager[object]:
    """Data written inside is on disk when the block ends. Without it a single statement is durable too, and needs no
    BEGIN and COMMIT. Nested in another transaction it is an error (in tests, a savepoint)."""
    return transaction.atomic(durable=True) if connection.in_atomic_block else nullcontext()


def constraint_of(error: IntegrityError) -> str | None:
    """The name of the constraint that the database refused; None where it named none."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, errors.Error) else None


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message from the hotline, opened with the receipt's code."""

    id: uuid.UUID
    asked_on: date
    text: str
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """Content for the holder of a code: published outcomes `(state, closed reason, how many)` and messages."""

    outcomes: list[tuple[str, str, int]]
    changed_on: date
    messages: list[OpenMessage]
    # Whether a further look was asked for.
    asked_again: bool = False


def look_up(credentials: receipts.Credentials) -> PublicReceipt | None:
    """The receipt of a code, or None where there is none, through the one function the public role may call."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT again, outcomes, changed_on, message_id, asked_on, sealed, answered"
            " FROM reports_asked_again(%s) AS again LEFT JOIN reports_look_up(%s) ON true",
            [credentials.receipt_id] * 2,
        )
        rows = cursor.fetchall()
    # Derived for unknown codes too, so that known and unknown take the same work.
    info = message_info(credentials.receipt_id)
    asked_again, outcomes, changed_on = rows[0][:3]
    if outcomes is None:
        return None
    return PublicReceipt(
        outcomes=[(state, reason, count) for state, reason, count in json.loads(outcomes)],
        changed_on=changed_on,
        messages=[
            OpenMessage(message_id, asked_on, text, answered)
            for _, _, _, message_id, asked_on, sealed, answered in rows
            if message_id is not None and (text := _message_text(bytes(sealed), credentials.mailbox, info))
        ],
        asked_again=asked_again,
    )


def _message_text(sealed: bytes, mailbox: sealing.PrivateKey, info: bytes) -> str:
    """A message's text; empty where it is damaged, so that one bad message does not hide the state and the others."""
    try:
        return str(sealing.unseal_json(sealed, by=mailbox, info=info).get("text", ""))
    except sealing.UnsealError:
        return ""


def message_info(receipt_id: uuid.UUID) -> bytes:
    """The context that binds a message to its mailbox."""
    return sealing.build_info(key_class="mailbox", portal="", receipt=receipt_id, kind="message")
