"""In a browser, by keyboard alone: appeals and disagreements, from their lists until each is decided."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from analysts.codes import RevealReason
from analysts.codes.appeals import AppealOutcome, Appellant
from analysts.models import Appeal, Incident, User
from analysts.states import State
from analysts.takedown.appeals.actions import file_appeal
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.browser import DESK, PHONE, Window, open_page, page_faults

pytestmark = pytest.mark.django_db(transaction=True)

type Visit = Callable[[User], Page]
WINDOWS: tuple[Window, ...] = ((DESK, "light"), (DESK, "dark"), (PHONE, "light"))
# Keys that are printed on the page more than once, but for the digits of the options.
PRINTED_TWICE = """() => {
  const keys = [...document.querySelectorAll("kbd")].filter(each => each.checkVisibility()).map(each => each.innerText);
  return keys.filter((key, at) => !/^[1-9]$/.test(key) && keys.indexOf(key) !== at);
}"""


@pytest.fixture
def visit(live_server: Any, chromium: Browser, settings: Any) -> Visit:
    settings.ALLOWED_HOSTS = ["localhost"]
    return lambda user: open_page(chromium, live_server.url, user)


def turn(page: Page, keys: str) -> None:
    """Press keys, of which the last leads to another page."""
    *first, last = keys.split()
    for key in first:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(last)
    page.wait_for_load_state("load")
    assert page.evaluate(PRINTED_TWICE) == []


def tab_to(page: Page, text: str) -> None:
    for _turn in range(40):
        if str(page.evaluate("document.activeElement.innerText.trim()")).startswith(text):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {text!r}.")


def test_two_appeals_in_a_row(visit: Visit, belize: Portal, ana: User, ben: User, sena: User) -> None:
    ben.portals.add(belize)
    for name in ("one", "two"):
        incident = incident_of(belize, f"https://{name}.example/gallery")
        assessed_illegal(incident, ben)
        incident = Incident.objects.get(pk=incident.pk)
        file_appeal(by=ana, incident=incident, appellant=Appellant.OWNER, note="placeholder grounds")
    page = visit(sena)
    page.goto("/admin/")
    turn(page, "x")
    page.keyboard.press("f")
    tab_to(page, "Review an appeal")
    turn(page, "Enter")
    turn(page, "j Enter")
    decision = page.locator("#decide_appeal [name=reason]")
    for number in (1, 2):
        # It has the focus in the window, and the reason to reveal the incident is chosen already.
        expect(decision).to_be_focused()
        expect(decision).to_be_in_viewport()
        expect(page.locator("#decide_appeal [name=unseen_reason]")).to_be_visible()
        faults = page_faults(page, "appeal", *WINDOWS) if number == 1 else []
        page.set_viewport_size(DESK)
        turn(page, "Escape r")
        expect(page.locator("#hide")).to_be_visible()
        page.keyboard.press("A")
        expect(decision).to_be_focused()
        expect(page.locator("#decide_appeal [name=unseen_reason]")).to_have_count(0)
        turn(page, "ArrowDown Tab Tab Enter")
        expect(page.locator(".messagelist")).to_be_focused()
        expect(page.locator(".messagelist")).to_have_text("Decision on the appeal recorded.")
        assert faults == []
        assert Appeal.objects.filter(outcome=AppealOutcome.UPHELD, unseen_reason="").count() == number
        if number == 1:
            expect(page.locator("[data-shortcut=n]")).to_contain_text("Next: Review an appeal")
            turn(page, "n")
    reasons = AuditEvent.objects.filter(action="incident.reveal").values_list("details__reason", flat=True)
    assert set(reasons) == {RevealReason.COMPLAINT}


def test_two_disagreements_in_a_row(
    visit: Visit, belize: Portal, ana: User, ben: User, sena: User, settings: Any
) -> None:
    ben.portals.add(belize)
    settings.SECOND_REVIEW_PERCENT = 100
    for name in ("one", "two"):
        incident = incident_of(belize, f"https://{name}.example/gallery")
        assessed_illegal(incident, ana)
        assessed_not_found(Incident.objects.get(pk=incident.pk), ben)
    page = visit(sena)
    page.goto("/admin/")
    page.keyboard.press("L")
    tab_to(page, "Disagreements")
    turn(page, "Enter")
    turn(page, "j Enter")
    expect(page.locator("#dispute-title")).to_be_visible()
    turn(page, "c")
    for number in (1, 2):
        expect(page.locator(".messagelist")).to_be_focused()
        turn(page, "r")
        expect(page.locator("#dispute-title")).to_be_visible()
        for key in "1341":
            page.keyboard.press(key)
        expect(page.locator("[data-record]")).to_be_focused()
        expect(page.locator("[data-record]")).to_be_in_viewport()
        assert (page_faults(page, "disagreement", *WINDOWS) if number == 1 else []) == []
        page.set_viewport_size(DESK)
        # The next one is claimed already.
        turn(page, "Enter")
        assert Incident.objects.exclude(state__in=[State.WAITING, State.CLAIMED]).count() == number
