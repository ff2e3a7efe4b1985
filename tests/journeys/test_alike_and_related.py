"""In a browser: similar reports closed and reopened without script, and the pages of related incidents."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_assessing import send
from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, PHONE, Window, page_faults
from tests.rig.installation import Installation

ALIKE = 4
WINDOWS: list[Window] = [(DESK, "light"), (PHONE, "light"), (PHONE, "dark"), (DESK, "dark")]


def fold(installation: Installation, name: str) -> str:
    """Put new incidents into one flood by hand; returns the path of its page."""
    reports = send(installation, ALIKE, name)
    with installation.connect() as database:
        found = database.execute(
            "UPDATE analysts_incident SET shape = %s, flood = %s, priority = 0"
            " WHERE id IN (SELECT incident_id FROM analysts_sighting WHERE report_id = ANY(%s::uuid[])) RETURNING id",
            [name.encode(), name.encode(), reports],
        ).fetchall()
    return f"/admin/floods/{found[0][0]}/"


def test_flood_is_closed_and_taken_back_by_keyboard_without_script(
    chromium: Browser, installation: Installation, staff_url: str
) -> None:
    path = fold(installation, "plain")
    context = chromium.new_context(viewport=DESK, base_url=staff_url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, installation, "senior")
    page.goto(path)
    expect(page.locator("#would-be-closed")).to_have_text(str(ALIKE))
    page.get_by_role("button", name="Draw a sample").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sample-progress")).to_contain_text(f"0 of {ALIKE} opened")
    for number in range(1, ALIKE + 1):
        page.locator("[data-opening=unopened] button").first.press("Enter")
        expect(page.locator("#sample-progress")).to_contain_text(f"{number} of {ALIKE} opened")
        expect(page.locator("#hide")).to_be_visible()
    page.locator("[name=verdict]").first.focus()
    for key in ("Space", "ArrowDown", "Tab", "Space", "Enter"):
        page.keyboard.press(key)

    expect(page.locator(".messagelist")).to_contain_text(f"{ALIKE} incidents closed.")
    page.goto("/admin/queue/")
    page.get_by_role("button", name="Undo").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text(f"{ALIKE} incidents returned to the queue.")
    context.close()


def test_flood_is_closed_by_keys(chromium: Browser, installation: Installation, staff_url: str) -> None:
    context = chromium.new_context(viewport=DESK, base_url=staff_url)
    page = context.new_page()
    sign_in(page, installation, "senior")
    page.goto(fold(installation, "keys"))
    for key in ("g", *"r" * ALIKE):
        with page.expect_navigation():
            page.keyboard.press(key)
        page.wait_for_load_state("load")
    page.keyboard.press("r")
    expect(page.locator("[name=verdict]").first).to_be_focused()
    # The digits of the desk: could not assess, content not found.
    page.keyboard.press("3")
    page.keyboard.press("1")
    record = page.get_by_role("button", name=f"Close {ALIKE} incidents")
    expect(record).to_be_focused()
    expect(record).to_have_accessible_description("Verdict to record: could not assess, content not found.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text(f"{ALIKE} incidents closed.")
    context.close()


def reveal(page: Page) -> None:
    """Reveal on the incident's page, with everything about related incidents."""
    reason = page.locator("#reveal [name=reason]")
    if reason.count():
        reason.first.select_option("advice")
    page.locator("#reveal button").first.click()
    page.locator(".merge summary").click()
    for summary in page.locator(".spelling summary").all():
        summary.click()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_are_accessible_and_fit(
    chromium: Browser, installation: Installation, staff_url: str, language: str
) -> None:
    path = fold(installation, f"screen{language}")
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET language = %s WHERE username = 'senior'", [language])
    context = chromium.new_context(viewport=DESK, base_url=staff_url, bypass_csp=True)
    page = context.new_page()
    sign_in(page, installation, "senior")
    problems: list[str] = []
    for noun in ("incidents", "floods"):
        page.set_viewport_size(DESK)
        page.goto(path.replace("floods", noun))
        if noun == "floods":
            with page.expect_navigation():
                page.locator("#draw-sample button").click()
            page.keyboard.press("r")
            expect(page.locator(".sampled .address")).to_be_visible()
        if noun == "incidents":
            reveal(page)
        problems += page_faults(page, noun, *WINDOWS)
    context.close()
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET language = '' WHERE username = 'senior'")

    assert problems == []
