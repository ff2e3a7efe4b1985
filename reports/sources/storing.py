"""Storing what a source sent, and the state of it: through three functions of the database, and nothing else of it."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection
from psycopg import errors

from countries import api_keys
from reports import actions, receipts
from reports.models import SubmissionKind
from reports.sources.items import DETAILS, ItemRefusal, RefusalReason, ReportItem


@dataclass(frozen=True, slots=True)
class KnownSource:
    """The holder of an open key. `secret` keys the digests of what it sends."""

    id: UUID
    portal_id: int
    digest: bytes
    secret: bytes

    def digest_of(self, kind: str, *parts: bytes) -> bytes:
        """Equal exactly where the key, kind and parts are; without the key no guess can be tested."""
        keyed = hmac.new(self.secret, kind.encode(), hashlib.sha256)
        for part in parts:
            keyed.update(len(part).to_bytes(8, "big") + part)
        return keyed.digest()

    def reference_digest(self, reference: str) -> bytes:
        """The same under every key of the source."""
        return hashlib.sha256(self.id.bytes + reference.encode()).digest()


class StillRunning(Exception):
    """A request with the same Idempotency-Key is being answered."""


class OtherBody(Exception):
    """The Idempotency-Key was used for another request."""


class KeyGone(Exception):
    """The key was closed since the request began."""


def find_source(authorization: str) -> KnownSource | None:
    """The holder of the key in an `Authorization` header; None if it is wrong, not yet approved, closed or expired."""
    secret = api_keys.read_bearer(authorization)
    digest = api_keys.hash_secret(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, portal FROM reports_source_of(%s)", [digest])
        row = cursor.fetchone()
    return KnownSource(row[0], row[1], digest, secret.encode("utf-8", "surrogateescape")) if row else None


type Answers = list[dict[str, object]]


def store_items(
    source: KnownSource, items: Sequence[ReportItem | ItemRefusal], *, request_key: str, body: bytes, now: datetime
) -> Answers:
    """Seal the items and commit them with the answer, at once; the same request again gets the same answer.

    Raises:
        OtherBody, StillRunning, KeyGone: as described there.
        keys.NoOpenKey, actions.KeyClosed: nothing can be sealed.
        django.db.Error: the database is unreachable, or refuses.
    """
    refused = [
        {"item": number, "outcome": "refused", "reason": item.reason.value, "pointer": item.pointer}
        for number, item in enumerate(items)
        if isinstance(item, ItemRefusal)
    ]
    reports = [(number, item, item.counted_keys) for number, item in enumerate(items) if isinstance(item, ReportItem)]
    rows = [_sealed_row(source, number, item, len(keys), now=now) for number, item, keys in reports]
    numbers: dict[str, int] = {}
    addresses = [numbers.setdefault(key, len(numbers) + 1) for _number, _item, keys in reports for key in keys]
    values: list[Any] = [
        source.digest,
        source.digest_of("request", request_key.encode()),
        source.digest_of("body", body),
        json.dumps(refused),
        *([list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in _COLUMNS]),
        addresses,
    ]
    try:
        with actions.durable_transaction(), connection.cursor() as cursor:
            cursor.execute(_STORE, values)
            (answer,) = cursor.fetchone()
    except IntegrityError as error:
        if actions.constraint_of(error) == actions.KEY_OPEN_CONSTRAINT:
            raise actions.KeyClosed from None
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            raise StillRunning from None
        raise
    return _read_answer(answer)


# The columns of the items, with their types; the numbers of all their addresses follow.
_COLUMNS = (
    *("int", "int", "uuid", "bytea", "text", "uuid", "text"),
    *("text", "bytea", "bytea", "bytea", "bytea"),
)
_STORE = (
    "SELECT reports_store_source_items(%s, %s, %s, %s::jsonb, "
    + ", ".join(f"%s::{kind}[]" for kind in (*_COLUMNS, "int"))
    + ")"
)


def _sealed_row(source: KnownSource, number: int, item: ReportItem, size: int, *, now: datetime) -> tuple[object, ...]:
    # No one holds the code: a source asks by its reference.
    credentials = receipts.derive_credentials(receipts.code_from_nonce(secrets.token_bytes(receipts.NONCE_BYTES)))
    payload = item.payload()
    receipt_id, _day, mailbox, expedited, submission_id, *_ids, language, _hour, key_id, digest, sealed, _message = (
        actions.make_submission(
            credentials=credentials,
            kind=SubmissionKind.REPORT,
            payload=payload,
            portal_id=source.portal_id,
            language=item.language,
            now=now,
        )
    )
    return (
        *(number, size, receipt_id, mailbox, expedited, submission_id, language),
        *(key_id, digest, sealed, source.reference_digest(item.external_reference)),
        source.digest_of("item", json.dumps([payload, item.language], sort_keys=True).encode()),
    )


def _read_answer(answer: str | Mapping[str, Any]) -> Answers:
    found: Mapping[str, Any] = json.loads(answer) if isinstance(answer, str) else answer
    match found.get("state"):
        case "no key":
            raise KeyGone
        case "other body":
            raise OtherBody
    rows = sorted(found["items"], key=lambda row: row["item"])
    return [
        _refused_answer(row["item"], ItemRefusal(RefusalReason(row["reason"]), row.get("pointer", "")))
        if row["outcome"] == "refused"
        else row
        for row in rows
    ]


def _refused_answer(number: int, refusal: ItemRefusal) -> dict[str, object]:
    return {
        "item": number,
        "outcome": "refused",
        "reason": refusal.reason.value,
        "pointer": f"#/items/{number}{refusal.pointer}",
        "detail": DETAILS[refusal.reason],
    }


def state_of(source: KnownSource, reference: str) -> str | None:
    """`received` or `closed`, as the last daily batch says; None for a reference that the source has not used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reports_source_state(%s, %s)", [source.digest, source.reference_digest(reference)])
        (state,) = cursor.fetchone()
    return str(state) if state else None
