"""Launch checklist items: each has a sentence on what is missing and a link to complete it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analysts.models import User
from countries import catalogue
from countries.models import (
    ApprovedText,
    CheckMethod,
    Contact,
    ContactKind,
    HelpService,
    Partner,
    Portal,
    PortalText,
    Region,
    ServiceKind,
    TextReview,
)
from countries.public import published
from countries.public.help.situations import Situation
from countries.public.standard_texts import standard_text
from countries.reading_hours import EXAMPLE
from countries.staff.contacts.contact_checks import check_contact
from countries.staff.contacts.contact_items import year_before
from countries.staff.document.checklist_item import ChecklistItem
from countries.staff.workspace.checklist import build_checklist
from countries.staff.workspace.country_facts import spoken_language_name, spoken_languages
from countries.staff.workspace.steps import item_address
from countries.tests.factories import (
    ContactFactory,
    HelpServiceFactory,
    LanguageFactory,
    PortalFactory,
    complete_portal,
    name_in_languages,
    review_texts,
)
from countries.words.crisis_texts import CRISIS_TEXTS
from countries.words.language_memory import forget_languages, renew_languages
from reports.safety import in_crisis
from tests.acts.words import approve_row

TODAY = date(2026, 5, 4)


@pytest.fixture
def ghana(db: None) -> Portal:
    return complete_portal("gh", "Ghana", "en", "en-gb", today=TODAY)


def open_items(portal: Portal) -> list[ChecklistItem]:
    return list(build_checklist(Portal.objects.get(pk=portal.pk), TODAY).open)


def test_complete_portal_has_nothing_open(ghana: Portal) -> None:
    found = build_checklist(ghana, TODAY)
    assert (found.open, found.percentage, found.complete) == ((), 100, True)
    assert len(found.items) == 21


def test_new_portal_has_everything_open_but_its_colours(db: None) -> None:
    found = build_checklist(PortalFactory.create(slug="gh", name="Ghana"), TODAY)
    assert [item.key for item in found.open] == [
        "contact_emergency",
        "contact_police",
        "contact_child_helpline",
        "door_thoughts",
        "default_text",
        "law",
        "partners",
        "coverage",
        "tested",
    ]
    assert (found.percentage, found.complete) == (30, False)


@pytest.mark.parametrize(
    ("changes", "missing", "field"),
    [
        (
            {"verified_on": None, "verified_by": ""},
            "needs the name of the person who verified it and a date of",
            "verified_by",
        ),
        ({"verified_on": TODAY - timedelta(days=366)}, "needs a date of verification within", "verified_on"),
        ({"verified_on": TODAY + timedelta(days=1)}, "needs a date of verification within", "verified_on"),
        ({"source": ""}, "needs a source.", "source"),
        ({"phone": "", "website": ""}, "needs a telephone number or a web site and a new verification", "phone"),
        ({"phone": "911"}, "needs a new verification, because it changed since the last one.", "verified_on"),
    ],
)
def test_unverified_outdated_or_incomplete_contact_leaves_checklist_item_open(
    ghana: Portal, changes: dict[str, Any], missing: str, field: str
) -> None:
    ghana.contacts.filter(kind="police").update(**changes)
    [item] = open_items(ghana)
    assert item.key == "contact_police"
    assert missing in item.missing
    assert item.anchor == f"id_contacts-2-{field}"


@pytest.mark.parametrize("kind", [*ServiceKind, None])
def test_portal_of_all_countries_needs_someone_verified_for_each_help_page(
    ghana: Portal, visitor: Client, kind: ServiceKind | None
) -> None:
    """The checklist and the pages agree on each door: an item is open where the page names no one."""
    Portal.objects.update(country="", region=Region.WORLD)
    Contact.objects.all().delete()
    HelpService.objects.all().delete()
    if kind:
        HelpServiceFactory.create(kind=kind, verified_on=TODAY, verified_by="Olga")
    # Shipped services are not verified: none of them counts.
    for other in ServiceKind:
        HelpServiceFactory.create(kind=other)
    published.clear_cache()
    pages = {door.value: visitor.get(f"/gh/en/help/{door.value}/").content.decode() for door in Situation}
    lacking = [f"door_{slug}" for slug, page in pages.items() if "https://service.example.org/" not in page]
    assert [item.key for item in open_items(ghana)] == lacking
    assert bool(lacking) == (kind not in (ServiceKind.LISTENING, ServiceKind.CHILD_HELPLINES))


def test_help_page_without_anyone_to_turn_to_is_open(ghana: Portal) -> None:
    """A country's numbers serve all help pages but one."""
    HelpService.objects.update(verified_on=None, verified_by="")
    [item] = open_items(ghana)
    assert (item.key, item.title) == ("door_thoughts", "Help page: I am worried about my own thoughts")
    assert item.missing == (
        "No verified service or contact. Verify a service (worry about one's own thoughts, emotional support by country"
        " or child helplines by country) or add a contact (other service)."
    )
    assert item_address(ghana.pk, item, is_operator=True) == "/admin/countries/helpservice/"
    assert item_address(ghana.pk, item, is_operator=False).endswith("/help/#contacts-group")
    ContactFactory.create(portal=ghana, kind=ContactKind.OTHER, name="Counselling", verified_on=TODAY)
    assert open_items(ghana) == []


