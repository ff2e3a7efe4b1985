"""The first question of the form on a phone's first screen, in every language; the account's folded below it."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ViewportSize

from countries.models import ContactKind, Portal
from countries.public import published
from countries.tests.factories import ContactFactory, PortalTextFactory

PHONE: ViewportSize = {"width": 360, "height": 740}
LOWEST_FIELD, HIGHEST_BANNERS = 560, 64


@pytest.mark.parametrize("tag", dict(settings.LANGUAGES))
def test_first_field_is_on_the_first_screen(belize: Portal, chromium: Browser, tag: str) -> None:
    if not belize.texts.filter(language=tag).exists():
        PortalTextFactory.create(portal=belize, language=tag, title="Belize", position=9)
    ContactFactory.create(portal=belize, kind=ContactKind.EMERGENCY, name="Emergency", phone="911")
    published.clear_cache()
    page = chromium.new_page(viewport=PHONE)
    page.set_content(Client().get(f"/bz/{tag}/report/").content.decode())
    field = page.locator("[name=addresses]").bounding_box()
    print(tag, field)  # noqa: T201
    assert field
    assert field["y"] <= LOWEST_FIELD
    # Above it: whom to call for a child in danger, and the number itself.
    line = page.locator("#danger-line")
    assert (box := line.bounding_box())
    assert box["y"] + box["height"] < field["y"]
    assert line.locator("a[href='tel:911']").is_visible()
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


def test_two_banners_take_little_of_the_screen(belize: Portal, chromium: Browser) -> None:
    html = Client().get("/bz/en/report/").content.decode()
    line = '<p class="demo">Demonstration: nobody reads reports made here</p>'
    page = chromium.new_page(viewport=PHONE)
    page.set_content(html.replace('<div class="top">', f'{line}{line}<div class="top">', 1))
    heights = page.evaluate("[...document.querySelectorAll('.demo')].map(each => each.offsetHeight)")
    page.close()
    assert len(heights) == 2
    assert sum(heights) <= HIGHEST_BANNERS
