"""Every page that the public can be shown, in a real browser: axe, and what axe does not see (`looks.py`).

The HTML checker looks at every page. Here pages of one skeleton are looked at once for each direction of writing: what
axe and the measures ask about is elements, their attributes and their style, in which words are "some" or "none". What
depends on how long words are, is asked of every kind of page in every language.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.rig import looks
from tests.rig.browser import DESK, NARROW, findings
from tests.rig.public_pages import Gathered, PublicPage

# For the database that `gathered` uses and leaves as it was.
pytestmark = pytest.mark.django_db

HOST = "http://portals.invalid"
# Attributes whose values say what an element is; of others it only counts that they are there.
TELLING = {"class", "type", "role", "name", "method", "rel", "autocomplete", "tabindex", "scope", "translate"}
EACH_DIRECTION = ("en", "ur")
# Written without a style sheet: what the browser makes of it is not the portal's doing.
PLAIN = ("last resort", "away.html", "too-large.html")


class Skeleton(HTMLParser):
    """A page without its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # All that tells most pages of a restricted portal from an open one's: a word to search engines.
        if tag == "meta" and ("name", "robots") in attrs:
            return
        # Empty names matter to those who hear a page: "" is not some word.
        given = [f"{name}={value if name in TELLING else bool(value)}" for name, value in attrs]
        self.parts.append(f"<{tag} {' '.join(given)}>")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.parts.append("x")


def skeleton(page: PublicPage) -> str:
    return hashlib.sha256("".join(Skeleton(page.html).parts).encode()).hexdigest()


def one_each(pages: Iterable[PublicPage], key: Callable[[PublicPage], object]) -> list[PublicPage]:
    """The first of each kind."""
    kinds: dict[object, PublicPage] = {}
    for page in pages:
        kinds.setdefault(key(page), page)
    return list(kinds.values())


def heading(page: PublicPage) -> str:
    """Tells templates apart, within a language."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.html, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def kinds(gathered: Gathered, *languages: str) -> list[PublicPage]:
    """One page of each heading and status in each of `languages`, or in all there are."""
    return one_each(
        (page for page in gathered.pages.values() if not languages or page.language in languages),
        lambda page: (page.language, heading(page), page.status == 422),
    )


class Shelf:
    """Serves what was gathered, each page at an address of its own, and nothing else."""

    def __init__(self, browser: Browser, gathered: Gathered) -> None:
        self.pages = {f"/page/{number}/": page for number, page in enumerate(gathered.pages.values())}
        self.places = {page.name: place for place, page in self.pages.items()}
        self.files = gathered.files
        # Scripts are on because axe and the measures are scripts.
        self.context: BrowserContext = browser.new_context(base_url=HOST)
        self.context.route("**/*", self.answer)
        self.asked_in_vain: list[str] = []
        self.page: Page = self.context.new_page()

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in self.pages:
            route.fulfill(content_type="text/html; charset=utf-8", body=self.pages[path].html)
        elif path in self.files:
            route.fulfill(content_type=self.files[path][0], body=self.files[path][1])
        elif path.startswith(settings.STATIC_URL) and (file := finders.find(path.removeprefix(settings.STATIC_URL))):
            route.fulfill(path=file)
        else:
            self.asked_in_vain.append(route.request.url)
            route.abort()

    def open(self, page: PublicPage) -> Page:
        self.page.goto(self.places[page.name])
        return self.page


@pytest.fixture(scope="module")
def shelf(chromium: Browser, gathered: Gathered) -> Iterator[Shelf]:
    shelf = Shelf(chromium, gathered)
    yield shelf
    shelf.context.close()
    assert shelf.asked_in_vain == []


def problems(shelf: Shelf, pages: list[PublicPage], *asked: Callable[[Page], list[str]]) -> list[str]:
    """What each look finds on each page, and on which."""
    found = []
    for each in pages:
        page = shelf.open(each)
        found += [f"{each.name}: {problem}" for look in asked for problem in look(page)]
    return found


def test_axe_finds_nothing(shelf: Shelf, gathered: Gathered) -> None:
    pages = one_each(gathered.pages.values(), lambda page: (skeleton(page), page.direction))
    shelf.page.set_viewport_size(DESK)

    assert len(pages) > 40
    assert problems(shelf, pages, findings) == []


def test_axe_finds_nothing_in_the_dark_on_a_narrow_window(shelf: Shelf, gathered: Gathered) -> None:
    shelf.page.set_viewport_size(NARROW)
    shelf.page.emulate_media(color_scheme="dark")

    found = problems(shelf, kinds(gathered, *EACH_DIRECTION), findings)
    shelf.page.emulate_media(color_scheme="light")
    assert found == []


def test_pages_fit_a_narrow_window_in_every_language(shelf: Shelf, gathered: Gathered) -> None:
    """320 px wide, or 400 % of 1280; with the reader's own spacing of words too; fingers find every target."""
    shelf.page.set_viewport_size(NARROW)
    styled = [page for page in kinds(gathered) if page.name not in PLAIN]

    assert {page.language for page in styled} == set(dict(settings.LANGUAGES))
    asked = (looks.cut_off, looks.small_targets, looks.links_too_close, looks.cut_off_with_wide_text)
    assert problems(shelf, styled, *asked) == []


def test_links_of_the_header_share_a_line_on_a_phone(shelf: Shelf, gathered: Gathered) -> None:
    """A portal of two languages: what the header takes is gone from the page."""
    shelf.page.set_viewport_size(NARROW)
    page = shelf.open(gathered.pages["/live/en/about/"])
    page.evaluate("[...document.querySelectorAll('header nav li')].slice(1).forEach(each => each.remove())")

    boxes = [page.locator(each).bounding_box() for each in ("header nav a", "header a[href$='/report/']")]
    assert all(boxes)
    assert len({box["y"] for box in boxes if box}) == 1


def test_pages_work_by_keyboard_in_forced_colours_and_on_paper(shelf: Shelf, gathered: Gathered) -> None:
    shelf.page.set_viewport_size(NARROW)
    styled = [page for page in kinds(gathered, *EACH_DIRECTION) if page.name not in PLAIN]

    asked = (
        looks.wrong_headings,
        looks.wrong_focus,
        looks.wrong_in_forced_colours,
        looks.wrong_in_print,
    )
    assert problems(shelf, styled, *asked) == []


def test_refused_forms_say_so_first_and_lead_to_the_field(shelf: Shelf, gathered: Gathered) -> None:
    refused = [page for page in gathered.pages.values() if 'class="summary"' in page.html]
    titles = {page.name: re.search(r"<title>(.*?)</title>", page.html, re.DOTALL) for page in refused}
    english = {name: title[1] for name, title in titles.items() if title and "/en/" in name}

    assert len(refused) > 20
    assert {name: title for name, title in english.items() if not title.startswith("Error: ")} == {}
    pages = one_each(refused, lambda page: (skeleton(page), page.direction))
    assert problems(shelf, pages, looks.wrong_summary) == []


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
    """The other way round: a page that has every fault. A look that finds nothing proves nothing by itself."""
    page = chromium.new_page(viewport=NARROW)
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=BROKEN))
    page.goto(HOST)
    said = look(page)
    page.close()

    assert len(said) == len(found), said
    assert [each for each, start in zip(said, found, strict=True) if not each.startswith(start)] == []
