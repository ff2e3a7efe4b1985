"""The pictures of README.md and the guides, taken from a demo of its own: `make pictures`.

Each is drawn by the function of its name, so that none can age unseen.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.benchmarks.page_weight import CHROMIUM
from tests.rig.installation import free_port

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 860}
# Six portals that show every header layout, and a page from right to left.
PORTALS = ("bz/en", "gh/en", "gt/es", "pk/ur", "sn/fr", "in/hi")
SMALLER = 0.5
COLOURS = 256
# For the demo to load its year of reports.
SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo. `passwords`: by user name."""

    browser: Browser
    address: str
    passwords: dict[str, str]

    @contextmanager
    def open_page(self, path: str, size: ViewportSize, *, as_user: str = "") -> Iterator[Page]:
        page = self.browser.new_page(viewport=size, base_url=self.address)
        if as_user:
            page.goto("/admin/")
            page.get_by_label("Username").fill(as_user)
            page.get_by_label("Password", exact=True).fill(self.passwords[as_user])
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.get_by_role("heading", name="Dashboard", level=1).wait_for()
        page.goto(path)
        yield page
        page.close()


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """The address of a demo that has loaded its year of reports."""
    port = free_port()
    address, environment = f"http://127.0.0.1:{port}", {**os.environ, "PORT": str(port), "DATA_DIR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "manage.py", "run_demo"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as demo:
        try:
            wait_for(lambda: urllib.request.urlopen(address).status == 200)
            wait_for(lambda: not (folder / "loading").exists())
            yield address
        finally:
            demo.terminate()


def wait_for(is_done: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if is_done():
                return
        except OSError:
            pass
        time.sleep(1)
    sys.exit(f"The demo was not ready within {SECONDS} seconds.")


def take_picture(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def portal(demo: Demo) -> Image.Image:
    with demo.open_page("/bz/en/", PHONE) as page:
        return take_picture(page)


def portals(demo: Demo) -> Image.Image:
    """The first screens of several portals beside each other."""
    width, height = (round(length * SMALLER) for length in (PHONE["width"], PHONE["height"]))
    gap = 12
    sheet = Image.new("RGB", (len(PORTALS) * (width + gap) - gap, height), "white")
    for number, path in enumerate(PORTALS):
        with demo.open_page(f"/{path}/", PHONE) as page:
            picture = take_picture(page).resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(picture, (number * (width + gap), 0))
    return sheet


def deciding(demo: Demo) -> Image.Image:
    """A revealed incident, with an assessment begun."""
    with demo.open_page("/admin/queue/", DESK, as_user="analyst") as page:
        page.get_by_role("button", name="Next").first.click()
        page.get_by_role("button", name="Reveal").first.click()
        page.locator("#hide").wait_for()
        page.locator("[name=verdict][value=illegal]").check()
        page.locator("[name=severity][value=C]").check()
        page.evaluate("scrollTo(0, 0)")
        return take_picture(page)


def queue(demo: Demo) -> Image.Image:
    with demo.open_page("/admin/queue/", DESK, as_user="analyst2") as page:
        return take_picture(page)


def to_do(demo: Demo) -> Image.Image:
    with demo.open_page("/admin/to-do/", DESK, as_user="senior") as page:
        return take_picture(page)


def starting(demo: Demo) -> Image.Image:
    """A country that has no portal yet, found by its name."""
    with demo.open_page("/admin/countries/portal/new/?q=vanuatu", DESK, as_user="operator") as page:
        return take_picture(page)


def steps(demo: Demo) -> Image.Image:
    """The workspace of a new portal, with its launch checklist."""
    with demo.open_page("/admin/countries/portal/new/?from=known:vu", DESK, as_user="operator") as page:
        page.get_by_role("button", name="Create draft").click()
        page.locator("#checklist").wait_for()
        return take_picture(page)


def languages(demo: Demo) -> Image.Image:
    with demo.open_page("/admin/languages/", DESK, as_user="operator") as page:
        return take_picture(page)


PICTURES = (portal, portals, deciding, queue, to_do, starting, steps, languages)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, running_demo(Path(folder)) as address:
        accounts = [line.split() for line in Path(folder, "demo-accounts.txt").read_text().splitlines()]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            demo = Demo(browser, address, {words[0]: words[-1] for words in accounts if len(words) > 1})
            for draw in PICTURES:
                # With few colours: pages have no photographs, and a README is loaded often.
                picture = draw(demo).quantize(COLOURS, dither=Image.Dither.NONE)
                picture.save(IMAGES / f"{draw.__name__.replace('_', '-')}.png", optimize=True)
            browser.close()


if __name__ == "__main__":
    main()
