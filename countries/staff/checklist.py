"""The launch checklist: what a portal needs before the public sees it. Computed, never stored."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.admin.utils import label_for_field
from django.contrib.auth import get_user_model
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from countries.brand import readable_under_white, too_close
from countries.languages import find_opened_language, is_readable_as, language_name, words_language
from countries.models import Contact, ContactKind, LanguageReview, Partner, Portal, PortalText, PortalTextPart
from countries.staff import standard_words
from countries.staff.contact_checks import last_checked, with_last_check
from countries.staff.text_reviews import PartStatus, part_statuses
from countries.staff.words_status import approved_languages

# The relations of a portal that the checklist reads.
PREFETCHED = (
    "texts__reviews",
    Prefetch("contacts", with_last_check(Contact.objects.all())),
    "contacts__texts",
    "partners__texts",
)
TEXT_FIELDS = tuple(part.value for part in PortalTextPart)


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of the checklist.

    missing: a full sentence on what is missing; "" if the item is done.
    anchor: the element id, on the step that completes it (`steps.step_of_item`), of the field that does so.
    page: the URL name of another page that completes it; "" if none.
    """

    key: str
    title: str
    missing: str
    anchor: str
    page: str = ""

    @property
    def done(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Checklist:
    items: tuple[ChecklistItem, ...]

    @property
    def open(self) -> tuple[ChecklistItem, ...]:
        return tuple(item for item in self.items if not item.done)

    @property
    def complete(self) -> bool:
        return not self.open

    @property
    def percentage(self) -> int:
        """Percentage of items done, rounded down, so that 100 means complete."""
        return (len(self.items) - len(self.open)) * 100 // len(self.items)


def build_checklist(
    portal: Portal,
    today: date,
    words: Mapping[str, str] | None = None,
    uncovered: Collection[int] | None = None,
) -> Checklist:
    """The portal's checklist on the given day, in the active language.

    `words`: the result of `words_missing` for the portal's languages; `uncovered`: that of `uncovered_among` for
    portals that include it. If both are given, and PREFETCHED is prefetched, no query is needed.
    """
    prefetch_related_objects([portal], *PREFETCHED)
    texts, contacts = texts_in_order(portal), contacts_in_order(portal)
    if words is None:
        words = words_missing({text.language for text in texts})
    if uncovered is None:
        uncovered = uncovered_among([portal.pk])
    items = [
        *(_contact_item(kind, contacts, today) for kind in ContactKind if kind.row.needed),
        _default_text(portal, texts),
        *(_text_item(text, today) for text in texts),
        *(_interface_text_item(text.language, words[text.language]) for text in texts),
        *_name_items(portal, texts),
        _law_item(portal),
        *_colour_items(portal),
        _partners_item(sorted(portal.partners.all(), key=lambda each: (each.position, each.pk))),
        _coverage_item(portal, uncovered),
        _test_report_item(portal),
    ]
    return Checklist(tuple(items))


def words_missing(tags: Collection[str]) -> dict[str, str]:
    """Maps each language to a sentence on what its interface text lacks ("" if nothing).

    Two queries.
    """
    reviews = dict(LanguageReview.objects.values_list("language", "digest"))
    approved = approved_languages()
    return {tag: _words_lack(tag, reviews, approved) for tag in tags}


def uncovered_among(portals: Collection[int]) -> set[int]:
    """Of these portal ids, the ones whose reports no active analyst would see. One query."""
    return get_user_model().objects.uncovered_among(portals)


def _words_lack(tag: str, reviews: Mapping[str, str], approved: Collection[str]) -> str:
    language = words_language(tag)
    is_english = language == standard_words.SOURCE and tag.split("-")[0] != standard_words.SOURCE
    opened = find_opened_language(tag)
    if is_english and not opened:
        return _(
            "The installation has no interface text in this language. Open it under “Languages”, or remove the portal"
            " text until it has."
        )
    translated, words = standard_words.count_translated(tag)
    if is_english:
        message = _(
            "Pages show it in English: %(translated)d of %(words)d interface texts are translated and approved. Have it"
            " translated under “Interface texts”, then let pages show it under “Languages”."
        )
        return message % {"translated": translated, "words": words}
    if translated == words and opened:
        # Two people read every single one.
        return ""
    if translated < words:
        return _("%(translated)d of %(words)d interface texts are translated; the others appear in English.") % {
            "translated": translated,
            "words": words,
        }
    if language == standard_words.SOURCE or reviews.get(language) == standard_words.words_digest(language):
        return ""
    if language in approved:
        return ""
    return _("A named speaker must review the current interface text.")


def texts_in_order(portal: Portal) -> list[PortalText]:
    """The texts in the order of the admin page, whose element ids contain their number."""
    return sorted(portal.texts.all(), key=lambda each: (each.position, each.pk))


def contacts_in_order(portal: Portal) -> list[Contact]:
    """The contacts in the order of the admin page."""
    return sorted(portal.contacts.all(), key=lambda each: (each.position, each.pk))


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for a leap day."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def is_stale(contact: Contact, today: date) -> bool:
    """Whether the contact was neither verified nor checked within the last twelve months."""
    checked = last_checked(contact)
    return checked is None or not year_before(today) <= checked <= today


def _contact_item(kind: ContactKind, contacts: list[Contact], today: date) -> ChecklistItem:
    title = _("Contact: %(kind)s") % {"kind": kind.label}
    mine = [(number, each) for number, each in enumerate(contacts) if each.kind == kind]
    key = f"contact_{kind.value}"
    if not mine:
        return ChecklistItem(key, title, _("The portal has no contact of this kind."), "contacts-group")
    reasons = [(number, contact, _contact_lacks(contact, today)) for number, contact in mine]
    if not all(lacks for _number, _contact, lacks in reasons):
        return ChecklistItem(key, title, "", f"id_contacts-{mine[0][0]}-verified_on")
    number, contact, lacks = reasons[0]
    return ChecklistItem(
        key,
        title,
        _("“%(name)s” needs %(what)s.") % {"name": contact.name, "what": get_text_list(lacks, _("and"))},
        f"id_contacts-{number}-{_contact_field(contact, today)}",
    )


def _contact_lacks(contact: Contact, today: date) -> list[str]:
    lacks = []
    if not (contact.phone or contact.website):
        lacks.append(_("a telephone number or a web site"))
    if not contact.source:
        lacks.append(_("a source"))
    if not contact.verified_by:
        lacks.append(_("the name of the person who verified it"))
    if is_stale(contact, today):
        lacks.append(_("a date of verification within the last 12 months"))
    return lacks


def _contact_field(contact: Contact, today: date) -> str:
    """The first field that needs completing."""
    if not (contact.phone or contact.website):
        return "phone"
    if not contact.source:
        return "source"
    return "verified_by" if not contact.verified_by else "verified_on"


def _default_text(portal: Portal, texts: list[PortalText]) -> ChecklistItem:
    name = language_name(portal.default_language)
    there = any(text.language == portal.default_language for text in texts)
    missing = "" if there else _("There is no text in the default language, %(language)s.") % {"language": name}
    return ChecklistItem("default_text", _("Text in the default language"), missing, "id_default_language")


def _text_item(text: PortalText, today: date) -> ChecklistItem:
    """The step shows one text at a time, so its fields have the number 0."""
    title = _("Text: %(language)s") % {"language": language_name(text.language)}
    empty = [field for field in TEXT_FIELDS if not getattr(text, field).strip()]
    lacks = [str(label_for_field(field, PortalText, return_attr=False)) for field in empty]
    sentences = []
    if lacks:
        sentences.append(_("Still empty: %(fields)s.") % {"fields": _join_words(lacks)})
    sentences += _missing_reviews([status for status in part_statuses(text, today) if status.is_due])
    field = empty[0] if empty else "reviewed_by"
    return ChecklistItem(f"text_{text.language}", title, " ".join(sentences), f"id_texts-0-{field}")


def _missing_reviews(due: list[PartStatus]) -> Iterator[str]:
    changed = [str(status.part.label) for status in due if status.ended]
    others = [str(status.part.label) for status in due if not status.ended]
    if changed:
        yield _("Changed since the review, to be reviewed again: %(texts)s.") % {"texts": _join_words(changed)}
    if others:
        yield _("A named speaker must review: %(texts)s.") % {"texts": _join_words(others)}


def _interface_text_item(tag: str, missing: str) -> ChecklistItem:
    title = _("Interface text: %(language)s") % {"language": language_name(tag)}
    # A language that is not opened has no page under Languages.
    has_page = find_opened_language(tag) or words_language(tag) != standard_words.SOURCE
    page = "admin:languages" if has_page else ""
    return ChecklistItem(f"words_{tag}", title, missing, "texts-group", page)


def unnamed_in(portal: Portal, language: str) -> int:
    """The number of the portal's contacts and partners whose name is not written in the language."""
    return _count_unnamed(portal, [*portal.contacts.all(), *portal.partners.all()], language)


def _count_unnamed(portal: Portal, rows: Iterable[Contact | Partner], language: str) -> int:
    return sum(
        not any(
            is_readable_as(written, language)
            for written in (row.name_language or portal.default_language, *(text.language for text in row.texts.all()))
        )
        for row in rows
    )


def _name_items(portal: Portal, texts: list[PortalText]) -> Iterator[ChecklistItem]:
    """Two items for each language but the default one, in which a name without a language of its own is written."""
    for language in (text.language for text in texts if text.language != portal.default_language):
        name = {"language": language_name(language)}
        count = _count_unnamed(portal, portal.contacts.all(), language)
        missing = ngettext(
            "The name in %(language)s is missing for %(count)d contact.",
            "The names in %(language)s are missing for %(count)d contacts.",
            count,
        ) % {**name, "count": count}
        title = _("Names of contacts: %(language)s") % name
        yield ChecklistItem(f"names_{language}", title, missing if count else "", "contacts-group")
        count = _count_unnamed(portal, portal.partners.all(), language)
        missing = ngettext(
            "The name in %(language)s is missing for %(count)d partner.",
            "The names in %(language)s are missing for %(count)d partners.",
            count,
        ) % {**name, "count": count}
        title = _("Names of partners: %(language)s") % name
        yield ChecklistItem(f"partnernames_{language}", title, missing if count else "", "partners-group")


def _law_item(portal: Portal) -> ChecklistItem:
    missing = "" if portal.legal_source.strip() else _("Enter the source of the legal age and the law.")
    return ChecklistItem("law", _("Law and legal age"), missing, "id_legal_source")


def _colour_items(portal: Portal) -> Iterator[ChecklistItem]:
    for key, title, colour in (
        ("brand_colour", _("Brand colour"), portal.brand_colour),
        ("button_colour", _("Button colour"), portal.button_colour or portal.brand_colour),
    ):
        missing = "" if readable_under_white(colour) else _("White text is not readable on this colour.")
        yield ChecklistItem(key, title, missing, f"id_{key}")
    close = too_close(portal.accent_colour, portal.brand_colour)
    missing = _("Shapes in this colour are hard to see on the brand colour.") if close else ""
    yield ChecklistItem("accent_colour", _("Accent colour"), missing, "id_accent_colour")


def _partners_item(partners: list[Partner]) -> ChecklistItem:
    title = _("Partners")
    if not partners:
        return ChecklistItem("partners", title, _("The portal has no partners."), "partners-group")
    for number, partner in enumerate(partners):
        if not partner.confirmed:
            missing = _("“%(name)s” is not confirmed as a partner.") % {"name": partner.name}
            return ChecklistItem("partners", title, missing, f"id_partners-{number}-confirmed")
    return ChecklistItem("partners", title, "", "partners-group")


def _coverage_item(portal: Portal, uncovered: Collection[int]) -> ChecklistItem:
    missing = (
        _("No analyst works for this portal. An administrator assigns analysts.") if portal.pk in uncovered else ""
    )
    return ChecklistItem("coverage", _("Analysts"), missing, "coverage")


def _test_report_item(portal: Portal) -> ChecklistItem:
    missing = "" if portal.tested_on else _("No test report has been received through the portal's own form.")
    return ChecklistItem("tested", _("Test report"), missing, "test-report")


def _join_words(words: list[str]) -> str:
    return ", ".join(str(word) for word in words)
