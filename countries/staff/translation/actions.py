"""Actions on the translations of interface texts: propose, approve, decline, draft; and on the glossary.

Only an approval changes what the public reads: it writes the `ApprovedText` in its own transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import JSON, record_event
from audit.permissions import Denied, Late
from countries.models import ApprovedText, GlossaryTerm, InterfaceTranslation, TranslationState
from countries.public import published
from countries.staff.requests.approvals import StaffMember
from countries.staff.translation.permissions import (
    check_can_approve_text,
    check_can_decide,
    check_can_review,
    check_can_translate,
    check_is_translator,
)
from countries.words.checks import find_translation_faults
from countries.words.crisis_texts import texts_to_write, tidy_forms
from countries.words.plurals import plural_rule
from countries.words.sources import SOURCE, SourceText, shipped_translations


@transaction.atomic
def propose_text(
    *,
    by: StaffMember,
    language: str,
    source: SourceText,
    forms: Sequence[str],
    is_machine_made: bool = False,
    reason: str = "",
    now: datetime | None = None,
) -> InterfaceTranslation:
    """Propose a translation, which replaces the one that waits.

    `reason`: why words of crisis change; other texts need none. Raises Denied; ValidationError for each fault.
    """
    row = _build_row(by, language, source, forms, TranslationState.PROPOSED, now, is_machine_made=is_machine_made)
    if source.is_phrase_list and not reason.strip():
        raise ValidationError(_("Say why these words of crisis change."))
    row.change_reason = reason
    waiting = InterfaceTranslation.objects.of_text(language, source.digest).proposed().select_for_update()
    for earlier in waiting:
        earlier.state = TranslationState.SUPERSEDED
        earlier.save(update_fields=["state"])
    _save_unique(row)
    details = _audit_details(row) | ({"reason": reason} if reason else {})
    record_event(by=by, action="words.propose", on=row, details=details)
    return row


@transaction.atomic
def save_draft(
    *,
    by: StaffMember,
    language: str,
    source: SourceText,
    forms: Sequence[str],
    is_machine_made: bool = False,
    now: datetime | None = None,
) -> InterfaceTranslation:
    """Save a draft for translators to start from. Raises Denied; ValidationError for each fault."""
    row = _build_row(by, language, source, forms, TranslationState.DRAFT, now, is_machine_made=is_machine_made)
    row.save()
    record_event(by=by, action="words.draft", on=row, details=_audit_details(row))
    return row


@transaction.atomic
def approve_text(
    *, by: StaffMember, translation: InterfaceTranslation, now: datetime | None = None
) -> InterfaceTranslation:
    """Approve a proposed translation, which the public reads within seconds.

    Raises Denied, Late if already decided; ValidationError if its source text has gone or it has faults.
    """
    now = now or timezone.now()
    row = _lock_row(translation)
    check_can_approve_text(by, row, now)
    source = find_source(row.language, row.digest)
    check_forms(source, row.forms, row.language)
    _publish_row(by, row, now)
    record_event(by=by, action="words.approve", on=row, details=_audit_details(row))
    return row


def approve_texts(
    *, by: StaffMember, translations: Iterable[InterfaceTranslation], now: datetime | None = None
) -> list[tuple[InterfaceTranslation, str]]:
    """Approve each of the translations, each in a transaction of its own. Returns those that are refused, and why.

    Raises Denied for accounts that translate nothing.
    """
    check_is_translator(by)
    refused = []
    for translation in translations:
        try:
            approve_text(by=by, translation=translation, now=now)
        except Denied as denied:
            refused.append((translation, str(denied.reason)))
        except ValidationError as error:
            refused.append((translation, " ".join(error.messages)))
    return refused


@transaction.atomic
def approve_shipped_text(
    *, by: StaffMember, language: str, source: SourceText, forms: Sequence[str], now: datetime | None = None
) -> InterfaceTranslation:
    """Approve the shipped translation unchanged, whose forms the user saw.

    Raises Denied, also if it has changed since or another version is approved; ValidationError if it has faults.
    """
    now = now or timezone.now()
    check_can_review(by, language)
    if tuple(forms) != shipped_translations(language).get(source.digest):
        raise Denied(_("The shipped translation has changed since you opened this page. Read it again."))
    if ApprovedText.objects.filter(language=language, digest=source.digest).exists():
        raise Denied(_("Another translation of this text is approved already."))
    row = _build_row(None, language, source, forms, TranslationState.PROPOSED, now, is_machine_made=True)
    _publish_row(by, row, now)
    record_event(by=by, action="words.approve", on=row, details=_audit_details(row))
    return row


@transaction.atomic
def decline_text(
    *, by: StaffMember, translation: InterfaceTranslation, reason: str, now: datetime | None = None
) -> InterfaceTranslation:
    """Decline a proposed translation without effect; by its translator, withdraw it. Raises Denied, Late."""
    row = _lock_row(translation)
    check_can_decide(by, row)
    row.state, row.reason = TranslationState.DECLINED, reason
    row.reviewed_by_id, row.reviewed_at = by.pk, now or timezone.now()
    row.save(update_fields=["state", "reason", "reviewed_by", "reviewed_at"])
    record_event(by=by, action="words.decline", on=row, details=_audit_details(row))
    return row


@transaction.atomic
def remove_gone_text(*, by: StaffMember, text: ApprovedText) -> None:
    """Remove an approved text whose source has gone, which no page shows. Raises Denied, also while a page may."""
    check_can_review(by, text.language)
    if text.digest in texts_to_write(text.language):
        raise Denied(_("The product has this English text. Propose another translation instead."))
    approved = InterfaceTranslation.objects.of_text(text.language, text.digest)
    approved.filter(state=TranslationState.APPROVED).update(state=TranslationState.SUPERSEDED)
    details = {"language": text.language, "digest": text.digest}
    text.delete()
    record_event(by=by, action="words.remove", details=details)


@transaction.atomic
def add_term(*, by: StaffMember, language: str, term: str, translation: str, note: str = "") -> GlossaryTerm:
    """Add a term to the glossary of a language. Raises Denied; ValidationError if it has the term already."""
    check_can_translate(by, language)
    row = GlossaryTerm(language=language, term=term, translation=translation, note=note)
    row.full_clean()
    row.save()
    record_event(by=by, action="glossary.add", on=row, details={"language": language})
    return row


@transaction.atomic
def remove_term(*, by: StaffMember, term: GlossaryTerm) -> None:
    check_can_translate(by, term.language)
    details: dict[str, JSON] = {"language": term.language, "key": term.pk}
    term.delete()
    record_event(by=by, action="glossary.remove", details=details)


def find_source(language: str, digest: str) -> SourceText:
    """The text of the language with this digest. Raises ValidationError if the product no longer has it."""
    source = texts_to_write(language).get(digest)
    if source is None:
        raise ValidationError(_("The English text has changed or gone since. Translate the new one."), code="gone")
    return source


def check_forms(source: SourceText, forms: Sequence[str], language: str) -> None:
    """Raises ValidationError with every fault of the translation."""
    expected = plural_rule(language).count if source.plural else 1
    if len(forms) != expected:
        raise ValidationError(_("The language needs %(number)d forms of this text.") % {"number": expected})
    if faults := find_translation_faults(source, forms, language):
        raise ValidationError([str(fault) for fault in faults])


def _build_row(
    by: StaffMember | None,
    language: str,
    source: SourceText,
    forms: Sequence[str],
    state: TranslationState,
    now: datetime | None,
    *,
    is_machine_made: bool,
) -> InterfaceTranslation:
    """The unsaved row. `by`: its translator, None for the shipped text. Raises Denied; ValidationError for faults."""
    if by:
        check_can_translate(by, language)
    if language == SOURCE and not source.is_phrase_list:
        raise Denied(_("The English texts of pages are written in the code."))
    forms = tidy_forms(source, forms)
    check_forms(source, forms, language)
    return InterfaceTranslation(
        language=language,
        digest=source.digest,
        context=source.context,
        singular=source.singular,
        plural=source.plural,
        forms=forms,
        state=state,
        is_machine_made=is_machine_made,
        translated_by_id=by.pk if by else None,
        translated_at=now or timezone.now(),
    )


def _lock_row(translation: InterfaceTranslation) -> InterfaceTranslation:
    return InterfaceTranslation.objects.select_for_update().get(pk=translation.pk)


def _save_unique(row: InterfaceTranslation) -> None:
    """Raises Late if another person proposed or approved a version of the text meanwhile."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        message = _("Another person proposed or approved a translation of this text meanwhile. Read it first.")
        raise Late(message) from error


def _publish_row(by: StaffMember, row: InterfaceTranslation, now: datetime) -> None:
    """Make the row the approved one, and what the public reads."""
    earlier = [TranslationState.APPROVED, TranslationState.DRAFT]
    before = InterfaceTranslation.objects.of_text(row.language, row.digest).filter(state__in=earlier)
    before.update(state=TranslationState.SUPERSEDED)
    row.state, row.reviewed_by_id, row.reviewed_at = TranslationState.APPROVED, by.pk, now
    _save_unique(row)
    # A new row and not a changed one: readers compare ids (`countries.words.overlay`).
    ApprovedText.objects.filter(language=row.language, digest=row.digest).delete()
    ApprovedText.objects.create(
        language=row.language,
        digest=row.digest,
        context=row.context,
        singular=row.singular,
        plural=row.plural,
        forms=row.forms,
    )
    # This process shows the change at once, the others within seconds.
    transaction.on_commit(published.clear_cache)


def _audit_details(row: InterfaceTranslation) -> dict[str, JSON]:
    return {"language": row.language, "digest": row.digest}
