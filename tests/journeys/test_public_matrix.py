"""Every page that the public can be shown, in a real browser: axe, and what axe does not see (`looks.py`).

The HTML checker looks at every page. Here each header, main part and footer of one skeleton is looked at once for each
direction of writing: what axe and the measures ask about is elements, their attributes and their style, in which words
are "some" or "none". Questions that depend on the length of words are asked of every kind of page in both directions,
in the languages with most text and with the longest word, and in one of the others in turn.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from countries import catalogue
from tests.rig import looks, old_browser
from tests.rig.axe_scripts import COLOUR_RULES, LAYOUT_RULES
from tests.rig.browser import DESK, NARROW, PHONE, RULES, ask_axe, axe_findings, show_scheme
from tests.rig.public_pages import Gathered, PublicPage

NEW_RULES = RULES | {"runOnly": [*COLOUR_RULES, *LAYOUT_RULES]}
# For the database that `gathered` uses and leaves as it was.
pytestmark = pytest.mark.django_db

HOST = "http://portals.invalid"
LANDING = re.compile(r"/[a-z-]+/[a-z-]+/")
# Attributes whose values say what an element is; of others it only counts that they are there.
TELLING = {"class", "type", "role", "name", "method", "rel", "autocomplete", "tabindex", "scope", "translate"}
EACH_DIRECTION = ("en", "ur")
# Written without a style sheet: what the browser makes of it is not the portal's doing.
PLAIN = ("last resort", "away.html", "too-large.html")


_TAG = re.compile(r"<(/?\w+)([^>]*)>([^<]*)")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


@cache
def skeleton(html: str) -> str:
    """The digest of HTML without its words."""
    parts = []
    for tag, attributes, words in _TAG.findall(html):
        # The only difference between most pages of a restricted and an open portal: a tag for search engines.
        if tag == "meta" and 'name="robots"' in attributes:
            continue
        # Empty names matter to those who hear a page: "" is not some word.
        given = [
            f"{name}={value if name in TELLING else bool(value)}" for name, value in _ATTRIBUTE.findall(attributes)
        ]
        parts.append(f"<{tag} {' '.join(given)}>{'x' if words.strip() else ''}")
    return hashlib.sha256("".join(parts).encode()).hexdigest()


@cache
def part_skeletons(html: str) -> frozenset[tuple[int, str]]:
    """The skeletons of the page before, in and behind `main`, each with its place."""
    return frozenset(enumerate(map(skeleton, re.split(r"(?=<main\b)|(?<=</main>)", html))))


def one_of_each_part(pages: Iterable[PublicPage]) -> list[PublicPage]:
    """Pages of which a part occurs in none before, in this direction of writing."""
    known: set[tuple[str, int, str]] = set()
    chosen = []
    for page in pages:
        parts = {(page.direction, *part) for part in part_skeletons(page.html)}
        if parts - known:
            known |= parts
            chosen.append(page)
    return chosen


def one_each(pages: Iterable[PublicPage], key: Callable[[PublicPage], object]) -> list[PublicPage]:
    """The first of each kind."""
    kinds: dict[object, PublicPage] = {}
    for page in pages:
        kinds.setdefault(key(page), page)
    return list(kinds.values())


def heading(page: PublicPage) -> str:
    """The heading, which identifies the template within a language."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.html, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def kinds(gathered: Gathered, *languages: str) -> list[PublicPage]:
    """One page of each heading and status in each of `languages`, or in all languages."""
    return one_each(
        (page for page in gathered.pages.values() if not languages or page.language in languages),
        lambda page: (page.language, heading(page), page.status == 422),
    )


