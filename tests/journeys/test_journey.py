"""The whole path in a real browser, against real gunicorn and PostgreSQL: report without script, assess, outcome."""

import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal_site.tests.test_wording import RETIRED, find_words
from tests.rig.browser import (
    DESK,
    NARROW,
    PHONE,
    BrowserWatch,
    Scheme,
    Window,
    axe_findings,
    fits_width,
    page_faults,
    show_scheme,
)
from tests.rig.installation import Installation

ADDRESS = "hxxps://journey[.]example.org/gallery/42?utm_source=share"
DEFANGED = "hxxps://journey[.]example[.]org/gallery/42"
DESCRIPTION = "Picture gallery seen through a search result"
ROW_OR_FILTER = r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+|[?].*"
# Lists that no other journey opens a row of.
LISTS = {"/admin/portal-groups/"}
DEMO = "Demonstration: nobody reads reports made here"


@pytest.fixture
def reporter(chromium: Browser, public_url: str) -> Iterator[tuple[Page, BrowserWatch]]:
    """An old phone: JavaScript off."""
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE, base_url=public_url)
    watch = BrowserWatch(context, public_url)
    yield context.new_page(), watch
    context.close()


@pytest.fixture
def desk(chromium: Browser, staff_url: str) -> Iterator[tuple[BrowserContext, BrowserWatch]]:
    context = chromium.new_context(viewport=DESK, base_url=staff_url)
    watch = BrowserWatch(context, staff_url)
    yield context, watch
    context.close()


# Seconds for which a typed password serves other browsers: what needs a recent sign-in asks again after five minutes.
FRESH = 120


