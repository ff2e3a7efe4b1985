"""The recipient pages in a real browser: two people add and verify a recipient, and pages are accessible."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from analysts.takedown.recipients import sheet
from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, PHONE, BrowserWatch, axe_findings, fits_width
from tests.rig.installation import Installation
from tests.rig.looks import wrong_headings

# A name that the demonstration data does not contain.
NAME = "Browser Hosting of two people"
LINES = sheet.EXAMPLE.replace("Example ", "Browser ")
LANGUAGE = "UPDATE analysts_user SET language = %s WHERE username = 'operator'"


@pytest.fixture(autouse=True)
def _nothing_left(installation: Installation) -> Iterator[None]:
    yield
    with installation.connect() as connection:
        connection.execute("DELETE FROM analysts_recipient WHERE name LIKE 'Browser %'")
        connection.execute(LANGUAGE, [""])


def desk(
    chromium: Browser, url: str, installation: Installation, user: str
) -> tuple[BrowserContext, Page, BrowserWatch]:
    context = chromium.new_context(viewport=DESK, base_url=url)
    watch = BrowserWatch(context, url)
    page = context.new_page()
    sign_in(page, installation, user)
    return context, page, watch


def test_one_enters_it_and_another_verifies_it(chromium: Browser, staff_url: str, installation: Installation) -> None:
    context, page, watch = desk(chromium, staff_url, installation, "operator")
    page.locator(".menu > summary").click()
    page.get_by_role("link", name="Recipients").first.click()
    page.get_by_role("link", name="New recipient").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("E-mail", exact=True).fill("abuse")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="E-mail: Enter a valid email address.").click()
    expect(page.get_by_label("E-mail", exact=True)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("abuse@hosting.example.org")
    page.get_by_label("Monday").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Verify")).to_be_disabled()
    why_not = "You entered the contact details. A second person has to verify them."
    expect(page.locator(".why-not")).to_have_text(why_not)
    where = page.url
    assert (watch.elsewhere(), watch.failures()) == ([], [])
    # The refused form is answered with 422.
    assert [each for each in watch.complaints if "422" not in each] == []
    context.close()

    context, page, watch = desk(chromium, staff_url, installation, "senior")
    page.goto(where)
    page.get_by_role("button", name="Verify").press("Enter")
    expect(page.locator("#content")).to_contain_text("Verified by Sena on")
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
    context.close()


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("ar", "light")])
def test_pages_are_accessible_and_fit(
    chromium: Browser, staff_url: str, installation: Installation, language: str, scheme: str
) -> None:
    with installation.connect() as connection:
        connection.execute(LANGUAGE, [language])
    context, page, watch = desk(chromium, staff_url, installation, "operator")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wrong = []

    def look(name: str) -> None:
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            wrong.extend([] if fits_width(page) else [f"{name} does not fit {size['width']}"])
            wrong.extend(f"{name}: {each}" for each in [*axe_findings(page), *wrong_headings(page)])

    for path in ("", "add/", "import/", "performance/"):
        page.goto(f"/admin/recipients/{path}")
        look(path)
    page.goto("/admin/recipients/import/")
    lines = f"{LINES}host,=formula\n"
    page.locator("#id_text").fill(lines)
    page.locator("#content button[type=submit]").click()
    look("preview")
    page.locator("#content button[type=submit]").click()
    page.locator("a[data-row]", has_text="Browser Hosting").click()
    look("one")
    page.goto(page.url + "change/")
    look("change")

    assert wrong == [], json.dumps(wrong, indent=1)
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
    context.close()
