"""Public pages as the weakest browsers show them: without what browsers like Opera Mini do not know, or unstyled."""

import re

from playwright.sync_api import Page

from tests.rig.public_pages import PublicPage

# A browser drops a declaration or a rule that it does not know.
_DECLARATION = re.compile(
    r"(?<=[{;])(?:[a-z-]+:[^;{}]*\b(?:var|max|min|clamp|color-mix)\([^;{}]*|display:grid|gap:[^;{}]*"
    r"|(?:margin|padding|border|inset)-(?:block|inline)[a-z-]*:[^;{}]*|[a-z-]*(?:inline|block)-size:[^;{}]*"
    r"|(?:clip-path|accent-color|text-wrap):[^;{}]*)(?:;|(?=\}))"
)
_RULE = re.compile(
    r"@supports[^{]*\{[^{}]*\{[^{}]*\}\s*\}|(?<=[{}])[^{}]*:(?:has|is|dir|focus-visible)[^{}]*\{[^{}]*\}"
)
# Elements without a meaning; not the class of the error summary.
_ELEMENT = re.compile(r"(?<![.\w-])(details|summary)\b")
_TAG = re.compile(r"(</?)(details|summary)\b")
_SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_PICTURE = re.compile(r"url\(/[^)]*\)")

_NOT_SHOWN = """() => {
    const [header, main] = ["header", "main"].map(each => document.querySelector(each).getBoundingClientRect());
    const wrong = header.bottom > main.top + 1 ? ["header covers the page"] : [];
    for (const each of document.querySelectorAll("x-details *, main p, main li"))
        if (!each.getClientRects().length && !each.closest("[hidden], details:not([open])"))
            wrong.push(each.outerHTML.slice(0, 120));
    return wrong;
}"""


def in_old_browser(page: PublicPage) -> str:
    """The page with what such a browser reads of it and of its style sheet."""
    match = _SHEET.search(page.html)
    sheet = match[1] if match else ""
    styles = _PICTURE.sub("none", _ELEMENT.sub(r"x-\1", _RULE.sub("", _DECLARATION.sub("", sheet))))
    return _SHEET.sub(lambda _link: f"<style>{styles}</style>", _TAG.sub(r"\1x-\2", page.html))


def without_style(page: PublicPage) -> str:
    return _SHEET.sub("", page.html)


def not_shown(page: Page) -> list[str]:
    """Elements that a page made by the functions above hides, or has below its header."""
    found: list[str] = page.evaluate(_NOT_SHOWN)
    return found
