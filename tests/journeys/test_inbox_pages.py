"""An officer's account in a real browser: opened by two administrators, used, and suspended by one person."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, NARROW, PHONE, BrowserWatch, Window, page_faults
from tests.rig.installation import Installation

OFFICER, PASSWORD = "browser-officer", "entirely new horse battery"
OPENED = re.compile(r"hxxps?://\S+")
UNIT = "Example Police"
# A letter to the unit about an address that was reported.
REFER = f"""
from analysts.assessment.intake import run as intake
from analysts.models import Incident, Recipient, User
from analysts.tests.inboxes import referred_to
from countries.models import Portal
from reports import receipts
from tests.rig.fixtures import send_report
code = send_report(Portal.objects.get(slug="bz"), "https://referred.example/gallery")
intake.take_in()
incident = Incident.objects.get(sightings__report=receipts.derive_credentials(code).receipt_id)
referred_to(Recipient.objects.get(name={UNIT!r}), incident, by=User.objects.get(username="analyst"))
"""


class Desk:
    """One person's browser, and what was wrong with the pages that they looked at."""

    def __init__(self, chromium: Browser, url: str) -> None:
        self.context = chromium.new_context(viewport=DESK, base_url=url)
        self.watch = BrowserWatch(self.context, url)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []

    def look(self) -> None:
        """Wide and narrow, light and dark."""
        windows: list[Window] = [(PHONE, "light"), (NARROW, "dark"), (DESK, "dark"), (DESK, "light")]
        self.wrong += page_faults(self.page, self.page.url, *windows)

    def press(self, name: str) -> None:
        """By the keyboard alone."""
        self.page.get_by_role("button", name=name).first.press("Enter")


@pytest.fixture
def desks(chromium: Browser, staff_url: str, installation: Installation) -> Iterator[dict[str, Desk]]:
    desks = {name: Desk(chromium, staff_url) for name in ("administrator", "administrator2", "senior", OFFICER)}
    for name in ("administrator", "administrator2", "senior"):
        sign_in(desks[name].page, installation, name)
    installation.run(REFER)
    yield desks
    for desk in desks.values():
        desk.context.close()
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET is_active = false WHERE username = %s", [OFFICER])


def approve(desk: Desk, title: str) -> None:
    desk.page.goto("/admin/approvals/")
    desk.page.get_by_role("link", name=title).press("Enter")
    desk.look()
    desk.press("Approve")


def test_two_open_an_inbox_its_officer_answers_and_one_person_suspends_it(desks: dict[str, Desk]) -> None:
    adam, adele, sena, rosa = (desks[name] for name in ("administrator", "administrator2", "senior", OFFICER))
    _open_account(adam, adele, rosa)
    _open_inbox(adam, adele, rosa)
    _answer(rosa)
    _suspend(sena, rosa)
    wrong = [each for desk in desks.values() for each in desk.wrong]
    assert wrong == [], json.dumps(wrong, indent=1)
    for desk in desks.values():
        assert (desk.watch.elsewhere(), desk.watch.failures()) == ([], [])


def _open_account(adam: Desk, adele: Desk, rosa: Desk) -> None:
    """The account: each administrator hands over one half of its code, and the officer sets a password."""
    page = adam.page
    page.goto("/admin/analysts/user/add/")
    page.get_by_label("User name").fill(OFFICER)
    page.get_by_label("Role").select_option("recipient")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    first = page.locator("#first-half").inner_text()
    approve(adele, f"{OFFICER}: role recipient")
    second = adele.page.locator("#second-half").inner_text()
    rosa.page.goto("/accounts/enter/")
    for label, text in (("User name", OFFICER), ("First half", first), ("Second half", second)):
        rosa.page.get_by_label(label).fill(text)
    passwords = rosa.page.locator("input[type=password]")
    for number in range(passwords.count()):
        passwords.nth(number).fill(PASSWORD)
    rosa.page.keyboard.press("Enter")
    rosa.page.get_by_label("Username").fill(OFFICER)
    rosa.page.get_by_label("Password", exact=True).fill(PASSWORD)
    rosa.page.keyboard.press("Enter")
    expect(rosa.page.locator("#content")).to_contain_text("Your inbox is not open")
    rosa.look()


def _open_inbox(adam: Desk, adele: Desk, rosa: Desk) -> None:
    page = adam.page
    page.goto("/admin/analysts/user/?q=" + OFFICER)
    page.get_by_role("link", name=OFFICER).first.press("Enter")
    page.get_by_role("link", name="Inbox of this account").press("Enter")
    adam.look()
    page.get_by_label("Recipient", exact=True).select_option(label=UNIT)
    page.get_by_label("Reason").fill("Called back on the verified number.")
    adam.press("Request approval")
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    approve(adele, f"{OFFICER}: inbox of a recipient")
    rosa.page.goto("/admin/")
    expect(rosa.page).to_have_url(re.compile("/admin/inbox/$"))
    rosa.look()


def _answer(rosa: Desk) -> None:
    page = rosa.page
    expect(page.locator("table")).not_to_contain_text("hxxp")
    page.locator("a[data-row]").first.press("Enter")
    rosa.look()
    rosa.press("Open the address")
    expect(page.locator("#opened-address")).to_have_text(OPENED)
    rosa.look()
    assert page.locator("#opened-address a").count() == 0
    rosa.press("Hide")
    expect(page.locator("#opened-address")).to_have_count(0)
    rosa.press("Send the answer")
    expect(page.locator(".summary")).to_be_visible()
    page.get_by_label("We have received it").check()
    rosa.press("Send the answer")
    expect(page.locator(".messagelist")).to_contain_text("Your answer is recorded")
    page.goto("/admin/inbox/?q=unknown")
    expect(page.locator("#content")).to_contain_text("Nothing in your inbox has this")
    page.get_by_role("link", name="Show all").press("Enter")
    rosa.press("Export this list as CSV")
    expect(page.get_by_role("heading", name="Inbox as CSV")).to_be_visible()
    rosa.look()


def _suspend(sena: Desk, rosa: Desk) -> None:
    sena.page.goto("/admin/recipient-accounts/")
    sena.look()
    sena.page.get_by_role("button", name=f"Suspend {OFFICER}").press("Enter")
    expect(sena.page.locator(".messagelist")).to_contain_text("signed out and sees nothing")
    sena.look()
    rosa.page.goto("/admin/inbox/")
    expect(rosa.page.get_by_role("heading", name="Sign in")).to_be_visible()
