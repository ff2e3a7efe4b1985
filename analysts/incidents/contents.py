"""Decrypting sealed contents for display. Plaintext is never stored."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from analysts.models import Draft, Incident, Note, NoticeItem, Redaction, Report, Sighting, UrlListEntry
from reports import keys, notice_links, sealing
from reports.actions import message_info
from reports.models import KeyClass, Message, NoticeAnswer, Submission

# The fields of a decrypted envelope, by form field.
type Payload = dict[str, str | list[str]]

# Ways in which one report writes one address that are kept; more tell an analyst nothing.
MOST_SPELLINGS = 10

# The rows that hold an incident's address as it was sent or published.
type Copy = Redaction | NoticeItem | UrlListEntry


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


def submission_info(submission: Submission) -> bytes:
    """The sealing context of an envelope: one moved to another portal, receipt or kind cannot be decrypted."""
    return sealing.build_info(
        key_class=KeyClass.WORDS.value,
        portal=str(submission.portal_id),
        receipt=submission.receipt_id,
        kind=submission.kind,
    )


def address_info(incident_id: uuid.UUID) -> bytes:
    return sealing.build_info(key_class=KeyClass.ADDRESSES.value, portal="", receipt=incident_id, kind="address")


def sighting_info(sighting: Sighting) -> bytes:
    """The sealing context of the address as a report writes it. Not its incident: merging changes that."""
    kind = f"sighting:{sighting.pk}"
    return sealing.build_info(key_class=KeyClass.ADDRESSES.value, portal="", receipt=sighting.report_id, kind=kind)


def note_info(note: Note) -> bytes:
    """The sealing context of a note: its incident and its author."""
    kind = f"note:{note.by_id}:{note.pk}"
    return sealing.build_info(key_class=KeyClass.ADDRESSES.value, portal="", receipt=note.incident_id, kind=kind)


def draft_info(draft: Draft) -> bytes:
    """The sealing context of a draft: its incident, its author and its form."""
    kind = f"draft:{draft.by_id}:{draft.act}"
    return sealing.build_info(key_class=KeyClass.WORDS.value, portal="", receipt=draft.incident_id, kind=kind)


def copy_info(copy: Copy) -> bytes:
    """The sealing context of a copy of an address: its incident and the row that holds it."""
    kind = f"{type(copy).__name__.lower()}:{copy.pk}"
    return sealing.build_info(key_class=KeyClass.ADDRESSES.value, portal="", receipt=copy.incident_id, kind=kind)


def notice_answer_info(answer: NoticeAnswer) -> bytes:
    """The sealing context of a recipient's reply: the link it was sent through."""
    return notice_links.answer_info(answer.link_id)


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
        return open_address(incident.pk, incident.key_id, bytes(incident.sealed_address))
    except (sealing.UnsealError, keys.KeyMissing):
        return None


def open_address(incident_id: uuid.UUID, key_id: str, sealed: bytes) -> OpenAddress:
    """Decrypt the sealed address of the incident.

    Raises:
        sealing.UnsealError: damaged, erased, or not sealed by this product.
        keys.KeyMissing: the key was destroyed, or is not mounted here.
    """
    opened = sealing.unseal_json(sealed, by=keys.private_key(key_id), info=address_info(incident_id))
    return OpenAddress(normalised=str(opened["normalised"]), reported=str(opened["reported"]))


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
