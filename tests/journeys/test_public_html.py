"""Every public page through the Nu HTML checker, and the weight of these pages."""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from tests.rig import html_checker
from tests.rig.public_pages import BARE, LANGUAGES, VISIBLE, WITHOUT_WORDS, Gathered
from tests.rig.reading import PageText, find_words, reading_grade

# For the database that `gathered` uses and leaves as it was.
pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR, "templates")
# The maximum bytes of a page with its style sheet, as it is sent.
HEAVIEST = 10_000
# The school year that reads a page without trouble, and the words that a grade needs.
HARDEST, FEWEST_WORDS, LONGEST_NAME = 6.0, 30, 3
# Public routes that answer with a page only for what these tests do not have: route and reason.
WITHOUT_PAGE = {
    ".well-known/security.txt": "there only where an installation says whom to write to; text for programs",
}


def test_every_page_is_valid_html(gathered: Gathered, tmp_path: Path) -> None:
    # The checker knows no recent CSS: `test_theme` and the browsers' tests look at the sheet.
    pages = {name: re.sub(r"(?s)(?<=<style>).*?(?=</style>)", "", page.html) for name, page in gathered.pages.items()}
    said = html_checker.check_pages(pages, tmp_path)

    print(*sorted({f"Warning, {each}" for each in said if not each.error}), sep="\n")  # noqa: T201 - shown on failure
    assert [str(each) for each in said if each.error] == []


def test_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html lang="en" dir="ltr"><title>Page</title><p>Words<img src="a.png"></p></html>'

    said = html_checker.check_pages({"wrong": page, "right": page.replace('<img src="a.png">', "")}, tmp_path)

    assert [(each.page, each.error) for each in said] == [("wrong", True)]
    assert said[0].message.startswith("An “img” element must have an “alt” attribute")


def test_checker_that_is_missing_fails_and_says_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(html_checker, "JAR", ("nowhere_to_be_found", "vnu.jar"))

    with pytest.raises(html_checker.CheckerMissing, match=r"`make test` installs what requirements-dev\.txt pins"):
        html_checker.check_pages({"page": "<!DOCTYPE html>"}, tmp_path)


def test_every_public_route_is_looked_at(gathered: Gathered) -> None:
    """Each shows a page, sends on, or is a file; a route that wants more than these tests give it must say so."""
    missed = {
        route
        for route, came in gathered.answers.items()
        if not any(each.startswith(("200 page", "200 file", "302 ", "303 ")) for each in came)
    }

    assert len(gathered.answers) > 5
    assert missed == set(WITHOUT_PAGE)


def test_every_public_template_is_drawn(gathered: Gathered) -> None:
    """Every template that extends the public pages' frame, and those that it includes."""
    sources = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}
    frames = ('{% extends "countries/public/base.html" %}', '{% extends "reports/notice_frame.html" %}')
    public = {name for name, source in sources.items() if source.startswith(frames)}
    waiting = list(public)
    while waiting:
        new = set(re.findall(r'{% include "([^"]+)"', sources[waiting.pop()])) - public
        public |= new
        waiting += new

    assert len(public) > 10
    assert public - gathered.templates == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", VISIBLE)
def test_every_language_and_state_is_there(gathered: Gathered, state: str, language: str) -> None:
    pages = [page for name, page in gathered.pages.items() if name.startswith(f"/{state}/{language}/")]

    assert len(pages) >= 5
    assert len({(page.language, page.direction) for page in pages}) == 1


def test_every_kind_of_answer_is_there(gathered: Gathered) -> None:
    statuses = {page.status for page in gathered.pages.values()}

    assert statuses >= {200, 400, 404, 413, 422, 429, 500, 503}


def test_first_visits_are_light(gathered: Gathered) -> None:
    """Landing page, form and receipt of every language: compressed, with headers and style sheet."""
    heavy = {
        name: size
        for name, size in gathered.sizes.items()
        # The answer with the receipt has the form for details as well, and is shown once.
        if size > HEAVIEST + (500 if name.startswith("receipt") else 0)
    }

    assert len(gathered.sizes) == 3 * len(LANGUAGES)
    assert heavy == {}


def test_first_visits_take_one_request_and_that_of_the_picture(gathered: Gathered) -> None:
    """The page with its style sheet, and the one picture that the sheet names. All else can wait, and says its size."""
    pages = [page for page in gathered.pages.values() if "<style>" in page.html]

    assert len(pages) > 100
    for page in pages:
        assert "stylesheet" not in page.html, page.name
        [sheet] = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
        assert len(set(re.findall(r"url\((.*?)\)", sheet))) <= 1
        assert all(url.endswith("/frame.svg") for url in re.findall(r"url\((.*?)\)", sheet)), page.name
        for picture in re.findall(r"<img[^>]*>", page.html):
            assert re.search(r'width="\d+"\s+height="\d+"\s+alt="[^"]*"\s+loading="lazy"', picture), picture
        for drawing in re.findall(r"<svg[^>]*>", page.html):
            assert re.search(r'width="\d{2,3}"\s+height="\d{2,3}"', drawing), drawing


