"""A portal in a flood, in a real browser: everyone can wait and answer, on any device."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Browser, Page, ViewportSize, expect

from portal_site.database import roles
from reports.questions import build_question
from tests.benchmarks.page_weight import weigh_page
from tests.rig.browser import NARROW, PHONE, axe_findings, fits_width
from tests.rig.installation import Installation

WAIT_SECONDS = 2
HEAVIEST = 14 * 1024


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file by which the surface below is ahead of time, so that no test waits."""
    file = tmp_path_factory.mktemp("flood") / "clock"
    file.write_text("0")
    return file


@pytest.fixture(scope="module")
def flooded_url(installation: Installation, clock: Path) -> Iterator[str]:
    """A public surface with one permit a portal, which comes back in a minute."""
    flooded = {"PORTAL_REPORTS_AT_ONCE": "1", "PORTAL_REPORTS_A_MINUTE": "1", "WAIT_SECONDS": str(WAIT_SECONDS)}
    with installation.serving("public", role=roles.PUBLIC, CLOCK=str(clock), **flooded) as url:
        yield url


def report(page: Page, portal: str, text: str) -> None:
    page.goto(f"{portal}report/")
    page.locator("[name=addresses]").fill(text)
    page.locator("main form button").click()
    expect(page.locator("input[name=wait]")).to_be_attached()


def send_again(page: Page, clock: Path) -> None:
    clock.write_text(str(float(clock.read_text()) + (WAIT_SECONDS + 1.1) / 3600))
    page.locator("main form button").click()


def right_answer(page: Page, language: str) -> str:
    number = re.search(r"-(\d+):", page.locator("input[name=wait]").get_attribute("value") or "")
    assert number is not None
    with translation.override(language):
        return sorted(build_question(int(number[1])).answers)[0]


@pytest.mark.parametrize(
    ("portal", "language", "viewport", "scheme", "scripts"),
    [
        ("/bz/en/", "en", PHONE, "light", True),
        ("/pk/ur/", "ur", NARROW, "dark", True),
        ("/gh/fr/", "fr", NARROW, "light", False),
    ],
)
def test_reporter_waits_answers_and_is_stored(
    chromium: Browser,
    flooded_url: str,
    clock: Path,
    portal: str,
    language: str,
    viewport: ViewportSize,
    scheme: str,
    scripts: bool,
) -> None:
    context = chromium.new_context(
        viewport=viewport,
        base_url=flooded_url,
        color_scheme="dark" if scheme == "dark" else "light",
        # On only because axe is a script.
        java_script_enabled=scripts,
        bypass_csp=scripts,
    )
    page = context.new_page()
    problems: list[str] = []

    def look() -> None:
        if scripts:
            problems.extend(axe_findings(page))
            problems.extend([] if fits_width(page) else [f"{page.url} scrolls sideways"])

    # The first one takes the only permit, once it waited.
    report(page, portal, "example.org/first")
    look()
    send_again(page, clock)
    expect(page.locator("#receipt")).to_be_visible()

    report(page, portal, "example.org/second")
    expect(page.locator("[name=addresses]")).to_have_value("example.org/second")
    send_again(page, clock)
    expect(page.locator("input[name=reply]")).to_be_visible()
    look()
    page.locator("[name=reply]").fill("?")
    page.locator("main form button").click()
    expect(page.locator(".summary")).to_be_visible()
    look()
    page.locator("[name=reply]").fill(right_answer(page, language))
    page.locator("main form button").click()
    expect(page.locator("#receipt")).to_be_visible()
    assert context.cookies() == []
    context.close()

    assert problems == []


def test_waiting_page_is_light(chromium: Browser, flooded_url: str) -> None:
    cost = weigh_page(
        chromium, f"{flooded_url}/zm/en/", lambda page, portal: report(page, portal, "https://example.org/placeholder")
    )
    assert cost.requests <= 3
    assert cost.size <= HEAVIEST
    assert cost.scripts == 0
