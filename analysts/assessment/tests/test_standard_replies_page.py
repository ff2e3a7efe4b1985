"""Inserting standard texts into a message, with and without scripts; neither sends the message."""

import pytest
from playwright.sync_api import Browser, expect

from analysts.pages.tests.test_hostile_page import hostile_incident, revealed
from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, BrowserWatch
from tests.rig.installation import Installation


@pytest.mark.parametrize("scripts", [True, False])
def test_standard_text_goes_into_the_message(
    chromium: Browser, installation: Installation, staff_url: str, *, scripts: bool
) -> None:
    address = f"https://canned.example.org/{scripts}"
    path = hostile_incident(installation, addresses=address, description=["x"], found_on="")
    context = chromium.new_context(viewport=DESK, base_url=staff_url, java_script_enabled=scripts)
    watch = BrowserWatch(context, staff_url)
    page = context.new_page()
    sign_in(page, installation, "analyst")
    revealed(page, path)
    page.get_by_text("Ask the reporter").click()
    page.locator("[name=question]").fill("Hello.")
    page.get_by_label("Standard text").select_option("seen")
    posts = len([each for each in watch.requests if each.method == "POST"])
    page.get_by_role("button", name="Insert into the message").click()

    expect(page.locator("[name=question]")).to_have_value("Hello.\nWhen did you see it? A day or a month is enough.")
    assert len([each for each in watch.requests if each.method == "POST"]) == posts + (not scripts)
    expect(page.get_by_text("Asked on")).to_have_count(0)
    assert watch.complaints == []
    context.close()