def demanding(pages: Iterable[PublicPage]) -> list[PublicPage]:
    """Among pages that differ by their language only, those whose words need most space; and some others."""
    variants: dict[str, list[PublicPage]] = {}
    for page in pages:
        variants.setdefault(page.name.replace(f"/{page.language}/", "/#/"), []).append(page)
    chosen: list[PublicPage] = []
    for number, each in enumerate(variants.values()):
        words = {page.name: re.sub(r"(?s)<style>.*?</style>|<[^>]*>", " ", page.html).split() for page in each}
        most = max(each, key=lambda page: sum(map(len, words[page.name])))
        longest = max(each, key=lambda page: max(map(len, words[page.name])))
        # From left to right, other languages need more space than English.
        mirrored = [page for page in each if page.language == "ur"]
        chosen += dict.fromkeys([*mirrored, most, longest, each[number % len(each)]])
    return chosen


class Shelf:
    """Serves the gathered pages, each at an address of its own, and nothing else."""

    def __init__(self, browser: Browser, gathered: Gathered) -> None:
        self.pages = {f"/page/{number}/": page for number, page in enumerate(gathered.pages.values())}
        self.places = {page.name: place for place, page in self.pages.items()}
        self.files = gathered.files
        self.asked_in_vain: list[str] = []
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, content = shelf.content_of(self.path)
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kind)
                # So that a style sheet is fetched once for all pages.
                self.send_header("Cache-Control", "max-age=3600")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        # Scripts are on because axe and the measures are scripts.
        self.context: BrowserContext = browser.new_context(base_url=self.host)
        self.context.on("request", lambda request: self.note_elsewhere(request.url))
        self.page: Page = self.context.new_page()

    def content_of(self, path: str) -> tuple[str, bytes]:
        if path in self.pages:
            return "text/html; charset=utf-8", self.pages[path].html.encode()
        if path in self.files:
            return self.files[path]
        if path.startswith(settings.STATIC_URL) and (file := finders.find(path.removeprefix(settings.STATIC_URL))):
            return guess_type(file)[0] or "", Path(file).read_bytes()
        self.asked_in_vain.append(path)
        return "text/plain", b""

    def note_elsewhere(self, url: str) -> None:
        if not url.startswith(f"{self.host}/"):
            self.asked_in_vain.append(url)

    def open(self, page: PublicPage) -> Page:
        """Written into the window that is there: a new one would load axe each time."""
        if self.page.url == "about:blank":
            self.page.goto(self.places[page.name])
        else:
            self.page.set_content(page.html)
        return self.page

    def close(self) -> None:
        self.context.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def shelf(chromium: Browser, gathered: Gathered) -> Iterator[Shelf]:
    shelf = Shelf(chromium, gathered)
    yield shelf
    shelf.close()
    assert shelf.asked_in_vain == []


@dataclass(frozen=True, slots=True)
class Look:
    """The checks of each page, in a window of this size, in light or dark colours."""

    pages: list[PublicPage]
    ask: Callable[[Page], list[str]]
    size: ViewportSize = field(default_factory=lambda: NARROW)
    scheme: Literal["light", "dark"] = "light"


@pytest.fixture(scope="module")
def look_at(gathered: Gathered) -> dict[str, Look]:
    """By name, in the order in which a page can stand them: the last ones change it."""
    each_kind = kinds(gathered)
    every_language = demanding(page for page in each_kind if page.name not in PLAIN)
    each_direction = kinds(gathered, *EACH_DIRECTION)
    styled = [page for page in each_direction if page.name not in PLAIN]
    # First those that other looks need as well, to open fewer.
    first = [*each_direction, *every_language, *gathered.pages.values()]
    skeletons = one_of_each_part(first)
    refused = [page for page in first if 'class="summary"' in page.html]
    summaries = one_of_each_part(refused)
    return {
        "axe": Look(skeletons, axe_findings, DESK),
        # Questions that neither colours nor the window's width change were asked of the same elements in the light.
        "axe in the dark": Look(each_direction, partial(ask_axe, rules=NEW_RULES), scheme="dark"),
        "headings": Look(styled, looks.wrong_headings),
        "cut off": Look(every_language, looks.cut_off),
        "targets": Look(every_language, looks.small_targets),
        "links": Look(every_language, looks.links_too_close),
        "focus": Look(styled, looks.wrong_focus),
        "forced colours": Look(styled, looks.wrong_in_forced_colours),
        "print": Look(styled, looks.wrong_in_print),
        "summary": Look(summaries, looks.wrong_summary),
        "wide text": Look(every_language, looks.cut_off_with_wide_text),
    }


