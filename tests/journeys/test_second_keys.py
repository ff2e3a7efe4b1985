"""In a browser: the address, the reporter's words, related addresses and handing over, each by a key of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from analysts.models import Incident, User
from analysts.tests.factories import claimed, incident_of
from countries.models import Portal
from tests.rig.browser import DESK, PHONE, Window, open_page, page_faults
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db(transaction=True)

type Visit = Callable[[User], Page]
WINDOWS: tuple[Window, ...] = ((DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark"))


@pytest.fixture
def visit(live_server: Any, chromium: Browser, settings: Any) -> Visit:
    settings.ALLOWED_HOSTS = ["localhost"]
    return lambda user: open_page(chromium, live_server.url, user)


def press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state("load")


def test_each_key_shows_one_thing_and_the_last_hands_over(
    visit: Visit, belize: Portal, ana: User, ben: User, tmp_path: Path
) -> None:
    ben.portals.add(belize)
    User.objects.filter(pk=ben.pk).update(language="es")
    client_of(ben)
    words = {"description": "placeholder words"}
    incident_of(belize, "https://site.example.org/gallery/2")
    incident = claimed(incident_of(belize, "https://site.example.org/gallery/1", details=words, language="es"), ana)
    page, body = visit(ana), "main"
    page.goto(f"/admin/incidents/{incident.pk}/")
    press(page, "r")
    expect(page.locator(body)).to_contain_text("gallery/1")
    expect(page.locator(body)).not_to_contain_text("placeholder words")
    expect(page.locator(body)).not_to_contain_text("gallery/2")
    faults = page_faults(page, "address", *WINDOWS)
    page.screenshot(path=tmp_path / "address.png", full_page=True)
    press(page, "R")
    expect(page.locator(body)).to_contain_text("placeholder words")
    expect(page.locator("#show-words")).to_have_count(0)
    press(page, "O")
    expect(page.locator("#relations details.related").first).to_contain_text("gallery/2")
    expect(page.locator("#relations-title")).to_be_focused()
    faults += page_faults(page, "all", *WINDOWS)
    page.screenshot(path=tmp_path / "all.png", full_page=True)
    press(page, "Z")
    assert Incident.objects.get(pk=incident.pk).claimed_by == ben
    assert faults == []


def test_key_merges_with_the_related_incident_in_focus(visit: Visit, belize: Portal, ana: User) -> None:
    first, second = (incident_of(belize, f"https://site.example.org/gallery/{number}") for number in (1, 2))
    incident = claimed(incident_of(belize, "https://site.example.org/gallery/3"), ana)
    page = visit(ana)
    page.goto(f"/admin/incidents/{incident.pk}/")
    # Without one in focus, the key leads to the form that asks for a number.
    press(page, "r")
    page.keyboard.press("M")
    expect(page.locator(".merge input:not([type=hidden])").first).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#relations a[data-lists]").first.click()
    page.locator("details.related > summary").first.click()
    row = page.locator(".related li", has_text=str(second)).locator("[data-row]")
    row.focus()
    press(page, "M")
    incident.refresh_from_db()
    assert (incident.merged_into, Incident.objects.get(pk=first.pk).merged_into) == (second, None)
    page.context.close()
