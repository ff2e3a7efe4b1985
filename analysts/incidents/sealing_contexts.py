"""The sealing context of each kind of content: what is moved to another row cannot be decrypted there."""

import uuid

from analysts.models import (
    Draft,
    Export,
    HistoryPart,
    HistoryRow,
    HostingTrace,
    Note,
    NoticeItem,
    Redaction,
    Sighting,
    UrlListEntry,
    WordsRelease,
)
from reports import keys, notice_links, sealing
from reports.models import KeyClass, NoticeAnswer, Submission

# The rows that hold an incident's address as it was sent or published, or the IP address of its host.
type Copy = Redaction | NoticeItem | UrlListEntry | HostingTrace


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


def mask_info(incident_id: uuid.UUID) -> bytes:
    return sealing.build_info(key_class=keys.MASKS, portal="", receipt=incident_id, kind="mask")


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


def words_release_info(release: WordsRelease) -> bytes:
    """The sealing context of a sentence that is released: its report and its row."""
    kind = f"release:{release.pk}"
    return sealing.build_info(key_class=KeyClass.WORDS.value, portal="", receipt=release.report_id, kind=kind)


def copy_info(copy: Copy) -> bytes:
    """The sealing context of a copy of an address: its incident and the row that holds it."""
    kind = f"{type(copy).__name__.lower()}:{copy.pk}"
    return sealing.build_info(key_class=KeyClass.ADDRESSES.value, portal="", receipt=copy.incident_id, kind=kind)


def notice_answer_info(answer: NoticeAnswer) -> bytes:
    """The sealing context of a recipient's reply: the link it was sent through."""
    return notice_links.answer_info(answer.link_id)


def export_part_info(export: Export, number: int) -> bytes:
    """The sealing context of a part of an export: its export, its person and its number."""
    kind = f"export:{export.by_id}:{number}"
    return sealing.build_info(key_class=KeyClass.WORDS.value, portal="", receipt=export.pk, kind=kind)


def history_part_info(part: HistoryPart) -> bytes:
    """The sealing context of a part of a history import: its import and its number."""
    kind = f"history:{part.source_import_id}:{part.number}"
    return sealing.build_info(key_class=KeyClass.WORDS.value, portal="", receipt="", kind=kind)


def history_row_info(row: HistoryRow) -> bytes:
    """The sealing context of the address of an imported case."""
    return sealing.build_info(key_class=KeyClass.ADDRESSES.value, portal="", receipt=row.pk, kind="history")
