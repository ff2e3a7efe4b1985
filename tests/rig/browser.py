"""Debian's Chromium without a window, under Playwright, and the checks for every page in it."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from weakref import WeakSet

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Response, ViewportSize

from analysts.models import User
from tests.rig.fixtures import client_of
from tests.rig.looks import wait_for_document, wrong_headings

# Renders and runs pages as Chromium does, without its interface, which takes half of the time.
CHROMIUM = "/usr/bin/chromium-headless-shell"
PHONE: ViewportSize = {"width": 360, "height": 740}
NARROW: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}
# WCAG 2.2 A and AA, and the library's good practices.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
# What depends on the width of the window, beside which elements are to be seen.
LAYOUT_RULES = ["scrollable-region-focusable", "target-size"]
AXE = Axe().axe_script
# As a function: many pages never ask, and to define axe takes longer than to draw a page.
AXE_WHEN_ASKED = f"window.loadAxe = function () {{ {AXE}\n}}"
# Stock admin widgets that break a rule, one by one: (page, rule).
STOCK_FINDINGS: set[tuple[str, str]] = set()

# The page without its words: what axe goes by. Rows alike are one row, and numbers in names are one number; what is
# ticked counts, as styles go by it, and which elements are to be seen in this window.
_SKELETON = r"""() => {
    const words = /^(data-.*|href|action|formaction|value|content|title|datetime|src|alt|aria-label|placeholder)$/;
    const numbers = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+/g;
    const said = ({ name, value }) => `${name}=${words.test(name) ? value !== ""
        : name === "class" ? value : value.replace(numbers, "#")}`;
    const skeleton = element => {
        let parts = [];
        for (const child of element.childNodes) {
            const part = child.nodeType === Node.ELEMENT_NODE ? skeleton(child)
                : child.nodeType === Node.TEXT_NODE && child.data.trim() ? "x" : "";
            if (part && part !== parts.at(-1)) parts.push(part);
        }
        if (element.matches("ul, ol, tbody, select, datalist")) parts = [...new Set(parts)].sort();
        const attributes = [...element.attributes].map(said).sort().join(" ");
        const state = `${Boolean(element.checked)} ${element.checkVisibility()}`;
        return `<${element.localName} ${attributes} ${state}>${parts.join("")}</>`;
    };
    const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    return [innerWidth, scheme, skeleton(document.documentElement)];
}"""
# axe's findings about colours, asked only where text has a style that was not found right before: its own and that of
# all elements around it. Colours take most of the time, and each page has the same header, tables and forms.
_COLOURS = r"""async ([rules, known]) => {
    const around = new Map();
    const look = element => {
        if (!element) return "";
        if (!around.has(element)) {
            const { color, backgroundColor, backgroundImage, opacity, position, filter } = getComputedStyle(element);
            const state = element.matches(":disabled, [aria-disabled=true]");
            const own = [color, backgroundColor, backgroundImage, opacity, position, filter, state].join();
            around.set(element, `${look(element.parentElement)}/${own}`);
        }
        return around.get(element);
    };
    const number = text => [...text].reduce((sum, each) => (Math.imul(sum, 31) + each.codePointAt(0)) | 0, 7);
    const right = new Set(known), styles = new Map();
    for (const each of document.querySelectorAll("body, body *")) {
        const speaks = [...each.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim());
        if (!(speaks || each.matches("input, select, textarea")) || !each.checkVisibility()) continue;
        const { fontSize, fontWeight, textShadow, textDecoration } = getComputedStyle(each);
        const described = [each.localName, fontSize, fontWeight, textShadow, textDecoration, look(each)].join();
        const style = number(described);
        if (!right.has(style) && !styles.has(style)) styles.set(style, each);
    }
    if (!styles.size) return { styles: [], violations: [] };
    const found = await axe.run({ include: [...styles.values()] }, rules);
    return { styles: [...styles.keys()], violations: found.violations };
}"""
# Without what axe reads of style sheets and media beforehand: for sounds and films, which no page may have.
_RUN = "rules => axe.run({ ...rules, preload: false }).then(found => found.violations)"
# The styles of text, as numbers, in which axe found nothing wrong.
_right_styles: set[int] = set()
# Contexts that bring axe along to each new page.
_with_axe: WeakSet[BrowserContext] = WeakSet()
# The windows in which each skeleton passed: width and colour scheme.
_found_right: dict[bytes, set[tuple[int, str]]] = {}


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "Chromium is missing: `make test` installs it, or says what to install."
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--renderer-process-limit=1",
            "--disable-site-isolation-trials",
        ],
    )
    yield browser
    browser.close()


def open_page(
    chromium: Browser, url: str, by: User, *, size: ViewportSize = DESK, scheme: Literal["dark", "light"] = "light"
) -> Page:
    """A page of a browser in which `by` is signed in."""
    context = chromium.new_context(viewport=size, color_scheme=scheme, base_url=url)
    context.set_default_timeout(10_000)
    cookies = client_of(by).cookies
    context.add_cookies([{"name": name, "value": morsel.value, "url": url} for name, morsel in cookies.items()])
    return context.new_page()


type Scheme = Literal["light", "dark"]
# A window, and whether its reader wants light or dark pages.
type Window = tuple[ViewportSize, Scheme]


class BrowserWatch:
    """What a browser did behind the page: requests, answers, cookies, complaints."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        context.set_default_timeout(10_000)
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
    """What axe finds on the page as it is: rule and place. Needs scripts on.

    Of a page whose visible elements and attributes are those of one that axe found right before, it is asked only what
    is new: about colours in another scheme, about the layout in another width.
    """
    wait_for_document(page)
    width, scheme, html = page.evaluate(_SKELETON)
    found_right = _found_right.setdefault(hashlib.sha256(html.encode()).digest(), set())
    if not found_right:
        wrong = ask_axe(page)
    else:
        new = [
            *([] if any(scheme == each for _, each in found_right) else COLOUR_RULES),
            *([] if any(width == each for each, _ in found_right) else LAYOUT_RULES),
        ]
        wrong = ask_axe(page, RULES | {"runOnly": new}) if new else []
    if not wrong:
        found_right.add((width, scheme))
    return wrong


def ask_axe(page: Page, rules: dict[str, list[str]] = RULES) -> list[str]:
    """axe's findings on the page in its current state; about colours only what is new (`_COLOURS`)."""
    if not page.evaluate("'axe' in window || ('loadAxe' in window && (loadAxe(), true))"):
        page.evaluate(AXE)
        # Its later pages get it from the browser itself: to hand half a megabyte over takes as long as to ask.
        if page.context not in _with_axe:
            page.context.add_init_script(AXE_WHEN_ASKED)
            _with_axe.add(page.context)
    # Only what is wrong comes back from the browser: what is right, of every page, takes longer to bring than to find.
    found = []
    asked = rules["runOnly"]
    if others := [each for each in asked if each not in COLOUR_RULES]:
        without = {"runOnly": others, "rules": {each: {"enabled": False} for each in COLOUR_RULES}}
        found += page.evaluate(_RUN, rules | without)
    if asked == RULES["runOnly"] or len(others) < len(asked):
        colours = page.evaluate(_COLOURS, [rules | {"runOnly": COLOUR_RULES}, [*_right_styles]])
        if not colours["violations"]:
            _right_styles.update(colours["styles"])
        found += colours["violations"]
    where = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", urlsplit(page.url).path)
    return [
        f"{where} {violation['id']}: {node['target']} {node['html'][:200]}"
        for violation in found
        if (where, violation["id"]) not in STOCK_FINDINGS
        for node in violation["nodes"]
    ]


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
