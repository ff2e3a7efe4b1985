"""From three reports to three closed incidents, one by each route: browser, worker and mail server, moved clock."""

import csv
import email
import email.policy
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from portal_site.database import roles
from reports import receipts
from tests.journeys.test_journey import sign_in
from tests.proofs import certificates
from tests.proofs.mail import MailServer
from tests.rig.browser import DESK, PHONE, BrowserWatch, axe_findings, fits_width
from tests.rig.installation import Installation, set_up
from tests.rig.looks import wrong_headings

DESCRIPTION = "Picture gallery seen through a search result"
# Recipients that an operator entered and another one verified. Without office hours, so that notices leave at any hour.
RECIPIENTS = """
from analysts.takedown.recipients.actions import add_recipient, verify
from analysts.models import Recipient, RecipientAccess, User
by, other = User.objects.filter(role="operator").order_by("username")[:2]
# The police get their letters by mail.
RecipientAccess.objects.all().delete()
Recipient.objects.update(works_from=None, works_until=None, workdays=[], blocked_days=[])
for name, country, defang in [("Journey Hosting", "GB", True), ("Journey Servers", "BZ", False)]:
    at = f"abuse@{name.split()[1].lower()}.example"
    details = {"kind": "host", "name": name, "country": country, "email": at, "languages": ["en"], "defang": defang}
    made = add_recipient(by=by, details=details)
    verify(by=other, recipient=made, digest_on_page=made.value_digest())
"""
# Intake, and the worker's scheduled jobs, run once; then the jobs that these queue.
A_MINUTE = """
from analysts.assessment.intake import run
from analysts.pages import tasks
run.take_in()
for task in (tasks.take_in_replies, tasks.chase, tasks.find_late_notices, tasks.publish):
    task(timestamp=0)
"""
PUBLISH = """
from analysts.pages import tasks
tasks.publish(timestamp=0)
"""
WORKER = """
from django.core.management import call_command
call_command("procrastinate", "worker", "--one-shot")
"""
MEMBER = """
from datetime import timedelta
from django.utils import timezone
from analysts.models import FeedScope, User
from analysts.takedown.url_list.members import make_key
by = User.objects.get(username="senior")
until = timezone.now().date() + timedelta(days=90)
print(make_key(by=by, member="Example Provider", scope=FeedScope.ADDRESSES, expires_on=until)[1])
"""
# Texts of receipts.
RECEIVED = "Your report has been received. It is waiting for an analyst."
BEING_ASSESSED = "An analyst has begun to assess what you reported."
PASSED_ON = "The hotline has passed on what you reported to another hotline, which can act on it."
GONE = "What you reported was checked several times and was no longer there."
ANSWER = "https://report.hotline.example/notice/en/"
OWN_PAGES = ("https://report.hotline.example/network/en/letters/", "https://hotline.example/")
LATEST_FIRST = (
    "availability checked",
    "reminder sent",
    "notice sent",
    "police clearance decision",
    "police clearance requested",
    "traced",
)
OWN_HOST, OTHER_HOST = "abuse@hosting.example", "abuse@servers.example"


@dataclass(frozen=True, slots=True)
class Case:
    """One route: where it turns out to be hosted, and what its reporter holds."""

    site: str
    country: str
    provider: str
    receipt: str = ""
    incident: str = ""

    @property
    def address(self) -> str:
        return f"https://{self.site}/gallery/7"


CASES = {
    "own": Case("own-country.example", "GB", "Journey Hosting"),
    "hotline": Case("hotline-country.example", "DE", "Placeholder Networks"),
    "other": Case("other-country.example", "BZ", "Journey Servers"),
}


