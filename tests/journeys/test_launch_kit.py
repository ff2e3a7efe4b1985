"""Logos, colours and the launch kit in a real browser."""

import re
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, BrowserWatch, axe_findings
from tests.rig.installation import POSTED_URL, Installation


def test_contrast_is_shown_while_the_operator_types(
    chromium: Browser, installation: Installation, staff_url: str
) -> None:
    context = chromium.new_context(viewport=DESK, base_url=staff_url)
    watch = BrowserWatch(context, staff_url)
    page = context.new_page()
    sign_in(page, installation, "operator")
    open_portal(page)
    page.goto(re.sub(r"[a-z]+/(\?.*)?$", "look/", page.url))
    field, said = page.get_by_label("Button colour:", exact=True), page.locator(".contrast[for=id_button_colour]")
    expect(said).to_have_text("")
    field.fill("#77aaff")
    expect(said).to_have_text("Choose a darker colour. Contrast: 2.3")
    field.fill("#8a1c3c")
    expect(said).to_have_text("White text is readable on it. Contrast: 9.0")
    page.locator("#id_button_colour + input[type=color]").fill("#767676")
    expect(field).to_have_value("#767676")
    expect(said).to_have_text("White text is readable on it. Contrast: 4.5")
    field.fill("#777777")
    expect(said).to_have_text("Choose a darker colour. Contrast: 4.4")
    assert watch.complaints == []
    context.close()


@pytest.mark.parametrize("portal", ["Belize", "Pakistan", "Senegal"])
def test_poster_and_cards_print_on_one_sheet_each(
    chromium: Browser, installation: Installation, poster_url: str, tmp_path: Path, portal: str
) -> None:
    context = chromium.new_context(viewport=DESK, base_url=poster_url, device_scale_factor=2)
    watch = BrowserWatch(context, poster_url)
    page = context.new_page()
    sign_in(page, installation, "operator")
    open_portal(page, portal)
    page.goto(re.sub(r"/portal/(\d+)/.*", r"/portal/\1/kit/", page.url))
    assert axe_findings(page) == []
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Badge, PNG").last.click()
    with Image.open(downloaded.value.path()) as badge:
        assert badge.size == (3 * 420, 3 * 124)
        # More than the server's own font can write: the name is there in any script.
        assert len(badge.convert("RGB").crop((500, 60, 1200, 200)).getcolors(100_000) or ()) > 1
    sheets = page.get_by_role("link", name=re.compile("Poster|Cards"))
    addresses = [str(sheet.get_attribute("href")) for sheet in sheets.all()]
    assert len(addresses) >= 2
    for address in addresses:
        page.goto(address)
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        # A4 in points.
        assert re.search(rb"/MediaBox\s*\[0 0 59[45]\S* 84[12]\S*\]", printed)
        # Text, not a picture of it: letters keep their Unicode values, so they can be selected and read aloud.
        assert b"/ToUnicode" in printed
        language = address.split("/")[-3]
        slug = {"Belize": "bz", "Pakistan": "pk", "Senegal": "sn"}[portal]
        code = page.locator(".code").first
        code.screenshot(path=tmp_path / "code.png")
        assert modules(tmp_path / "code.png", f"{POSTED_URL}/{slug}/{language}/")
    assert watch.complaints == []
    assert watch.elsewhere() == []
    context.close()


def open_portal(page: Page, name: str = "Belize") -> None:
    page.goto("/admin/countries/portal/")
    page.locator("#result_list tbody").get_by_role("link", name=name, exact=True).click()


def modules(picture: Path, address: str) -> bool:
    """Whether the drawn code has, module by module, the matrix of this address."""
    matrix = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]
    side = len(matrix)
    with Image.open(picture) as image:
        grey = image.convert("L")
        step_x, step_y = grey.width / side, grey.height / side
        seen = [
            [grey.getpixel((int((x + 0.5) * step_x), int((y + 0.5) * step_y))) < 128 for x in range(side)]  # type: ignore[operator] # one channel, one number
            for y in range(side)
        ]
    return seen == [[bool(module) for module in row] for row in matrix]
