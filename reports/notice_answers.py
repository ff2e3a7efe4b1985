"""The two database operations of a recipient's request: look its notice up, and store a reply."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from reports import keys, notice_links, sealing
from reports.actions import KEY_OPEN_CONSTRAINT, KeyClosed, constraint_of, durable_transaction
from reports.letter_numbers import NotANumber, read_numbers
from reports.models import NoticeAnswer, the_hour, the_minute
from reports.notice_links import LinkCredentials
from reports.notices import Answerer, RecipientAnswer

# Different answers through one link in one hour. A person who replies to a letter does not need more; the count
# belongs to the link, so it does not distinguish senders.
MAX_PER_HOUR = 10
# Addresses in one letter; the page of a link never costs more than theirs.
MOST_IN_LETTER = 500

LOOK_UP = "SELECT expires_on, sealed, answers FROM reports_look_up_notice(%s, %s)"
STORE = """
INSERT INTO reports_noticeanswer (id, link_id, received_hour, key_id, digest, sealed)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
# Opened instead of a missing one, so that known and unknown links take the same work.
_DECOY = notice_links.derive_link_credentials(b"\0" * notice_links.SECRET_BYTES)
_DECOY_SEALED = sealing.seal_json({}, to=_DECOY.key.public(), info=notice_links.link_info(_DECOY.link_id))


@dataclass(frozen=True, slots=True, repr=False)
class OpenNotice:
    """The data that the page of a link shows. `host`: defanged; "" for several hosts.

    `numbers`: of the addresses in the letter's attachment; empty for letters from before they were stored.
    """

    reference: str
    host: str
    expires_on: date
    is_full: bool
    numbers: tuple[int, ...] = ()
    answerer: Answerer = Answerer.HOST


def look_up(credentials: LinkCredentials, *, now: datetime) -> OpenNotice | None:
    """The notice of a link; None for an unknown link, or one that accepts no more replies.

    Raises:
        django.db.Error: the database is unreachable.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOOK_UP, [credentials.link_id, the_hour(now)])
        expires_on, sealed, answers = cursor.fetchone() or (date.min, _DECOY_SEALED, 0)
    try:
        # A blanked notice takes the same work too.
        info = notice_links.link_info(credentials.link_id)
        notice = sealing.unseal_json(bytes(sealed) or _DECOY_SEALED, by=credentials.key, info=info)
    except sealing.UnsealError:
        return None
    if expires_on < now.date():
        return None
    return OpenNotice(
        reference=str(notice.get("reference", "")),
        host=str(notice.get("host", "")),
        expires_on=expires_on,
        is_full=answers >= MAX_PER_HOUR,
        numbers=_read_stored_numbers(str(notice.get("numbers", ""))),
        answerer=next((member for member in Answerer if member == notice.get("answerer")), Answerer.HOST),
    )


def _read_stored_numbers(text: str) -> tuple[int, ...]:
    try:
        return read_numbers(text, among=range(1, MOST_IN_LETTER + 1))
    except NotANumber:
        return ()


class Full(Exception):
    """The link has reached its limit of replies for this hour."""


def store_answer(
    answer: RecipientAnswer, *, credentials: LinkCredentials, now: datetime, is_full: bool = False
) -> None:
    """Seal an answer and commit it; the same one twice is a no-op. Needs no more than INSERT, and is durable.

    Args:
        is_full: only an answer that is stored already is accepted. The INSERT finds that out, and is rolled back.

    Raises:
        Full: it is not stored.
        keys.NoOpenKey: the keyring has no key to seal to.
        KeyClosed: the database no longer takes the key there is.
        django.db.Error: the database is unreachable, or refuses.
    """
    row = build_row(answer, credentials=credentials, now=now)
    try:
        with transaction.atomic() if is_full else durable_transaction(), connection.cursor() as cursor:
            cursor.execute(STORE, row)
            if is_full and cursor.rowcount:
                raise Full
    except IntegrityError as error:
        if constraint_of(error) == KEY_OPEN_CONSTRAINT:
            raise KeyClosed from None
        raise


def insert_answer(answer: RecipientAnswer, *, credentials: LinkCredentials, now: datetime) -> NoticeAnswer | None:
    """The answer as a row of the caller's transaction; None if the same one is stored already."""
    row = build_row(answer, credentials=credentials, now=now)
    with connection.cursor() as cursor:
        cursor.execute(STORE, row)
        is_new = bool(cursor.rowcount)
    return NoticeAnswer.objects.get(pk=row[0]) if is_new else None


def build_row(
    answer: RecipientAnswer, *, credentials: LinkCredentials, now: datetime
) -> tuple[uuid.UUID, uuid.UUID, datetime, str, bytes, bytes]:
    """The sealed answer as the parameters of STORE. Raises keys.NoOpenKey."""
    key = keys.public_key(now)
    info = notice_links.answer_info(credentials.link_id)
    payload = {"kind": answer.kind.value, "text": answer.text, **answer.codes()}
    return (
        uuid.uuid4(),
        credentials.link_id,
        the_minute(now),
        key.id,
        notice_links.answer_digest(credentials, answer),
        sealing.seal_json(payload, to=key, info=info),
    )
