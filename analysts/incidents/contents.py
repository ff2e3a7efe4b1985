"""Opening sealed content: the only module of `analysts` that uses private keys of content. Plaintext is never stored.

Each function opens one kind of content. A test lists the modules that may call it, each with its purpose; what reaches
a person is counted, recorded and limited by `welfare.meter`.
"""

import hmac
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import islice

from analysts.incidents.sealing_contexts import (
    Copy,
    address_info,
    copy_info,
    draft_info,
    export_part_info,
    note_info,
    notice_answer_info,
    sighting_info,
    submission_info,
)
from analysts.models import Draft, ExportPart, Incident, Note, Report, Sighting
from reports import keys, sealing
from reports.actions import message_info
from reports.addresses import mask_all_but_suffix
from reports.models import KeyClass, Message, NoticeAnswer, Submission

# The fields of a decrypted envelope, by form field.
type Payload = dict[str, str | list[str]]

# Ways in which one report writes one address that are kept; more tell an analyst nothing.
MOST_SPELLINGS = 10
# Masked addresses that a process remembers, with the 2 KB from which each was made.
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True, repr=False)
class OpenAddress:
    """A decrypted address: normalised, as it is sent, and as a reporter wrote it (of an incident: the first)."""

    normalised: str
    reported: str


@dataclass(frozen=True, slots=True, repr=False)
class OpenEnvelope:
    """A decrypted submission; `payload` is empty if it was erased or could not be decrypted."""

    id: uuid.UUID
    kind: str
    received_hour: datetime
    payload: Payload
    unreadable: bool
    erased_on: date | None


@dataclass(frozen=True, slots=True, repr=False)
class OpenQuestion:
    """A decrypted question from staff; `text` is empty if it was erased or could not be decrypted."""

    id: uuid.UUID
    asked_on: date
    text: str
    erased_on: date | None


def unseal_payload(submission: Submission) -> Payload:
    """Decrypt what the reporter typed: texts and lists of texts, all valid Unicode.

    Raises:
        sealing.UnsealError: damaged, or not sealed by this product.
        keys.KeyMissing: the key was destroyed, or is not mounted here.
    """
    opened = sealing.unseal_json(
        bytes(submission.sealed), by=keys.private_key(submission.key_id), info=submission_info(submission)
    )
    return {name: _clean_value(value) for name, value in opened.items()}


def _clean_value(value: sealing.JSON) -> str | list[str]:
    """Return a value of a type that our own forms seal. A compromised public server may seal others: UnsealError."""
    match value:
        case str():
            return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        case list() if all(isinstance(item, str) for item in value):
            return [str(_clean_value(item)) for item in value]
        case _:
            raise sealing.UnsealError


def unseal_address(incident: Incident) -> OpenAddress | None:
    """Decrypt the address; None for an incident without one, after erasure, and if the key is not available here."""
    if incident.key_id is None or not incident.sealed_address:
        return None
    try:
        return _open_address(incident.pk, incident.key_id, bytes(incident.sealed_address))
    except (sealing.UnsealError, keys.KeyMissing):
        return None


def _open_address(incident_id: uuid.UUID, key_id: str, sealed: bytes) -> OpenAddress:
    """Decrypt the sealed address of the incident.

    Raises:
        sealing.UnsealError: damaged, erased, or not sealed by this product.
        keys.KeyMissing: the key was destroyed, or is not mounted here.
    """
    opened = sealing.unseal_json(sealed, by=keys.private_key(key_id), info=address_info(incident_id))
    return OpenAddress(normalised=str(opened["normalised"]), reported=str(opened["reported"]))


def mask_sealed_address(incident_id: uuid.UUID, key_id: str, sealed: bytes) -> str:
    """The masked address. Opening thirty of them only to mask them took a tenth of the queue's time: the masked form,
    which is what the page shows, is remembered.

    Raises sealing.UnsealError, keys.KeyMissing, also once the key is destroyed.
    """
    keys.private_key(key_id)
    return _open_and_mask(incident_id, key_id, sealed)


@lru_cache(maxsize=MOST_REMEMBERED)
def _open_and_mask(incident_id: uuid.UUID, key_id: str, sealed: bytes) -> str:
    return mask_all_but_suffix(_open_address(incident_id, key_id, sealed).normalised)


def seal_spellings(sighting: Sighting, spellings: Iterable[OpenAddress], *, now: datetime) -> None:
    """Set the first MOST_SPELLINGS of `spellings` on the instance, sealed under the key of the month of `now`.

    The caller saves the instance.
    """
    key = keys.public_key(now, KeyClass.ADDRESSES)
    content: list[sealing.JSON] = [
        {"normalised": spelling.normalised, "reported": spelling.reported}
        for spelling in islice(spellings, MOST_SPELLINGS)
    ]
    sighting.key_id = key.id
    sighting.sealed_address = sealing.seal_json({"spellings": content}, to=key, info=sighting_info(sighting))


def unseal_spellings(sighting: Sighting) -> list[OpenAddress]:
    """Decrypt each way in which the report writes the address; empty for words, after erasure, and if the key is not
    available here."""
    if sighting.key_id is None or not sighting.sealed_address:
        return []
    try:
        opened = sealing.unseal_json(
            bytes(sighting.sealed_address), by=keys.private_key(sighting.key_id), info=sighting_info(sighting)
        )
    except (sealing.UnsealError, keys.KeyMissing):
        return []
    spellings = opened["spellings"]
    if not isinstance(spellings, list):
        return []
    return [
        OpenAddress(normalised=str(spelling["normalised"]), reported=str(spelling["reported"]))
        for spelling in spellings
        if isinstance(spelling, dict)
    ]