@dataclass(frozen=True, slots=True)
class World:
    """The installation at one hour of the story, with the mail server that outlasts all hours."""

    installation: Installation
    chromium: Browser
    mail: MailServer
    environment: dict[str, str]
    # Where each surface is served, at all hours.
    staff_url: str
    public_url: str

    def later(self, hours: float) -> "World":
        return replace(self, installation=self.installation.later(hours))

    def after(self, hours: float) -> "World":
        """So many hours later, with what became due shortly before gathered, and sent by then."""
        self.later(hours - 0.6).work()
        later = self.later(hours)
        later.work()
        return later

    def work(self) -> None:
        """Everything that a worker finds to do by now: it sends over TLS."""
        made = self.installation
        made.run(A_MINUTE, role=roles.STAFF, **self.environment)
        with made.connect() as owner:
            # PostgreSQL's clock is not moved, and jobs wait by it.
            owner.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 minute'"
                " WHERE status = 'todo' AND scheduled_at <= now() + make_interval(secs => %s)",
                [made.clock * 3600],
            )
        made.run(WORKER, role=roles.STAFF, **self.environment)

    def letters(self, about: str = "-country") -> list[EmailMessage]:
        """Letters that arrived since the last call, but those about the demonstration's own incidents: with `about`."""
        found = []
        for path in sorted(self.mail.keeper.folder.iterdir()):
            content = path.read_bytes().split(b"\n\n", 1)[1] if path.read_bytes().startswith(b"From <") else b""
            message = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            if about in text_of(message):
                found.append(message)
            path.unlink()
        return found

    @contextmanager
    def desk(self, user: str = "analyst", *, size: ViewportSize = DESK) -> Iterator[Page]:
        """A page in which `user` is signed in, at this hour; nothing it asks for goes elsewhere or fails."""
        with self.browser(self.staff_url, size) as page:
            sign_in(page, self.installation, user)
            yield page

    @contextmanager
    def visitor(self) -> Iterator[Page]:
        """An old phone without JavaScript, before the public server."""
        with self.browser(self.public_url, PHONE, script=False) as page:
            yield page
            assert page.context.cookies() == []

    @contextmanager
    def browser(self, url: str, size: ViewportSize, *, script: bool = True) -> Iterator[Page]:
        context = self.chromium.new_context(viewport=size, base_url=url, java_script_enabled=script)
        watch = BrowserWatch(context, url)
        yield context.new_page()
        # Chromium complains of the status of each form that is refused.
        complaints = [text for text in watch.complaints if "status of 4" not in text]
        assert (watch.elsewhere(), watch.failures(), complaints) == ([], [], [])
        context.close()

    def on_the_list(self, key: str) -> set[str]:
        """Entries that a member fetches, but the demonstration's own."""
        asked = Request(f"{self.staff_url}/api/url-list/", headers={"Authorization": f"Bearer {key}"})
        with urlopen(asked) as answer:
            found = {entry["address"] for entry in json.load(answer)["entries"]}
        return {address for address in found if "-country" in address}

    def states(self, cases: dict[str, Case]) -> dict[str, str]:
        """The text of each reporter's receipt, once what was sent by now is published."""
        self.installation.run(PUBLISH, role=roles.STAFF, **self.environment)
        found = {}
        with self.visitor() as page:
            for route, case in cases.items():
                page.goto("/bz/en/status/")
                page.locator("[name=code]").fill(case.receipt)
                page.get_by_role("button", name="Look it up").click()
                found[route] = page.locator("#state").inner_text()
        return found


@pytest.fixture
def world(chromium: Browser, tmp_path: Path) -> Iterator[World]:
    certificates.make_certificates(tmp_path / "tls", [])
    (tmp_path / "mail").mkdir()
    mail = MailServer(tmp_path / "mail", tmp_path / "tls")
    mail.start()
    environment = {
        **mail.environment(),
        "SSL_CERT_FILE": str(certificates.authority_path(tmp_path / "tls")),
        "MAIL_FROM": "portals@hotline.example",
        "PUBLIC_URL": "https://report.hotline.example",
        "NOTICE_GROUP_MINUTES": "30",
    }
    with set_up() as installation:
        installation.run(RECIPIENTS)
        with (
            installation.serving("staff", role=roles.STAFF, **environment) as staff_url,
            installation.serving("public", role=roles.PUBLIC) as public_url,
        ):
            yield World(installation, chromium, mail, environment, staff_url, public_url)
    mail.stop()


def receipt_id(receipt: str) -> UUID:
    return receipts.derive_credentials(receipts.parse_code(receipt)).receipt_id


