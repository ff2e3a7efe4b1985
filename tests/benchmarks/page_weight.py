"""Bytes on the wire and requests of the landing, form and receipt pages, as a browser's first visit makes them.

Run against a served portal: `python -m tests.benchmarks.page_weight http://127.0.0.1:8000/bz/en/ [more portals]`. Every
language that the page links to is measured too; pictures, such as a logo, count like everything else. Each page is
measured in a browser of its own, so that nothing comes from a cache. Script is off: the pages need none.
Ends with 1 where a page is over the limit.
"""

import sys
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
# TCP's first window, about ten segments: data that arrives without another round trip.
LIMIT = 14_000


def landing(page: Page, portal: str) -> None:
    page.goto(portal)


def form(page: Page, portal: str) -> None:
    page.goto(f"{portal}report/")


def receipt(page: Page, portal: str) -> None:
    """Only the answer to the POST counts; the form before it is measured separately."""
    page.goto(f"{portal}report/")
    page.locator("[name=addresses]").fill("https://example.org/placeholder")
    page.locator("main form button").click()
    page.locator("#receipt").wait_for()


def weigh_page(browser: Browser, portal: str, visit: Callable[[Page, str], None]) -> tuple[int, int, int]:
    """(requests, bytes received, bytes of script) of the last page the visit opened, headers included."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def started(event: dict[str, object]) -> None:
        if event.get("type") == "Document":
            kinds.clear()
            sizes.clear()
        kinds[str(event["requestId"])] = str(event.get("type"))

    def finished(event: dict[str, object]) -> None:
        request = str(event["requestId"])
        # Others are of the page before.
        if request in kinds:
            sizes[request] = int(str(event["encodedDataLength"]).split(".")[0])

    session.on("Network.requestWillBeSent", started)
    session.on("Network.loadingFinished", finished)
    visit(page, portal)
    page.wait_for_load_state("networkidle")
    scripts = sum(size for request, size in sizes.items() if kinds.get(request) == "Script")
    context.close()
    return len(sizes), sum(sizes.values()), scripts


def language_pages(browser: Browser, portal: str) -> list[str]:
    """The portal's first page in each of its languages, the given one first."""
    page = browser.new_page()
    page.goto(portal)
    links = page.locator("header nav a[hreflang]").all()
    found = [portal, *(urljoin(portal, link.get_attribute("href")) for link in links)]
    page.close()
    return found


def main() -> None:
    portals = sys.argv[1:] or ["http://127.0.0.1:8000/bz/en/"]
    heaviest = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        print(f"{'portal':<10}{'page':<10}{'requests':>10}{'bytes':>10}{'script':>10}")
        for portal in [each for given in portals for each in language_pages(browser, given)]:
            for visit in (landing, form, receipt):
                requests, size, scripts = weigh_page(browser, portal, visit)
                heaviest = max(heaviest, size)
                print(f"{urlsplit(portal).path:<10}{visit.__name__:<10}{requests:>10}{size:>10}{scripts:>10}")
        browser.close()
    print(f"heaviest {heaviest}, limit {LIMIT}")
    if heaviest > LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