# Waits until the window has this width.
RESIZED = "async width => { while (innerWidth !== width) await new Promise(drawn => setTimeout(drawn, 1)); }"


@pytest.fixture(scope="module")
def found(shelf: Shelf, look_at: dict[str, Look]) -> dict[str, list[str]]:
    """The findings of each check, by page. Each page is opened once for all its checks."""
    found: dict[str, list[str]] = {name: [] for name in look_at}
    of_pages = {name: {page.name for page in look.pages} for name, look in look_at.items()}
    pages = {page.name: page for look in look_at.values() for page in look.pages}
    size, scheme = None, None
    for each in pages.values():
        page = shelf.open(each)
        for name, look in look_at.items():
            if each.name in of_pages[name]:
                if size != look.size:
                    page.set_viewport_size(look.size)
                    page.evaluate(RESIZED, look.size["width"])
                if scheme != look.scheme:
                    show_scheme(page, look.scheme)
                size, scheme = look.size, look.scheme
                found[name] += [f"{each.name}: {problem}" for problem in look.ask(page)]
    return found


def test_axe_finds_nothing(found: dict[str, list[str]], look_at: dict[str, Look]) -> None:
    assert len(look_at["axe"].pages) > 40
    assert found["axe"] == []


def test_axe_finds_nothing_in_the_dark_on_a_narrow_window(found: dict[str, list[str]]) -> None:
    assert found["axe in the dark"] == []


@pytest.mark.parametrize("name", ["cut off", "targets", "links", "wide text"])
def test_pages_fit_a_narrow_window_in_every_language(
    found: dict[str, list[str]], look_at: dict[str, Look], name: str
) -> None:
    """320 px wide, or 400 % of 1280; with the reader's own spacing of words too; fingers find every target."""
    assert {page.language for page in look_at[name].pages} == set(dict(settings.LANGUAGES))
    assert found[name] == []


# The header's height is lost to a phone's page. The demonstration's own line comes on top.
HIGHEST_HEADER, HIGHEST_LINE = 96, 44
HEADER = """document.querySelector("header").offsetHeight
    - [...document.querySelectorAll("header .demo")].reduce((sum, each) => sum + each.offsetHeight, 0)"""


def test_languages_and_form_share_a_line_of_the_header_on_a_phone(shelf: Shelf, gathered: Gathered) -> None:
    """In every language; the menu of languages opens over the page."""
    shelf.page.set_viewport_size(NARROW)
    pages = [page for name, page in gathered.pages.items() if re.fullmatch(r"/live/[a-z-]+/about/", name)]
    heights = {}
    for each in pages:
        page = shelf.open(each)
        page.locator("header summary").click()
        heights[each.name] = page.evaluate("document.querySelector('.second').offsetHeight")

        assert page.locator("header nav a").last.is_visible()
        assert looks.cut_off(page) == []

    assert len(heights) == len(settings.LANGUAGES) + 1
    assert {name: height for name, height in heights.items() if height > HIGHEST_LINE} == {}


# Limits: the page above the footer on a phone, the button's place, and the header's height.
MEASURES = f"""() => (scrollTo(0, 0), [document.querySelector("footer").getBoundingClientRect().top / innerHeight,
    document.querySelector("main .button").getBoundingClientRect().bottom / innerHeight, {HEADER}])"""
MOST_SCREENS = 2.5


