"""Notice texts: selection of the current version, shipped texts, and new versions."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.models import NoticeTemplate, Purpose, Recipient, RecipientKind, User
from analysts.takedown.notices.permissions import check_can_write_texts
from analysts.takedown.notices.placeholders import faults_of_body, faults_of_subject
from analysts.takedown.notices.shipped_texts import read_languages
from audit.actions import JSON, record_event
from audit.changes import describe_changes, describe_text
from audit.permissions import Denied, Late
from countries.languages import FALLBACK

# Recipient type, purpose and language.
type TextKey = tuple[str, str, str]

_CHANGED = _("A colleague has changed this text in the meantime. Yours is not saved: compare the two versions.")


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
    kind, purpose = RecipientKind(text.kind), Purpose(text.purpose)
    if faults := [*faults_of_subject(text.subject), *faults_of_body(text.body, kind, purpose)]:
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
    if kind.row.referred_as is None:
        return [Purpose.CORRECTION, Purpose.ALERT]
    is_needed = {Purpose.CLEARANCE: kind.row.is_asked_for_clearance, Purpose.ALERT: kind.row.is_alerted}
    return [purpose for purpose in Purpose if is_needed.get(purpose, True)]


@transaction.atomic
def load_shipped_texts(*, now: datetime | None = None) -> int:
    """Add the shipped texts that are missing, and new versions of those that this release changed; return how many.

    A text that an operator has written is never followed by a shipped one.
    """
    now = now or timezone.now()
    current = current_texts()
    to_load = _texts_to_load(current, now)
    if to_load:
        NoticeTemplate.objects.bulk_create(to_load, ignore_conflicts=True)
        added: dict[str, JSON] = {_text_name(text): _text_digests(text) for text in to_load}
        earlier = {_text_name(text): _text_digests(text) for text in current.values()}
        replaced: dict[str, JSON] = {name: earlier[name] for name in added if name in earlier}
        details: dict[str, JSON] = {"before": replaced or None, "after": added}
        record_event(by=None, action="notice_text.load", details=details, at=now)
    return len(to_load)


def _text_digests(text: NoticeTemplate) -> dict[str, JSON]:
    """The version as audit events record it: its number, and subject and body by length and digest."""
    return {"version": text.version, "subject": describe_text(text.subject), "body": describe_text(text.body)}


def _text_key(text: NoticeTemplate) -> TextKey:
    return str(text.kind), str(text.purpose), text.language


def _text_name(text: NoticeTemplate) -> str:
    return " ".join(_text_key(text))


def count_texts_to_load() -> int:
    """The number of shipped texts that the database lacks, or has from an earlier release."""
    return len(_texts_to_load(current_texts(), timezone.now()))


def current_texts() -> dict[TextKey, NoticeTemplate]:
    """The version in use of each text, by recipient type, purpose and language, in this order. One query."""
    texts = NoticeTemplate.objects.order_by("kind", "purpose", "language", "-version")
    return {_text_key(text): text for text in texts.distinct("kind", "purpose", "language")}


def _texts_to_load(current: Mapping[TextKey, NoticeTemplate], at: datetime) -> list[NoticeTemplate]:
    to_load = []
    for text in read_shipped_texts(at):
        before = current.get(_text_key(text))
        if before is None:
            to_load.append(text)
        elif before.by_id is None and (before.subject, before.body) != (text.subject, text.body):
            text.version = before.version + 1
            to_load.append(text)
    return to_load


def read_shipped_texts(at: datetime) -> Iterator[NoticeTemplate]:
    """Yield the shipped texts as unsaved rows."""
    for language, shipped in read_languages().items():
        for letter in shipped.letters:
            yield NoticeTemplate(**letter._asdict(), language=language, at=at)
