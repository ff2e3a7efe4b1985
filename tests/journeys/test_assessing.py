"""An analyst's day in a browser: twelve incidents by keyboard alone, a lost session, a race for one incident."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, PHONE, BrowserWatch, Window, axe_findings, page_faults
from tests.rig.installation import Installation

TWELVE = 12
# The keys for one incident after it is shown: reveal, then the decision. In every four: three verdicts without and one
# with a classification; numbers choose in the current group.
DECISIONS = (
    ("1", "3", "4", "1"),  # illegal, category C, 11 to 13, girls
    ("2", "2"),  # not illegal, not sexualised
    ("3", "1"),  # could not assess, content not found
    ("1", "2", "3", "2", "l", "3"),  # illegal, category B, 7 to 10, boys; flagged as AI-generated
)
MOST_KEYS = 8

SEND = """
from analysts.assessment.intake import run as intake
from analysts.models import Draft
from countries.public import published
from reports import receipts
from tests.rig.fixtures import send_report
from countries.models import Portal
# A choice saved by another test would be recorded instead of the one that is typed.
Draft.objects.all().delete()
bz = Portal.objects.get(slug="bz")
for number in range({number}):
    # Letters: sites that differ in a number alone are nearly alike, and folded.
    letters = chr(97 + number // 26) + chr(97 + number % 26)
    code = send_report(bz, f"https://{name}{{letters}}.example/gallery")
    print(receipts.derive_credentials(code).receipt_id)
intake.take_in()
"""


def send(installation: Installation, number: int, name: str) -> list[str]:
    """Send reports of different sites, and take them into the queue; returns the ids of the reports."""
    return installation.run(SEND.format(number=number, name=name)).split()


@pytest.fixture
def desk(chromium: Browser, staff_url: str) -> Iterator[tuple[BrowserContext, BrowserWatch]]:
    context = chromium.new_context(viewport=DESK, base_url=staff_url, bypass_csp=False)
    watch = BrowserWatch(context, staff_url)
    yield context, watch
    context.close()


class Keyboard:
    """Presses keys and counts them. The page is used by keys only."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def press_and_wait(self, key: str) -> None:
        """Press a key that opens another page."""
        with self.page.expect_navigation():
            self.press(key)


def test_twelve_incidents_by_keyboard_alone(
    installation: Installation, desk: tuple[BrowserContext, BrowserWatch]
) -> None:
    context, watch = desk
    send(installation, TWELVE, "twelve")
    page = context.new_page()
    sign_in(page, installation, "analyst")
    page.goto("/admin/queue/")
    keyboard = Keyboard(page)
    keyboard.press_and_wait("n")
    began, seen = time.monotonic(), set[str]()
    keys: list[int] = []
    seconds: list[float] = []
    while len(seen) < TWELVE:
        assert page.url not in seen, "the same incident came again"
        seen.add(page.url)
        before, since = keyboard.pressed, time.monotonic()
        keyboard.press_and_wait("r")
        expect(page.locator("#hide")).to_be_visible()
        keyboard.press(*DECISIONS[len(seen) % len(DECISIONS)])
        # Recorded by Enter; the next incident is shown.
        keyboard.press_and_wait("Enter")
        expect(page.get_by_text("Assessment recorded.")).to_be_visible()
        keys.append(keyboard.pressed - before)
        seconds.append(time.monotonic() - since)

    assert max(keys) <= MOST_KEYS
    with installation.connect() as database:
        # By this person: an incident may come for its second review.
        query = (
            "SELECT count(*) FROM analysts_assessment JOIN analysts_user ON by_id = analysts_user.id"
            " WHERE incident_id = ANY(%s) AND undone_at IS NULL AND username = 'analyst'"
        )
        ids = [url.rstrip("/").rpartition("/")[2] for url in seen]
        [(assessed,)] = database.execute(query, [ids]).fetchall()
    assert assessed == TWELVE
    figures = {
        "incidents": TWELVE,
        "keystrokes an incident": round(sum(keys) / TWELVE, 2),
        "seconds an incident": round(sum(seconds) / TWELVE, 2),
        "seconds in all": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures))  # noqa: T201 - shown with -s
    assert [watch.failures(), watch.elsewhere(), [each for each in watch.complaints if "Policy" in each]] == [
        [],
        [],
        [],
    ]