def test_landing_is_short_and_its_button_on_the_first_screen(shelf: Shelf, gathered: Gathered) -> None:
    """The pages of every portal that takes reports, those of the catalogue included, in every language."""
    home = [page for name, page in gathered.pages.items() if LANDING.fullmatch(name)]
    landings = [page for page in home if f'href="{page.name}report/"' in page.html]
    shelf.page.set_viewport_size(PHONE)
    measured = {page.name: shelf.open(page).evaluate(MEASURES) for page in landings}
    lines = (f"{name} {length:.2f} {button:.2f} {header}" for name, (length, button, header) in measured.items())
    print(*lines, sep="\n")  # noqa: T201

    assert {page.language for page in landings} == set(dict(settings.LANGUAGES))
    assert len(landings) > 3 * len(settings.LANGUAGES)
    wrong = {name for name, (length, button, _header) in measured.items() if length > MOST_SCREENS or button > 1}
    # The made-up portals have titles and logos of a length that no portal has.
    known = tuple(f"/{entry.portal['slug']}/" for entry in catalogue.entries())
    wrong |= {name for name, found in measured.items() if name.startswith(known) and found[2] > HIGHEST_HEADER}
    assert {name: measured[name] for name in wrong} == {}


def test_pages_are_whole_in_old_browsers_and_without_a_style_sheet(shelf: Shelf, gathered: Gathered) -> None:
    """Nothing that opens on demand is lost where `details` is unknown, and the header covers nothing.

    Nothing scrolls sideways either. Without a style sheet a text field does, by the browser's own width.
    """
    kinds = ("", "report/", "status/", "help/", "help/threats/", "trust/", ": stored", ": receipt several")
    names = [f"/live/{tag}{kind if ':' in kind else f'/{kind}'}" for tag in EACH_DIRECTION for kind in kinds]
    pages = [gathered.pages[name] for name in (*names, "/", "/network/ur/")]
    shelf.open(pages[0])
    shelf.page.set_viewport_size(NARROW)
    found = {}
    for page in pages:
        shelf.page.set_content(old_browser.in_old_browser(page))
        found[page.name, "old"] = [*old_browser.not_shown(shelf.page), *looks.cut_off(shelf.page)]
        shelf.page.set_content(old_browser.without_style(page))
        found[page.name, "plain"] = old_browser.not_shown(shelf.page)

    assert "x-details" in old_browser.in_old_browser(gathered.pages["/live/en/"])
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("name", ["headings", "focus", "forced colours", "print"])
def test_pages_work_by_keyboard_in_forced_colours_and_on_paper(found: dict[str, list[str]], name: str) -> None:
    assert found[name] == []


def test_refused_forms_say_so_first_and_lead_to_the_field(gathered: Gathered, found: dict[str, list[str]]) -> None:
    refused = [page for page in gathered.pages.values() if 'class="summary"' in page.html]
    titles = {page.name: re.search(r"<title>(.*?)</title>", page.html, re.DOTALL) for page in refused}
    english = {name: title[1] for name, title in titles.items() if title and "/en/" in name}

    assert len(refused) > 20
    assert {name: title for name, title in english.items() if not title.startswith("Error: ")} == {}
    assert found["summary"] == []


BROKEN = """<!DOCTYPE html><html lang="en" dir="ltr"><head><title>Page</title><style>
*:focus { outline: 0 } button { border: 0; height: 30px } .cut { width: 9rem; height: 1rem; overflow: hidden }
.wide { width: 400px } .small { display: inline-block; width: 9px; height: 9px }</style></head><body>
<h1>One</h1><h3>Three</h3><div class="summary"><a href="#nowhere">Wrong</a></div><nav>Here</nav>
<p class="wide">Wide</p><p class="cut">Far too many words to stand in here, by far</p>
<a class="small" href="/"></a><button>Send</button>
<footer><ul><li><a href="/">One</a><a href="/">Two</a></li></ul></footer></body></html>"""


