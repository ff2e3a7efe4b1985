"""Notice texts: selection of the current version, shipped texts, and new versions."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.models import NoticeTemplate, Purpose, Recipient, RecipientKind, User
from analysts.takedown.notices.placeholders import faults_of_body, faults_of_subject
from analysts.takedown.notices.text_permissions import check_can_write_texts
from audit.actions import JSON, record_event
from audit.changes import describe_changes, describe_text
from audit.permissions import Denied, Late

SHIPPED = Path(__file__).parent / "shipped"
# The language for recipients that have no text in any of their languages.
FALLBACK = "en"
_CHANGED = _("A colleague has changed this text in the meantime. Yours is not saved: compare the two versions.")


class ShippedLetter(NamedTuple):
    kind: RecipientKind
    purpose: Purpose
    subject: str
    body: str


def text_for_recipient(recipient: Recipient, purpose: str) -> NoticeTemplate | None:
    """The latest version in the first of the recipient's languages that has a text, otherwise in English."""
    latest = latest_by_language(recipient.kind, purpose)
    languages = (tag.lower() for tag in recipient.languages)
    # A recipient that prefers pt-br gets a text in pt rather than in English.
    tags = [candidate for tag in languages for candidate in (tag, tag.split("-")[0])]
    return next((latest[tag] for tag in [*tags, FALLBACK] if tag in latest), None)


def latest_by_language(kind: str, purpose: str) -> dict[str, NoticeTemplate]:
    texts = NoticeTemplate.objects.filter(kind=kind, purpose=purpose).order_by("language", "-version")
    return {text.language: text for text in texts.distinct("language")}


def latest_text(kind: str, purpose: str, language: str) -> NoticeTemplate | None:
    texts = NoticeTemplate.objects.filter(kind=kind, purpose=purpose, language=language)
    return texts.order_by("-version").select_related("by").first()


@transaction.atomic
def save_text(*, by: User, text: NoticeTemplate, now: datetime | None = None) -> None:
    """Save an unsaved text as a new version, which notices use from now on.

    Its `version` is the one that it was written from; 0 if there was none.

    Raises:
        Late: another version was saved in the meantime.
    """
    check_can_write_texts(by)
    faults = [*faults_of_subject(text.subject), *faults_of_body(text.body, Purpose(text.purpose))]
    if faults:
        raise Denied(str(faults[0]))
    before = latest_text(text.kind, text.purpose, text.language)
    if before is not None and (before.subject, before.body) == (text.subject, text.body):
        raise Denied(_("Nothing was changed."))
    if (before.version if before else 0) != text.version:
        raise Late(_CHANGED)
    text.version, text.by, text.at = text.version + 1, by, now or timezone.now()
    try:
        with transaction.atomic():
            text.save(force_insert=True)
    except IntegrityError:
        raise Late(_CHANGED) from None
    details: dict[str, JSON] = {
        "kind": str(text.kind),
        "purpose": str(text.purpose),
        "language": text.language,
        "changes": describe_changes(_text_digests(before) if before else {}, _text_digests(text)),
    }
    record_event(by=by, action="notice_text.write", on=text, details=details, at=text.at)


def purposes_of_kind(kind: RecipientKind) -> list[Purpose]:
    """The purposes for which there are texts for this recipient type."""
    return [purpose for purpose in Purpose if purpose != Purpose.CLEARANCE or kind.row.is_asked_for_clearance]


@transaction.atomic
def load_shipped_texts(*, now: datetime | None = None) -> int:
    """Add shipped texts that have no version yet, as version 1; return how many were added.

    Existing texts are never changed, so edits by operators are kept.
    """
    now = now or timezone.now()
    missing = _missing_texts(now)
    if missing:
        NoticeTemplate.objects.bulk_create(missing, ignore_conflicts=True)
        added: dict[str, JSON] = {
            f"{text.kind} {text.purpose} {text.language}": _text_digests(text) for text in missing
        }
        record_event(by=None, action="notice_text.load", details={"before": None, "after": added}, at=now)
    return len(missing)


def _text_digests(text: NoticeTemplate) -> dict[str, JSON]:
    """The version as audit events record it: its number, and subject and body by length and digest."""
    return {"version": text.version, "subject": describe_text(text.subject), "body": describe_text(text.body)}


def count_missing_texts() -> int:
    """The number of shipped texts that have no version in the database."""
    return len(_missing_texts(timezone.now()))


def _missing_texts(at: datetime) -> list[NoticeTemplate]:
    existing = set(NoticeTemplate.objects.values_list("kind", "purpose", "language").distinct())
    return [text for text in read_shipped_texts(at) if (text.kind, text.purpose, text.language) not in existing]


def read_shipped_texts(at: datetime) -> Iterator[NoticeTemplate]:
    """Yield the shipped texts as unsaved rows."""
    for path in sorted(SHIPPED.glob("*.toml")):
        for letter in _read_letters(path):
            yield NoticeTemplate(**letter._asdict(), language=path.stem, at=at)


@cache
def _read_letters(path: Path) -> tuple[ShippedLetter, ...]:
    """The letters of one language. They change with a release only."""
    kinds = tomllib.loads(path.read_text(encoding="utf-8"))
    paragraphs: dict[str, str] = kinds.pop("paragraphs")
    return tuple(
        ShippedLetter(
            RecipientKind(kind),
            Purpose(purpose),
            letter["subject"],
            "\n\n".join(paragraphs[name].strip() for name in letter["paragraphs"]),
        )
        for kind, purposes in kinds.items()
        for purpose, letter in purposes.items()
    )