def reported(world: World, wanted: dict[str, Case] = CASES) -> dict[str, Case]:
    cases = {}
    with world.visitor() as page:
        for route, case in wanted.items():
            page.goto("/bz/en/report/")
            page.locator("[name=addresses]").fill(case.address)
            page.get_by_role("button", name="Send the report").click()
            cases[route] = replace(case, receipt=page.locator("#receipt").inner_text())
            page.locator("[name=description]").fill(DESCRIPTION)
            page.get_by_role("button", name="Send the details").click()
    world.work()
    with world.installation.connect() as owner:
        for route, case in cases.items():
            query = "SELECT incident_id FROM analysts_sighting WHERE report_id = %s"
            [(incident,)] = owner.execute(query, [receipt_id(case.receipt)]).fetchall()
            cases[route] = replace(case, incident=f"/admin/incidents/{incident}/")
    return cases


def found_illegal(page: Page, case: Case) -> None:
    page.goto(case.incident)
    page.locator("#claim button").click()
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator("#address")).to_contain_text("gallery/7")
    page.locator("[name=verdict][value=illegal]").check()
    page.locator("[name=severity][value=B]").check()
    page.locator("[name=age_band][value='11-13']").check()
    page.locator("[name=sex][value=girls]").check()
    page.get_by_role("button", name="Record", exact=True).click()


def traced(page: Page, case: Case) -> None:
    form = page.locator("#trace")
    form.locator("[name=provider]").fill(case.provider)
    form.locator("[name=country]").select_option(case.country)
    for method in ("dns", "whois_address", "bgp"):
        form.locator(f"[name=methods][value={method}]").check()
    form.get_by_role("button", name="Save trace").click()
    expect(page.locator("#hosting")).to_contain_text("3 methods agree")


def routed(page: Page) -> None:
    page.locator("#confirm_route button[type=submit]").click()
    expect(page.locator("#confirmed")).to_contain_text("Confirmed by")


def opened_history(page: Page) -> Locator:
    page.locator("#history > details > summary").click()
    entries = page.locator("#history ol.history")
    expect(entries).to_be_visible()
    return entries


def looked(page: Page, case: Case, outcome: str) -> None:
    page.goto(case.incident)
    # The key opens the form in its folded section.
    page.keyboard.press("a")
    page.locator(f"#check [name=outcome][value={outcome}]").click()


def well_made(page: Page) -> None:
    """To the eye, the keyboard and a screen reader, on a desk and on a phone."""
    assert axe_findings(page) == []
    assert wrong_headings(page) == []
    page.set_viewport_size(PHONE)
    assert fits_width(page)
    page.set_viewport_size(DESK)


def by_recipient(letters: list[EmailMessage]) -> dict[str, EmailMessage]:
    """One to each, at most."""
    found = {str(letter["To"]): letter for letter in letters}
    assert len(found) == len(letters)
    return found


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def listed(letter: EmailMessage) -> list[str]:
    """The addresses in the table that comes with it."""
    [attached] = [part for part in letter.iter_attachments() if part.get_content_type() == "text/csv"]
    rows = csv.reader(io.StringIO(attached.get_content()))
    return [cell for row in rows for cell in row if "-country" in cell]


def links(letter: EmailMessage) -> list[str]:
    """Everything that a mail program would make a link of, but the hotline's own pages."""
    return [link for link in re.findall(r"https?://\S+", text_of(letter)) if link not in OWN_PAGES]


