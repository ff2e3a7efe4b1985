"""Each help page ends with a person to call and a way to report: every situation, kind of portal and language."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from countries.models import ContactKind, Portal, Region, ServiceKind
from countries.public import published
from countries.public.help.situations import Situation
from countries.tests.factories import ContactFactory, HelpServiceFactory, PortalFactory, PortalTextFactory

SERVICE = "https://listening.example.org/"
LANGUAGES = list(dict(settings.LANGUAGES))


def read_main(client: Client, portal: str, language: str, slug: str) -> str:
    response = client.get(f"/{portal}/{language}/help/{slug}/")
    assert response.status_code == 200
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.fixture(params=["country", "any country", "no help"])
def portal(request: pytest.FixtureRequest, open_keys: object) -> Portal:
    """One with the contacts that a launch needs; one with a service only; one without either."""
    country = "BZ" if request.param == "country" else ""
    portal = PortalFactory.create(slug="here", name="Here", country=country, region=Region.WORLD)
    for position, language in enumerate(LANGUAGES):
        PortalTextFactory.create(portal=portal, language=language, position=position)
    if request.param == "country":
        for kind in ContactKind:
            if kind.row.needed:
                ContactFactory.create(portal=portal, kind=kind, name=str(kind.label))
    if request.param == "any country":
        verified = {"verified_on": timezone.localdate(), "verified_by": "Olga"}
        HelpServiceFactory.create(kind=ServiceKind.LISTENING, website=SERVICE, **verified)
    published.clear_cache()
    return portal


@pytest.mark.parametrize("situation", Situation)
def test_every_door_ends_with_a_person_to_call_and_a_way_to_report(
    portal: Portal, visitor: Client, situation: Situation
) -> None:
    lacks = {}
    for language in LANGUAGES:
        page = read_main(visitor, portal.slug, language, situation.value)
        is_helped = bool(re.search(r'href="tel:\d', page) or f'href="{SERVICE}"' in page)
        reports = page.count(f'class="button" href="/here/{language}/report/"')
        lacks[language] = is_helped, reports
    has_help = bool(portal.country) or bool(published.portals_by_slug()["here"].services)
    assert lacks == dict.fromkeys(LANGUAGES, (has_help, 1))


@pytest.mark.parametrize("situation", Situation)
def test_no_door_introduces_an_empty_list(portal: Portal, visitor: Client, situation: Situation) -> None:
    """A sentence that introduces contacts or services is followed by them, or replaced."""
    page = read_main(visitor, portal.slug, "en", situation.value)
    for part in situation.row.parts:
        if part.introduction:
            words = str(part.introduction) % {"age": 18}
            assert words in page or str(part.without_list) in page
            assert re.findall(rf"{re.escape(words)}</p>\s*<(\w+)", page) in ([], ["ul"])


def test_every_part_with_an_introduction_has_a_sentence_for_portals_without_the_list() -> None:
    parts = [part for situation in Situation for part in situation.row.parts]
    assert [part for part in parts if part.introduction and not part.without_list] == []
    assert len([part for part in parts if part.introduction]) > 3


@pytest.mark.parametrize("situation", Situation)
def test_every_door_shows_a_contact_that_a_launch_needs(situation: Situation) -> None:
    assert any(kind.row.needed for part in situation.row.parts for kind in part.contacts)


def test_child_who_is_threatened_reads_the_advice_without_opening_anything(belize: Portal, visitor: Client) -> None:
    ContactFactory.create(portal=belize, kind=ContactKind.EMERGENCY, name="Emergency", phone="911")
    published.clear_cache()
    opened = re.sub(r"<details.*?</details>", "", read_main(visitor, "bz", "en", "threats"), flags=re.DOTALL)
    places = [
        opened.index(words)
        for words in (
            "You are not to blame.",
            "Do not pay.",
            "I am under 18",
            'href="tel:116"',
            "Are you thinking about hurting yourself?",
            'href="tel:911"',
            "You can send the user name here",
            'href="/bz/en/report/"',
        )
    ]
    assert places == sorted(places)
    assert "I am an adult" not in opened
