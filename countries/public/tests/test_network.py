"""The network's pages, finding a country, "Leave this page", robots.txt and security.txt."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from countries.models import Portal, PortalState
from countries.models.portal import Region
from countries.public import published
from countries.public.network import country_search, hotlines
from countries.public.network.country_search import find_country
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
    names = re.findall(r'<h2>|<h3>\s*<a href="[^"]*"><bdi>(.*?)</bdi></a>\s*</h3>', page)
    assert names == ["", "Côte d’Ivoire", "Zimbabue", "", "Belice", "", "Several isles reporting portal"]


def test_network_leads_on_from_a_language_without_words(db: None, visitor: Client) -> None:
    assert visitor.get("/network/xx/").headers["Location"] == "/network/en/"
    assert visitor.get("/leave/xx/").headers["Location"] == "/leave/en/"


def test_network_links_to_itself_in_the_other_languages(db: None, visitor: Client, settings: Any) -> None:
    page = visitor.get("/network/ur/").content.decode()
    assert '<html lang="ur" dir="rtl">' in page
    others = [f"/network/{tag}/" for tag in dict(settings.LANGUAGES) if tag != "ur"]
    assert len(others) >= 3
    own = [f"/network/ur/{name}/" for name in ("about", "privacy", "trust", "statistics")]
    assert re.findall(r'href="(/network/.*?)"', page) == ["/network/ur/", *others, *own]
    assert 'class="leave" href="/leave/ur/"' in page


def test_first_page_begins_with_a_line_in_each_language(db: None, visitor: Client, settings: Any) -> None:
    page = visitor.get("/").content.decode()
    lines = re.findall(r'<li><a href="(/network/.*?/)"\s+lang="(.*?)"', page)
    assert lines == [(f"/network/{tag}/", tag) for tag in dict(settings.LANGUAGES) if tag != "en"]
    assert "Denuncie material de abuso sexual infantil" in page
    assert 'class="tongues"' not in visitor.get("/network/en/").content.decode()


def test_languages_with_the_same_first_line_are_told_apart(db: None, visitor: Client) -> None:
    page = visitor.get("/").content.decode()
    lines = re.findall(r'<a href="/network/\w+/"\s+lang="(\w+)"[^>]*>([^<]+)</a>', page.partition('class="tongues"')[2])
    assert len(lines) == len(dict(lines)) == len({words for _tag, words in lines})
    assert {tag for tag, words in lines if words.endswith(")")} == {"es", "pt"}
    assert dict(lines)["pt"].endswith(" (Português)")


# --- Finding a country ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((name, "BZ") for name in ("Belize", " BELIZE ", "belice", "BZ", "بليز", "بیلائز", "बेलीज़", "बेलीज")),
        *((name, "CI") for name in ("Côte d’Ivoire", "cote d'ivoire", "Cote-d-Ivoire", "Ivory Coast")),
        ("The Gambia", "GM"),
        ("Scotland", "GB"),
        *((name, "") for name in ("", "…", "Atlantis", "the", "x" * 5_000, "\x00\ud800")),
    ],
)
def test_country_is_found_by_its_name_in_any_language(name: str, code: str) -> None:
    assert find_country(name, "en") == code


def test_name_means_the_country_that_the_language_of_the_page_calls_so() -> None:
    # Each language's own names come first, so that no name of another language hides one.
    for language in ("en", "es", "fr", "sw", "ur"):
        codes = country_search._codes_in(language)
        assert {key: find_country(key, language) for key in codes} == codes


def test_search_leads_to_the_portal_in_the_language_of_the_page(belize: Portal, visitor: Client) -> None:
    for path, target in {
        "/network/es/?country=Belize": "/bz/es/",
        "/network/fr/?country=Belize": "/bz/",
        "/?country=%D8%A8%D9%84%D9%8A%D8%B2": "/bz/en/",
    }.items():
        found = visitor.get(path)
        assert (found.status_code, found.headers["Location"]) == (302, target)


@pytest.mark.parametrize("name", ["belize", "Belize", "BELICE", "بليز", "बेलीज़"])
def test_name_of_a_country_as_a_path_leads_to_its_portal(belize: Portal, visitor: Client, name: str) -> None:
    found = visitor.get(f"/{quote(name)}/")
    assert (found.status_code, found.headers["Location"]) == (302, "/bz/")


def test_territory_without_a_code_is_found_by_the_name_of_its_portal(db: None, visitor: Client) -> None:
    open_portal("ascension", "Ascension", "en", region=Region.AFRICA, country="")
    assert visitor.get("/?country=ascension").headers["Location"] == "/ascension/en/"


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED, PortalState.RESTRICTED])
def test_search_says_nothing_of_a_portal_that_is_not_listed(
    belize: Portal, visitor: Client, state: PortalState
) -> None:
    def answers() -> list[tuple[int, str]]:
        found = [visitor.get(path) for path in ("/?country=Belize", "/belize/", "/belize/about/")]
        return [(each.status_code, re.sub("Belize|Zambia", "X", each.content.decode())) for each in found]

    Portal.objects.filter(pk=belize.pk).update(state=state, access_phrase="phrase")
    published.clear_cache()
    hidden = answers()
    belize.delete()
    published.clear_cache()
    assert answers() == hidden
    assert "No portal yet: X" in re.sub(r"\s+", " ", hidden[0][1])


def test_path_of_a_hidden_portal_answers_like_one_that_does_not_exist(belize: Portal, visitor: Client) -> None:
    Portal.objects.filter(pk=belize.pk).update(state=PortalState.DRAFT)
    published.clear_cache()
    hidden, absent = visitor.get("/bz/"), visitor.get("/lu/")
    assert (hidden.status_code, hidden.headers["Location"]) == (302, "/network/en/?country=Belize")
    assert (absent.status_code, absent.headers["Location"]) == (302, "/network/en/?country=Luxembourg")
    assert visitor.get("/nowhere/").status_code == 404


def test_country_without_a_portal_is_sent_to_its_hotline_and_to_the_portal_for_any_country(
    belize: Portal, visitor: Client, settings: Any
) -> None:
    settings.DEMO = True
    open_portal("world", "Several countries", "en", "fr", region=Region.WORLD, country="")
    page = re.sub(r"\s+", " ", visitor.get("/network/en/?country=Alemania").content.decode())
    answer = page[page.index('class="found"') : page.index("</section>")]
    assert "No portal yet: Germany" in answer
    assert 'href="https://www.internet-beschwerdestelle.de/" rel="noreferrer noopener"' in answer
    assert 'href="/world/fr/"' in answer
    # In the answer and below the list, and not under its region as well.
    assert page.count('href="/world/fr/"') == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Belgranoland", "Please check the spelling"),
        ("Belise", '<a href="/network/en/?country=Belize">Belize</a>'),
        ("Belzie", '<a href="/network/en/?country=Belize">Belize</a>'),
        ("Alemanai", '<a href="/network/en/?country=Germany">Germany</a>'),
        ("Beliz", '<a href="/network/en/?country=Belize">Belize</a>'),
        ("Gui", '<a href="/network/en/?country=Equatorial+Guinea">Equatorial Guinea</a>'),
        ("<b>&", "called “&lt;b&gt;&amp;”"),
    ],
)
def test_unknown_name_is_kept_and_answered_with_advice(belize: Portal, visitor: Client, typed: str, said: str) -> None:
    response = visitor.get("/network/en/", {"country": typed})
    assert response.status_code == 200
    assert said in re.sub(r"\s+", " ", response.content.decode())


def test_long_name_is_cut(db: None, visitor: Client) -> None:
    page = visitor.get("/network/en/", {"country": "x" * 100_000}).content.decode()
    assert f'value="{"x" * country_search.MOST_CHARACTERS}"' in page


def test_hotlines_are_listed_outside_the_demo_once_verified(
    belize: Portal, visitor: Client, settings: Any, tmp_path: Path
) -> None:
    assert "Hotlines in other countries" not in visitor.get("/network/en/").content.decode()
    own = tmp_path / "hotlines.toml"
    row = '[[hotline]]\ncountry = "{}"\nname = "{}"\nwebsite = "https://example.org/"\nsource = "its page"\n'
    checked = row.format("DE", "Checked") + 'verified_on = 2026-11-01\nverified_by = "Olga"\n'
    # A country with a portal here needs no other hotline in the list.
    own.write_text(f"{checked}{row.format('FR', 'Unchecked')}{checked.replace('DE', 'BZ')}")
    settings.HOTLINES_FILE = str(own)
    page = visitor.get("/network/en/").content.decode()
    assert re.findall(r"<li>\s*(\w+):", page) == ["Germany"]
    assert "Unchecked" not in page


def test_shipped_hotlines_are_of_known_countries_and_say_where_they_were_found() -> None:
    rows = hotlines.read_hotlines(hotlines.SHIPPED)
    assert len({row.country for row in rows}) == len(rows) > 30
    assert {find_country(row.country, "en") for row in rows} == {row.country for row in rows}
    assert [row for row in rows if not row.website.startswith("https://")] == []


def test_file_of_hotlines_that_cannot_be_read_leaves_the_page_without_them(
    db: None, visitor: Client, settings: Any, tmp_path: Path
) -> None:
    broken = tmp_path / "hotlines.toml"
    broken.write_text("[[hotline]]\nname = 1")
    settings.HOTLINES_FILE = str(broken)
    assert visitor.get("/").status_code == 200


# --- Leaving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "about/", "privacy/", "trust/", "status/", "report/"])
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


def test_nobody_is_left_on_an_empty_page_of_the_hotline_unless_it_wants_that(visitor: Client, db: None) -> None:
    assert visitor.get("/leave/").headers["Location"] == "https://www.wikipedia.org/"


def test_network_is_left_for_where_the_installation_says(db: None, visitor: Client, settings: Any) -> None:
    settings.LEAVE_TO = ""
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
