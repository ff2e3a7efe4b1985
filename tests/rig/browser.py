"""Debian's Chromium without a window, under Playwright, and the checks for every page in it."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from weakref import WeakSet

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Response, ViewportSize, expect

from analysts.models import User
from tests.rig.axe_scripts import ASK, COLOUR_RULES, DEFINE, DEFINE_WHEN_ASKED, LAYOUT_RULES, SKELETON
from tests.rig.fixtures import client_of
from tests.rig.looks import wait_for_document, wrong_headings

# Renders and runs pages as Chromium does, without its interface, which takes half of the time.
CHROMIUM = "/usr/bin/chromium-headless-shell"
PHONE: ViewportSize = {"width": 360, "height": 740}
NARROW: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}
# Milliseconds for which a test waits for an element, and for what it expects: a busy machine may be slow.
PATIENCE = 30_000
# WCAG 2.2 A and AA, and the library's good practices.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Stock admin widgets that break a rule, one by one: (page, rule).
STOCK_FINDINGS: set[tuple[str, str]] = set()

# The styles of text, as numbers, in which axe found nothing wrong.
_right_styles: set[int] = set()
# Contexts that bring axe along to each new page.
_with_axe: WeakSet[BrowserContext] = WeakSet()
# The windows in which each part of a skeleton passed: width and colour scheme.
_found_right: dict[bytes, set[tuple[int, str]]] = {}


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "Chromium is missing: `make test` installs it, or says what to install."
    expect.set_options(timeout=PATIENCE)
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--renderer-process-limit=1",
            "--disable-site-isolation-trials",
            # Drawing in a process of its own is a tenth more.
            "--in-process-gpu",
        ],
    )
    yield browser
    browser.close()


def open_page(
    chromium: Browser, url: str, by: User, *, size: ViewportSize = DESK, scheme: Literal["dark", "light"] = "light"
) -> Page:
    """A page of a browser in which `by` is signed in."""
    context = chromium.new_context(viewport=size, color_scheme=scheme, base_url=url)
    context.set_default_timeout(PATIENCE)
    cookies = client_of(by).cookies
    context.add_cookies([{"name": name, "value": morsel.value, "url": url} for name, morsel in cookies.items()])
    return context.new_page()


type Scheme = Literal["light", "dark"]
# A window, and whether its reader wants light or dark pages.
type Window = tuple[ViewportSize, Scheme]


class BrowserWatch:
    """The traffic of a browser behind the page: requests, answers, cookies, complaints."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        context.set_default_timeout(PATIENCE)
        self.context = context
        self.requests: list[Request] = []
        self.answers: list[Response] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requests.append(request))
        context.on("response", lambda response: self.answers.append(response))
        context.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def elsewhere(self) -> list[str]:
        """Requests to anything but the installation."""
        return [each.url for each in self.requests if urlsplit(each.url).netloc != urlsplit(self.base).netloc]

    def failures(self) -> list[str]:
        return [f"{each.status} {each.url}" for each in self.answers if each.status >= 500]


def axe_findings(page: Page) -> list[str]:
    """The findings of axe on the page as it is: rule and place. Needs scripts on.

    Where axe found right before each part of the page (`SKELETON`) by its visible elements and attributes, it is asked
    only what is new: about colours in another scheme, about the layout in another width.
    """
    wait_for_document(page)
    width, scheme, parts = page.evaluate(SKELETON)
    windows_of_parts = [_found_right.setdefault(hashlib.sha256(part.encode()).digest(), set()) for part in parts]
    found_right = set.intersection(*windows_of_parts)
    if not found_right:
        wrong = ask_axe(page)
    else:
        new = [
            *([] if any(scheme == each for _, each in found_right) else COLOUR_RULES),
            *([] if any(width == each for each, _ in found_right) else LAYOUT_RULES),
        ]
        wrong = ask_axe(page, RULES | {"runOnly": new}) if new else []
    if not wrong:
        for windows in windows_of_parts:
            windows.add((width, scheme))
    return wrong


def ask_axe(page: Page, rules: dict[str, list[str]] = RULES) -> list[str]:
    """axe's findings on the page in its current state; about colours and targets only where it is needed (`ASK`)."""
    asked = rules["runOnly"]
    colours = asked == RULES["runOnly"] or any(each in asked for each in COLOUR_RULES)
    question = [rules, colours, [*_right_styles]]
    # Only what is wrong comes back from the browser: what is right, of every page, takes longer to bring than to find.
    answer = page.evaluate(ASK, question)
    if answer is None:
        bring_axe(page)
        answer = page.evaluate(ASK, question)
    found = answer["violations"]
    if not {violation["id"] for violation in found} & {*COLOUR_RULES}:
        _right_styles.update(answer["styles"])
    where = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", urlsplit(page.url).path)
    return [
        f"{where} {violation['id']}: {node['target']} {node['html'][:200]}"
        for violation in found
        if (where, violation["id"]) not in STOCK_FINDINGS
        for node in violation["nodes"]
    ]


def bring_axe(page: Page) -> None:
    """Define axe in the page, and in its context's later ones once they ask."""
    page.evaluate(DEFINE)
    # Later pages get it from the browser itself: to hand half a megabyte over takes as long as to ask.
    if page.context not in _with_axe:
        page.context.add_init_script(DEFINE_WHEN_ASKED)
        _with_axe.add(page.context)


def page_faults(page: Page, name: str, *windows: Window) -> list[str]:
    """Everything wrong with the current page in each of these windows, without reloading it."""
    found = []
    for size, scheme in windows:
        page.set_viewport_size(size)
        show_scheme(page, scheme)
        problems = [*axe_findings(page), *wrong_headings(page), *([] if fits_width(page) else ["scrolls sideways"])]
        found += [f"{name}, {size['width']} px, {scheme}: {problem}" for problem in problems]
    return found


def show_scheme(page: Page, scheme: Scheme) -> None:
    """Switch the colour scheme, and finish the transitions that this starts."""
    wait_for_document(page)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.getAnimations().forEach(each => each.finish())")


def fits_width(page: Page) -> bool:
    """Nothing makes the page scroll sideways, once it is laid out for a window that was perhaps just made narrower."""
    wait_for_document(page)
    for _ in range(5):
        width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if width[0] <= width[1]:
            return True
        page.wait_for_timeout(200)
    return False
