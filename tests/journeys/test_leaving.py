"""Leaving a page in a hurry, in a browser that keeps left pages for its Back button as people's browsers do."""

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.rig.browser import PHONE
from tests.rig.installation import Installation

# The full browser: the headless shell keeps no pages for Back.
CHROMIUM = "/usr/bin/chromium"
TYPED = "https://example.org/typed-in-a-hurry"


@pytest.fixture(scope="module")
def keeping_chromium(playwright: Playwright) -> Iterator[Browser]:
    """Playwright switches the back/forward cache off; here it is on."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-background-networking", "--enable-features=BackForwardCache"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


class HarmlessPage(BaseHTTPRequestHandler):
    """A page of another host, such as a weather report."""

    # Headers that browsers sent with their requests for it.
    referrers: list[str] = []

    def do_GET(self) -> None:
        if self.path == "/weather":
            self.referrers.append(self.headers.get("Referer", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Weather</title><p>Sun and rain")

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def harmless(installation: Installation, public_url: str) -> Iterator[str]:
    """The address of the page that Belize's operators chose, once the portal leads there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), HarmlessPage)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/weather"
    change = "UPDATE countries_portal SET leave_to = %s WHERE slug = 'bz'"
    with installation.connect() as owner:
        before = owner.execute("SELECT leave_to FROM countries_portal WHERE slug = 'bz'").fetchone()
        owner.execute(change, [address])
        # The public surface reads its portals again every few seconds.
        while left_for(public_url) != address:
            time.sleep(0.2)
        yield address
        assert before is not None
        owner.execute(change, [before[0]])
    server.shutdown()
    server.server_close()


def left_for(public_url: str) -> str | None:
    connection = HTTPConnection(urlsplit(public_url).netloc, timeout=10)
    connection.request("GET", "/bz/en/leave/?on")
    location = connection.getresponse().headers["Location"]
    connection.close()
    return location


@pytest.fixture
def typing(keeping_chromium: Browser, public_url: str, harmless: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A reporter opened the page about the portal, then typed into the form."""
    context = keeping_chromium.new_context(java_script_enabled=request.param, viewport=PHONE, base_url=public_url)
    page = context.new_page()
    page.goto("/bz/en/about/")
    page.goto("/bz/en/report/")
    page.locator("[name=addresses]").fill(TYPED)
    yield page
    context.close()


def back(page: Page) -> None:
    """Go back. A page from the cache loads nothing, so nothing is waited for but what the page then shows."""
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getNavigationHistory")
    before = found["entries"][found["currentIndex"] - 1]
    session.send("Page.navigateToHistoryEntry", {"entryId": before["id"]})


def history(page: Page) -> list[str]:
    session = page.context.new_cdp_session(page)
    return [entry["title"] for entry in session.send("Page.getNavigationHistory")["entries"]]


@pytest.mark.parametrize("typing", [False], indirect=True)
def test_browser_back_restores_typed_text_without_the_leave_link(typing: Page) -> None:
    """The control: this browser does keep what was typed, in spite of the page's headers."""
    typing.locator("header .brand").click()
    expect(typing).to_have_url("/bz/en/")
    back(typing)
    expect(typing.locator("[name=addresses]")).to_have_value(TYPED)


@pytest.mark.parametrize("typing", [False], indirect=True)
def test_left_form_is_empty_without_script(typing: Page, harmless: str) -> None:
    typing.get_by_role("link", name="Leave this page").click()
    expect(typing).to_have_url(harmless)
    expect(typing).to_have_title("Weather")
    assert set(HarmlessPage.referrers) == {""}
    back(typing)
    expect(typing.locator("[name=addresses]")).to_have_value("")


@pytest.mark.parametrize("typing", [True], indirect=True)
@pytest.mark.parametrize("by_key", [False, True])
def test_left_page_is_not_a_step_back_with_script(typing: Page, harmless: str, by_key: bool) -> None:
    if by_key:
        for _ in range(3):
            typing.keyboard.press("Escape")
    else:
        typing.get_by_role("link", name="Leave this page").click()
    expect(typing).to_have_url(harmless)
    assert [title for title in history(typing) if title.startswith("Report")] == []
    back(typing)
    expect(typing).to_have_url("/bz/en/about/")


@pytest.mark.parametrize("typing", [True], indirect=True)
def test_two_presses_of_escape_leave_nothing(typing: Page) -> None:
    for key in ("Escape", "Escape", "a", "Escape"):
        typing.keyboard.press(key)
    typing.wait_for_timeout(500)
    expect(typing).to_have_url("/bz/en/report/")


@pytest.mark.parametrize("typing", [True], indirect=True)
def test_back_forgets_what_was_typed_with_script(typing: Page) -> None:
    typing.locator("header .brand").click()
    expect(typing).to_have_url("/bz/en/")
    back(typing)
    expect(typing.locator("[name=addresses]")).to_have_value("")


@pytest.mark.parametrize("typing", [False, True], indirect=True)
def test_receipt_prints_alone_and_is_copied_where_script_is_on(typing: Page, request: pytest.FixtureRequest) -> None:
    script = bool(request.node.callspec.params["typing"])
    typing.get_by_role("button", name="Send the report").click()
    receipt = typing.locator("#receipt")
    expect(receipt).to_be_visible()
    copy = typing.get_by_role("button", name="Copy")
    expect(copy).to_be_visible(visible=script)
    expect(typing.get_by_role("button", name="Print")).to_be_visible(visible=script)
    if script:
        typing.context.grant_permissions(["clipboard-read", "clipboard-write"])
        copy.click()
        expect(typing.get_by_role("button", name="Copied")).to_be_visible()
        assert typing.evaluate("navigator.clipboard.readText()") == receipt.inner_text()

    typing.emulate_media(media="print")
    expect(receipt).to_be_visible()
    for gone in ("form", ".danger", ".ways", "footer", ".screen", "h1"):
        expect(typing.locator(gone).first).to_be_hidden()
