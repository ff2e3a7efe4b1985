"""The launch checklist: what a portal needs before the public sees it. Computed, never stored."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.admin.utils import label_for_field
from django.contrib.auth import get_user_model
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from countries.brand import readable_under_white, too_close
from countries.decided_settings import text_in_force
from countries.languages import find_opened_language, language_name, words_language
from countries.models import Contact, ContactKind, LanguageReview, Portal, PortalText, PortalTextPart
from countries.staff.contacts.contact_checks import with_last_check
from countries.staff.contacts.contact_items import contact_item, contacts_in_order, name_items, partners_item
from countries.staff.contacts.door_items import VerifiedOffers, door_items, read_verified_offers
from countries.staff.document.checklist_item import Checklist, ChecklistItem, describe_unread
from countries.staff.document.text_reviews import PartStatus, part_statuses
from countries.staff.translation import standard_words
from countries.staff.translation.crisis_words import describe_missing_phrases, describe_spoken, phrases_missing
from countries.staff.translation.english_texts import english_parts
from countries.staff.translation.status import approved_languages
from countries.staff.workspace.country_facts import spoken_language_name, spoken_languages
from countries.words.sources import SOURCE

# The relations of a portal that the checklist reads.
PREFETCHED = (
    "texts__reviews",
    Prefetch("contacts", with_last_check(Contact.objects.all())),
    "contacts__texts",
    "partners__texts",
)
TEXT_FIELDS = tuple(part.value for part in PortalTextPart)


@dataclass(frozen=True, slots=True)
class SharedFindings:
    """Rows that checklists of portals read beside the portals.

    words, phrases: the results of `words_missing` and `phrases_missing` for their languages.
    uncovered, unread: those of `uncovered_among` and `unread_among` for them.
    offers: the verified help services, and what is withdrawn.
    """

    words: Mapping[str, str]
    phrases: Mapping[str, int]
    uncovered: Collection[int]
    unread: Mapping[int, Collection[str]]
    offers: VerifiedOffers


def read_shared_findings(portals: Iterable[Portal]) -> SharedFindings:
    """Six queries, one more if a language has no shipped words of crisis; none for texts that are prefetched."""
    portals = list(portals)
    tags = {text.language for portal in portals for text in portal.texts.all()}
    spoken = {tag for portal in portals for tag in spoken_languages(portal.country)}
    ids = [portal.pk for portal in portals]
    unread = get_user_model().objects.unread_among(ids)
    offers = read_verified_offers()
    phrases = phrases_missing(tags | spoken)
    return SharedFindings(words_missing(tags), phrases, uncovered_among(ids), unread, offers)


def build_checklist(portal: Portal, today: date, shared: SharedFindings | None = None) -> Checklist:
    """The portal's checklist on the given day, in the active language.

    `shared`: the findings for portals that include it; with it, and PREFETCHED prefetched, no query is needed.
    """
    prefetch_related_objects([portal], *PREFETCHED)
    texts, contacts = texts_in_order(portal), contacts_in_order(portal)
    shared = shared or read_shared_findings([portal])
    items = [
        *(contact_item(kind, contacts, today) for kind in ContactKind.needed_by(portal)),
        *door_items(portal, contacts, shared.offers),
        _danger_item(contact_item(ContactKind.EMERGENCY, contacts, today)),
        _default_text(portal, texts),
        *(_text_item(text, today) for text in texts),
        *(_interface_text_item(text.language, shared.words[text.language]) for text in texts),
        *_crisis_items(portal, texts, shared.phrases),
        *name_items(portal, texts),
        _law_item(portal),
        *_colour_items(portal),
        partners_item(sorted(portal.partners.all(), key=lambda partner: (partner.position, partner.pk))),
        _coverage_item(portal, shared),
        _test_report_item(portal),
    ]
    return Checklist(tuple(items))


def words_missing(tags: Collection[str]) -> dict[str, str]:
    """Maps each language to a sentence on what its interface text lacks ("" if nothing).

    Two queries.
    """
    reviews = dict(LanguageReview.objects.confirmed().values_list("language", "digest"))
    approved = approved_languages()
    return {tag: _words_lack(tag, reviews, approved) for tag in tags}


def uncovered_among(portals: Collection[int]) -> set[int]:
    """The portal ids among these whose reports no active analyst would see. One query."""
    return get_user_model().objects.uncovered_among(portals)


def _words_lack(tag: str, reviews: Mapping[str, str], approved: Collection[str]) -> str:
    language = words_language(tag)
    is_english = language == SOURCE and tag.split("-")[0] != SOURCE
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
    if language == SOURCE or reviews.get(language) == standard_words.words_digest(language):
        return ""
    if language in approved:
        return ""
    return _("A named speaker must review the current interface text, and a second operator confirm the review.")


def texts_in_order(portal: Portal) -> list[PortalText]:
    """The texts in the order of the admin page, whose element ids contain their number."""
    return sorted(portal.texts.all(), key=lambda text: (text.position, text.pk))


def _danger_item(emergency: ChecklistItem) -> ChecklistItem:
    """Who is called for danger while no analyst reads, where the hotline says when it does."""
    has_hours = bool(text_in_force("READING_HOURS"))
    asks = has_hours and not emergency.is_done
    missing = _("Pages say when reports are not read. Who is called then? Verify an emergency number.") if asks else ""
    remark = "" if has_hours else _("Pages do not say when reports are read: an administrator sets the hours.")
    return ChecklistItem("danger", _("Danger outside the hours of reading"), missing, emergency.anchor, remark=remark)


def _default_text(portal: Portal, texts: list[PortalText]) -> ChecklistItem:
    name = language_name(portal.default_language)
    has_default_text = any(text.language == portal.default_language for text in texts)
    missing = (
        "" if has_default_text else _("There is no text in the default language, %(language)s.") % {"language": name}
    )
    return ChecklistItem("default_text", _("Text in the default language"), missing, "id_default_language")


def _text_item(text: PortalText, today: date) -> ChecklistItem:
    """The step shows one text at a time, so its fields have the number 0."""
    title = _("Text: %(language)s") % {"language": language_name(text.language)}
    empty = [field for field in TEXT_FIELDS if not getattr(text, field).strip()]
    lacks = [str(label_for_field(field, PortalText, return_attr=False)) for field in empty]
    sentences = []
    if lacks:
        sentences.append(_("Still empty: %(fields)s.") % {"fields": ", ".join(lacks)})
    english = english_parts(text)
    if english:
        message = _("Still in English, as every new portal begins: %(texts)s.")
        sentences.append(message % {"texts": ", ".join(str(part.label) for part in english)})
    sentences += _missing_reviews([status for status in part_statuses(text, today) if status.is_due])
    field = next(iter([*empty, *english]), "reviewed_by")
    return ChecklistItem(f"text_{text.language}", title, " ".join(sentences), f"id_texts-0-{field}")


def _missing_reviews(due: list[PartStatus]) -> Iterator[str]:
    changed = [str(status.part.label) for status in due if status.ended]
    others = [str(status.part.label) for status in due if not status.ended]
    if changed:
        yield _("Changed since the review, to be reviewed again: %(texts)s.") % {"texts": ", ".join(changed)}
    if others:
        yield _("A named speaker must review: %(texts)s.") % {"texts": ", ".join(others)}


def _interface_text_item(tag: str, missing: str) -> ChecklistItem:
    title = _("Interface text: %(language)s") % {"language": language_name(tag)}
    # A language that is not opened has no page under Languages.
    has_page = find_opened_language(tag) or words_language(tag) != SOURCE
    page = "admin:languages" if has_page else ""
    return ChecklistItem(f"words_{tag}", title, missing, "texts-group", page)


def _crisis_items(portal: Portal, texts: list[PortalText], phrases: Mapping[str, int]) -> Iterator[ChecklistItem]:
    """One for each text. The first warns of the country's other languages, which may have no one to write their words.

    `phrases`: the number that each language lacks.
    """
    remark = describe_spoken(phrases, {tag: spoken_language_name(tag) for tag in spoken_languages(portal.country)})
    for text in texts:
        title = _("Words of crisis: %(language)s") % {"language": language_name(text.language)}
        # A language that is not opened is opened first.
        page = "admin:words_text" if find_opened_language(text.language) else ""
        missing = describe_missing_phrases(phrases[text.language])
        yield ChecklistItem(f"crisis_{text.language}", title, missing, "texts-group", page, remark)
        remark = ""


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


def _coverage_item(portal: Portal, shared: SharedFindings) -> ChecklistItem:
    missing = (
        _("No analyst who signs in works for this portal. An administrator assigns analysts.")
        if portal.pk in shared.uncovered
        else ""
    )
    remark = describe_unread(shared.unread.get(portal.pk, ()))
    return ChecklistItem("coverage", _("Analysts"), missing, "coverage", remark=remark)


def _test_report_item(portal: Portal) -> ChecklistItem:
    missing = "" if portal.tested_on else _("No test report has been received through the portal's own form.")
    return ChecklistItem("tested", _("Test report"), missing, "test-report")
