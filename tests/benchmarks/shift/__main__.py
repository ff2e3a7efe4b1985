r"""Walk an analyst's shift on a demo of its own by keyboard, and measure keys, seconds, what is seen, and heights.

# some minutes
python -m tests.benchmarks.shift --results docs/figures/shift.json --page docs/figures/shift.md
"""

import json
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.circumstances import note_circumstances
from tests.benchmarks.page_weight import CHROMIUM
from tests.benchmarks.shift import cases, heights, table, walk
from tests.benchmarks.shift.desk import PATIENCE, Desk
from tests.benchmarks.shift.results import ShiftFigures, ShiftResult
from tests.pictures import running_demo
from tests.rig.installation import Installation, start_installation

VERDICTS, CHECKS = 40, 5
# Similar reports are folded from the twenty-first on.
FLOOD = 60


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.shift", description=__doc__)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    circumstances = note_circumstances()
    # Without reviews that are drawn at random.
    os.environ["SECOND_REVIEW_PERCENT"] = "0"
    with tempfile.TemporaryDirectory(prefix="portals-shift-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_demo(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            figures = walk_shift(start_installation(folder), browser, address)
            browser.close()
    shift: ShiftResult = {**circumstances, **figures}
    print(table.as_markdown(shift), flush=True)
    if options.results:
        options.results.write_text(json.dumps(shift, indent=1, ensure_ascii=False) + "\n")
    if options.page:
        table.write_page(options.page, shift)


def walk_shift(installation: Installation, browser: Browser, address: str) -> ShiftFigures:
    def prepare(code: str, **values: object) -> str:
        """Make cases; what was printed last."""
        printed = installation.run(cases.BEGIN + (code.format(**values) if values else code))
        return printed.split()[-1] if printed.split() else ""

    ana, sena = (sign_in(browser, address, installation, name) for name in ("analyst", "senior"))
    prepare(cases.QUEUE, number=VERDICTS + 2)
    walk.assess(ana, VERDICTS)
    measured = heights.measure_pages(ana, prepare)
    for number in range(2):
        walk.trace_alone(ana, incident_path(prepare(cases.ALONE, number=number)))
    walk.trace_in_bulk(ana, incident_path(prepare(cases.ONE_HOST)))
    walk.work_police_case(ana, incident_path(prepare(cases.POLICE)))
    prepare(cases.CHECKS, number=CHECKS)
    walk.check_in_a_row(ana, CHECKS)
    prepare(cases.DISAGREEMENT)
    walk.decide_disagreement(sena)
    prepare(cases.APPEAL)
    walk.decide_appeal(sena)
    prepare(cases.FLOOD, number=FLOOD)
    walk.close_flood(sena)
    installation.close_shells()
    desks = (ana, sena)
    return {
        "work": [piece for desk in desks for piece in desk.work],
        "reveals": sum(desk.reveals for desk in desks),
        "foreign": sum(desk.foreign for desk in desks),
        "words": sum(desk.words for desk in desks),
        "passwords": sum(desk.passwords for desk in desks),
        **measured,
    }


def sign_in(browser: Browser, address: str, installation: Installation, name: str) -> Desk:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=address)
    page.set_default_timeout(PATIENCE)
    desk = Desk(page, installation.accounts()[name])
    page.goto("/admin/")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(desk.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Dashboard", level=1).wait_for()
    return desk


def incident_path(incident: str) -> str:
    return f"/admin/incidents/{incident}/"


if __name__ == "__main__":
    main()