def test_policy_of_each_page_allows_the_sheet_inside_it_and_no_other_style(gathered: Gathered) -> None:
    """At each door: pages from memory and new ones, refused forms, answers, errors, pages without a portal."""
    wrong = {}
    for page in gathered.pages.values():
        sheets = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
        # Error pages that were drawn without a request, and the web server's own, have no policy here.
        if page.policy:
            hashes = [f"'sha256-{b64encode(sha256(sheet.encode()).digest()).decode()}'" for sheet in sheets]
            [allowed] = re.findall(r"style-src ([^;]*)", page.policy)
            if allowed != (hashes[0] if hashes else "'none'") or len(sheets) > 1:
                wrong[page.name] = allowed

    assert len([page for page in gathered.pages.values() if page.policy]) > 100
    assert wrong == {}


# A paragraph with the two tags behind it; a heading with nothing below it.
PARAGRAPH = re.compile(r"(<p\b[^>]*>)((?:(?!</p>).)*)</p>\s*(<[^>]*>\s*<[^>]*>)", re.DOTALL)
EMPTY_SECTION = re.compile(r"<(h[23])\b(?:(?!</h).)*</\1>\s*(?:</\w+>\s*)*(?:<\1|$)", re.DOTALL)
# Sentences before a list of contacts or services that are true without it.
COMPLETE_ALONE = {
    "Tell an adult you trust today. You do not have to do this alone.",
    "Tell the police. Report the account to the app or site.",
    "Talk to someone you trust, a doctor or a helpline. You do not have to describe it.",
    "Not sure that they are all adults? Then report it here.",
    "Did someone share pictures of you without asking? You can get help.",
    "Is someone in danger? Tell the police.",
    "Do not pay, and keep the messages. The police can help you.",
    "This portal can only act on child sexual abuse. The police can tell you who can help.",
}
# Contacts and services, headed by their kind too; or a field with what was typed.
INTRODUCTION = re.compile(r'class="(for-list|kind)"')
INTRODUCED = re.compile(r'<[uo]l\b[^>]*>\s*<li\b|<div class="field')


def test_no_sentence_introduces_an_empty_list(gathered: Gathered) -> None:
    """Every portal, language and kind of page, with all contacts and services and with none at all."""
    wrong, introductions = set(), {"/live/": 0, f"/{BARE}/": 0}
    complete_alone: dict[str, set[str]] = {}
    for page in gathered.pages.values():
        main = page.html.partition("<main")[2].partition("</main>")[0]
        for tag, content, following in PARAGRAPH.findall(main):
            sentence, is_introduction = (
                " ".join(re.sub(r"<[^>]*>", "", content).split()),
                bool(INTRODUCTION.search(tag)),
            )
            if (is_introduction or sentence.endswith(":")) and not INTRODUCED.match(following):
                wrong.add((page.name, sentence))
            for start in introductions:
                introductions[start] += is_introduction and page.name.startswith(start)
            if following.startswith('<ul class="contacts') and not is_introduction:
                complete_alone.setdefault(page.language, set()).add(unescape(sentence))
        wrong |= {(page.name, level) for level in EMPTY_SECTION.findall(main)}

    assert wrong == set()
    for tag in dict(settings.LANGUAGES):
        with translation.override(tag):
            assert complete_alone[tag] == {gettext(sentence) for sentence in COMPLETE_ALONE}
    assert introductions["/live/"] > 100
    assert introductions[f"/{BARE}/"] == 0


def test_every_english_page_is_at_reading_grade_six(gathered: Gathered) -> None:
    grades = {}
    for page in gathered.pages.values():
        if page.language != "en" or f"/{WITHOUT_WORDS}/" in page.name:
            continue
        # Names of countries and languages are no sentences; of a page with few words the grade says nothing.
        texts = [text for text in PageText(page.html).texts if len(find_words(text)) > LONGEST_NAME]
        if sum(len(find_words(text)) for text in texts) >= FEWEST_WORDS:
            grades[page.name] = round(reading_grade(texts), 1)

    assert len(grades) > 40
    assert {name: grade for name, grade in grades.items() if grade > HARDEST} == {}


def test_old_browsers_lose_no_rule_for_a_selector_they_do_not_know() -> None:
    """A browser that does not know one selector of a list drops the whole rule: `:has` must stand alone."""
    sheet = re.sub(r"/\*.*?\*/", "", Path(settings.BASE_DIR, "static", "public", "public.css").read_text(), flags=re.S)
    lists = [each.strip() for each in re.findall(r"[^{}]*(?={)", sheet) if ":has(" in each]

    assert len(lists) > 1
    assert [each for each in lists if "," in each] == []
