"""Opening and changing a language that no release ships: two operators, as for everything that the public sees."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.actions import JSON
from audit.permissions import Denied
from countries.models import ApprovalRequest, Language
from countries.models.language import TextDirection, numbering_systems
from countries.public import published
from countries.staff.document.differences import Difference, find_field_differences
from countries.staff.document.portal_document import Document, digest_of
from countries.staff.document.recorded_changes import describe_row_changes, payload_changes
from countries.staff.document.row_requests import request_row_change
from countries.staff.requests.approvals import ApprovalKind, StaffMember
from countries.staff.requests.permissions import check_is_operator
from countries.words.language_memory import renew_languages
from countries.words.plurals import PluralRule, parse_plural_rule

# What operators edit; the tag never changes.
LANGUAGE_FIELDS = (
    "name", "english_name", "direction", "plural_rule", "digits", "font_note", "personal_words", "shows_words",
    "is_open",
)  # fmt: skip
# Of these, what a speaker checks.
SPOKEN_FIELDS = tuple(name for name in LANGUAGE_FIELDS if name not in ("shows_words", "is_open"))


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
    fields = LANGUAGE_FIELDS
    return request_row_change(LANGUAGE_CHANGE, before, after, fields, by=by, language=stored, reason=reason, now=now)


def language_document(language: Language) -> Document:
    """The language's fields as plain JSON."""
    return {name: getattr(language, name) for name in LANGUAGE_FIELDS}


def language_details(before: Document, language: Language) -> dict[str, JSON]:
    """What an event says of a saved language; `before` is {} for a new one."""
    return {
        "language": language.tag,
        "changes": describe_row_changes(before, language_document(language), LANGUAGE_FIELDS),
    }


def describe_rule(rule: PluralRule) -> str:
    """The number of forms, and the first numbers of each."""
    examples = "; ".join(", ".join(map(str, rule.examples(form))) + " …" for form in range(rule.count))
    message = ngettext("%(number)d form: %(examples)s", "%(number)d forms: %(examples)s", rule.count)
    return message % {"number": rule.count, "examples": examples}


def _readable(document: Document) -> Document:
    """The values of a document as a speaker can check them: no codes."""
    return document | {
        "direction": str(TextDirection(document["direction"]).label),
        "plural_rule": describe_rule(parse_plural_rule(document["plural_rule"])),
        "digits": dict(numbering_systems())[document["digits"]],
    }


@dataclass(frozen=True, slots=True)
class OpenedLanguageReview:
    """What the second operator reviews. After the decision there are no differences: the old values are not kept.

    facts: label and value of what the language will be, where it is not open yet and all of it is new to the public.
    """

    language: Language
    differences: list[Difference]
    facts: list[tuple[str, str]]


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
    if not request.is_waiting:
        return OpenedLanguageReview(language, [], [])
    before, after = _readable(language_document(language)), _readable(request.payload["language"])
    facts = [] if language.is_open else [(_field_label(name), after[name]) for name in SPOKEN_FIELDS if after[name]]
    return OpenedLanguageReview(language, find_field_differences(Language, LANGUAGE_FIELDS, before, after), facts)


def _field_label(name: str) -> str:
    return str(Language._meta.get_field(name).verbose_name)  # type: ignore[union-attr] # it is no relation


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    return {"language": _language_of(request).tag, **payload_changes(request.payload)}


LANGUAGE_CHANGE = ApprovalKind(
    code="language",
    check_may_decide=check_is_operator,
    check_is_current=_check_unchanged,
    apply=_apply_language,
    audit_details=_audit_details,
    title=lambda request: _("%(language)s: language") % {"language": _language_of(request).english_name},
    template="countries/staff/translation/_language_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. Portals can use the language within seconds."),
)
