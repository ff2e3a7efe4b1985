"""The preview in a browser, on an installation whose staff surface has no public pages of its own."""

import re

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, ViewportSize, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, PHONE, BrowserWatch, axe_findings, fits_width
from tests.rig.installation import Installation


def frame(page: Page, title: str) -> FrameLocator:
    return page.frame_locator(f'iframe[title="{title}"]')


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_operator_walks_through_a_portal_in_both_frames(
    chromium: Browser, installation: Installation, staff_url: str, size: ViewportSize
) -> None:
    context = chromium.new_context(viewport=size, base_url=staff_url)
    watch, page = BrowserWatch(context, staff_url), context.new_page()
    sign_in(page, installation, "operator")
    page.goto("/admin/countries/portal/?q=Pakistan")
    page.locator("#result_list").get_by_role("link", name="Pakistan").click()
    page.goto(re.sub(r"/portal/(\d+)/.*", r"/portal/\1/preview/", page.url))

    for title in ("Phone", "Desktop"):
        expect(frame(page, title).get_by_text("Preview: nothing sent here is stored")).to_be_visible()
        # The stylesheet is there.
        expect(frame(page, title).locator("header .wide").first).to_have_css("display", "flex")
    assert fits_width(page)
    assert axe_findings(page) == []

    phone = frame(page, "Phone")
    phone.get_by_role("main").get_by_role("link", name="Make a report").click()
    phone.get_by_role("button", name="Send the report").click()
    expect(phone.get_by_text("Please enter the web address (link)").first).to_be_visible()
    phone.get_by_label("What is the web address (link)?").fill("https://example.org/typed")
    phone.get_by_role("button", name="Send the report").click()
    expect(phone.get_by_role("heading", name="Your report is stored")).to_be_visible()
    expect(phone.get_by_text("example.org")).to_have_count(0)

    page.get_by_label("Language").select_option("ur")
    page.get_by_label("State").select_option("suspended")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(frame(page, "Desktop").locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_label("State")).to_have_value("suspended")

    page.get_by_role("link", name="Open this page without frames").click()
    expect(page.get_by_text("Preview: nothing sent here is stored")).to_be_visible()
    # The answer to a form has the status that the public would get, which browsers note.
    # The form's refusal, and its error summary, which may take no focus in a sandbox.
    expected = ("status of 422", "Blocked autofocusing")
    assert [each for each in watch.complaints if not any(words in each for words in expected)] == []
    assert watch.failures() == []
    assert watch.elsewhere() == []
    context.close()
