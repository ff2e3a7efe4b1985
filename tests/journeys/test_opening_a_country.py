"""A country opens through the admin alone: from the catalogue to live, in a browser."""

import re
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from countries.staff.workspace.country_facts import catalogue_rows
from portal_site.database import roles
from tests.journeys.test_journey import sign_in, take_in_and_publish
from tests.rig.browser import DESK, PHONE, BrowserWatch, axe_findings, fits_width
from tests.rig.installation import Installation

# Seconds: more than any process of the public surface may show its old copy.
SECONDS = 20
PHRASE = "warm heart of africa"
REVIEWER = "Tadala Banda"
# Presses, ticks and choices of two operators until a country is live: watch this figure when it grows. Typing is not
# counted.
CLICKS = 40
# And an administrator, who assigns an analyst.
CLICKS_OF_ADMINISTRATOR = 4


def png(size: tuple[int, int] = (40, 20), colour: str = "#c1272d") -> bytes:
    output = BytesIO()
    Image.new("RGB", size, colour).save(output, "PNG")
    return output.getvalue()


class Operator:
    """A person on the staff site. Every press and every field of `write` is counted, every page checked."""

    def __init__(self, browser: Browser, installation: Installation, base: str, name: str, scheme: "Scheme") -> None:
        context = browser.new_context(viewport=DESK, base_url=base, color_scheme=scheme, bypass_csp=True)
        self.watch = BrowserWatch(context, base)
        self.page: Page = context.new_page()
        self.clicks = 0
        self.fields = 0
        self.problems: list[str] = []
        # The address of the portal's pages.
        self.portal = ""
        sign_in(self.page, installation, name)

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def tick(self, what: Locator) -> None:
        what.check()
        self.clicks += 1

    def choose(self, what: Locator, value: str) -> None:
        what.select_option(value)
        self.clicks += 1

    def upload(self, what: Locator, name: str, kind: str, content: bytes) -> None:
        what.set_input_files(FilePayload(name=name, mimeType=kind, buffer=content))
        self.clicks += 1

    def link(self, name: str, within: str = "body") -> None:
        self.click(self.page.locator(within).get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        """A button that sends a form."""
        with self.page.expect_navigation():
            self.click(self.page.get_by_role("button", name=name, exact=True))

    def field(self, name: str) -> Locator:
        """The form's field with this name."""
        return self.page.locator(f"[name='{name}']")

    def write(self, name: str, text: str) -> None:
        self.field(name).fill(text)
        self.fields += 1

    def look(self) -> None:
        self.page.wait_for_load_state()
        self.problems += axe_findings(self.page)
        self.page.set_viewport_size(PHONE)
        self.problems += [] if fits_width(self.page) else [f"{self.page.url} scrolls sideways"]
        self.page.set_viewport_size(DESK)

    def save(self, button: str = "Save and go on") -> None:
        self.button(button)
        # Django's message for a refused form.
        expect(self.page.locator(".errornote")).to_have_count(0)

    def step(self, name: str) -> None:
        """Open a step of the portal's workspace, from any page about the portal. Not counted."""
        if found := re.match(r".*/portal/\d+/", self.page.url):
            self.portal = found[0]
        self.page.goto(f"{self.portal}{name}")

    def open_items(self) -> list[str]:
        return self.page.locator("#checklist .checklist a").all_inner_texts()

    def percentage(self) -> int:
        return int(re.findall(r"\d+", self.page.locator("#checklist-heading").inner_text())[0])


Scheme = Literal["light", "dark"]
VERIFIED_SERVICE = """
from django.utils import timezone
from countries.tests.factories import HelpServiceFactory
HelpServiceFactory.create(kind="thoughts", verified_on=timezone.localdate(), verified_by="Olga")
"""


def operator_fixture(username: str, scheme: Scheme = "light") -> Any:
    """A fixture: the person of this account of the demonstration, signed in."""

    @pytest.fixture
    def sign_in(chromium: Browser, installation: Installation, poster_url: str) -> Iterator[Operator]:
        operator = Operator(chromium, installation, poster_url, username, scheme)
        yield operator
        operator.page.context.close()

    return sign_in


olga = operator_fixture("operator")
# The second operator and the second administrator use the dark scheme.
otto = operator_fixture("operator2", "dark")
ada = operator_fixture("administrator2", "dark")
# Assigns analysts.
adam = operator_fixture("administrator")


@pytest.fixture
def reporter(chromium: Browser, installation: Installation) -> Iterator[Page]:
    """A phone before a public surface that soon sees what operators change."""
    with installation.serving("public", role=roles.PUBLIC, RENEW_AFTER="0.3") as url:
        context = chromium.new_context(viewport=PHONE, base_url=url, java_script_enabled=False)
        yield context.new_page()
        context.close()


def test_country_opens_through_the_admin_alone(
    reporter: Page,
    installation: Installation,
    olga: Operator,
    otto: Operator,
    adam: Operator,
    ada: Operator,
    tmp_path: Path,
) -> None:
    # Verified once for all portals.
    installation.run(VERIFIED_SERVICE)
    start_from_the_catalogue(olga)
    assert olga.open_items()[:3] == ["Contact: emergency number", "Contact: police", "Contact: child helpline"]
    # As a country without a portal.
    reporter.goto("/mw/")
    assert reporter.url.endswith("/network/en/?country=Malawi")

    # A language without translated standard words: the checklist shows it, and the language is removed again.
    assert "Interface text: Nyanja" in olga.open_items()
    write_country(olga)
    assert "Interface text: Nyanja" not in olga.open_items()
    write_texts(olga)
    verify_contacts(olga)
    write_partners_and_look(olga)
    olga.look()
    olga.link("Next: Test report", ".step-links")
    olga.field("access_phrase").fill(PHRASE)
    olga.save("Save")
    assert olga.open_items() == ["Interface text: Kiswahili", "Analysts", "Test report"]
    assign_an_analyst(adam)
    approve_portals(ada)

    # A speaker has read the words.
    olga.link("Interface text: Kiswahili", "#checklist")
    olga.look()
    olga.field("reviewed_by").fill(REVIEWER)
    olga.field("reviewed_on").fill("2026-01-15")
    olga.button("Record review")
    otto.page.goto("/admin/languages/sw/")
    otto.look()
    otto.button("Confirm review")
    look_at_preview_and_kit(olga, tmp_path)

    # Partners look at it with an access phrase, and the test report comes in.
    olga.step("test/")
    move(olga, "Restrict", "Partners look at it.")
    address = olga.page.locator("#test-report code").inner_text()
    send(reporter, address)
    take_in_and_publish(installation)
    olga.page.reload()
    assert (olga.open_items(), olga.percentage()) == ([], 100)

    # It was never public, and is for all from now on: that takes two.
    olga.link("Next: Launch", ".step-links")
    move(olga, "Launch", "All is ready.")
    decided_by_another(olga, otto, "Launch")
    assert olga.clicks + otto.clicks <= CLICKS
    assert adam.clicks <= CLICKS_OF_ADMINISTRATOR
    shows(reporter, "/", "Malawi")
    shows(reporter, "/mw/sw/", "Taarifa: Malawi")
    assert reporter.locator("header .mark").count() == 1
    reporter.goto("/mw/en/report/")
    assert reporter.locator("[name=phrase]").count() == 0

    # One text changed on the live portal.
    olga.step("words/?language=en")
    olga.look()
    olga.field("texts-0-title").fill("Malawi Reporting Portal")
    olga.field("reason").fill("The title as partners write it.")
    olga.save("Request approval")
    shows(reporter, "/mw/en/", "Reporting portal: Malawi")
    decided_by_another(olga, otto, "text, contacts or appearance")
    shows(reporter, "/mw/en/", "Malawi Reporting Portal")

    # Suspended, and reopened.
    for verb, heading in (
        ("Suspend", "This portal is not taking reports at the moment."),
        ("Reopen", "Make a report"),
    ):
        olga.step("launch/")
        move(olga, verb, "For an hour.")
        decided_by_another(olga, otto, verb)
        shows(reporter, "/mw/en/", heading)

    # The last analyst is taken away again: not refused, and shown to operators and administrators at once.
    assign_an_analyst(adam, works=False)
    for each in (olga, adam):
        each.page.goto("/admin/")
        expect(each.page.locator("#uncovered")).to_contain_text("Malawi")
        # No worker runs here, and the bar says so.
        expect(each.page.locator(".late-line").first).to_contain_text("The worker is not running")
        each.look()

    people = (olga, otto, adam, ada)
    assert [each.problems for each in people] == [[]] * len(people)
    assert [each.watch.failures() for each in people] == [[]] * len(people)
    assert installation.manage("verify_audit", role="portals_staff")


def shows(reporter: Page, path: str, words: str) -> None:
    """Wait until the public sees it, for some seconds."""
    end = time.monotonic() + SECONDS
    while True:
        reporter.goto(path)
        if words in reporter.locator("body").inner_text():
            return
        assert time.monotonic() < end, f"{path} does not say: {words}"
        time.sleep(0.1)


def start_from_the_catalogue(olga: Operator) -> None:
    olga.link("Portals", "header")
    olga.look()
    olga.link("Add portal")
    olga.look()
    olga.field("q").fill("malawi")
    with olga.page.expect_navigation():
        olga.field("q").press("Enter")
    olga.look()
    olga.link("Start a portal for Malawi")
    olga.look()
    assert olga.page.get_by_label("Nyanja (interface text in English)").is_checked()
    olga.tick(olga.page.get_by_label("Kiswahili"))
    olga.button("Create draft")
    olga.portal = olga.page.url.removesuffix("country/")
    olga.look()


def write_country(olga: Operator) -> None:
    languages = [olga.field(f"texts-{number}-language").input_value() for number in range(3)]
    assert languages == ["en", "ny", "sw"]
    olga.tick(olga.field("texts-1-DELETE"))
    olga.field("legal_source").fill("Electronic Transactions and Cyber Security Act, section 85")
    olga.field("legal_age").fill("18")
    olga.save()


def write_texts(olga: Operator) -> None:
    """One language on a screen."""
    for title, law in (("", "The law forbids it."), ("Taarifa: Malawi", "Sheria inakataza.")):
        if title:
            olga.field("texts-0-title").fill(title)
        olga.field("texts-0-law").fill(law)
        olga.field("texts-0-reviewed_by").fill(REVIEWER)
        olga.field("texts-0-reviewed_on").fill("2026-01-15")
        olga.save()


def assign_an_analyst(adam: Operator, *, works: bool = True) -> None:
    """The administrator ticks the portal in an analyst's account, or takes the tick away."""
    adam.page.goto("/admin/")
    adam.link("Staff", "header")
    adam.link("analyst", "#result_list")
    adam.look()
    portal = adam.page.get_by_label("Malawi")
    if works:
        adam.tick(portal)
    else:
        portal.uncheck()
    adam.button("Save")
    expect(adam.page.locator(".errornote")).to_have_count(0)


def approve_portals(ada: Operator) -> None:
    """More reports for an analyst to open: the second administrator finds the request from the header of every page."""
    ada.page.goto("/admin/")
    ada.link("1 approval request", "header")
    ada.look()
    ada.link("analyst: more portals", "#content")
    ada.look()
    ada.button("Approve")
    ada.look()


def verify_contacts(olga: Operator) -> None:
    """The kinds that are missing have an empty form each."""
    for number, kind, phone in ((0, "", "116"), (1, "emergency", "999"), (2, "police", "997")):
        if kind:
            assert olga.field(f"contacts-{number}-kind").input_value() == kind
            olga.field(f"contacts-{number}-name").fill(kind.title())
        olga.field(f"contacts-{number}-name_in_sw").fill(f"Huduma {phone}")
        olga.field(f"contacts-{number}-phone").fill(phone)
        olga.field(f"contacts-{number}-source").fill("called on the day of verification")
        olga.field(f"contacts-{number}-verified_by").fill("Olga")
        olga.click(olga.page.locator(f".form-row:has([name='contacts-{number}-verified_on'])").get_by_text("Today"))
    olga.save()


def write_partners_and_look(olga: Operator) -> None:
    for number in range(3):
        olga.tick(olga.field(f"partners-{number}-confirmed"))
        olga.field(f"partners-{number}-name_in_sw").fill(f"Mshirika {number}")
    olga.save()
    olga.field("brand_colour").fill("#8a1c1c")
    olga.field("accent_colour").fill("#ffc857")
    olga.upload(olga.field("logo_file"), "logo.png", "image/png", png((64, 32), "#ffffff"))
    olga.upload(olga.field("crest_file"), "crest.png", "image/png", png())
    olga.save()


def look_at_preview_and_kit(olga: Operator, tmp_path: Path) -> None:
    olga.step("look/")
    assert olga.page.locator(".picture-input img").count() == 2
    olga.link("Preview", ".portal-tools")
    olga.look()
    olga.step("launch/")
    olga.link("Launch kit", ".portal-tools")
    olga.look()
    for sheet in olga.page.get_by_role("link", name=re.compile("Poster|Cards")).all():
        page = olga.page.context.new_page()
        page.goto(str(sheet.get_attribute("href")))
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
        page.close()
    olga.step("launch/")
    with olga.page.expect_download() as download:
        olga.link("Export", ".portal-tools")
    file = tmp_path / "mw.toml"
    download.value.save_as(file)
    assert 'language = "sw"' in file.read_text()
    assert PHRASE not in file.read_text()
    olga.link("Import", ".portal-tools")
    olga.look()
    olga.upload(olga.field("file"), "mw.toml", "application/toml", file.read_bytes())
    olga.tick(olga.field("checked"))
    olga.field("reason").fill("What was exported comes back.")
    olga.button("Import")
    assert olga.open_items() == ["Test report"]


def move(olga: Operator, verb: str, reason: str) -> None:
    olga.link(verb, ".state-buttons")
    olga.look()
    olga.field("reason").fill(reason)
    olga.button(verb)
    olga.look()


def send(reporter: Page, address: str, slug: str = "mw") -> None:
    """Send the public form of the restricted portal, with its phrase."""
    reporter.goto(f"/{slug}/en/report/")
    reporter.locator("[name=addresses]").fill(address)
    reporter.get_by_role("button", name="Send the report").click()
    expect(reporter.locator("#receipt")).to_have_count(0)
    reporter.locator("[name=phrase]").fill(PHRASE)
    reporter.get_by_role("button", name="Send the report").click()
    expect(reporter.locator("#receipt")).to_be_visible()


def decided_by_another(olga: Operator, otto: Operator, what: str, about: str = "Malawi") -> None:
    """The operator who requested it cannot approve; the other one finds it from the header of every page."""
    expect(olga.page.get_by_role("heading", level=1)).to_have_text(f"{about}: {what}")
    expect(olga.page.get_by_role("button", name="Approve")).to_be_disabled()
    olga.look()
    otto.page.goto("/admin/")
    otto.link("1 approval request", "header")
    otto.look()
    otto.link(f"{about}: {what}", "#content")
    otto.look()
    otto.button("Approve")
    otto.look()


def test_territory_without_a_code_of_its_own_starts_from_the_catalogue(olga: Operator) -> None:
    """Ascension has no code of two letters; what is known of it comes with it all the same."""
    [slug] = [slug for slug, row in catalogue_rows().items() if row["name"] == "Ascension"]
    olga.page.goto("/admin/countries/portal/new/")
    olga.field("q").fill("ascension")
    with olga.page.expect_navigation():
        olga.field("q").press("Enter")
    olga.link("Start a portal for Ascension")
    assert olga.field("country").input_value() == ""
    olga.button("Create draft")
    olga.look()
    expect(olga.page.get_by_role("heading", level=1)).to_have_text("Ascension: Country and languages")
    expect(olga.page.locator(".field-slug")).to_contain_text(slug)
    # A day to come is asked for, and the checklist keeps it from being scheduled until it is complete.
    olga.step("launch/")
    expect(olga.page.get_by_role("button", name="Schedule")).to_be_disabled()
    assert olga.problems == []


@pytest.mark.parametrize("language", ["en", "ur"])
def test_operators_pages_are_accessible_and_fit_in_the_dark(
    installation: Installation, otto: Operator, language: str
) -> None:
    """In light they are looked at on the way above; from right to left as well as from left to right."""
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET language = %s WHERE username = 'operator2'", [language])
        [[portal]] = database.execute("SELECT id FROM countries_portal WHERE slug = 'pk'").fetchall()
    pages = ("words", "launch", "history", "kit", "preview", "import")
    paths = ["", "new/", "new/?from=blank", *(f"{portal}/{page}/" for page in pages)]
    for path in [*paths, f"{portal}/state/?verb=suspend"]:
        otto.page.goto(f"/admin/countries/portal/{path}")
        assert otto.page.evaluate("document.dir") == ("rtl" if language == "ur" else "ltr")
        otto.look()
    for path in ("approvals/", "languages/", "languages/ur/"):
        otto.page.goto(f"/admin/{path}")
        otto.look()
    with installation.connect() as database:
        database.execute("UPDATE analysts_user SET language = 'en' WHERE username = 'operator2'")

    assert (otto.problems, otto.watch.failures(), otto.watch.elsewhere()) == ([], [], [])