def test_contact_verified_a_year_ago_to_the_day_is_good(ghana: Portal) -> None:
    ghana.contacts.update(verified_on=date(2025, 5, 4))
    assert open_items(ghana) == []


@pytest.mark.parametrize("field", ["title", "welcome", "about", "law", "suspended_message", "closed_message"])
def test_text_with_an_empty_field_is_open(ghana: Portal, field: str) -> None:
    ghana.texts.filter(language="en-gb").update(**{field: " "})
    [item] = open_items(ghana)
    assert (item.key, item.anchor) == ("text_en-gb", f"id_texts-0-{field}")
    assert item.missing.startswith("Still empty:")


def test_text_that_changed_or_that_no_speaker_reviewed_is_named(ghana: Portal) -> None:
    english = ghana.texts.get(language="en")
    english.reviews.filter(part="about").delete()
    [item] = open_items(ghana)
    assert (item.key, item.anchor) == ("text_en", "id_texts-0-reviewed_by")
    assert item.missing == "A named speaker must review: about."
    ghana.texts.filter(language="en").update(welcome="One corrected sentence.")
    [item] = open_items(ghana)
    assert item.missing == (
        "Changed since the review, to be reviewed again: welcome. A named speaker must review: about."
    )


def test_review_of_a_day_to_come_does_not_count(ghana: Portal) -> None:
    TextReview.objects.filter(text__language="en", part="law").update(reviewed_on=TODAY + timedelta(days=1))
    assert [item.key for item in open_items(ghana)] == ["text_en"]


def test_contact_that_was_checked_lately_is_good(ghana: Portal, olga: User) -> None:
    ghana.contacts.update(verified_on=TODAY - timedelta(days=400))
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    for contact in ghana.contacts.all():
        check_contact(by=olga, contact=contact, how=CheckMethod.TELEPHONED, now=now)
    assert open_items(ghana) == []
    # The check was of another number.
    ghana.contacts.filter(kind="police").update(phone="118")
    assert [item.key for item in open_items(ghana)] == ["contact_police"]


