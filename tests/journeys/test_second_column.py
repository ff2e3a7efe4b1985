"""The column beside a portal's pages: who runs it, its partners, and whether it is safe."""

import pytest
from django.test import Client
from playwright.sync_api import Browser

from countries.models import Portal
from tests.rig.browser import DESK, PHONE


@pytest.mark.parametrize("path", ["", "report/", "status/", "help/threats/", "about/", "privacy/"])
def test_wide_pages_have_a_column_of_which_a_phone_shows_partners(belize: Portal, chromium: Browser, path: str) -> None:
    page = chromium.new_page(viewport=DESK)
    html = Client().get(f"/bz/en/{path}").content.decode()
    page.set_content(html)
    main, column = (page.locator(name).bounding_box() for name in ("main", "aside"))
    assert main and column and main["x"] + main["width"] < column["x"]  # noqa: PT018
    page.set_viewport_size(PHONE)
    assert page.locator("aside h2:visible").all_inner_texts() == ([] if path else ["Partners"])
    # Rules for lists and figures are on no page without them.
    assert (".numbers" in html) is (path in ("about/", "privacy/"))
    page.close()
