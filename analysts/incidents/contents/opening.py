"""Opens each kind of sealed content: the only module of `analysts` that uses private keys of content.

Only `contents`, which has a verb for each purpose, imports it. Plaintext is never stored.
"""

import hmac
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from analysts.incidents.contents.plaintexts import OpenAddress, OpenCopy, OpenEnvelope, OpenQuestion, Payload
from analysts.incidents.sealing_contexts import (
    Copy,
    address_info,
    copy_info,
    draft_info,
    export_part_info,
    history_part_info,
    history_row_info,
    mask_info,
    note_info,
    notice_answer_info,
    sighting_info,
    submission_info,
    words_release_info,
)
from analysts.models import Draft, ExportPart, HistoryPart, HistoryRow, Incident, Note, Report, Sighting, WordsRelease
from reports import keys, sealing
from reports.actions import message_info
from reports.addresses import mask_all_but_suffix
from reports.models import KeyClass, Message, NoticeAnswer, Submission


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
    try:
        return open_address(incident)
    except (sealing.UnsealError, keys.KeyMissing):
        return None


def open_address(incident: Incident) -> OpenAddress:
    """Decrypt the address.

    Raises:
        sealing.UnsealError: damaged, erased, or not sealed by this product.
        keys.KeyMissing: the key was destroyed, or is not mounted here.
    """
    private = keys.private_key(incident.key_id)
    opened = sealing.unseal_json(bytes(incident.sealed_address), by=private, info=address_info(incident.pk))
    return OpenAddress(normalised=str(opened["normalised"]), reported=str(opened["reported"]))


def unseal_history_row(row: HistoryRow) -> str:
    """The address of an imported case, as the former system had it. Raises sealing.UnsealError, keys.KeyMissing."""
    if row.key_id is None:
        raise sealing.UnsealError
    private = keys.private_key(row.key_id)
    return str(sealing.unseal_json(bytes(row.sealed), by=private, info=history_row_info(row))["reported"])


def unseal_mask(incident: Incident) -> str:
    """The masked address, as it was sealed; of an incident without a mask, or whose mask does not open, made again.

    Raises sealing.UnsealError, keys.KeyMissing.
    """
    with suppress(sealing.UnsealError, keys.KeyMissing):
        mask_key, info = keys.mask_key(incident.key_id), mask_info(incident.pk)
        if mask := sealing.unseal_mask(bytes(incident.sealed_mask), by=mask_key, info=info):
            return mask
    return mask_all_but_suffix(open_address(incident).normalised)


def unseal_spellings(sighting: Sighting) -> list[OpenAddress]:
    """Decrypt each way in which the report writes the address; empty for words, after erasure, and if the key is not
    available here."""
    if sighting.has_incident_spelling:
        address = unseal_address(sighting.named_incident)
        return [address] if address else []
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


def unseal_release(release: WordsRelease) -> str | None:
    """Decrypt the sentence; None if it was erased or cannot be decrypted."""
    try:
        private = keys.private_key(release.key_id)
        opened = sealing.unseal_json(bytes(release.sealed), by=private, info=words_release_info(release))
    except (sealing.UnsealError, keys.KeyMissing):
        return None
    return str(opened["text"])


def unseal_copy(copy: Copy) -> str | None:
    """Decrypt the address; None if it was never set, was erased or cannot be decrypted."""
    opened = unseal_copy_with_facts(copy)
    return opened.address if opened else None


def unseal_copy_with_facts(copy: Copy) -> OpenCopy | None:
    """Decrypt the address and the facts sealed with it; None as for `unseal_copy`."""
    try:
        opened = sealing.unseal_json(bytes(copy.sealed), by=keys.private_key(copy.key_id), info=copy_info(copy))
    except (sealing.UnsealError, keys.KeyMissing):
        return None
    facts = opened.get("facts")
    return OpenCopy(
        str(opened["address"]),
        {name: str(text) for name, text in facts.items()} if isinstance(facts, dict) else None,
    )


def unseal_reply(answer: NoticeAnswer) -> Payload:
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


def unseal_history_part(part: HistoryPart) -> str:
    """Decrypt a part of a history import, as it was packed. Raises UnsealError, KeyMissing."""
    key = keys.private_key(part.key_id)
    return str(sealing.unseal_json(bytes(part.sealed), by=key, info=history_part_info(part))["part"])


def reseal(sealed: bytes, key_id: str, *, to: sealing.PublicKey, info: bytes) -> bytes:
    """The same content sealed to another key. Raises UnsealError, KeyMissing."""
    return sealing.seal_json(sealing.unseal_json(sealed, by=keys.private_key(key_id), info=info), to=to, info=info)


def reseal_mask(sealed: bytes, key_id: str, *, to: sealing.PublicKey, info: bytes) -> bytes:
    """The same mask under the key of masks beside `to`; b"" if it does not open, to be sealed again later."""
    try:
        mask = sealing.unseal_mask(sealed, by=keys.mask_key(key_id), info=info)
        return sealing.seal_mask(mask, by=keys.mask_key(to.id), info=info)
    except (sealing.UnsealError, keys.KeyMissing):
        return b""


def derive_monthly_secret(now: datetime) -> tuple[str, bytes]:
    """The id of this month's `addresses` key, and a secret derived from it for fingerprints of searches.

    Raises:
        keys.NoOpenKey, keys.KeyMissing: there is no key, or only its public half.
    """
    private = keys.private_key(keys.public_key(now, KeyClass.ADDRESSES).id)
    return private.id, hmac.digest(private.raw, b"fingerprints of this month", "sha256")