def sign_in(page: Page, installation: Installation, username: str) -> None:
    """Open the first page of this person, who typed their password in a browser before, or does now.

    Passwords are slow to check on purpose. Where the session has ended meanwhile, the form comes again; and what needs
    a recent sign-in would ask again, so an older one is not used.
    """
    typed_at, begun = installation.sessions.get(username, (0.0, {}))
    if monotonic() - typed_at > FRESH:
        begun = {}
    page.context.add_cookies(
        [{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"} for name, value in begun.items()]
    )
    page.goto("/admin/")
    if page.get_by_label("Username").is_visible():
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password", exact=True).fill(installation.accounts()[username])
        page.get_by_role("button", name="Sign in", exact=True).click()
        typed_at = monotonic()
    first_page = "Inbox" if username == "recipient" else "Dashboard"
    expect(page.get_by_role("heading", name=first_page, level=1)).to_be_visible()
    installation.sessions[username] = (typed_at, {each["name"]: each["value"] for each in page.context.cookies()})


def take_in_and_publish(installation: Installation) -> None:
    """The worker's jobs of each minute."""
    code = (
        "from analysts.assessment import publishing; from analysts.assessment.intake import run; "
        "run.take_in(); publishing.publish_outcomes()"
    )
    installation.run(code, role="portals_staff")


def test_from_a_reporters_address_to_an_analysts_verdict(
    installation: Installation, reporter: tuple[Page, BrowserWatch], desk: tuple[BrowserContext, BrowserWatch]
) -> None:
    page, watch = reporter

    # Ana's country has no hotline of its own. A reporter in Belize reports an address, with JavaScript off.
    page.goto("/")
    expect(page.get_by_text(DEMO)).to_be_visible()
    page.locator("a[href='/bz/en/']").first.click()
    page.get_by_role("main").get_by_role("link", name="Make a report").click()
    page.locator("[name=addresses]").fill(f"I saw it here: {ADDRESS}")
    page.get_by_role("button", name="Send the report").click()
    receipt = page.locator("#receipt").inner_text()
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{3}-){6}[0-9A-HJKMNP-TV-Z]{3}", receipt)

    # Details follow under the same receipt.
    page.locator("[name=description]").fill(DESCRIPTION)
    page.locator("[name=facts][value=child_in_danger]").check()
    page.get_by_role("button", name="Send the details").click()
    assert page.locator("#receipt").inner_text() == receipt

    # The receipt shows that it arrived.
    page.goto("/bz/en/status/")
    page.locator("[name=code]").fill(receipt.lower().replace("-", " "))
    page.get_by_role("button", name="Look it up").click()
    expect(page.locator("#state")).to_contain_text("received")

    take_in_and_publish(installation)

    # An analyst signs in, sees that a child may be in danger, and takes the best incident.
    context, staff = desk
    work = context.new_page()
    sign_in(work, installation, "analyst")
    expect(work.get_by_text("Demonstration: reports made here are not read")).to_be_visible()
    expect(work.get_by_text("child in danger now").first).to_be_visible()
    assert axe_findings(work) == []
    work.get_by_role("link", name="Queue").first.click()
    assert axe_findings(work) == []
    assert ADDRESS not in work.content()
    claim_the_one_of_this_journey(work)

    # Once revealed, address and words are shown, and neither is a link.
    incident = work.url
    expect(work.locator("#address")).to_have_text(DEFANGED)
    expect(work.get_by_text(DESCRIPTION)).to_be_visible()
    assert axe_findings(work) == []
    hrefs = [link.get_attribute("href") or "" for link in work.get_by_role("link").all()]
    assert [href for href in hrefs if "journey" in href] == []

    # A verdict; action; the end.
    work.locator("[name=verdict][value=illegal]").check()
    work.locator("[name=severity][value=C]").check()
    work.locator("[name=age_band][value='11-13']").check()
    work.locator("[name=sex][value=girls]").check()
    work.get_by_role("button", name="Record", exact=True).click()
    work.locator("#route summary").first.click()
    work.locator("summary").filter(has_text="Add a recipient").click()
    work.locator("#refer [name=kind]").select_option("host")
    work.locator("#refer [name=name]").fill("Example Hosting")
    work.locator("#refer [name=reason]").fill("It is theirs.")
    work.locator("#refer button[type=submit]").click()
    work.locator("article.report summary").first.click()
    work.locator("summary").filter(has_text="Ask the reporter").click()
    work.locator("[name=question]").fill("On which page of the gallery?")
    work.get_by_role("button", name="Send to the reporter").click()
    assert work.url == incident
    assert axe_findings(work) == []
    take_in_and_publish(installation)

    # The reporter reads it in plain words, and answers.
    page.goto("/bz/en/status/")
    page.locator("[name=code]").fill(receipt)
    page.get_by_role("button", name="Look it up").click()
    # The recipient is not verified: nothing has left, and the receipt says no more.
    expect(page.locator("#state")).to_contain_text("has begun to assess")
    expect(page.get_by_text("On which page of the gallery?")).to_be_visible()
    expect(page.get_by_text("We will never ask who you are")).to_be_visible()
    page.locator("[name=answer]").fill("On the first one")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("You have answered this message.")).to_be_visible()
    expect(page.locator("[name=answer]")).to_have_count(0)
    take_in_and_publish(installation)

    work.goto(incident)
    expect(work.get_by_text("On the first one")).to_be_visible()
    work.locator("summary").filter(has_text="Close or reopen").click()
    work.locator("#close button[type=submit]").click()
    take_in_and_publish(installation)
    page.goto("/bz/en/status/")
    page.locator("[name=code]").fill(receipt)
    page.get_by_role("button", name="Look it up").click()
    expect(page.locator("#state")).to_contain_text("has begun to assess")

    # Behind all that: no cookie for the reporter, nothing fetched elsewhere, no complaint of a browser, no failure.
    assert page.context.cookies() == []
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
    assert (staff.elsewhere(), staff.failures(), staff.complaints) == ([], [], [])
    assert installation.manage("verify_audit", role="portals_staff")


def claim_the_one_of_this_journey(page: Page) -> None:
    """`Next` gives the most urgent, masked until revealed. The demonstration has others as urgent: skip those."""
    page.get_by_role("button", name="Next").first.click()
    for _ in range(10):
        expect(page).to_have_url(re.compile("/admin/incidents/"))
        assert "gallery/42" not in page.content()
        assert axe_findings(page) == []
        page.get_by_role("button", name="Reveal").click()
        expect(page.locator("#hide")).to_be_visible()
        if DEFANGED in page.locator("#address").inner_text():
            return
        # Leads on to the next one.
        with page.expect_navigation():
            page.get_by_role("button", name="Skip").click()
    raise AssertionError("the report did not reach the queue")


