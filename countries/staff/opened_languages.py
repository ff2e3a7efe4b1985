"""Opening and changing a language that no release ships: two operators, as for everything that the public sees."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON
from audit.permissions import Denied
from countries.models import ApprovalRequest, Language
from countries.public import published
from countries.staff.approvals import ApprovalKind, StaffMember, request_approval
from countries.staff.differences import Difference, find_field_differences
from countries.staff.document import Document, digest_of
from countries.staff.permissions import check_is_operator
from countries.words.language_memory import renew_languages

# What operators edit; the tag never changes.
LANGUAGE_FIELDS = (
    "name", "english_name", "direction", "plural_rule", "digits", "font_note", "personal_words", "shows_words",
    "is_open",
)  # fmt: skip


def language_needs_second(stored: Language, language: Language) -> bool:
    """Whether the change is one that the public may see: of an open language, or one that opens it."""
    return stored.is_open or language.is_open


def refuse_shipped_language(tag: str) -> None:
    """Raises ValidationError for a tag whose catalogue is part of the product."""
    if tag in dict(settings.LANGUAGES):
        raise ValidationError(_("This language is part of the product: its texts are under “Interface texts”."))


@transaction.atomic
def request_language(
    *, by: StaffMember, language: Language, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request that the stored language gets the fields of `language`, which is not saved.

    Raises Denied; ValidationError if nothing differs or the reason is empty.
    """
    stored = Language.objects.select_for_update(no_key=True).get(pk=language.pk)
    before, after = language_document(stored), language_document(language)
    if before == after:
        raise ValidationError(_("Nothing differs from what is stored."), code="same")
    if not reason.strip():
        raise ValidationError(_("Give a reason: the person who approves the request reads it."), code="reason")
    changed: list[JSON] = [name for name in LANGUAGE_FIELDS if before[name] != after[name]]
    return request_approval(
        LANGUAGE_CHANGE,
        by=by,
        language=stored,
        payload={"language": after, "fields": changed},
        digest=digest_of(before),
        reason=reason,
        now=now,
    )


def language_document(language: Language) -> Document:
    """The language's fields as plain JSON."""
    return {name: getattr(language, name) for name in LANGUAGE_FIELDS}


@dataclass(frozen=True, slots=True)
class OpenedLanguageReview:
    """What the second operator reviews. After the decision there are no differences: the old values are not kept."""

    language: Language
    differences: list[Difference]


def _language_of(request: ApprovalRequest) -> Language:
    if request.language is None:
        raise ValueError("The request is not about a language.")
    return request.language


def _check_unchanged(user: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if request.digest != digest_of(language_document(_language_of(request))):
        raise Denied(gettext_lazy("The language has changed since the request. Decline it and make a new one."))


def _apply_language(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    language = _language_of(request)
    for name, value in request.payload["language"].items():
        setattr(language, name, value)
    language.full_clean()
    language.save(update_fields=LANGUAGE_FIELDS)
    transaction.on_commit(_show_change)
    return ""


def _show_change() -> None:
    """This process shows the change at once, the others within seconds."""
    renew_languages()
    published.clear_cache()


def _build_review(request: ApprovalRequest) -> OpenedLanguageReview:
    language = _language_of(request)
    before, after = language_document(language), request.payload["language"]
    found = find_field_differences(Language, LANGUAGE_FIELDS, before, after) if request.is_waiting else []
    return OpenedLanguageReview(language, found)


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    return {"language": _language_of(request).tag, "fields": request.payload["fields"]}


LANGUAGE_CHANGE = ApprovalKind(
    code="language",
    check_may_decide=check_is_operator,
    check_is_current=_check_unchanged,
    apply=_apply_language,
    audit_details=_audit_details,
    title=lambda request: _("%(language)s: language") % {"language": _language_of(request).english_name},
    template="countries/staff/_language_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. Portals can use the language within seconds."),
)
