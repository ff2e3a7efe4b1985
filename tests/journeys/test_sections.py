"""Folded sections of the incident's page in a real browser: with script, without, and by the keyboard alone."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from analysts.models import Incident, User
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.tests.factories import incident_of
from analysts.tests.replies import replied
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.browser import DESK, PHONE, axe_findings, fits_width, open_page
from tests.rig.looks import wrong_headings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def acting(belize: Portal, ana: User, now: datetime, settings: Any) -> Incident:
    """An incident that waits for its recipient, with nothing to do."""
    settings.ALLOWED_HOSTS = ["localhost"]
    incident = incident_of(belize, "https://example.org/gallery/1", now=now)
    reply = replied(incident, ana, AnswerKind.ACKNOWLEDGED, now=now)
    reply.read_by, reply.read_at = ana, now
    reply.save()
    incident.refresh_from_db()
    refresh_next_step(incident, now=now)
    return Incident.objects.get(pk=incident.pk)


def address_of(incident: Incident) -> str:
    return f"/admin/incidents/{incident.pk}/"


def test_section_is_fetched_in_place_by_the_keyboard_alone(
    live_server: Any, chromium: Browser, acting: Incident, ana: User
) -> None:
    page = open_page(chromium, live_server.url, ana)
    page.goto(address_of(acting))
    body, summary = page.locator("#url-list-body"), page.locator("#url-list > details > summary")
    expect(page.locator("#list_address")).to_have_count(0)
    summary.focus()
    page.keyboard.press("Enter")
    expect(body.get_by_role("button", name="Put on the URL list")).to_be_visible()
    # The focus stays where it was, and the next Tab comes to what was fetched.
    expect(summary).to_be_focused()
    expect(body.get_by_role("link", name="Show “URL list”")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(body.get_by_role("button", name="Put on the URL list")).to_be_focused()

    # A key opens the section that it leads into.
    page.keyboard.press("a")
    expect(page.locator("#check [name=outcome]").first).to_be_focused()
    wrong: list[str] = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        wrong += [] if fits_width(page) else [f"does not fit {size['width']}"]
        wrong += [*axe_findings(page), *wrong_headings(page)]
    assert wrong == []
    page.context.close()


def test_folded_form_is_fetched(live_server: Any, chromium: Browser, acting: Incident, sena: User) -> None:
    page = open_page(chromium, live_server.url, sena)
    page.goto(address_of(acting))
    expect(page.locator("form#hold, form#plan_next_step")).to_have_count(0)
    for key, field in (("p", "#plan_next_step_step"), ("H", "#hold_reason"), ("S", "#systemic_case_reason")):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        expect(page.locator(field)).to_be_focused()
    page.goto("/admin/")
    page.goto(f"{address_of(acting)}#plan_next_step")
    expect(page.locator("#plan_next_step_step")).to_be_focused()
    page.context.close()


def test_section_shows_what_came_of_an_action_in_it(
    live_server: Any, chromium: Browser, acting: Incident, ana: User
) -> None:
    page = open_page(chromium, live_server.url, ana)
    page.goto(address_of(acting))
    page.keyboard.press("a")
    expect(page.locator("#check [name=outcome]").first).to_be_focused()
    # One key records the outcome.
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(page.get_by_role("list", name="Latest availability checks")).to_contain_text("online")
    expect(page.locator(".messagelist")).to_be_focused()
    page.context.close()


def test_section_opens_without_script(live_server: Any, chromium: Browser, acting: Incident, ana: User) -> None:
    signed_in = open_page(chromium, live_server.url, ana)
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(signed_in.context.cookies())  # type: ignore[arg-type] # as Playwright gives them
    page = context.new_page()
    page.goto(address_of(acting))
    open_by_link(page, "hosting", "Hosting trace")
    expect(page.locator("#trace")).to_be_visible()
    open_by_link(page, "history", "History")
    expect(page.locator("#history")).to_contain_text("illegal")
    context.close()
    signed_in.context.close()


def open_by_link(page: Page, name: str, title: str) -> None:
    page.locator(f"#{name} > details > summary").click()
    page.get_by_role("link", name=f"Show “{title}”").click()
    page.wait_for_url(f"**/?open={name}#{name}")