@pytest.mark.parametrize(
    ("changes", "key", "anchor"),
    [
        ({"legal_source": ""}, "law", "id_legal_source"),
        ({"brand_colour": "#ffc533", "button_colour": "#003f87"}, "brand_colour", "id_brand_colour"),
        ({"button_colour": "#ffc533"}, "button_colour", "id_button_colour"),
        ({"accent_colour": "#1d5fa8"}, "accent_colour", "id_accent_colour"),
        ({"default_language": "es"}, "default_text", "id_default_language"),
        ({"tested_on": None}, "tested", "test-report"),
    ],
)
def test_portal_that_lacks_something_says_what(ghana: Portal, changes: dict[str, Any], key: str, anchor: str) -> None:
    # Their language does not follow the portal's.
    ghana.contacts.update(name_language="en")
    ghana.partners.update(name_language="en")
    Portal.objects.update(**changes)
    [item] = open_items(ghana)
    assert (item.key, item.anchor) == (key, anchor)


def test_text_in_a_language_without_standard_words_leads_to_the_texts(ghana: Portal) -> None:
    name_in_languages(ghana, "ny", "sw")
    PortalText.objects.filter(portal=ghana, language="en-gb").update(language="ny")
    [item] = open_items(ghana)
    assert (item.key, item.anchor, item.page) == ("words_ny", "texts-group", "")
    assert item.missing.startswith("The installation has no interface text in this language.")
    PortalText.objects.filter(portal=ghana, language="ny").update(language="sw")
    [item] = open_items(ghana)
    assert (item.key, item.page) == ("words_sw", "admin:languages")


def test_language_needs_words_of_crisis_of_the_shipped_list_or_of_speakers(ghana: Portal) -> None:
    name_in_languages(ghana, "ne-np")
    PortalText.objects.filter(portal=ghana, language="en-gb").update(language="ne-np")

    def crisis_items() -> list[ChecklistItem]:
        return [item for item in open_items(ghana) if item.key.startswith("crisis_")]

    [item] = crisis_items()
    assert item.missing.startswith("Speakers must write and review at least 10 phrases by which people in need say so;")
    # The language is opened first. A partner may not open that page.
    step = f"/admin/countries/portal/{ghana.pk}/words/?language=ne-np#texts-group"
    assert item_address(ghana.pk, item, is_operator=True) == step
    LanguageFactory.create(tag="ne", is_open=True)
    renew_languages()
    [item] = crisis_items()
    assert item_address(ghana.pk, item, is_operator=True) == f"/admin/words/ne/{CRISIS_TEXTS[0].digest}/"
    assert item_address(ghana.pk, item, is_operator=False) == step
    # Phrases of a language are good for its country variants; phrases of another language are not.
    approve_row(CRISIS_TEXTS[0], "placeholder words", language="ne-np")
    for tag in ("ne", "si"):
        approve_row(CRISIS_TEXTS[0], "\n".join(f"placeholder {number}" for number in range(8)), language=tag)
    [item] = crisis_items()
    assert item.missing.startswith("Speakers must write and review at least 10 phrases")
    assert "; 1 are missing." in item.missing
    ApprovedText.objects.filter(language="ne-np").delete()
    approve_row(CRISIS_TEXTS[0], "placeholder words\nplaceholder others", language="ne-np")
    assert crisis_items() == []
    forget_languages()


def test_standard_text_in_english_is_no_text_in_another_language(ghana: Portal) -> None:
    standard = standard_text("GH", "Ghana", "en")
    ghana.texts.update(welcome=standard["welcome"], closed_message=standard["closed_message"])
    review_texts(ghana, on=TODAY)
    assert open_items(ghana) == []
    name_in_languages(ghana, "fr")
    PortalText.objects.filter(portal=ghana, language="en-gb").update(language="fr")
    [item] = [each for each in open_items(ghana) if each.key.startswith("text_")]
    assert (item.key, item.anchor) == ("text_fr", "id_texts-0-welcome")
    assert item.missing == "Still in English, as every new portal begins: welcome, message while closed."
    PortalText.objects.filter(language="fr").update(welcome="Bienvenue.", closed_message="Fermé.")
    review_texts(ghana, on=TODAY)
    assert [each.key for each in open_items(ghana) if each.key.startswith("text_")] == []


