"""Printed addresses and codes of a portal lead on, in every state of it and after a language is gone."""

import re
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from countries.languages import interface_languages
from countries.models import Language, Portal, PortalState, Region
from countries.public import published
from countries.public.launch_kit import address_of, short_address
from countries.tests.factories import open_portal
from reports.models import Submission
from reports.tests.pages import fresh_token, post

ADDRESS = "http://site.example/a?b=c"
HOST = "https://report.hotline.example"
# Each form in which the launch kit prints an address, or people write one down; made for the portal's slug.
FORMS = {
    "code": "/{slug}/{language}/",
    "short": "/{slug}",
    "short with a language": "/{slug}/{language}",
    "short with a slash": "/{slug}/",
    "capital letter": "/{capital}/{language}",
    "all capitals": "/{upper}/{upper_language}",
    "report form of a partner's link": "/{slug}/{language}/report/",
    "help": "/{slug}/{language}/help/",
}
LANGUAGES = {"first": "en", "another": "es", "gone": "fr", "never known": "xx"}
# A country's code finds the country even where there is no portal; a name of several countries does not.
SLUGS = {"bz": {"country": "BZ"}, "isles": {"country": "", "region": Region.AFRICA}}


@pytest.fixture
def world(db: None, settings: Any) -> Portal:
    settings.PUBLIC_URL = HOST
    return open_portal("world", "World", "en", "ar", country="", region=Region.WORLD, state=PortalState.LIVE)


def written(form: str, slug: str, language: str) -> str:
    values = {"slug": slug, "capital": slug.capitalize(), "upper": slug.upper()}
    return FORMS[form].format(**values, language=language, upper_language=language.upper())


def follow(visitor: Client, address: str) -> Any:
    """The page at the end of at most four redirects of this site."""
    for _step in range(5):
        answer = visitor.get(address)
        if answer.status_code not in (301, 302):
            return answer
        address = answer.headers["Location"]
        assert address.startswith("/")
        assert not address.startswith("//")
    raise AssertionError(f"{address} leads round in circles.")


def leads_of(page: str) -> set[str]:
    return set(re.findall(r'href="(/[^"]*)"', page))


@pytest.mark.parametrize("state", PortalState)
@pytest.mark.parametrize("slug", SLUGS)
def test_printed_address_leads_to_where_people_can_report(
    world: Portal, visitor: Client, state: PortalState, slug: str
) -> None:
    """Every form and language of one portal: opening it costs more than asking for all its addresses."""
    portal = open_portal(slug, "A country", "en", "es", state=state, access_phrase="phrase", **SLUGS[slug])
    # A language that was retired.
    portal.texts.create(language="fr", title="t", welcome="w", about="a", position=5)
    portal.texts.filter(language="fr").delete()
    published.clear_cache()
    for form, language in product(FORMS, LANGUAGES.values()):
        answer = follow(visitor, written(form, slug, language))
        check_lead(answer.status_code, answer.content.decode(), state, form, language, slug)


def check_lead(status: int, page: str, state: PortalState, form: str, language: str, slug: str) -> None:
    links, case = leads_of(page), f"{form}, {language}"
    if state.visible:
        assert status == 200, case
        tag = language if language in ("en", "es") and "{" + "language}" in FORMS[form] else None
        assert f'<html lang="{tag or ("es" if language == "es" and "language" in FORMS[form] else "en")}"' in page, case
        assert any(link.startswith(f"/{slug}/") for link in links), case
    if state.takes_reports:
        assert any(re.fullmatch(rf"/{slug}/e[ns]/(report/)?", link) for link in links), case
    elif form != "help" or not state.visible:
        # From where no report is taken, on to the portal for any country.
        assert {"/world/en/", "/world/ar/"} <= links, case
        assert "/" in links or "/network/en/" in links, case


def test_forms_are_those_of_the_launch_kit(world: Portal) -> None:
    portal = published.as_stored(world.pk)
    printed = {
        *(address_of(portal, tag).removeprefix(HOST) for tag in portal.languages),
        *(short_address(portal, tag).removeprefix(HOST.partition("://")[2]) for tag in portal.languages),
    }
    forms = {written(form, "world", tag) for form in FORMS for tag in ("en", "ar")}
    assert printed <= forms


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
def test_portal_that_is_not_open_yet_answers_like_one_that_does_not_exist(
    world: Portal, belize: Portal, visitor: Client, state: PortalState
) -> None:
    Portal.objects.filter(pk=belize.pk).update(state=state)
    for form in FORMS:
        for language in LANGUAGES.values():
            published.clear_cache()
            address = written(form, "bz", language)
            other = written(form, "gy", language)
            answers = [follow(visitor, path) for path in (address, other)]
            assert answers[0].status_code == answers[1].status_code
            assert "Belize reporting" not in answers[0].content.decode()


@pytest.mark.parametrize(
    "name", ["network_in", "about_in", "letters_in", "privacy_in", "trust_in", "statistics_in", "left_in"]
)
def test_page_of_the_network_leads_on_from_a_language_that_is_gone(world: Portal, visitor: Client, name: str) -> None:
    assert "xx" not in interface_languages()
    answer = visitor.get(reverse(name, args=["xx"]), {"country": "Belize"})
    expected = f"{reverse(name, args=['en'])}?country=Belize"
    assert (answer.status_code, answer.headers["Location"]) == (302, expected)


def test_report_from_a_form_whose_language_went_meanwhile_is_stored(
    belize: Portal, visitor: Client, open_keys: Any
) -> None:
    token = fresh_token(visitor, "/bz/es/report/")
    with transaction.atomic():
        belize.texts.filter(language="es").delete()
    published.clear_cache()
    answer = post(visitor, "/bz/es/report/", {"token": token, "addresses": ADDRESS})
    assert answer.status_code == 200
    assert 'id="receipt"' in answer.content.decode()
    assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["/bz/xx/nowhere/", "/bz/XX/nowhere/", "//bz//", "/BZ/%00/", "/bz/en/pictures/", "/network/EN/about/"]
)
def test_address_that_never_was_stays_not_found(belize: Portal, visitor: Client, address: str) -> None:
    published.clear_cache()
    assert follow(visitor, address).status_code in (400, 404)


def test_suspended_portal_without_a_portal_for_any_country_leads_to_the_network(
    belize: Portal, visitor: Client
) -> None:
    Portal.objects.update(state=PortalState.SUSPENDED)
    published.clear_cache()
    page = visitor.get("/bz/en/").content.decode()
    assert "You can report from any country here" not in page
    assert "/" in leads_of(page)
    assert Language.objects.count() == 0
