"""The public pages of a portal: which exist, in which language, and what must never be on one."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from countries.models import Contact, ContactKind, PartnerRole, Portal, PortalState
from countries.public import privacy, published
from countries.public.help.situations import Situation
from countries.tests.factories import ContactFactory, PartnerFactory, PortalTextFactory, open_portal, store_verified

PAGES = ("portal_home", "portal_about", "portal_privacy", "portal_trust", "portal_help")


def text_of(client: Client, address: str, *, status: int = 200) -> str:
    """The page with every run of white space as one space, as a browser shows it."""
    response = client.get(address)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def set_state(portal: Portal, state: PortalState) -> None:
    phrase = "phrase" if state == PortalState.RESTRICTED else ""
    Portal.objects.filter(pk=portal.pk).update(state=state, access_phrase=phrase)
    published.clear_cache()


def scripts(page: str) -> list[str]:
    """Every script but the one that no page needs."""
    tag = r'<script src="/static/public/public[.0-9a-f]*[.]js" defer></script>'
    return re.findall(r"<script.*?</script>", re.sub(tag, "", page))


def headings(page: str) -> list[str]:
    return re.findall(r"<h1>(.*?)</h1>", page)


@pytest.mark.parametrize("state", [PortalState.LIVE, PortalState.RESTRICTED])
@pytest.mark.parametrize("language", ["en", "es"])
def test_home_of_an_open_portal_leads_to_the_form(
    belize: Portal, visitor: Client, state: PortalState, language: str
) -> None:
    set_state(belize, state)
    page = text_of(visitor, f"/bz/{language}/")
    assert page.count(f'<a class="button" href="/bz/{language}/report/">') == 1
    assert f'href="/bz/{language}/status/"' in page


@pytest.mark.parametrize("state", [PortalState.SUSPENDED, PortalState.CLOSED])
@pytest.mark.parametrize("language", ["en", "es"])
def test_home_of_a_portal_closed_to_reports_shows_the_reason_and_links_to_status(
    belize: Portal, visitor: Client, state: PortalState, language: str
) -> None:
    set_state(belize, state)
    page = text_of(visitor, f"/bz/{language}/")
    reason = "for maintenance" if state is PortalState.SUSPENDED else "for good"
    assert f"This portal is closed {reason}. Please tell the police." in page
    assert f'href="/bz/{language}/status/"' in page
    assert f'href="/bz/{language}/report/"' not in page
    assert '<a class="phone" href="tel:116">' in page


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
@pytest.mark.parametrize("name", ["portal_frame", *PAGES])
def test_page_of_a_portal_that_is_not_open_yet_does_not_exist(
    belize: Portal, zambia: Portal, visitor: Client, state: PortalState, name: str
) -> None:
    set_state(belize, state)
    arguments = ["bz", "en"] if name in PAGES else ["bz"]
    assert "Belize" not in text_of(visitor, reverse(name, args=arguments), status=404)
    assert visitor.get(reverse(name, args=["zm", *arguments[1:]])).status_code in (200, 302)


@pytest.mark.parametrize(
    "address",
    ["/xx/", "/xx/en/", "/xx/frame.svg", "/bz/EN/about/", "/bz/en/nowhere/"],
)
def test_unknown_portal_or_page_returns_404(belize: Portal, visitor: Client, address: str) -> None:
    text_of(visitor, address, status=404)


@pytest.mark.parametrize("address", ["/bz/", "/BZ/"])
def test_bare_address_leads_to_the_default_language(belize: Portal, visitor: Client, address: str) -> None:
    response = visitor.get(address)
    assert (response.status_code, response.headers["Location"]) == (302, "/bz/en/")


def test_bare_address_leads_to_a_language_that_has_a_text(belize: Portal, visitor: Client) -> None:
    belize.texts.filter(language="en").delete()
    assert visitor.get("/bz/").headers["Location"] == "/bz/es/"


def test_bare_address_of_a_portal_without_a_text_does_not_exist(belize: Portal, visitor: Client) -> None:
    belize.texts.all().delete()
    text_of(visitor, "/bz/", status=404)


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("/pk/ur/", '<html lang="ur" dir="rtl">'),
        ("/pk/en/", '<html lang="en" dir="ltr">'),
        ("/bz/es/about/", '<html lang="es" dir="ltr">'),
    ],
)
def test_page_says_its_language_and_direction(
    belize: Portal, pakistan: Portal, visitor: Client, address: str, root: str
) -> None:
    assert re.findall(r"<html[^>]*>", text_of(visitor, address)) == [root]


def test_page_in_a_language_without_standard_words_marks_each_part(belize: Portal, visitor: Client) -> None:
    PortalTextFactory.create(portal=belize, language="ps", title="پورټال", position=2)
    page = text_of(visitor, "/bz/ps/")
    assert re.findall(r"<html[^>]*>", page) == ['<html lang="en" dir="ltr">']
    assert '<a class="brand" href="/bz/ps/" lang="ps" dir="rtl"><span>پورټال <small>' in page
    assert '<div class="lead" lang="ps" dir="rtl">' in page


@pytest.mark.parametrize("path", ["", "about/", "privacy/", "help/", "help/me/", "status/", "report/"])
def test_page_links_to_itself_in_the_other_languages(pakistan: Portal, visitor: Client, path: str) -> None:
    links = re.findall(r"<a href=\S+ lang=.*?</a>", text_of(visitor, f"/pk/en/{path}"))
    assert links == [f'<a href="/pk/ur/{path}" lang="ur" hreflang="ur" dir="rtl">اردو</a>']


def test_answer_to_a_form_links_to_no_other_language(pakistan: Portal, visitor: Client) -> None:
    response = visitor.post("/pk/en/report/", {})
    assert 'hreflang="' not in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/frame.svg",
        "/bz/en/",
        "/bz/es/about/",
        "/bz/en/privacy/",
        "/bz/en/help/",
        "/bz/en/help/me/",
        "/bz/frame.svg",
    ],
)
def test_page_asks_the_database_nothing(
    belize: Portal, visitor: Client, address: str, django_assert_num_queries: Callable[..., Any]
) -> None:
    published.portals_by_slug()
    # The visitor's client changes the role before and after.
    with django_assert_num_queries(2):
        text = text_of(visitor, address)
    with django_assert_num_queries(2):
        assert text_of(visitor, address) == text


@pytest.mark.parametrize("address", ["/", "/bz/", "/bz/en/", "/bz/en/about/", "/bz/en/privacy/", "/bz/en/x/"])
def test_page_has_no_cookie_one_script_and_its_sheet_inside(belize: Portal, visitor: Client, address: str) -> None:
    response = visitor.get(address)
    page = response.content.decode()
    assert "Set-Cookie" not in response.headers
    assert not visitor.cookies
    assert scripts(page) == re.findall(r"\son\w+=|\sstyle=|<iframe|<img|rel=.stylesheet", page) == []
    assert page.count("<style") == (0 if response.status_code == 302 else 1)


@pytest.mark.parametrize(
    "address", ["/", "/bz/", "/bz/frame.svg", "/bz/en/", "/bz/en/about/", "/bz/en/help/", "/bz/en/help/me/"]
)
def test_read_only_page_rejects_post_requests(belize: Portal, visitor: Client, address: str) -> None:
    assert visitor.post(address, {"addresses": "https://site.example/"}).status_code == 405


def test_style_carries_the_portals_colour(belize: Portal, visitor: Client) -> None:
    assert "--brand:#003f87;--button:#003f87;" in text_of(visitor, "/bz/en/")


def test_home_shows_a_change_of_the_portal(belize: Portal, visitor: Client) -> None:
    text_of(visitor, "/bz/en/")
    belize.texts.filter(language="en").update(welcome="Changed words.")
    published.clear_cache()
    assert "Changed words." in text_of(visitor, "/bz/en/")


def test_pages_that_only_tell_are_drawn_once(belize: Portal, visitor: Client) -> None:
    for path in ("en/", "es/", "en/about/", "en/privacy/", "en/", "es/"):
        text_of(visitor, f"/bz/{path}")
    assert list(published.portals_by_slug()["bz"].pages) == [
        # The last two parts are the sentence of a banner and the hours of reading.
        ("home_page", "en", "", None),
        ("home_page", "es", "", None),
        ("about_page", "en", "", None),
        ("privacy_page", "en", "", None),
    ]


def test_operators_words_are_shown_as_words(belize: Portal, visitor: Client) -> None:
    belize.texts.update(title="<script>1</script>", welcome="<b>bold</b> https://site.example/", about="<img src=x>")
    for path in ("", "about/"):
        page = text_of(visitor, f"/bz/en/{path}")
        assert scripts(page) == re.findall(r"<b>|<img", page) == []
        assert 'href="https://site.example/' not in page


def test_network_lists_the_portals_the_public_may_know_of(
    belize: Portal, pakistan: Portal, zambia: Portal, visitor: Client
) -> None:
    set_state(zambia, PortalState.SUSPENDED)
    open_portal("gh", "Ghana", "en", state=PortalState.RESTRICTED, access_phrase="phrase")
    open_portal("gt", "Guatemala", "es", state=PortalState.DRAFT)
    page = text_of(visitor, "/")
    assert re.findall(r'<h3>\s*<a href="[^"]*"><bdi>(.*?)</bdi></a>\s*</h3>', page) == ["Belize", "Pakistan", "Zambia"]
    listed = page[page.index("<h2") :]
    assert re.findall(r'<a href="(/[a-z/]+)" lang="(.*?)"', listed) == [
        ("/bz/en/", "en"),
        ("/bz/es/", "es"),
        ("/pk/en/", "en"),
        ("/pk/ur/", "ur"),
        ("/zm/en/", "en"),
    ]
    assert re.findall(r'<p class="hint">(.*?)</p>', page) == ["Not taking reports at the moment."]


def test_network_without_a_portal_says_so(db: None, visitor: Client) -> None:
    assert "No portal is open yet." in text_of(visitor, "/")


@pytest.mark.parametrize("path", ["about/", "help/{situation}/"])
@pytest.mark.parametrize("kind", list(ContactKind))
def test_unverified_contact_is_never_shown(
    belize: Portal, visitor: Client, settings: Any, path: str, kind: ContactKind
) -> None:
    shown = (each for each in Situation if any(kind in part.contacts for part in each.row.parts))
    path = path.format(situation=next(shown).value)
    Contact.objects.all().delete()
    ContactFactory.create(portal=belize, kind=kind, name="Checked service", phone="7000")
    ContactFactory.create(
        portal=belize, kind=kind, name="Guessed service", phone="7001", verified_on=None, verified_by=""
    )

    page = text_of(visitor, f"/bz/en/{path}")
    assert "Checked service" in page
    assert "Guessed service" not in page
    assert "7001" not in page
    assert "Sample, not checked" not in page

    settings.DEMO = True
    published.clear_cache()
    page = text_of(visitor, f"/bz/en/{path}")
    assert page.count("Sample, not checked") == page.count("Guessed service") >= 1


def test_home_without_any_contact_still_says_what_to_do(belize: Portal, visitor: Client) -> None:
    Contact.objects.all().delete()
    page = text_of(visitor, "/bz/en/")
    assert "Call the emergency number or the police where you are, at once." in page
    assert 'href="tel:' not in page


def test_contact_is_called_and_visited_without_telling_from_where(belize: Portal, visitor: Client) -> None:
    ContactFactory.create(
        portal=belize, kind=ContactKind.EMERGENCY, name="Rescue", phone="+1 345 000 0000", website="https://a.example/"
    )
    page = text_of(visitor, "/bz/en/")
    assert '<a href="https://a.example/" rel="noreferrer noopener"><bdi>Rescue</bdi></a>' in page
    assert '<a class="phone" href="tel:+13450000000"><bdi dir="ltr">+1 345 000 0000</bdi></a>' in page


def test_about_names_partners_funders_and_the_launch(belize: Portal, visitor: Client) -> None:
    PartnerFactory.create(portal=belize, name="A ministry", role=PartnerRole.FUNDER)
    PartnerFactory.create(portal=belize, name="Not asked yet", confirmed=False)
    Portal.objects.filter(pk=belize.pk).update(launched_on=date(2018, 4, 13))
    page = text_of(visitor, "/bz/en/about/")
    listed = re.findall(r'<bdi[^>]*>(\w[^<]*)</bdi> <span class="hint"> (.*?) </span>', page)
    assert listed == [("Police", "Set up the portal with the hotline"), ("A ministry", "Pays for the portal")]
    assert "13 de abril de 2018" in text_of(visitor, "/bz/es/about/")


def test_about_page_omits_an_unknown_launch_date(belize: Portal, visitor: Client) -> None:
    assert "Launched on" not in text_of(visitor, "/bz/en/about/")


def test_privacy_lists_everything_that_is_kept(belize: Portal, visitor: Client) -> None:
    page = text_of(visitor, "/bz/en/privacy/")
    assert len(re.findall(r'<th scope="row">', page)) == len(privacy.privacy_rows()) > 0


def test_every_page_of_the_demonstration_says_so(belize: Portal, visitor: Client, settings: Any) -> None:
    addresses = ["/", "/bz/en/", "/bz/en/about/", "/bz/en/privacy/", "/bz/en/report/", "/bz/en/status/"]
    assert not any("Demonstration" in text_of(visitor, address) for address in addresses)
    settings.DEMO = True
    published.clear_cache()
    for address in addresses:
        assert text_of(visitor, address).count("Demonstration: nobody reads reports made here") == 1


def test_every_page_has_one_heading(belize: Portal, visitor: Client) -> None:
    for address in ("/", "/bz/en/", "/bz/en/about/", "/bz/en/privacy/"):
        assert len(headings(text_of(visitor, address))) == 1


def test_title_that_stays_in_the_history_names_no_subject(belize: Portal, visitor: Client) -> None:
    addresses = ["/", "/network/es/", "/bz/en/", "/bz/en/about/", "/bz/en/privacy/", "/bz/en/report/"]
    addresses += ["/bz/en/status/", "/bz/es/", "/bz/en/leave/"]
    titles = [re.findall("<title>(.*?)</title>", text_of(visitor, address)) for address in addresses]
    assert all(len(found) == 1 for found in titles)
    assert [found for found in titles if re.search("abus|sex|child|niñ", found[0], re.IGNORECASE)] == []
    assert titles[2] == [" Start – Belize reporting portal"]


@pytest.mark.parametrize("path", ["about/", "privacy/", "status/"])
def test_page_of_an_open_portal_leads_to_the_form_above_and_below(belize: Portal, visitor: Client, path: str) -> None:
    page = text_of(visitor, f"/bz/en/{path}")
    assert page.count('href="/bz/en/report/"') == 2
    set_state(belize, PortalState.SUSPENDED)
    assert 'href="/bz/en/report/"' not in text_of(visitor, f"/bz/en/{path}")


def test_form_does_not_lead_to_itself(belize: Portal, visitor: Client) -> None:
    assert 'href="/bz/en/report/"' not in text_of(visitor, "/bz/en/report/")


def test_about_says_where_the_law_is_written(belize: Portal, visitor: Client) -> None:
    assert "Read it here:" not in text_of(visitor, "/bz/en/about/")
    Portal.objects.filter(pk=belize.pk).update(legal_source="Example Act, section 7")
    published.clear_cache()
    assert "Read it here: <bdi>Example Act, section 7</bdi>" in text_of(visitor, "/bz/en/about/")


def test_privacy_page_shows_configured_retention_days(belize: Portal, visitor: Client, settings: Any) -> None:
    settings.WORDS_DAYS_NOT_ACTIONED, settings.ADDRESSES_DAYS_ACTIONED = 11, 777
    settings.KEY_GRACE_DAYS, settings.KEY_REST_DAYS = 5, 6
    page = text_of(visitor, "/bz/en/privacy/")
    assert "11 days after the decision" in page
    assert "777 days if the content was taken down" in page
    assert page.count("at most 42 days later") == 2


def test_privacy_names_the_onion_address_where_there_is_one(belize: Portal, visitor: Client, settings: Any) -> None:
    assert "Tor Browser" not in text_of(visitor, "/bz/en/privacy/")
    published.clear_cache()
    settings.ONION_URL = f"http://{'a' * 56}.onion"
    assert f"{settings.ONION_URL}/bz/en/</bdi>" in text_of(visitor, "/bz/en/privacy/")


def test_restricted_portal_asks_not_to_be_indexed(belize: Portal, visitor: Client) -> None:
    assert "noindex" not in text_of(visitor, "/bz/en/")
    set_state(belize, PortalState.RESTRICTED)
    assert '<meta name="robots" content="noindex">' in text_of(visitor, "/bz/en/")


def test_script_is_small() -> None:
    assert Path(django_settings.BASE_DIR, "static", "public", "public.js").stat().st_size < 1_024


def test_every_page_says_who_runs_the_portals(belize: Portal, visitor: Client, settings: Any) -> None:
    settings.HOTLINE_NAME = "Example Hotline"
    settings.HOTLINE_WEBSITE, settings.HOTLINE_CONTACT = "https://hotline.example/", "mailto:contact@hotline.example"
    settings.HOTLINE_COMPLAINTS, settings.SECURITY_CONTACT = (
        "https://hotline.example/complaints",
        ["mailto:flaws@x.example"],
    )
    for address in ("/", "/bz/en/", "/bz/en/about/", "/bz/en/report/", "/bz/en/status/", "/bz/en/nowhere/"):
        footer = re.sub(r"\s+", " ", visitor.get(address).content.decode().partition("<footer>")[2])
        assert re.findall(r'<a href="(\S+)" rel="noreferrer noopener"><bdi(?: dir="ltr")?>(.*?)</bdi>', footer) == [
            ("https://hotline.example/", "Example Hotline"),
            ("mailto:contact@hotline.example", "contact@hotline.example"),
            ("https://hotline.example/complaints", "hotline.example/complaints"),
            ("mailto:flaws@x.example", "flaws@x.example"),
        ]


def test_name_of_a_contact_in_another_language_is_marked(belize: Portal, visitor: Client) -> None:
    contact = belize.contacts.get()
    assert '<bdi lang="en">Child helpline</bdi>' in text_of(visitor, "/bz/es/about/")
    assert "<bdi>Child helpline</bdi>" in text_of(visitor, "/bz/en/about/")
    contact.texts.create(language="es", name="Ayuda a la infancia", note="Gratis, las 24 horas")
    store_verified(contact)
    published.clear_cache()
    page = text_of(visitor, "/bz/es/about/")
    assert "<bdi>Ayuda a la infancia</bdi>" in page
    assert '<span class="note" dir="auto">Gratis, las 24 horas</span>' in page
