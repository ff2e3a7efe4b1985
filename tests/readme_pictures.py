"""The pictures of README.md, taken from a running demo: `python -m tests.readme_pictures [address] [data folder]`.

By default from that of `make run`. It claims and reveals one incident as `analyst`, as every visitor of the demo may.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.benchmarks.page_weight import CHROMIUM

IMAGES = Path(__file__).parent.parent / "docs" / "images"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 860}
# Six portals that show every header layout, and a page from right to left.
PORTALS = ("bz/en", "gh/en", "gt/es", "pk/ur", "sn/fr", "in/hi")
SMALLER = 0.5
COLOURS = 256


@contextmanager
def open_page(browser: Browser, address: str, size: ViewportSize) -> Iterator[Page]:
    page = browser.new_page(viewport=size, base_url=address)
    yield page
    page.close()


def take_picture(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def save_picture(picture: Image.Image, name: str) -> None:
    """With few colours: pages have no photographs, and a README is loaded often."""
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def draw_portals(browser: Browser, address: str) -> Image.Image:
    """The first screens of several portals beside each other."""
    width, height = (round(each * SMALLER) for each in (PHONE["width"], PHONE["height"]))
    gap = 12
    sheet = Image.new("RGB", (len(PORTALS) * (width + gap) - gap, height), "white")
    for number, portal in enumerate(PORTALS):
        with open_page(browser, address, PHONE) as page:
            page.goto(f"/{portal}/")
            picture = take_picture(page).resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(picture, (number * (width + gap), 0))
    return sheet


def draw_assessment(browser: Browser, address: str, password: str) -> Image.Image:
    """A revealed incident, with an assessment begun."""
    with open_page(browser, address, DESK) as page:
        page.goto("/admin/")
        page.get_by_label("Username").fill("analyst")
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.goto("/admin/queue/")
        page.get_by_role("button", name="Next").first.click()
        page.get_by_role("button", name="Reveal").click()
        page.locator("#hide").wait_for()
        page.locator("[name=verdict][value=illegal]").check()
        page.locator("[name=severity][value=C]").check()
        page.evaluate("scrollTo(0, 0)")
        return take_picture(page)


def main() -> None:
    address, folder = (*sys.argv[1:], *("http://127.0.0.1:8000", ".data")[len(sys.argv) - 1 :])
    accounts = [line.split() for line in Path(folder, "demo-accounts.txt").read_text().splitlines()]
    password = next(each[-1] for each in accounts if each and each[0] == "analyst")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with open_page(browser, address, PHONE) as page:
            page.goto("/bz/en/")
            save_picture(take_picture(page), "portal")
        save_picture(draw_portals(browser, address), "portals")
        save_picture(draw_assessment(browser, address, password), "deciding")
        browser.close()


if __name__ == "__main__":
    main()