def test_public_pages_are_accessible_and_fit(chromium: Browser, public_url: str) -> None:
    """As served, with the style sheet's own address; all pages in all languages: `test_public_matrix.py`.

    Scripts are on here only because axe is one.
    """
    language = "pk/ur"
    windows: list[Window] = [(NARROW, "light"), (DESK, "dark")]
    context = chromium.new_context(base_url=public_url, bypass_csp=True)
    page = context.new_page()
    problems: list[str] = []

    def look() -> None:
        problems.extend(page_faults(page, page.url, *windows))

    for name in ("", "report/", "status/", "about/", "privacy/"):
        page.goto(f"/{language}/{name}")
        look()
    page.goto(f"/{language}/report/")
    page.locator("button").click()
    expect(page).to_have_title(re.compile(".*: .*"))
    look()
    page.locator("[name=addresses]").fill("example.org/placeholder")
    page.locator("form button").click()
    expect(page.locator("#receipt")).to_be_visible()
    look()
    context.close()

    assert problems == []


def test_staff_pages_are_accessible_and_fit(chromium: Browser, installation: Installation, staff_url: str) -> None:
    problems: list[str] = []
    # The pages of all roles together: a page of several is looked at as the first of them; the dashboard differs.
    looked_at = set[str]()

    def look(page: Page, *schemes: Scheme) -> None:
        # Begun in the window that the page before ended in: to change it takes longer than to look.
        for size in [PHONE, DESK] if page.viewport_size == PHONE else [DESK, PHONE]:
            if page.viewport_size != size:
                page.set_viewport_size(size)
            if size == PHONE:
                problems.extend([] if fits_width(page) else [f"{page.url} scrolls sideways"])
                continue
            for scheme in schemes:
                if len(schemes) > 1:
                    show_scheme(page, scheme)
                problems.extend(axe_findings(page))
            text = page.evaluate("document.body.innerText")
            problems.extend(f"{page.url} says {term!r}" for term in find_words(RETIRED, text))

    stranger = chromium.new_page(viewport=DESK, base_url=staff_url, bypass_csp=True)
    stranger.goto("/accounts/login/")
    look(stranger, "light", "dark")
    stranger.close()
    # Page contents differ by role; some roles have a second account.
    for username in [username for username in installation.accounts() if not username.endswith("2")]:
        # The colours are the same for every role.
        schemes: list[Scheme] = ["light", "dark"] if username in ("analyst", "operator") else ["light"]
        context = chromium.new_context(viewport=DESK, base_url=staff_url, bypass_csp=True)
        page = context.new_page()
        sign_in(page, installation, username)
        look(page, *schemes)
        links = page.locator("#content a, header a, nav a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        # One of each page: rows of one kind have the same page, and so have filters of one list.
        pages = {re.sub(ROW_OR_FILTER, "#", href): href for href in sorted(links) if href.startswith("/")}
        new = {kind: href for kind, href in pages.items() if "logout" not in href and kind not in looked_at}
        looked_at |= new.keys()
        for href in new.values():
            page.goto(href)
            look(page, *schemes)
            if href in LISTS and (row := page.locator("#content ul.claims a").first).count():
                row.click()
                look(page, *schemes)
        context.close()

    assert problems == []


def test_every_step_works_with_the_keyboard_alone(reporter: tuple[Page, BrowserWatch]) -> None:
    page, _ = reporter
    page.goto("/bz/en/report/")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(
            page.locator(":focus").get_attribute("name") or page.locator(":focus").evaluate("e => e.tagName")
        )
        if reached[-1] == "addresses":
            break
    assert reached[-1] == "addresses"
    page.keyboard.type("example.org/keyboard")
    # The fold of the account, then the button.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#receipt")).to_be_visible()


def test_screenshots_of_the_journey(chromium: Browser, public_url: str, tmp_path: Path) -> None:
    """The pages draw at all, in print as well."""
    context = chromium.new_context(viewport=PHONE, base_url=public_url)
    page = context.new_page()
    page.goto("/pk/ur/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert len(page.pdf()) > 10_000
    context.close()
