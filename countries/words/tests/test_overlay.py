"""Approved texts over the shipped catalogues: what is found, when, at what cost, and what can never be."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError
from django.template import engines
from django.test import Client
from django.utils.translation import gettext, gettext_lazy, ngettext, override, pgettext

from countries.models import ApprovedText, Portal
from countries.public import published
from countries.public.tests.test_published import Clock
from countries.public.tests.test_published import clock as clock
from countries.tests.factories import open_portal
from countries.words.overlay import OverlaidText, clear_texts, override_texts, renew_texts
from countries.words.signs import TAG
from countries.words.sources import SourceText, read_source_texts
from tests.acts.words import approve_row, text_on

pytestmark = pytest.mark.django_db

TITLE = SourceText("", "Page not found", "", (), "")
COUNTED = SourceText("", "%(number)s thing", "%(number)s things", (), "")
# Misuses of a translation: each is typed into every text.
HOSTILE = (
    "<script>alert(1)</script>",
    '<a href="https://trap.example/">x</a>',
    '" onmouseover="alert(1)',
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &#60;script&#62;",
    "%(secret)s",
    "100%",
    "\ue000token\ue000",
    "\u202eabc",
)
TRAP = '<script>alert(1)</script><a href="https://trap.example/">ZZZ</a>" id="trap'


@pytest.fixture(autouse=True)
def _shipped_texts() -> Iterator[None]:
    yield
    clear_texts()


def test_approved_text_is_found_by_every_way_of_asking() -> None:
    approve_row(TITLE, "صفحہ نہیں")
    approve_row(COUNTED, "%(number)s چیز", "%(number)s چیزیں")
    approve_row(SourceText("menu", "Page not found", "", (), ""), "مینو")
    lazy = gettext_lazy("Page not found")
    template = engines["django"].from_string('{% load i18n %}{% translate "Page not found" %}')
    with override("ur"):
        shipped = str(lazy)
        renew_texts()
        assert shipped not in ("صفحہ نہیں", "Page not found")
        found = [gettext("Page not found"), str(lazy), template.render(), pgettext("menu", "Page not found")]
        assert found == ["صفحہ نہیں", "صفحہ نہیں", "صفحہ نہیں", "مینو"]
        counted = [ngettext("%(number)s thing", "%(number)s things", number) for number in (1, 2)]
        assert counted == ["%(number)s چیز", "%(number)s چیزیں"]
        # A text without an approved row stays the shipped one.
        assert gettext("Africa") == "افریقہ"
    with override("es"):
        assert str(lazy) not in ("صفحہ نہیں", "Page not found")


def test_language_without_a_shipped_catalogue_has_its_own_plural_rule() -> None:
    # Thai has one form for every number.
    approve_row(COUNTED, "%(number)s อย่าง", language="th")
    renew_texts()
    with override("th"):
        counted = [ngettext("%(number)s thing", "%(number)s things", number) for number in (1, 2)]
        assert counted == ["%(number)s อย่าง"] * 2
        assert gettext("Go to the form") == "Go to the form"


def test_text_follows_each_change_and_goes_with_its_row(django_assert_num_queries: Callable[..., Any]) -> None:
    row = approve_row(TITLE, "پہلا")
    with django_assert_num_queries(2):
        first = renew_texts()
    with django_assert_num_queries(1):
        assert renew_texts() == first
    row.delete()
    approve_row(TITLE, "دوسرا")
    assert renew_texts() == first + 1
    with override("ur"):
        assert gettext("Page not found") == "دوسرا"
        ApprovedText.objects.all().delete()
        assert renew_texts() == first + 2
        assert gettext("Page not found") not in ("دوسرا", "Page not found")


def test_rendered_pages_follow_a_change_within_five_seconds(clock: Clock, client: Client) -> None:
    open_portal("pk", "Pakistan", "ur", country="PK")
    paths = ("/pk/ur/", "/network/ur/about/")
    pages = {path: client.get(path).content.decode() for path in paths}
    for source in {text_on(page) for page in pages.values()}:
        approve_row(source, "بدلا ہوا جملہ")
    assert {path: client.get(path).content.decode() for path in paths} == pages
    clock.shift(4)
    assert all("بدلا ہوا جملہ" in client.get(path).content.decode() for path in paths)


def test_change_is_shown_though_the_portals_could_not_be_read_then(
    belize: Portal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("The server is away.")

    before = published.portals_by_slug()
    approve_row(TITLE, "دوسرا")
    clock.shift(4)
    with monkeypatch.context() as patch:
        patch.setattr(published, "_portals_in_database", refuse)
        assert published.portals_by_slug() is before
    clock.shift(4)
    assert published.portals_by_slug() is not before


def test_preview_is_seen_by_its_own_thread_alone() -> None:
    seen: list[str] = []

    def read() -> None:
        with override("ur"):
            seen.append(gettext("Page not found"))

    with override_texts("ur", [OverlaidText("", "Page not found", "", ("پیش نظارہ",))]):
        read()
        thread = Thread(target=read)
        thread.start()
        thread.join()
    read()
    assert seen[0] == "پیش نظارہ"
    assert seen[1] == seen[2] != "Page not found"
    assert "پیش نظارہ" not in seen[1:]


# --- A row that was written round the checks -----------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_takes_markup_or_placeholders_that_its_source_lacks(hostile: str) -> None:
    wrong = []
    for source in read_source_texts():
        typed = f"{source.singular} {hostile}"
        overlaid = OverlaidText(source.context, source.singular, source.plural, (typed, typed))
        for form in overlaid.entries().values():
            tags = [tag for tag in TAG.findall(form) if tag not in TAG.findall(source.singular)]
            added = [sign for sign in '<>"\ue000\u202e' if form.count(sign) > source.singular.count(sign)]
            if tags or added or "%(secret)s" in form:
                wrong.append((source.singular, form))
    assert wrong == []


def test_pages_stay_whole_when_every_text_is_hostile(client: Client, open_keys: object) -> None:
    """Every text of every page, in one language: no page fails, and none has an element or attribute more."""
    open_portal("pk", "Pakistan", "ur", country="PK")
    names = ("", "report/", "status/", "help/", "about/", "privacy/", "trust/", "none/")
    paths = [*(f"/pk/ur/{name}" for name in names), "/network/ur/", "/network/ur/about/"]
    before = {path: _shape(client.get(path).content.decode()) for path in paths}
    ApprovedText.objects.bulk_create(
        ApprovedText(
            language="ur",
            digest=source.digest,
            context=source.context,
            singular=source.singular,
            plural=source.plural,
            forms=[f"{form} {TRAP}" for form in source.forms],
        )
        for source in read_source_texts()
    )
    published.clear_cache()
    pages = {path: client.get(path) for path in paths}
    assert {page.status_code for page in pages.values()} <= {200, 404}
    texts = {path: page.content.decode() for path, page in pages.items()}
    assert all("ZZZ" in text for text in texts.values())
    assert {path: _shape(text) for path, text in texts.items()} == before
    assert not any("<script>" in text or '"https://trap' in text or 'id="trap' in text for text in texts.values())


def _shape(page: str) -> Counter[str]:
    """How often the page has each tag, with the names of its attributes."""
    return Counter(re.sub(r'"[^"]*"', '""', tag) for tag in re.findall(r"<[a-z/!][^>]*>", page))
