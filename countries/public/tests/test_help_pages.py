"""The help pages: one for each situation, with the portal's contacts and the services that fit country and age."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from countries.models import ContactKind, HelpService, Portal, PortalState, PortalTextPart, ServiceKind
from countries.public import published
from countries.public.help.lines import describe_limits, situation_services
from countries.public.help.situations import Audience, Situation, SituationGroup
from countries.public.published_portal import PublishedService
from countries.tests.factories import ContactFactory, HelpServiceFactory, review_texts, store_verified

HELP = "/bz/en/help/"


def text_of(client: Client, address: str, *, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def verified(**fields: Any) -> HelpService:
    """A verified service, which the public sees at once."""
    service = HelpServiceFactory.create(verified_on=timezone.localdate(), verified_by="Olga", **fields)
    published.clear_cache()
    return service


def test_index_leads_to_a_page_for_each_situation(belize: Portal, visitor: Client) -> None:
    links = re.findall(rf'href="{HELP}([^"/]+)/"', text_of(visitor, HELP))
    assert links == Situation.values
    for slug in links:
        title = str(Situation(slug).label) % {"age": 18}
        assert f"<h1>{title}</h1>" in text_of(visitor, f"{HELP}{slug}/")


@pytest.mark.parametrize("slug", ["nowhere", "ME", "me.html"])
def test_page_of_no_situation_does_not_exist(belize: Portal, visitor: Client, slug: str) -> None:
    text_of(visitor, f"{HELP}{slug}/", status=404)
    assert not any(slug in key for key in published.portals_by_slug()["bz"].pages)


def test_help_page_links_to_itself_in_the_other_language(belize: Portal, visitor: Client) -> None:
    page = text_of(visitor, f"{HELP}threats/")
    assert '<a href="/bz/es/help/threats/" lang="es" hreflang="es" dir="ltr">Español</a>' in page


def test_every_kind_of_contact_and_service_is_shown_in_a_situation() -> None:
    parts = [part for situation in Situation for part in situation.row.parts]
    assert {kind for part in parts for kind in part.contacts} == set(ContactKind)
    assert {kind for part in parts for kind in part.services} == set(ServiceKind)


def test_situations_refer_to_each_other_by_their_slugs() -> None:
    others = {slug for situation in Situation for slug in situation.row.see_also}
    assert others <= set(Situation.values)
    assert not [each for each in Situation if each.value in each.row.see_also]


def test_page_shows_contacts_of_its_kinds_only(belize: Portal, visitor: Client) -> None:
    ContactFactory.create(portal=belize, kind=ContactKind.REGULATOR, name="The regulator", phone="555")
    published.clear_cache()
    assert "The regulator" in text_of(visitor, f"{HELP}hate/")
    assert "Child helpline" not in text_of(visitor, f"{HELP}hate/")
    assert "Child helpline" in text_of(visitor, f"{HELP}me/")
    assert "The regulator" not in text_of(visitor, f"{HELP}me/")


def test_services_fit_the_age_of_whom_the_part_speaks_to(belize: Portal, visitor: Client) -> None:
    verified(name="For the young", max_age=17)
    verified(name="For adults", min_age=18)
    me, threats, adults = (text_of(visitor, f"{HELP}{slug}/") for slug in ("me", "threats", "adults"))
    assert ("For the young" in me, "For adults" in me) == (True, False)
    assert ("For the young" in adults, "For adults" in adults) == (False, True)
    minors, grown = threats.split("I am an adult")
    assert ("For the young" in minors, "For adults" in minors) == (True, False)
    assert ("For the young" in grown, "For adults" in grown) == (False, True)


@pytest.mark.parametrize(("legal_age", "shown"), [(16, False), (18, False), (21, True)])
def test_ages_are_those_of_the_portals_law(belize: Portal, visitor: Client, legal_age: int, shown: bool) -> None:
    verified(name="For adults", min_age=18)
    Portal.objects.filter(pk=belize.pk).update(legal_age=legal_age)
    published.clear_cache()
    page = text_of(visitor, f"{HELP}me/")
    assert f"<h1>It is about me, and I am under {legal_age}</h1>" in page
    assert ("For adults" in page) == shown


def test_service_of_another_country_is_not_shown(belize: Portal, zambia: Portal, visitor: Client) -> None:
    verified(name="Only there", countries="ZM ZW")
    assert "Only there" in text_of(visitor, "/zm/en/help/me/")
    assert "Only there" not in text_of(visitor, f"{HELP}me/")


def test_service_is_shown_once_verified_and_in_the_demo_with_a_mark(
    belize: Portal, visitor: Client, settings: Any
) -> None:
    service = HelpServiceFactory.create(name="Take It Down")
    published.clear_cache()
    assert "Take It Down" not in text_of(visitor, f"{HELP}me/")
    settings.DEMO = True
    published.clear_cache()
    assert 'Take It Down</bdi></a> <span class="sample">Sample, not checked</span>' in text_of(visitor, f"{HELP}me/")
    settings.DEMO = False
    service.verified_on, service.verified_by = timezone.localdate(), "Olga"
    store_verified(service)
    published.clear_cache()
    page = text_of(visitor, f"{HELP}me/")
    assert "Take It Down" in page
    assert "Sample, not checked" not in page


@pytest.mark.parametrize("slug", ["chat", "adults"])
def test_page_that_is_about_a_report_offers_the_form_before_anything_else(
    belize: Portal, visitor: Client, slug: str
) -> None:
    main = text_of(visitor, f"{HELP}{slug}/").partition("<main")[2]
    assert main.index('href="/bz/en/report/"') == main.index('href="')


def test_services_of_a_situation_are_listed_once(belize: Portal) -> None:
    verified(name="For everyone")
    [line] = situation_services(published.portals_by_slug()["bz"], Situation.THREATS)
    assert line.service.name == "For everyone"


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, ""),
        ({"max_age": 17}, "For people under 18."),
        ({"min_age": 18}, "For people aged 18 or older."),
        ({"min_age": 13, "max_age": 17}, "For people aged 13 to 17."),
        ({"languages": ("en", "es")}, ""),
        ({"languages": ("es",)}, "Language: Spanish."),
    ],
)
def test_service_says_whom_it_helps(limits: dict[str, Any], said: str) -> None:
    fields = {"phone": "", "website": "https://example.org/", "min_age": None, "max_age": None, "languages": ()}
    service = PublishedService(kind=ServiceKind.PICTURES, name="One", verified=True, **{**fields, **limits})
    assert describe_limits(service) == said


def test_age_ranges_meet_at_the_legal_age() -> None:
    assert [audience.age_range(18) for audience in Audience] == [(0, 200), (0, 17), (18, 200)]


@pytest.mark.parametrize("state", [PortalState.SUSPENDED, PortalState.CLOSED])
def test_help_stays_while_a_portal_takes_no_reports(belize: Portal, visitor: Client, state: PortalState) -> None:
    assert 'href="/bz/en/report/"' in text_of(visitor, f"{HELP}me/")
    Portal.objects.filter(pk=belize.pk).update(state=state)
    published.clear_cache()
    assert f'href="{HELP}"' in text_of(visitor, "/bz/en/")
    for slug in Situation.values:
        assert 'href="/bz/en/report/"' not in text_of(visitor, f"{HELP}{slug}/")


@pytest.mark.parametrize("path", ["/bz/en/", HELP])
def test_all_situations_are_behind_three_doors(belize: Portal, visitor: Client, path: str) -> None:
    """On the landing and on the index of help: nothing but three questions until one is opened."""
    page = text_of(visitor, path).partition("<main")[2].partition("</main>")[0]
    folds = re.findall(r'<details class="fold"> <summary>([^<]*)</summary> <ul class="doors".*?</details>', page)
    assert folds == [str(group.label) for group in SituationGroup]
    assert len(folds) == 3
    assert re.findall(rf'href="{HELP}([^"/]+)/"', page) == Situation.values
    assert HELP not in re.sub(r"<details.*?</details>", "", page)


def test_landing_has_a_door_to_the_form_before_those_to_help(belize: Portal, visitor: Client) -> None:
    page = text_of(visitor, "/bz/en/")
    assert page.index('href="/bz/en/report/"') < page.index(f'href="{HELP}me/"')
    assert "Is a child in danger now?" in page


def test_landing_states_the_law_by_the_portals_own_reviewed_text_only(belize: Portal, visitor: Client) -> None:
    page = text_of(visitor, "/bz/en/")
    assert [word for word in ("offence", "punish", "crime", "What the law says") if word in page] == []

    belize.texts.filter(language="en").update(law="Section 3 of the Act: a person who reports is not punished.")
    Portal.objects.filter(pk=belize.pk).update(tested_on=timezone.localdate())
    published.clear_cache()
    assert "Section 3 of the Act" not in text_of(visitor, "/bz/en/")
    assert "Section 3 of the Act" not in text_of(visitor, "/bz/en/about/")

    review_texts(belize, PortalTextPart.LAW)
    published.clear_cache()
    assert "Section 3 of the Act" in text_of(visitor, "/bz/en/")
    assert "Section 3 of the Act" in text_of(visitor, "/bz/en/about/")
    assert "Section 3 of the Act" not in text_of(visitor, "/bz/es/")

    # One other sentence ends no review of the law; one of the law does.
    belize.texts.update(welcome="Another welcome.")
    published.clear_cache()
    assert "Section 3 of the Act" in text_of(visitor, "/bz/en/")
    belize.texts.filter(language="en").update(law="Section 3 of the Act: a corrected sentence.")
    published.clear_cache()
    assert "Section 3 of the Act" not in text_of(visitor, "/bz/en/")
