"""Heights of the pages in the windows of a desk and of a phone, and how far it is to the button that records."""

from collections.abc import Callable
from typing import TypedDict

from tests.benchmarks.shift import cases
from tests.benchmarks.shift.desk import Desk
from tests.benchmarks.shift.results import PageHeight

WINDOWS = {1440: 900, 390: 844}
PAGES = {"dashboard": "/admin/", "queue": "/admin/queue/", "to do": "/admin/to-do/"}
DOWN_TO_RECORD = """() => {
  const top = document.querySelector("#address").getBoundingClientRect().top;
  return Math.round(document.querySelector("[data-record]").getBoundingClientRect().bottom - top);
}"""
# Where the list of the dashboard begins, and its first card.
TOPS = """() => ["table", ".cards"].map(selector =>
  document.querySelector(`.dashboard-parts ${selector}`)?.getBoundingClientRect().top ?? 0)"""


class MeasuredPages(TypedDict):
    heights: list[PageHeight]
    deciding: int
    is_table_first: bool


def measure_pages(desk: Desk, prepare: Callable[..., str]) -> MeasuredPages:
    """With thirty incidents in the queue. Ends in the window of a desk."""
    prepare(cases.ROWS)
    rows: list[PageHeight] = []
    for width in (390, 1440):
        desk.page.set_viewport_size({"width": width, "height": WINDOWS[width]})
        rows += [_measure(desk, name, path, width) for name, path in PAGES.items()]
        if width == 390:
            desk.open("/admin/")
            table, cards = desk.page.evaluate(TOPS)
    prepare(cases.DENSITY, name="compact")
    rows.append(_measure(desk, "queue, 30 compact rows", "/admin/queue/", 1440))
    prepare(cases.DENSITY, name="roomy")
    return {"heights": rows, "deciding": _measure_deciding(desk), "is_table_first": table < cards}


def _measure(desk: Desk, name: str, path: str, width: int) -> PageHeight:
    desk.open(path)
    height = int(desk.page.evaluate("document.documentElement.scrollHeight"))
    return {"page": name, "width": width, "height": height}


def _measure_deciding(desk: Desk) -> int:
    """Pixels from the address to the button that records, with severity, age and sex open."""
    desk.open("/admin/queue/")
    desk.turn("n")
    desk.turn("r")
    desk.press("1 1")
    return int(desk.page.evaluate(DOWN_TO_RECORD))
