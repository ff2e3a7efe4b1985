"""Bytes, requests and seconds on a slow line of the landing, form and receipt pages, as a browser's first visit makes
them, and where the first field of the form is on a phone.

Run against a served portal: `python -m tests.benchmarks.page_weight http://127.0.0.1:8000/bz/en/ [more portals]`. Every
language that the page links to is measured too. Each page is measured in a phone's window and in a browser of its own,
so that nothing comes from a cache. Script is off: the pages need none. The page has all its words and its style sheet,
and can be used before its pictures, which are requests of their own and keep their places: "painted" is when its first
words are there, "usable" when all of it but them is, and "loaded" when the last of them is. Ends with 1 where a page is
over a limit of what can be used.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
PHONE: ViewportSize = {"width": 360, "height": 740}
# Bytes of each page without its pictures, and seconds until it can be used.
LIMITS = {"landing": (10_000, 2.5), "form": (10_000, 2.2), "receipt": (10_000, 2.5)}
LOWEST_FIELD = 560
# A line of 50 kbit/s, with 600 ms from request to answer.
SLOW = {"offline": False, "latency": 600, "downloadThroughput": 50_000 / 8, "uploadThroughput": 50_000 / 8}
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation"), [paint] = performance.getEntriesByType("paint");
  return [paint?.startTime ?? 0, page.domContentLoadedEventEnd, page.loadEventEnd].map(each => each / 1000);
}"""


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


class PageCost(NamedTuple):
    """Of the last page that a visit opened, headers included: `page` and the seconds until it is `usable` without
    pictures.

    field: the first field's distance from the top.
    """

    requests: int
    page: int
    size: int
    scripts: int
    painted: float
    usable: float
    loaded: float
    field: int


def weigh_page(browser: Browser, portal: str, visit: Callable[[Page, str], None], *, is_slow: bool = False) -> PageCost:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if is_slow:
        session.send("Network.emulateNetworkConditions", SLOW)
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
    of_kind = {kind: sum(size for request, size in sizes.items() if kinds[request] == kind) for kind in kinds.values()}
    painted, usable, loaded = page.evaluate(TIMES)
    field = page.locator("[name=addresses]").bounding_box() if visit is form else None
    context.close()
    return PageCost(
        requests=len(sizes),
        page=of_kind["Document"],
        size=sum(sizes.values()),
        scripts=of_kind.get("Script", 0),
        painted=painted,
        usable=usable,
        loaded=loaded,
        field=round(field["y"]) if field else 0,
    )


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
    over = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        columns = ("requests", "bytes", "all", "script", "painted", "usable", "loaded", "field")
        print(f"{'portal':<10}{'page':<10}", *(f"{column:>9}" for column in columns))
        for portal in [each for given in portals for each in language_pages(browser, given)]:
            for visit in (landing, form, receipt):
                cost, name = weigh_page(browser, portal, visit, is_slow=True), visit.__name__
                bytes_limit, seconds_limit = LIMITS[name]
                if cost.page > bytes_limit or cost.usable > seconds_limit or cost.field > LOWEST_FIELD:
                    over.append(f"{urlsplit(portal).path} {name}")
                values = [f"{each:.2f}" if isinstance(each, float) else str(each or "") for each in cost]
                print(f"{urlsplit(portal).path:<10}{name:<10}", *(f"{value:>9}" for value in values))
        browser.close()
    if over:
        raise SystemExit(f"Over a limit: {', '.join(over)}.")


if __name__ == "__main__":
    main()
