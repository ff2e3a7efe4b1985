"""The police refuse, grant and open a case in their inbox, and grant by link: a claim until the call back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, NARROW, PHONE, BrowserWatch, page_faults
from tests.rig.installation import Installation

# Four requests for clearance: three to police with an inbox, one to police who have a link only.
ASK = """
import json
from analysts.assessment.intake import run as intake
from analysts.models import Incident, Recipient, User
from analysts.takedown.notices.replies.links import secret_of
from analysts.tests.inboxes import asked_for_clearance, unit
from countries.models import Portal
from reports import notice_links, receipts
from tests.rig.fixtures import send_report
by = User.objects.get(username="analyst")
with_inbox, with_link = Recipient.objects.get(name="Example Police"), unit("Link Police", by=by)
requests = {}
for name in ("refused", "granted", "case_opened", "link"):
    code = send_report(Portal.objects.get(slug="bz"), f"https://{name.replace('_', '-')}.example/gallery")
    intake.take_in()
    incident = Incident.objects.get(sightings__report=receipts.derive_credentials(code).receipt_id)
    notice = asked_for_clearance(with_link if name == "link" else with_inbox, incident, by=by)
    secret = notice_links.encode_secret(secret_of(notice.pk))
    requests[name] = [str(incident.pk), str(notice.items.get().referral_id), f"/notice/en/{secret}/"]
print(json.dumps(requests))
"""
TAKE_IN = """
from analysts.takedown.notices.replies import intake
print(intake.take_in())
"""
# By kind of answer: what the next step says once it is read.
NEXT = {
    "refused": "Decide after the police refusal",
    "granted": "Notice to be sent",
    "case_opened": "answer of the police",
}
NUMBER = "EX 12/26"


class Window:
    """A browser window, and what is wrong with the pages in it."""

    def __init__(self, chromium: Browser, url: str) -> None:
        self.context = chromium.new_context(viewport=DESK, base_url=url)
        self.watch = BrowserWatch(self.context, url)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []

    def look(self, path: Path) -> None:
        self.wrong += page_faults(self.page, self.page.url, (PHONE, "light"), (NARROW, "dark"), (DESK, "light"))
        self.page.screenshot(path=path, full_page=True)


@pytest.fixture
def windows(chromium: Browser, staff_url: str, public_url: str) -> Iterator[dict[str, Window]]:
    windows = {name: Window(chromium, staff_url) for name in ("recipient", "analyst")}
    windows["visitor"] = Window(chromium, public_url)
    yield windows
    for window in windows.values():
        window.context.close()


def answer(page: Page, kind: str) -> None:
    """The number is asked for, and what was chosen stays."""
    page.locator(f"input[name=kind][value={kind}]").check()
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".summary")).to_contain_text("Please write your case number.")
    expect(page.locator(f"input[name=kind][value={kind}]")).to_be_checked()
    page.locator("[name=case_number]").fill(NUMBER)
    page.get_by_role("button", name="Send the answer").click()


def read_replies(page: Page, incident: str) -> None:
    page.goto(f"/admin/incidents/{incident}/")
    page.locator("#read_replies button").click()
    expect(page.locator("#replies")).to_contain_text("Read by")


def test_police_answer_by_inbox_and_by_link(
    windows: dict[str, Window], installation: Installation, tmp_path: Path
) -> None:
    requests = json.loads(installation.run(ASK).splitlines()[-1])
    officer, desk, visitor = (windows[name] for name in ("recipient", "analyst", "visitor"))
    sign_in(officer.page, installation, "recipient")
    sign_in(desk.page, installation, "analyst")

    for kind in NEXT:
        officer.page.goto(f"/admin/inbox/{requests[kind][1]}/")
        answer(officer.page, kind)
        expect(officer.page.locator(".messagelist")).to_contain_text("Your answer is recorded")
        expect(officer.page.locator("#state-title + p + dl")).to_contain_text(NUMBER)
    officer.look(tmp_path / "inbox.png")
    for kind, step in NEXT.items():
        read_replies(desk.page, requests[kind][0])
        expect(desk.page.locator("#replies")).to_contain_text("Sent from their own account")
        expect(desk.page.locator("#next-step")).to_contain_text(step, ignore_case=True)

    # By link it is a claim: nothing is granted before the call to the verified number.
    incident, _referral, link = requests["link"]
    visitor.page.goto(link)
    visitor.look(tmp_path / "link.png")
    answer(visitor.page, "granted")
    expect(visitor.page.locator("main")).to_contain_text("Your answer counts once")
    assert installation.run(TAKE_IN).strip() == "1"
    read_replies(desk.page, incident)
    expect(desk.page.locator("#next-step")).to_contain_text("Call the police back")
    expect(desk.page.locator("#replies")).to_contain_text("on +44 1632 960001, their verified number")
    desk.page.goto(f"/admin/incidents/{incident}/?open=route")
    expect(desk.page.locator("#police-hold")).to_contain_text("Waiting for police clearance")
    desk.look(tmp_path / "claim.png")
    desk.page.locator("#call_back [name=outcome]").select_option("call")
    desk.page.get_by_role("button", name="Record the call").click()
    expect(desk.page.locator("#replies")).to_contain_text("Confirmed when called back")
    desk.page.goto(f"/admin/incidents/{incident}/")
    expect(desk.page.locator("#next-step")).to_contain_text(NEXT["granted"])
    desk.look(tmp_path / "granted.png")
    assert [window.wrong for window in windows.values()] == [[], [], []]
    complaints = [complaint for window in windows.values() for complaint in window.watch.failures()]
    assert (complaints, [window.watch.elsewhere() for window in windows.values()]) == ([], [[], [], []])
