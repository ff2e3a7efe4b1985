"""The safety checks in a real browser: their messages are readable, reachable by keyboard, and no text is lost."""

import pytest
from playwright.sync_api import Browser, expect

from tests.rig.browser import PHONE, axe_findings, fits_width


@pytest.mark.parametrize("portal", ["/bz/en/", "/pk/ur/"])
def test_reporter_in_need_is_answered_and_sends_an_address_by_keyboard(
    chromium: Browser, public_url: str, portal: str
) -> None:
    # The policy of the site is off only because axe is a script.
    context = chromium.new_context(viewport=PHONE, base_url=public_url, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{portal}report/")
    page.locator("[name=addresses]").fill("http://site.example/a\nhe will hurt me")
    page.locator("main form button").press("Enter")
    expect(page.locator("#crisis")).to_be_visible()
    assert (axe_findings(page), fits_width(page)) == ([], True)
    receipt = page.locator("#receipt").inner_text()
    page.locator("[name=description]").fill("ana@example.org")
    page.locator("main form button").press("Enter")
    expect(page.locator(".summary a")).to_have_count(1)
    assert (axe_findings(page), fits_width(page)) == ([], True)
    page.locator(".summary a").press("Enter")
    expect(page.locator("[name=description]")).to_be_focused()
    page.locator("[name=as_it_is]").press("Space")
    page.locator("main form button").press("Enter")
    expect(page.locator("#receipt")).to_have_text(receipt)
    expect(page.locator(".summary")).to_have_count(0)
    context.close()