def unseal_envelopes(report: Report) -> list[OpenEnvelope]:
    """All submissions of the receipt, oldest hour first."""
    return unseal_all_envelopes([report])[report.receipt_id]


def unseal_all_envelopes(reports: Sequence[Report]) -> dict[uuid.UUID, list[OpenEnvelope]]:
    """All submissions by receipt, oldest hour first. One query."""
    envelopes: dict[uuid.UUID, list[OpenEnvelope]] = {report.receipt_id: [] for report in reports}
    submissions = Submission.objects.filter(receipt__in=envelopes).select_related("key")
    for submission in submissions.order_by("received_hour", "pk"):
        envelopes[submission.receipt_id].append(_unseal_envelope(submission))
    return envelopes


def _unseal_envelope(submission: Submission) -> OpenEnvelope:
    erased_on = submission.key.destroyed_on
    try:
        opened, unreadable = ({} if erased_on else unseal_payload(submission)), False
    except (sealing.UnsealError, keys.KeyMissing):
        opened, unreadable = {}, True
    return OpenEnvelope(submission.pk, submission.kind, submission.received_hour, opened, unreadable, erased_on)


def unseal_all_questions(reports: Sequence[Report]) -> dict[uuid.UUID, list[OpenQuestion]]:
    """All questions from staff to the holders of the receipts, by receipt, oldest first. One query."""
    questions: dict[uuid.UUID, list[OpenQuestion]] = {report.receipt_id: [] for report in reports}
    messages = Message.objects.filter(receipt__in=questions).select_related("key")
    for message in messages.order_by("asked_on", "pk"):
        info = message_info(message.receipt_id)
        try:
            opened_by = keys.private_key(message.key_id)
            text = str(sealing.unseal_json(bytes(message.sealed_for_staff), by=opened_by, info=info)["text"])
        except (sealing.UnsealError, keys.KeyMissing):
            text = ""
        question = OpenQuestion(message.pk, message.asked_on, text, message.key.destroyed_on)
        questions[message.receipt_id].append(question)
    return questions


def unseal_note(note: Note) -> str | None:
    """Decrypt a note; None if it was erased or cannot be decrypted."""
    try:
        opened = sealing.unseal_json(bytes(note.sealed), by=keys.private_key(note.key_id), info=note_info(note))
    except (sealing.UnsealError, keys.KeyMissing):
        return None
    return str(opened["text"])


def seal_copy(copy: Copy, address: str, *, now: datetime) -> None:
    """Set `address` on the instance, sealed under the key of the month of `now`. The caller saves the instance."""
    key = keys.public_key(now, KeyClass.ADDRESSES)
    copy.key_id, copy.sealed = key.id, sealing.seal_json({"address": address}, to=key, info=copy_info(copy))


def unseal_copy(copy: Copy) -> str | None:
    """Decrypt the address; None if it was never set, was erased or cannot be decrypted."""
    if copy.key_id is None or not copy.sealed:
        return None
    try:
        opened = sealing.unseal_json(bytes(copy.sealed), by=keys.private_key(copy.key_id), info=copy_info(copy))
    except (sealing.UnsealError, keys.KeyMissing):
        return None
    return str(opened["address"])


def notice_answer(answer: NoticeAnswer) -> Payload:
    """Decrypt a recipient's reply: `kind` and `text` as the reply page seals them.

    Raises:
        sealing.UnsealError: erased, damaged, or not sealed by this product.
        keys.KeyMissing: the key was destroyed, or is not mounted here.
    """
    opened = sealing.unseal_json(
        bytes(answer.sealed), by=keys.private_key(answer.key_id), info=notice_answer_info(answer)
    )
    return {name: _clean_value(value) for name, value in opened.items()}


def unseal_draft(draft: Draft) -> dict[str, sealing.JSON] | None:
    """Decrypt the fields of a draft; None if it was erased or cannot be decrypted."""
    try:
        return sealing.unseal_json(bytes(draft.sealed), by=keys.private_key(draft.key_id), info=draft_info(draft))
    except (sealing.UnsealError, keys.KeyMissing):
        return None


def unseal_export_part(part: ExportPart) -> str:
    """Decrypt a part of an export, of the person of `part.export`, as it was packed. Raises UnsealError, KeyMissing."""
    info = export_part_info(part.export, part.number)
    return str(sealing.unseal_json(bytes(part.sealed), by=keys.private_key(part.key_id), info=info)["part"])


def reseal(sealed: bytes, key_id: str, *, to: sealing.PublicKey, info: bytes) -> bytes:
    """The same content sealed to another key. Raises UnsealError, KeyMissing."""
    return sealing.seal_json(sealing.unseal_json(sealed, by=keys.private_key(key_id), info=info), to=to, info=info)


def derive_monthly_secret(now: datetime) -> tuple[str, bytes]:
    """The id of this month's `addresses` key, and a secret derived from it for fingerprints of searches.

    Raises:
        keys.NoOpenKey, keys.KeyMissing: there is no key, or only its public half.
    """
    private = keys.private_key(keys.public_key(now, KeyClass.ADDRESSES).id)
    return private.id, hmac.digest(private.raw, b"fingerprints of this month", "sha256")
