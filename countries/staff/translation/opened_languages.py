"""Opening and changing a language that no release ships: two operators, as for everything that the public sees."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.permissions import Denied, HasPermissions
from countries.models import (
    ApprovalRequest,
    ApprovedText,
    GlossaryTerm,
    InterfaceTranslation,
    Language,
    LanguageRole,
    PortalText,
)
from countries.models.language import TextDirection, numbering_systems
from countries.public import published
from countries.staff.document.differences import Difference, find_field_differences
from countries.staff.document.portal_document import Document
from countries.staff.document.row_requests import EditedRows, request_row_change
from countries.staff.requests.approvals import ApprovalKind, StaffMember, check_is_operator
from countries.words.language_memory import renew_languages
from countries.words.plurals import PluralRule, parse_plural_rule

LANGUAGE_FIELDS = (
    "name", "english_name", "direction", "plural_rule", "digits", "font_note", "personal_words", "shows_words",
    "is_open",
)  # fmt: skip
# Facts of a language that pages can use; a speaker checks the others.
PUBLIC_FIELDS = ("shows_words", "is_open")
SPOKEN_FIELDS = tuple(name for name in LANGUAGE_FIELDS if name not in PUBLIC_FIELDS)


def _show_change() -> None:
    renew_languages()
    published.clear_cache()


LANGUAGES = EditedRows(
    model=Language,
    fields=LANGUAGE_FIELDS,
    key="tag",
    key_in_events="language",
    is_public=lambda language: language.is_open,
    show_change=_show_change,
)


def refuse_shipped_language(tag: str) -> None:
    """Raises ValidationError for a tag whose catalogue is part of the product."""
    if tag in dict(settings.LANGUAGES):
        raise ValidationError(_("This language is part of the product: its texts are under “Interface texts”."))


def request_language(
    *, by: StaffMember, language: Language, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """See `request_row_change`."""
    return request_row_change(LANGUAGE_CHANGE, LANGUAGES, by=by, row=language, reason=reason, now=now)


def check_can_delete_language(user: HasPermissions, language: Language) -> None:
    """Only a language that nothing has used yet is deleted. Up to eight queries. Raises Denied."""
    check_is_operator(user)
    if language.is_open:
        raise Denied(_("Portals may use this language."))
    used = [
        rows
        for rows in (PortalText, LanguageRole, ApprovedText, InterfaceTranslation, GlossaryTerm)
        if rows._default_manager.filter(language=language.tag).exists()
    ]
    if used:
        raise Denied(_("The language is in use: %(rows)s.") % {"rows": used[0]._meta.verbose_name_plural})
    if ApprovalRequest.objects.filter(language=language).exists():
        raise Denied(_("An approval request names this language."))


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
    """For the second operator.

    facts: label and value of what the language will be, where it is not open yet and all of it is new to the public.
    """

    differences: list[Difference]
    facts: list[tuple[str, str]]


def _build_review(request: ApprovalRequest) -> OpenedLanguageReview:
    """Empty once it is decided: the old values are not kept."""
    if not request.is_waiting:
        return OpenedLanguageReview([], [])
    language = LANGUAGES.requested_row(request)
    before, after = _readable(LANGUAGES.document(language)), _readable(LANGUAGES.requested_document(request))
    facts = [] if language.is_open else [(_field_label(name), after[name]) for name in SPOKEN_FIELDS if after[name]]
    return OpenedLanguageReview(find_field_differences(Language, LANGUAGE_FIELDS, before, after), facts)


def _field_label(name: str) -> str:
    return str(Language._meta.get_field(name).verbose_name)  # type: ignore[union-attr] # it is no relation


LANGUAGE_CHANGE = ApprovalKind(
    code="language",
    check_may_decide=check_is_operator,
    contents=LANGUAGES.contents,
    changed_message=gettext_lazy("The language has changed since the request. Decline it and make a new one."),
    apply=LANGUAGES.apply,
    audit_details=LANGUAGES.audit_details,
    title=lambda request: _("%(language)s: language") % {"language": LANGUAGES.requested_row(request).english_name},
    template="countries/staff/translation/_language_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. Portals can use the language within seconds."),
)
