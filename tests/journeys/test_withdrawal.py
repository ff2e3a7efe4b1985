"""A wrong number leaves the public pages in a browser, in two clicks; on a phone and a desk, and right to left."""

import os
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from analysts.codes import Role
from analysts.models import User
from countries.models import ContactKind, Portal, PortalState, Region
from countries.public import published
from countries.tests.factories import ContactFactory, complete_portal, open_portal, store_verified
from tests.rig.browser import DESK, PHONE, Window, axe_findings, fits_width, open_page, page_faults
from tests.rig.fixtures import create_person
from tests.rig.looks import wrong_headings

pytestmark = pytest.mark.django_db(transaction=True)

WINDOWS: list[Window] = [(DESK, "light"), (PHONE, "dark")]
# A folder for pictures of what the test saw; none without it.
PICTURES = os.environ.get("JOURNEY_PICTURES", "")


@pytest.fixture
def pakistan(settings: Any) -> Portal:
    settings.ALLOWED_HOSTS = ["localhost"]
    portal = complete_portal("pk", "Pakistan", "en", "ur", country="PK", state=PortalState.LIVE)
    for kind, phone in ((ContactKind.EMERGENCY, "15"), (ContactKind.POLICE, "16")):
        contact = portal.contacts.get(kind=kind)
        contact.phone = phone
        store_verified(contact)
    ContactFactory.create(portal=portal, kind=ContactKind.CHILD_HELPLINE, name="Wrong helpline", phone="0800 000")
    open_portal("world", "World", "en", "ur", country="", region=Region.WORLD, state=PortalState.LIVE)
    return portal


def take_picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_operator_withdraws_a_number_in_two_clicks(
    live_server: Any, chromium: Browser, olga: User, pakistan: Portal
) -> None:
    page = open_page(chromium, live_server.url, olga)
    page.goto(f"/admin/countries/portal/{pakistan.pk}/help/")
    page.get_by_role("link", name="Wrong number, text or picture").click()
    assert page_faults(page, "choice", *WINDOWS) == []
    take_picture(page, "choice-phone")
    page.set_viewport_size(DESK)
    take_picture(page, "choice-desk")
    page.get_by_label("Wrong helpline").check()
    page.get_by_label("Reason").fill("The number reaches a company.")
    page.get_by_role("button", name="Withdraw now").click()
    assert page.get_by_text("It leaves the public pages within seconds.").is_visible()
    assert page_faults(page, "withdrawn", *WINDOWS) == []
    take_picture(page, "withdrawn")

    page.get_by_label("emergency number: emergency number").check()
    page.get_by_label("Reason").fill("It is another country's.")
    page.get_by_role("button", name="Withdraw now").click()
    assert page.get_by_role("alert").first.inner_text().startswith("It is the last telephone number of:")
    assert page_faults(page, "last number", *WINDOWS) == []
    take_picture(page, "last-number")
    page.get_by_label("Number in its place").select_option(label="police: 16")
    page.get_by_role("button", name="Withdraw now").click()

    published.clear_cache()
    public = chromium.new_context(viewport=PHONE, base_url=live_server.url, bypass_csp=True).new_page()
    public.goto("/pk/ur/")
    assert [public.locator(f'a[href="tel:{number}"]').count() > 0 for number in ("15", "16", "0800000")] == [
        *(False, True, False)
    ]
    check_public(public, "home-ur")

    second = open_page(chromium, live_server.url, create_person("otto", Role.OPERATOR))
    second.goto("/admin/")
    second.get_by_role("link", name="Wrong helpline").click()
    take_picture(second, "second-operator")
    second.get_by_role("button", name="Lift: show it again").first.click()
    assert second.get_by_text("Lifted: the public pages show it again").is_visible()


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("path", ["/pk/{language}/", "/pk/{language}/nowhere/", "/gh/{language}/"])
def test_closed_portal_and_missing_page_lead_on(
    live_server: Any, chromium: Browser, pakistan: Portal, language: str, path: str
) -> None:
    Portal.objects.filter(pk=pakistan.pk).update(state=PortalState.SUSPENDED)
    published.clear_cache()
    # A missing page asks memory alone.
    published.portals_by_slug()
    public = chromium.new_context(viewport=PHONE, base_url=live_server.url, bypass_csp=True).new_page()
    public.goto(path.format(language=language))
    check_public(public, f"leads-on{path.format(language=language).replace('/', '-')}")
    public.locator(f'a[href="/world/{language}/"]').click()
    assert public.url.endswith(f"/world/{language}/")


def check_public(page: Page, name: str) -> None:
    take_picture(page, name)
    assert (axe_findings(page), fits_width(page), wrong_headings(page)) == ([], True, [])
    page.set_viewport_size(DESK)
    take_picture(page, f"{name}-desk")
    assert fits_width(page)
