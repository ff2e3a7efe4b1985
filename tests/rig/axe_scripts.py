"""Scripts in a page that axe examines (`browser.py`): axe itself, what marks elements for it, and the question."""

from axe_playwright_python.sync_playwright import Axe

COLOUR_RULES = ["color-contrast", "link-in-text-block"]
# Results that depend on the width of the window, beside which elements are to be seen.
LAYOUT_RULES = ["scrollable-region-focusable", "target-size"]
# Elements are marked for the rules that take most of the time (`ASK`), for as long as these run.
DEFINE = f"""{Axe().axe_script}
axe.configure({{ rules: [
    {{ id: "color-contrast", selector: "[data-new-style]" }},
    {{ id: "link-in-text-block", selector: "a[href][data-new-style], [role=link][data-new-style]" }},
    {{ id: "target-size", selector: "[data-small-target]" }},
    {{ id: "scrollable-region-focusable", selector: "[data-scrolls]:not(select, textarea)" }},
] }});"""
# As a function: many pages never ask, and to define axe takes longer than to draw a page.
DEFINE_WHEN_ASKED = f"window.loadAxe = function () {{ {DEFINE}\n}}"

# The page without its words, as axe reads it: its head, its main part and the rest, which differ by page and by role.
# Rows alike are one row, and numbers in names are one number; what is ticked counts, as styles go by it, and which
# elements are to be seen in this window. Styles of the main part go by the class of the body as well.
SKELETON = r"""() => {
    const words = /^(data-.*|href|action|formaction|value|content|title|datetime|src|alt|aria-label|placeholder)$/;
    const numbers = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+/g, models = /\b(app|model)-\S+/g;
    const said = ({ name, value }) => `${name}=${words.test(name) ? value !== ""
        : name === "class" ? value.replace(models, "") : value.replace(numbers, "#")}`;
    const ofPage = [];
    const skeleton = element => {
        let parts = [];
        for (const child of element.childNodes) {
            const part = child.nodeType === Node.ELEMENT_NODE ? skeleton(child)
                : child.nodeType === Node.TEXT_NODE && child.data.trim() ? "x" : "";
            if (part && part !== parts.at(-1)) parts.push(part);
        }
        if (element.matches("ul, ol, tbody, select, datalist")) parts = [...new Set(parts)].sort();
        const attributes = [...element.attributes].map(said).sort().join(" ");
        const state = `${Boolean(element.checked)} ${element.checkVisibility()}`;
        const whole = `<${element.localName} ${attributes} ${state}>${parts.join("")}</>`;
        if (!element.matches("head, main")) return whole;
        ofPage.push(element.localName === "main" ? document.body.className + whole : whole);
        return `<${element.localName}>`;
    };
    const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    ofPage.push(skeleton(document.documentElement));
    return [innerWidth, scheme, ofPage];
}"""

# axe's findings, in one go for all rules. Colours are asked where text has a style that was not found right before: its
# own, and what elements around it paint. Each page has the same header, tables and forms. The size of targets is asked
# of those that are smaller than 24 px or overlap another one: any other passes axe's rule by the first thing it reads.
# Where all rules asked for have nothing to judge, axe is not even loaded; null says that it is missing.
ASK = r"""async ([rules, colours, known]) => {
    const around = new Map();
    const look = element => {
        if (!element) return "";
        if (!around.has(element)) {
            const { color, backgroundColor, backgroundImage, opacity, position, filter } = getComputedStyle(element);
            const state = element.matches(":disabled, [aria-disabled=true]");
            const paint = [backgroundColor, backgroundImage, opacity, position, filter, state].join();
            const parent = element.parentElement;
            const paints = paint !== "rgba(0, 0, 0, 0),none,1,static,none,false";
            const differs = paints || !parent || getComputedStyle(parent).color !== color;
            around.set(element, look(parent) + (differs ? `/${color},${paint}` : ""));
        }
        return around.get(element);
    };
    const number = text => [...text].reduce((sum, each) => (Math.imul(sum, 31) + each.codePointAt(0)) | 0, 7);
    // A link among words must differ from them in more than its colour.
    const among = link => {
        let block = link.parentElement;
        while (getComputedStyle(block).display === "inline") block = block.parentElement;
        return block.textContent.trim() !== link.textContent.trim();
    };
    const right = new Set(known), styles = new Map();
    for (const each of colours ? document.querySelectorAll("body, body *") : []) {
        const speaks = [...each.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim());
        if (!(speaks || each.matches("input, select, textarea")) || !each.checkVisibility()) continue;
        const { fontSize, fontWeight, textShadow, textDecoration } = getComputedStyle(each);
        const link = each.matches("a, [role=link]") && among(each);
        const font = [fontSize, fontWeight, textShadow, textDecoration];
        const style = number([each.localName, link, ...font, look(each)].join());
        if (!right.has(style) && !styles.has(style)) styles.set(style, each);
    }
    const smallest = 24, all = "a, area, button, input, select, textarea, summary, details, iframe, audio, video"
        + ", [role], [tabindex], [contenteditable]";
    const boxes = [...document.querySelectorAll(all)].filter(each => each.checkVisibility())
        .map(each => [each, each.getBoundingClientRect()]);
    const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const small = boxes.filter(([each, box]) => box.width < smallest || box.height < smallest || boxes.some(
        ([other, taken]) => other !== each && !other.contains(each) && overlap(box, taken)
    ));
    const scrolling = [...document.querySelectorAll("*")].filter(each => (each.scrollWidth > each.clientWidth
        || each.scrollHeight > each.clientHeight) && getComputedStyle(each).overflow !== "visible");
    const marks = {
        "data-new-style": [...styles.values()],
        "data-small-target": small.map(([each]) => each),
        "data-scrolls": scrolling,
    };
    const marksOf = {
        "color-contrast": "data-new-style",
        "link-in-text-block": "data-new-style",
        "target-size": "data-small-target",
        "scrollable-region-focusable": "data-scrolls",
    };
    const runOnly = rules.runOnly.filter(each => !(each in marksOf) || marks[marksOf[each]].length);
    if (!runOnly.length) return { styles: [], violations: [] };
    if (!("axe" in window)) {
        if (!("loadAxe" in window)) return null;
        loadAxe();
    }
    for (const [mark, elements] of Object.entries(marks)) for (const each of elements) each.setAttribute(mark, "");
    const found = await axe.run({ ...rules, runOnly, preload: false });
    for (const [mark, elements] of Object.entries(marks)) for (const each of elements) each.removeAttribute(mark);
    return { styles: [...styles.keys()], violations: found.violations };
}"""