def test_names_are_needed_in_every_language_of_the_portal(ghana: Portal) -> None:
    PortalText.objects.filter(portal=ghana, language="en-gb").update(language="fr")

    def names() -> list[str]:
        return [item.missing for item in open_items(ghana) if item.key in ("names_fr", "partnernames_fr")]

    assert names() == [
        "The names in Français are missing for 3 contacts.",
        "The name in Français is missing for 1 partner.",
    ]
    name_in_languages(ghana, "fr")
    ghana.partners.get().texts.filter(language="fr").delete()
    assert names() == ["The name in Français is missing for 1 partner."]
    # Its own name is French.
    ghana.partners.update(name_language="fr")
    assert names() == []


def test_all_partners_are_confirmed(ghana: Portal) -> None:
    Partner.objects.create(portal=ghana, name="A funder", role="funder", position=1)
    [item] = open_items(ghana)
    assert (item.key, item.anchor) == ("partners", "id_partners-1-confirmed")
    ghana.partners.all().delete()
    assert [item.missing for item in open_items(ghana)] == ["The portal has no partners."]


def test_year_before_a_leap_day_is_a_day() -> None:
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("hours", "verified", "asks"), [("", False, False), (EXAMPLE, False, True), (EXAMPLE, True, False)]
)
def test_checklist_asks_who_is_called_while_nobody_reads(
    ghana: Portal, settings: Any, hours: str, verified: bool, asks: bool
) -> None:
    settings.READING_HOURS = hours
    if not verified:
        ghana.contacts.filter(kind="emergency").delete()
    checklist = build_checklist(Portal.objects.get(pk=ghana.pk), TODAY)
    [item] = [item for item in checklist.items if item.key == "danger"]

    assert (item in checklist.open) is asks
    assert ("Who is called then?" in item.missing) is asks
    assert ("Pages do not say when reports are read" in item.remark) is (not hours)


@pytest.mark.parametrize("path", catalogue.files(), ids=lambda path: path.stem)
def test_country_of_the_catalogue_has_languages_beside_those_of_pages(path: Path) -> None:
    entry = catalogue.entry(path)
    country = entry.portal.get("country", "")
    others = set(spoken_languages(country)) - {text["language"] for text in entry.texts}
    assert bool(others) == bool(country)
    assert all(spoken_language_name(tag) != tag for tag in others)


def test_languages_beside_those_of_cldr_have_a_source() -> None:
    rows = catalogue.read_spoken()["countries"]
    for country, row in rows.items():
        assert row["source"]
        assert row["languages"].split() == list(spoken_languages(country))[-len(row["languages"].split()) :], country


def test_checklist_warns_of_languages_of_the_country_and_refuses_no_launch(belize: Portal) -> None:
    def warning() -> str:
        checklist = build_checklist(Portal.objects.get(pk=belize.pk), TODAY)
        remarks = {item.key: str(item.remark) for item in checklist.items if item.key.startswith("crisis_")}
        assert {key for key, remark in remarks.items() if remark} <= {"crisis_en"}
        assert {*remarks} - {item.key for item in checklist.open} == {*remarks}
        return remarks["crisis_en"].partition("Words of crisis that")[0]

    assert "Spoken in the country, without words of crisis: <bdi>Qʼeqchiʼ</bdi>, <bdi>Mopan</bdi>." in warning()
    # A language without pages: no portal has texts in it, and readers see none of its interface texts.
    LanguageFactory.create(tag="mop", is_open=True, shows_words=False)
    renew_languages()
    approve_row(CRISIS_TEXTS[0], "\n".join(f"placeholder {number}" for number in range(10)), language="mop")
    renew_languages()
    assert "Mopan" not in warning()
    assert in_crisis("Placeholder 7!")
    Portal.objects.filter(pk=belize.pk).update(country="")
    assert warning() == ""
    forget_languages()
