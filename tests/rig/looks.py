"""Checks of a page in the browser beyond axe: target sizes, focus, order of headings, clipped content.

Each function checks the current page and returns its findings, a sentence each.
"""

from playwright.sync_api import Page

# WCAG 2.2, 1.4.12: the text spacing that a reader may set.
TEXT_SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-block-end: 2em !important; }
"""
# 2.5.8 asks for 24; 2.5.5 for 44, which buttons and the links of header and footer keep.
SMALLEST, SMALLEST_BUTTON = 24, 44
# Between two links in a line.
CLOSEST = 8

_SMALL_TARGETS = """([smallest, button]) => {
    const wrong = [];
    const all = "a[href], button, input:not([type=hidden]), textarea, select, summary";
    for (const each of document.querySelectorAll(all)) {
        const tick = each.matches("[type=checkbox], [type=radio]") && each.closest("label");
        const target = tick || each;
        const style = getComputedStyle(target);
        // Links within a sentence are as high as its line; the skip link is away until it has the focus.
        if (style.display === "inline" || each.matches(".skip") || !each.checkVisibility()) continue;
        const { width, height } = target.getBoundingClientRect();
        const least = each.matches("button, .button, header a, footer a, nav a") ? button : smallest;
        if (height < least - .5 || width < smallest - .5)
            wrong.push(`target too small: ${[width, height].map(Math.round).join(" x ")}: `
                + target.outerHTML.slice(0, 120));
    }
    return wrong;
}"""

# Links that lead away and stand in one line: a finger, and an eye, must tell them apart.
_TOO_CLOSE = """least => {
    const wrong = [];
    for (const list of document.querySelectorAll("nav ul, footer ul, .portals p")) {
        const links = [...list.querySelectorAll("a")].filter(each => each.checkVisibility());
        for (const [at, each] of links.entries()) {
            const next = links[at + 1];
            if (!next) break;
            const [a, b] = [each, next].map(link => link.getBoundingClientRect());
            if (Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) < 4) continue;
            if (Math.max(a.left, b.left) - Math.min(a.right, b.right) < least)
                wrong.push(`links too close: ${each.textContent} / ${next.textContent}`);
        }
    }
    return wrong;
}"""

_HEADINGS = """() => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(each => each.checkVisibility())
        .map(each => Number(each.tagName[1]));
    const wrong = [];
    if (levels.filter(level => level === 1).length !== 1) wrong.push(`not one heading of the first level: ${levels}`);
    if (levels.some((level, at) => at && level > levels[at - 1] + 1)) wrong.push(`heading level skipped: ${levels}`);
    return wrong;
}"""

_CUT_OFF = """() => {
    const wrong = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) wrong.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth}`);
    for (const each of document.querySelectorAll("body *")) {
        // A text field has its own scrolling; a table may, in a box that the keyboard reaches.
        if (each.matches(".unseen, .unseen *, .visually-hidden, input, textarea, select, [tabindex='0']")) continue;
        const style = getComputedStyle(each);
        if (style.display === "inline" || style.overflow === "visible") continue;
        if (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
            wrong.push(`cut off: ${each.outerHTML.slice(0, 120)}`);
    }
    return wrong;
}"""

_FOCUSABLE = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), textarea, select, summary, [tabindex='0']"
)].filter(each => each.checkVisibility())
    // Tab comes to one of several radio buttons, and arrows to the others.
    .filter(each => each.type !== "radio" || each === each.form.elements[each.name][0]).length"""

# Notes at each press of Tab, before the focus moves on: where it is, and what is wrong with how it shows. In one go: to
# ask after each press takes longer than to find out.
_NOTE_FOCUS = """() => {
    const reached = new Set();
    const wrong = [];
    const note = () => {
        const here = document.activeElement;
        if (!here || here === document.body || reached.has(here)) return;
        const style = getComputedStyle(here);
        const name = here.outerHTML.slice(0, 120);
        reached.add(here);
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)
            wrong.push(`no focus to be seen: ${name}`);
        // What is higher than the window, or goes over a line's end, is seen if a part of it is.
        const parts = [...here.getClientRects()].map(box => ({
            left: Math.max(box.left, 0), right: Math.min(box.right, innerWidth),
            top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight),
        })).filter(part => part.left < part.right && part.top < part.bottom);
        if (!parts.length) wrong.push(`focus outside of the window: ${name}`);
        for (const part of parts) {
            const top = document.elementFromPoint((part.left + part.right) / 2, (part.top + part.bottom) / 2);
            if (top && !here.contains(top)) wrong.push(`focus is covered: ${name} by ${top.outerHTML.slice(0, 60)}`);
        }
    };
    // An error summary has the focus as the page opens: the next Tab would begin behind it.
    const start = document.createElement("span");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
    scrollTo(0, 0);
    addEventListener("keydown", note, true);
    window.notedFocus = () => {
        removeEventListener("keydown", note, true);
        return [reached.size, wrong];
    };
}"""

_BUTTON_EDGES = """() => [...document.querySelectorAll("button, .button")].filter(each => {
    const style = getComputedStyle(each);
    return each.checkVisibility() && (style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) < 1
        || style.borderTopColor === style.backgroundColor);
}).map(each => `button without an edge: ${each.outerHTML.slice(0, 120)}`)"""

_PRINTED = """() => [...document.querySelectorAll("nav, footer, .skip, button, .button")]
    .filter(each => each.checkVisibility()).map(each => `printed: ${each.outerHTML.slice(0, 120)}`)"""

_MISSING_STYLES = """() => [...document.querySelectorAll("link[rel=stylesheet]")]
    .filter(link => !link.sheet?.cssRules.length)
    .map(link => `${link.href}: ${performance.getEntriesByName(link.href)[0]?.responseStatus ?? "not asked for"}`)"""

_SUMMARY = """() => {
    const summary = document.querySelector(".summary");
    const wrong = [];
    if (!summary) return wrong;
    if (summary.getAttribute("role") !== "alert") wrong.push("error summary is not announced");
    for (const link of summary.querySelectorAll("a")) {
        location.hash = "";
        link.click();
        const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
        const focus = document.activeElement;
        if (!target || focus === document.body || !target.contains(focus))
            wrong.push(`does not lead to its field: ${link.outerHTML.slice(0, 120)}`);
    }
    return wrong;
}"""


def wait_for_document(page: Page) -> None:
    """Wait until the page that a click led to is loaded: the click returns when its first byte is there.

    Raises `AssertionError` with address and status if a style sheet is missing: all findings would come from that.
    """
    page.wait_for_load_state("load")
    missing = _evaluate_script(page, _MISSING_STYLES)
    assert missing == [], f"Style sheets did not load: {missing}"


def small_targets(page: Page) -> list[str]:
    return _evaluate_script(page, _SMALL_TARGETS, [SMALLEST, SMALLEST_BUTTON])


def links_too_close(page: Page) -> list[str]:
    """Adjacent links without space between them."""
    return _evaluate_script(page, _TOO_CLOSE, CLOSEST)


def wrong_headings(page: Page) -> list[str]:
    """More or less than one first-level heading, or a skipped level."""
    return _evaluate_script(page, _HEADINGS)


def cut_off(page: Page) -> list[str]:
    """Elements that make the page scroll sideways, or do not fit into their box."""
    return _evaluate_script(page, _CUT_OFF)


def cut_off_with_wide_text(page: Page) -> list[str]:
    """The same with wider letters, words and lines set. The page keeps them."""
    page.add_style_tag(content=TEXT_SPACING)
    return [f"with wide text: {each}" for each in cut_off(page)]


def wrong_focus(page: Page) -> list[str]:
    """Tab through the page: every element is reached, shows the focus, and is uncovered in the window."""
    wait_for_document(page)
    expected = int(page.evaluate(_FOCUSABLE))
    page.evaluate(_NOTE_FOCUS)
    # One more than there are, and one that only notes the last.
    for _ in range(expected + 2):
        page.keyboard.press("Tab")
    reached, wrong = page.evaluate("notedFocus()")
    if reached != expected:
        wrong.append(f"the keyboard reaches {reached} of {expected}")
    return list(wrong)


def wrong_in_forced_colours(page: Page) -> list[str]:
    """A button whose edge is lost with its colour."""
    page.emulate_media(forced_colors="active")
    found = _evaluate_script(page, _BUTTON_EDGES)
    page.emulate_media(forced_colors="none")
    return [f"in forced colours: {each}" for each in found]


def wrong_in_print(page: Page) -> list[str]:
    """Controls that are printed although they are useless on paper."""
    page.emulate_media(media="print")
    found = _evaluate_script(page, _PRINTED)
    page.emulate_media(media="screen")
    return found


def wrong_summary(page: Page) -> list[str]:
    """An error summary that is not announced, or a link in it that does not bring the focus to its field."""
    return _evaluate_script(page, _SUMMARY)


def _evaluate_script(page: Page, question: str, argument: object = None) -> list[str]:
    """Ask once the page is loaded; in one go, as each word with the browser takes as long as most answers."""
    asked = f"""async argument => {{
        if (document.readyState !== "complete") await new Promise(loaded => addEventListener("load", loaded));
        return ({question})(argument);
    }}"""
    answer: list[str] = page.evaluate(asked, argument)
    return answer