@pytest.mark.parametrize(
    ("look", "found"),
    [
        (looks.wrong_headings, ["heading level skipped"]),
        (looks.small_targets, ["target too small: 9 x 9", "target too small"]),
        (looks.cut_off, ["scrolls sideways", "cut off"]),
        (looks.cut_off_with_wide_text, ["with wide text: scrolls", "with wide text: cut off"]),
        (looks.links_too_close, ["links too close: One / Two"]),
        (looks.wrong_focus, ["no focus to be seen"] * 5),
        (looks.wrong_in_forced_colours, ["in forced colours: button without an edge"]),
        (looks.wrong_in_print, ["printed: <nav>", "printed: <button>", "printed: <footer>"]),
        (looks.wrong_summary, ["error summary is not announced", "does not lead to its field"]),
    ],
)
def test_each_look_finds_what_is_wrong(chromium: Browser, look: Callable[[Page], list[str]], found: list[str]) -> None:
    """The other way round: a page that has every fault. A check that finds nothing would prove nothing."""
    page = chromium.new_page(viewport=NARROW)
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=BROKEN))
    page.goto(HOST)
    said = look(page)
    page.close()

    assert len(said) == len(found), said
    assert [each for each, start in zip(said, found, strict=True) if not each.startswith(start)] == []


RIGHT = """<!DOCTYPE html><html lang="en" dir="ltr"><head><title>Page</title></head><body><main><h1>One</h1>
<label for="name">Name</label><input id="name"><ul><li>Some</li><li>More</li></ul></main></body></html>"""


def test_axe_is_asked_again_once_a_page_differs_in_more_than_words(chromium: Browser) -> None:
    page = chromium.new_page(viewport=NARROW)
    page.set_content(RIGHT)
    assert axe_findings(page) == []
    page.set_content(RIGHT.replace("Some", "Other words"))
    assert axe_findings(page) == []
    for _ in range(2):
        page.set_content(RIGHT.replace('for="name"', 'for="nothing"'))
        assert [each.split()[1] for each in axe_findings(page)] == ["label:"]
    page.close()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ('<p style="color: #999">Words</p>', "color-contrast"),
        ('<div style="background: #666"><p>Words</p></div>', "color-contrast"),
        ('<p>Some <a href="/" style="color: #111; text-decoration: none">link</a> in words</p>', "link-in-text-block"),
        ('<p style="opacity: .5">Words</p>', "color-contrast"),
        ('<button style="width: 9px; height: 9px; padding: 0">A</button>' * 2, "target-size"),
        ('<button style="width: 40px; height: 40px; margin-right: -30px">A</button>' * 2, "target-size"),
    ],
)
def test_colours_and_targets_are_asked_again_where_one_is_new(chromium: Browser, change: str, rule: str) -> None:
    page = chromium.new_page(viewport=NARROW)
    page.set_content(RIGHT)
    assert axe_findings(page) == []
    for _ in range(2):
        page.set_content(RIGHT.replace("</main>", f"{change}</main>"))
        assert {each.split()[1] for each in axe_findings(page)} == {f"{rule}:"}
    page.close()


@pytest.mark.parametrize(
    ("style", "rule"),
    [
        ("@media (prefers-color-scheme: dark) { body { background: #666 } }", "color-contrast"),
        ("@media (width < 400px) { button { width: 9px; height: 9px; padding: 0 } }", "target-size"),
        (
            "@media (width < 400px) { p { width: 9rem; overflow: auto; white-space: nowrap } }",
            "scrollable-region-focusable",
        ),
    ],
)
def test_what_is_wrong_in_one_window_only_is_found_there(chromium: Browser, style: str, rule: str) -> None:
    """For a page that was right in another window before."""
    words = "Far too many words to stand in a narrow place, by far"
    html = RIGHT.replace("</head>", f"<style>{style}</style></head>")
    page = chromium.new_page(viewport=DESK)
    page.set_content(html.replace("</main>", f"<p>{words}</p><button>A</button><button>B</button></main>"))
    assert axe_findings(page) == []
    page.set_viewport_size(NARROW)
    show_scheme(page, "dark")
    for _ in range(2):
        assert {each.split()[1] for each in axe_findings(page)} == {f"{rule}:"}
    page.close()
