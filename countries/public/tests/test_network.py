"""The network's pages, "Leave this page", robots.txt and security.txt."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from countries.models import Portal
from countries.models.portal import Region
from countries.public import published
from countries.tests.factories import open_portal

AWAY = "https://weather.example.org/"
ONION = f"http://{'a' * 56}.onion"


def test_network_lists_by_region_with_names_in_its_language(belize: Portal, visitor: Client) -> None:
    Portal.objects.filter(pk=belize.pk).update(region=Region.AMERICAS, country="BZ")
    open_portal("ci", "Ivory Coast", "en", region=Region.AFRICA, country="CI")
    open_portal("zw", "Zimbabwe", "en", region=Region.AFRICA, country="ZW")
    open_portal("isles", "Several isles", "en", region=Region.WORLD, country="")
    page = visitor.get("/network/es/").content.decode()
    assert '<html lang="es" dir="ltr">' in page
    names = re.findall(r"<h2>|<h3><bdi>(.*?)</bdi></h3>", page)
    assert names == ["", "Côte d’Ivoire", "Zimbabue", "", "Belice", "", "Several isles"]


def test_network_is_not_there_in_a_language_without_words(db: None, visitor: Client) -> None:
    assert visitor.get("/network/xx/").status_code == 404
    assert visitor.get("/leave/xx/").status_code == 404


def test_network_links_to_itself_in_the_other_languages(db: None, visitor: Client, settings: Any) -> None:
    page = visitor.get("/network/ur/").content.decode()
    assert '<html lang="ur" dir="rtl">' in page
    others = [f"/network/{tag}/" for tag in dict(settings.LANGUAGES) if tag != "ur"]
    assert len(others) >= 3
    assert re.findall(r'href="(/network/.*?)"', page) == ["/network/ur/", *others]
    assert 'class="leave" href="/leave/ur/"' in page


@pytest.mark.parametrize("path", ["", "about/", "privacy/", "status/", "report/"])
def test_page_can_be_left(belize: Portal, visitor: Client, path: str) -> None:
    page = visitor.get(f"/bz/es/{path}").content.decode()
    assert page.count('class="leave" href="/bz/es/leave/"') == 1


def test_leave_page_does_not_reveal_the_portal(belize: Portal, visitor: Client) -> None:
    page = visitor.get("/bz/es/leave/")
    assert page.headers["Refresh"] == "0; url=?on"
    assert "Belize" not in page.content.decode()
    assert "/bz/" not in page.content.decode()


@pytest.mark.parametrize(
    ("of_portal", "of_installation", "target"),
    [("", "", "/leave/es/"), ("", AWAY, AWAY), (AWAY, "https://other.example.org/", AWAY)],
)
def test_leaving_ends_where_the_portal_or_the_installation_says(
    belize: Portal, visitor: Client, settings: Any, of_portal: str, of_installation: str, target: str
) -> None:
    Portal.objects.filter(pk=belize.pk).update(leave_to=of_portal)
    published.clear_cache()
    settings.LEAVE_TO = of_installation
    away = visitor.get("/bz/es/leave/?on")
    assert (away.status_code, away.headers["Location"]) == (303, target)
    assert away.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert away.headers["Referrer-Policy"] == "no-referrer"


def test_network_is_left_for_where_the_installation_says(db: None, visitor: Client, settings: Any) -> None:
    neutral = visitor.get("/leave/es/")
    assert (neutral.status_code, neutral.headers["Clear-Site-Data"]) == (200, '"cache", "storage"')
    settings.LEAVE_TO = AWAY
    assert visitor.get("/leave/").headers["Location"] == AWAY


def test_robots_may_read_first_pages_and_no_forms(db: None, visitor: Client) -> None:
    rules = visitor.get("/robots.txt")
    assert rules.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Disallow: /*/report/\n" in rules.content.decode()
    assert "Disallow: /\n" not in rules.content.decode()


def test_icon_is_found_where_browsers_look(db: None, visitor: Client) -> None:
    assert "/static/public/icon" in visitor.get("/favicon.ico").headers["Location"]


def test_security_txt_lists_contacts_only_when_configured(visitor: Client, db: None, settings: Any) -> None:
    assert visitor.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = ["mailto:flaws@example.org", "https://example.org/flaws"]
    text = visitor.get("/.well-known/security.txt").content.decode()
    assert re.findall("Contact: (.*)", text) == settings.SECURITY_CONTACT
    expires = datetime.fromisoformat(re.findall("Expires: (.*)", text)[0])
    assert timedelta(days=1) < expires - datetime.now(UTC) < timedelta(days=365)


def test_onion_service_is_offered_to_who_is_not_on_it(belize: Portal, settings: Any) -> None:
    assert "Onion-Location" not in Client().get("/bz/en/").headers
    settings.ONION_URL = ONION
    settings.ALLOWED_HOSTS = ["*"]
    assert Client().get("/bz/en/").headers["Onion-Location"] == f"{ONION}/bz/en/"
    assert "Onion-Location" not in Client(HTTP_HOST=f"{'a' * 56}.onion").get("/bz/en/").headers
    assert "Onion-Location" not in Client().get("/accounts/login/").headers


@pytest.mark.parametrize("path", ["/bz/en/%0d%0aSet-Cookie:%20a=b", "/bz/en/%D8%B3%F0%9F%98%80%ff/", "/bz/en/100%25"])
def test_onion_address_of_any_path_is_one_header_of_plain_characters(belize: Portal, settings: Any, path: str) -> None:
    settings.ONION_URL = ONION
    response = Client().get(path)
    assert response.status_code == 404
    location = response.headers["Onion-Location"]
    assert re.fullmatch(rf"{ONION}/bz/en/[!-~]*", location)
    assert "%25" in location or path != "/bz/en/100%25"
