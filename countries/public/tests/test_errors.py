"""Error pages: in the portal's look and language, from memory, even if everything else is broken."""

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from countries.models import ContactKind, Portal, PortalState
from countries.public import published
from countries.public.errors import LAST_RESORT, WORDS, error_page
from countries.tests.factories import ContactFactory


def page_at(path: str, status: int) -> str:
    response = error_page(RequestFactory().get(path), status)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def root_of(page: str) -> list[str]:
    return re.findall(r"<html[^>]*>", page)


@pytest.mark.parametrize("status", sorted(WORDS))
@pytest.mark.parametrize(
    ("path", "root", "brand"),
    [
        ("/bz/en/report/", '<html lang="en" dir="ltr">', 'href="/bz/en/"'),
        ("/bz/es/report/", '<html lang="es" dir="ltr">', 'href="/bz/es/"'),
        ("/BZ/es/report/", '<html lang="es" dir="ltr">', 'href="/bz/es/"'),
        ("/pk/ur/nowhere/", '<html lang="ur" dir="rtl">', 'href="/pk/ur/"'),
        # The portal does not have this language; no language at all.
        ("/bz/fr/", '<html lang="en" dir="ltr">', 'href="/bz/en/"'),
        ("/bz", '<html lang="en" dir="ltr">', 'href="/bz/en/"'),
    ],
)
def test_error_page_has_the_look_and_language_of_the_portal_in_the_path(
    belize: Portal, pakistan: Portal, status: int, path: str, root: str, brand: str
) -> None:
    published.portals_by_slug()
    page = page_at(path, status)
    assert root_of(page) == [root]
    assert f'<a class="brand" {brand}' in page
    portal = belize if path[1:3].lower() == "bz" else pakistan
    assert f"--brand:{portal.brand_colour};" in page


@pytest.mark.parametrize("status", sorted(WORDS))
def test_error_page_asks_no_database_and_still_finds_the_language(status: int) -> None:
    # Without the `db` fixture any query fails the test.
    page = page_at("/pk/ur/report/", status)
    assert root_of(page) == ['<html lang="ur" dir="rtl">']
    assert '<a class="brand" href="/">' in page


@pytest.mark.parametrize("path", ["/", "/xx/yy/", "/admin/queue/", "//", "/\x00/\ud800/", "/" + "a" * 5000])
def test_error_page_of_any_other_path_is_the_networks_in_english(belize: Portal, path: str) -> None:
    published.portals_by_slug()
    request = RequestFactory().get("/")
    request.path = request.path_info = path
    page = error_page(request, 404).content.decode()
    assert root_of(page) == ['<html lang="en" dir="ltr">']
    assert "Belize" not in page


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
def test_error_page_does_not_tell_of_a_portal_that_is_not_open_yet(belize: Portal, state: PortalState) -> None:
    Portal.objects.filter(pk=belize.pk).update(state=state)
    published.portals_by_slug()
    assert "Belize" not in page_at("/bz/en/", 404)


def test_error_page_of_a_portal_keeps_the_emergency_number_at_hand(belize: Portal) -> None:
    ContactFactory.create(portal=belize, kind=ContactKind.EMERGENCY, name="Rescue", phone="112")
    published.portals_by_slug()
    assert 'href="tel:112"' in page_at("/bz/en/report/", 503)


def test_error_page_that_cannot_be_drawn_is_still_a_page(belize: Portal, settings: Any) -> None:
    published.portals_by_slug()
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    response = error_page(RequestFactory().get("/bz/en/report/"), 500)
    assert (response.status_code, response.content.decode()) == (500, LAST_RESORT)


def test_error_page_of_an_unexpected_status_has_the_words_of_a_fault() -> None:
    assert "Something went wrong here" in page_at("/", 418)


def test_missing_page_is_answered_in_the_portals_language(belize: Portal, visitor: Client) -> None:
    published.portals_by_slug()
    response = visitor.get(f"{reverse('portal_home', args=['bz', 'es'])}nowhere/")
    assert response.status_code == 404
    assert root_of(response.content.decode()) == ['<html lang="es" dir="ltr">']