def test_slip_is_taken_back_by_keyboard(installation: Installation, desk: tuple[BrowserContext, BrowserWatch]) -> None:
    context, _ = desk
    send(installation, 2, "slip")
    page = context.new_page()
    sign_in(page, installation, "analyst")
    page.goto("/admin/queue/")
    keyboard = Keyboard(page)
    keyboard.press_and_wait("n")
    first = page.url
    keyboard.press("3", "1")
    keyboard.press_and_wait("Enter")
    assert page.url != first
    assert axe_findings(page) == []

    keyboard.press("u", "Tab", "Tab")
    expect(page.locator("#undo button")).to_be_focused()
    keyboard.press_and_wait("Enter")
    assert page.url == first
    expect(page.locator("[name=verdict][value=not_assessed]")).to_be_checked()
    expect(page.get_by_text("undone: recorded by mistake")).to_be_visible()


def test_what_was_entered_outlives_the_session(
    installation: Installation, desk: tuple[BrowserContext, BrowserWatch]
) -> None:
    context, _ = desk
    send(installation, 1, "draft")
    page = context.new_page()
    sign_in(page, installation, "analyst")
    page.goto("/admin/queue/")
    keyboard = Keyboard(page)
    keyboard.press_and_wait("n")
    incident = page.url
    keyboard.press("1", "2")
    expect(page.get_by_text("Draft saved")).to_be_visible()

    # Signed out elsewhere in the meantime: the entries stay on the page, with a message.
    context.clear_cookies()
    keyboard.press("3")
    expect(page.get_by_text("Not saved: you may be signed out.")).to_be_visible()
    expect(page.locator("[name=age_band][value='7-10']")).to_be_checked()

    again = context.new_page()
    sign_in(again, installation, "analyst")
    again.goto(incident)
    expect(again.locator("[name=verdict][value=illegal]")).to_be_checked()
    expect(again.locator("[name=severity][value=B]")).to_be_checked()


def test_two_who_want_the_same_incident(chromium: Browser, installation: Installation, staff_url: str) -> None:
    """Both look at it; one claims it; the other sees a message, and her entries are not lost."""
    send(installation, 1, "race")
    contexts = [chromium.new_context(viewport=DESK, base_url=staff_url) for _ in range(2)]
    ana, ben = (context.new_page() for context in contexts)
    sign_in(ana, installation, "analyst")
    sign_in(ben, installation, "analyst2")
    ana.goto("/admin/queue/")
    ana.locator("[data-row]").first.focus()
    with ana.expect_navigation():
        ana.keyboard.press("Enter")
    ben.goto(ana.url)

    with ana.expect_navigation():
        ana.keyboard.press("c")
    ben.keyboard.press("c")
    expect(ben.get_by_text("A colleague is working on this incident.").first).to_be_visible()
    assert axe_findings(ben) == []

    # Ana is away until her claim ends, Ben gets the incident, and she sends her entries.
    ana.keyboard.press("3")
    ana.keyboard.press("1")
    expect(ana.get_by_text("Draft saved")).to_be_visible()
    incident = ana.url.rstrip("/").rpartition("/")[2]
    with installation.connect() as database:
        query = "UPDATE analysts_incident SET claimed_until = claimed_until - interval '1 hour' WHERE id = %s"
        database.execute(query, [incident])
    installation.run("from analysts.assessment import actions; actions.expire_claims()")
    ben.goto(ana.url)
    with ben.expect_navigation():
        ben.keyboard.press("c")
    with ana.expect_navigation():
        ana.keyboard.press("Enter")
    expect(ana.get_by_text("A colleague is working on this incident.").first).to_be_visible()
    expect(ana.locator("[name=verdict][value=not_assessed]")).to_be_checked()
    assert axe_findings(ana) == []
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_decision_screen_is_accessible_and_fits(
    chromium: Browser, installation: Installation, staff_url: str, language: str
) -> None:
    send(installation, 1, f"screen-{language}")
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET language = %s WHERE username = 'senior'", [language])
    context = chromium.new_context(viewport=DESK, base_url=staff_url, bypass_csp=True)
    page = context.new_page()
    problems: list[str] = []

    def look(*more: Window) -> None:
        problems.extend(page_faults(page, page.url, (DESK, "light"), (DESK, "dark"), *more))

    page.goto("/accounts/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.locator("[name=login]").fill("senior")
    page.locator("[name=password]").fill(installation.accounts()["senior"])
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/admin/")
    page.goto("/admin/queue/")
    look()
    for key in ("n", "r"):
        with page.expect_navigation():
            page.keyboard.press(key)
        look()
    for key in ("1", "2", "t", "m", "2"):
        page.keyboard.press(key)
    look((PHONE, "light"), (PHONE, "dark"))
    context.close()
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET language = '' WHERE username = 'senior'")

    assert problems == []
