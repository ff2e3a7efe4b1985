"""Hostile texts in a real browser: no script runs, no request is made, and the layout stays intact."""

import json
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_journey import sign_in
from tests.proofs.payloads import ALL
from tests.rig.browser import DESK, NARROW, BrowserWatch, axe_findings, fits_width
from tests.rig.installation import Installation
from tests.rig.looks import wait_for_document

# Each is sent in a message of its own, to check that it does not affect the text and the page after it.
UNRULY = (
    "before\u202eafter",
    "before\u2067\u202bafter",
    "before" + "\u0351\u036b\u0489" * 30 + "after",
    "before" + "\u200b\u2060\ufeff" * 20 + "after",
    "before" + "w" * 3_000 + "after",
    "beforeمرحبا‮after",
    "before\u2028\u2029\x0b\x0cafter",
)
SEND = """
import json, sys
from analysts.models import Incident, Question
from analysts.tests.factories import report_of
from countries.models import Portal
from reports.models import Submission
texts = json.loads(r'''%s''')
portal = Portal.objects.get(slug="bz")
details = {"description": "\\n".join(texts["description"]), "found_on": texts["found_on"]}
report = report_of(portal, texts["addresses"], details=details)
print(Incident.objects.get(sightings__report=report).pk)
"""

# Elements that overflow their box or are not placed below their predecessor.
OUT_OF_PLACE = """() => {
    const wrong = [];
    for (const text of document.querySelectorAll(".report .legible")) {
        const own = text.getBoundingClientRect(), cell = text.closest("dd, article").getBoundingClientRect();
        if (own.left < cell.left - 1 || own.right > cell.right + 1) wrong.push(`beside its box: ${own.left}`);
    }
    for (const row of document.querySelectorAll(".report .words > div")) {
        const [label, text] = [row.querySelector("dt"), row.querySelector("dd")].map(e => e.getBoundingClientRect());
        if (text.top < label.bottom - 1) wrong.push("runs over its label");
        if (Math.abs(text.left - label.left) > 1) wrong.push("moved sideways");
    }
    return wrong;
}"""
# Whether `before` and `after` of each text stand in this order, their letters from left to right.
DISTURBED = """text => {
    const wrong = [], places = [], walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const place = (node, at) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    const follows = (one, other) => one.top < other.top - 1 || (one.top < other.top + 1 && one.left < other.left);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (const found of node.data.matchAll(/before|after/g))
            places.push([found[0], place(node, found.index), place(node, found.index + found[0].length - 1)]);
    for (const [word, first, last] of places) if (!follows(first, last)) wrong.push(`turned around: ${word}`);
    for (let at = 0; at + 1 < places.length; at += 2)
        if (!follows(places[at][2], places[at + 1][1])) wrong.push(`out of order: pair ${at / 2}`);
    return [places.map(each => each[0]), wrong];
}"""


def hostile_incident(installation: Installation, **texts: Any) -> str:
    """The incident's path, after intake of a report with the texts."""
    done = installation.run(SEND % json.dumps(texts))
    return f"/admin/incidents/{done.split()[-1]}/"


def revealed(page: Page, path: str) -> None:
    page.goto(path)
    page.locator("#claim button").click()
    page.get_by_role("button", name="Reveal").first.click()
    page.locator("#show-words button").click()
    expect(page.locator(".report .legible").first).to_be_visible()
    wait_for_document(page)


def test_hostile_texts_are_inert_and_stay_in_their_place(
    chromium: Browser, installation: Installation, staff_url: str
) -> None:
    # Only the disruptive texts are in the description; the others are in the field where it was found.
    path = hostile_incident(
        installation,
        addresses="https://xn--exmple-4nf.org/hostile/1",
        description=[*UNRULY],
        found_on="\n".join(ALL),
    )
    context = chromium.new_context(viewport=DESK, base_url=staff_url)
    watch = BrowserWatch(context, staff_url)
    page = context.new_page()
    ran: list[str] = []
    page.expose_function("__pwned", lambda: ran.append("script"))
    # A dialog would also stall the page, because it is never answered.
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    sign_in(page, installation, "analyst")
    revealed(page, path)

    description = page.locator(".report .words > div", has=page.get_by_text("Description")).locator(".legible").first
    for size in (DESK, NARROW):
        page.set_viewport_size(size)
        assert description.evaluate(DISTURBED) == [["before", "after"] * len(UNRULY), []]
        assert page.evaluate(OUT_OF_PLACE) == []
        assert fits_width(page)
        assert axe_findings(page) == []
    assert page.locator(".report bdi.mark").count() > 10
    # The same check detects a text that is shown unmodified.
    description.evaluate("(text, typed) => { text.textContent = typed; }", UNRULY[0])
    assert description.evaluate(DISTURBED) == [["before", "after"], ["turned around: after"]]
    assert ran == []
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
    context.close()


def test_long_text_opens_without_script(chromium: Browser, installation: Installation, staff_url: str) -> None:
    path = hostile_incident(
        installation,
        addresses="https://long.example.org/hostile/2",
        description=["word " * 19_998 + "the last"],
        found_on="",
    )
    context = chromium.new_context(viewport=NARROW, base_url=staff_url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, installation, "analyst")
    revealed(page, path)

    rest = page.locator("details.rest .legible")
    expect(rest).to_be_hidden()
    page.get_by_text("Show all 99,998 characters").click()
    expect(rest).to_be_visible()
    assert rest.inner_text().endswith("the last")
    context.close()
