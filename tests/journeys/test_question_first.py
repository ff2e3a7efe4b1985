"""The first question of the form on a phone's first screen, in every language; the account's folded below it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils.translation import override
from playwright.sync_api import Browser, Page, ViewportSize

from countries.models import ContactKind, Portal
from countries.public import published
from countries.public.banner import READY_TEXTS
from countries.tests.factories import ContactFactory, PortalTextFactory

HOURS = "1-5 09:00-17:00 Europe/London"
PHONE: ViewportSize = {"width": 360, "height": 740}
LOWEST_FIELD, HIGHEST_BANNERS = 560, 64


def open_form(portal: Portal, chromium: Browser, tag: str, **marks: Any) -> Page:
    """The form in a phone's window, of a portal that has pages in each language. `marks`: of its emergency numbers."""
    for language in dict(settings.LANGUAGES):
        PortalTextFactory.create(portal=portal, language=language, title="Belize", position=9)
    for phone in ("911", "90"):
        ContactFactory.create(portal=portal, kind=ContactKind.EMERGENCY, name=phone, phone=phone, **marks)
    published.clear_cache()
    page = chromium.new_page(viewport=PHONE)
    page.set_content(Client().get(f"/bz/{tag}/report/").content.decode())
    return page


@pytest.mark.parametrize("is_demo", [False, True])
@pytest.mark.parametrize("tag", dict(settings.LANGUAGES))
def test_first_field_is_on_the_first_screen(belize: Portal, chromium: Browser, tag: str, is_demo: bool) -> None:
    """Those of a demonstration are marked as samples, below its banner."""
    Portal.objects.filter(pk=belize.pk).update(header_layout="tall", pattern="waves")
    marks = {"verified_on": None, "verified_by": ""} if is_demo else {}
    with override_settings(READING_HOURS=HOURS, DEMO=is_demo):
        page = open_form(belize, chromium, tag, **marks)
    field = page.locator("[name=addresses]").bounding_box()
    print(tag, field)  # noqa: T201
    assert field
    assert field["y"] <= LOWEST_FIELD
    # Above it: whom to call for a child in danger, and the number itself.
    line = page.locator("#danger-line")
    assert (box := line.bounding_box())
    assert box["y"] + box["height"] < field["y"]
    assert line.locator("a[href='tel:911']").is_visible()
    assert line.locator(".sample").count() == is_demo
    # Without a script: one tap opens it.
    assert not page.locator("[name=account]").is_visible()
    page.locator("details.part summary").click()
    for name in ("account", "happened"):
        assert page.locator(f"[name={name}]").is_visible()
    page.close()


def test_account_is_open_where_it_holds_text(belize: Portal, visitor: Client) -> None:
    typed = "account=example-name&token=x"
    form = "application/x-www-form-urlencoded"
    page = visitor.post("/bz/en/report/", typed, content_type=form).content.decode()
    assert 'value="example-name"' in page
    part = page[page.index('<details class="part"') :]
    assert "open" in part[: part.index(">")]


@pytest.mark.parametrize("tag", dict(settings.LANGUAGES))
def test_two_banners_take_little_of_the_screen(
    belize: Portal, chromium: Browser, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    """That of the demonstration and an operator's, the product's sentences or a longer one: a tap shows all of it."""
    with override(tag):
        ready = [str(words) for words in READY_TEXTS.values()]
    page = open_form(belize, chromium, tag)
    for sentence in (*ready, " ".join(ready)):
        for name in ("banner_sentence", "banner_sentence_in_memory"):
            monkeypatch.setattr(published, name, lambda words=sentence: words)
        with override_settings(DEMO=True):
            published.clear_cache()
            page.set_content(Client().get(f"/bz/{tag}/report/").content.decode())
        heights = page.evaluate("[...document.querySelectorAll('.demo')].map(each => each.offsetHeight)")
        assert len(heights) == 2
        assert sum(heights) <= HIGHEST_BANNERS
    page.locator(".demo summary").click()
    assert page.evaluate("getComputedStyle(document.querySelector('.demo summary')).overflow") == "visible"
    assert page.locator(".demo summary").bounding_box()["height"] > max(heights)  # type: ignore[index] # it is shown
    assert page.locator(".demo summary").inner_text() == " ".join(ready)
    page.close()


@pytest.mark.parametrize("tag", dict(settings.LANGUAGES))
def test_leaving_and_language_share_one_row(belize: Portal, chromium: Browser, tag: str) -> None:
    page = open_form(belize, chromium, tag)
    boxes = page.evaluate(
        """[".leave", "header nav"].map(name => document.querySelector(name).getBoundingClientRect())
            .map(({ top, bottom, left, right }) => ({ middle: (top + bottom) / 2, left, right }))"""
    )
    assert boxes[0]["middle"] == pytest.approx(boxes[1]["middle"], abs=1)
    first, last = sorted(boxes, key=lambda box: box["left"])
    assert first["right"] <= last["left"]
    assert (first is boxes[0]) == (page.evaluate("document.documentElement.dir") == "rtl")
    lines = """(words => (words.selectNodeContents(document.querySelector(".leave")), words.getClientRects().length))
        (document.createRange())"""
    assert page.evaluate(lines) == 1
    page.close()