def test_one_incident_by_each_route_from_report_to_gone(world: World, tmp_path: Path) -> None:
    """Own country with a police hold, a country with a hotline, and another country; one hour after the other."""
    cases = reported(world)
    own, hotline, other = cases["own"], cases["hotline"], cases["other"]
    assert world.states(cases) == dict.fromkeys(cases, RECEIVED)

    with world.desk() as page:
        for case in cases.values():
            found_illegal(page, case)
            traced(page, case)
            well_made(page)
            routed(page)
        page.goto(own.incident)
        page.locator("#route > details > summary").click()
        expect(page.locator("#police-hold")).to_contain_text("Waiting for police clearance")
        page.screenshot(path=tmp_path / "held.png", full_page=True)
    world.work()
    # Letters gather before they leave.
    assert world.letters() == []

    # After an hour the first recipients are notified, and for an address hosted at home only the police.
    world = world.later(1)
    world.work()
    letters = by_recipient(world.letters())
    assert {to: listed(letter) for to, letter in letters.items()} == {
        "hotline.de@example.org": [hotline.address],
        "police.bz@example.org": [other.address],
        "police.gb@example.org": [own.address],
    }
    assert "Clearance request" in letters["police.gb@example.org"]["Subject"]
    assert "Clearance request" not in letters["police.bz@example.org"]["Subject"]
    assert [link for letter in letters.values() for link in links(letter) if not link.startswith(ANSWER)] == []
    # Receipts say nothing of the police.
    assert world.states(cases) == {"own": BEING_ASSESSED, "hotline": PASSED_ON, "other": BEING_ASSESSED}
    with world.desk() as page:
        page.goto(own.incident)
        page.keyboard.press("k")
        form = page.locator("#record_clearance")
        form.locator("[name=answer]").select_option("granted")
        form.locator("[name=answered_on]").fill((timezone.now() + timedelta(hours=1)).date().isoformat())
        form.locator("[name=reference]").fill("EX-1234")
        form.locator("[name=called_back]").check()
        form.locator("button[type=submit]").click()
        expect(page.locator("#police-hold")).to_contain_text("EX-1234")
    key = world.installation.run(MEMBER).split()[-1]

    # Cleared, the host is notified.
    world = world.later(1)
    world.work()
    [notice] = world.letters()
    assert (notice["To"], listed(notice)) == (OWN_HOST, ["hxxps://own-country[.]example/gallery/7"])
    assert world.on_the_list(key) == {case.address for case in cases.values()}

    # A day later it is reminded; two days after the verdict the host in the other country is notified directly.
    world = world.after(25)
    [reminder] = world.letters()
    assert reminder["To"] == OWN_HOST
    assert "Reminder" in reminder["Subject"]
    assert reminder["Message-ID"] != notice["Message-ID"]
    world = world.after(24)
    letters = by_recipient(world.letters())
    assert {to: listed(letter) for to, letter in letters.items()} == {
        OWN_HOST: ["hxxps://own-country[.]example/gallery/7"],
        OTHER_HOST: [other.address],
    }

    # The host answers by the link of its first letter. Its answer counts only after three availability checks.
    [link] = links(notice)
    with world.visitor() as page:
        page.goto(urlsplit(link).path)
        expect(page.locator("main")).to_contain_text("own-country[.]example")
        assert "gallery" not in page.content()
        page.locator("input[value=removed]").check()
        page.locator("main form button").click()
    world.work()
    with world.desk() as page:
        page.goto("/admin/")
        page.screenshot(path=tmp_path / "dashboard.png", full_page=True)
        page.goto(own.incident)
        expect(page.locator("#replies")).to_contain_text("removed")
        page.locator("#replies button[type=submit]").click()
        expect(page.locator("#replies")).to_contain_text("Read by")
        for case in cases.values():
            looked(page, case, "gone")
    for hours, number in [(24, 2), (24, 3)]:
        world = world.after(hours)
        assert world.letters() == []
        with world.desk() as page:
            for case in cases.values():
                page.goto(case.incident)
                expect(page.locator("#status")).to_contain_text(f"{number - 1} of 3")
                looked(page, case, "gone")
            expect(page.locator("#status")).to_contain_text(f"{number} of 3" if number < 3 else "Removed since")
            page.goto(own.incident)
            well_made(page)
            page.screenshot(path=tmp_path / f"looked-{number}.png", full_page=True)
            durations = page.locator("#history .outcome").inner_text()
            history = opened_history(page).inner_text()

    # One history, and two times: of the decision, and of the removal since the notice to the host.
    places = [history.index(what) for what in LATEST_FIRST]
    assert places == sorted(places)
    assert "2 days 1 hour" in durations
    world.work()
    assert world.states(cases) == dict.fromkeys(cases, GONE)
    assert world.on_the_list(key) == set()

    # Reported again it comes back with all that is known of it.
    world = world.later(24)
    again = reported(world, {"own": CASES["own"]})["own"]
    assert again.incident == own.incident
    with world.desk() as page:
        found_illegal(page, own)
        expect(opened_history(page)).to_contain_text("EX-1234")
        page.screenshot(path=tmp_path / "again.png", full_page=True)
    world.work()
    assert world.letters() == []
    assert world.installation.manage("verify_audit", role=roles.STAFF)
