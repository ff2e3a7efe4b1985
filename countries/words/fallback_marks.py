"""Marks on the English words of a page in a language that was opened here and is not translated completely.

While such a page is rendered, its catalogue puts a sign around each text that it has to show in English; `write_marks`
replaces the signs by an element with `lang="en"`, so that a screen reader does not read English with another language's
sounds. Within a tag, a title or a form control, which can contain no element, the signs are taken out.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import trans_real

# Private-use characters, which no text of a portal and no translation has.
_START, _END = "\ue002", "\ue003"
_MARKED = '<span lang="en" dir="ltr">'
_PART = re.compile(rf"<[^<>]*+>|[{_START}{_END}]")
_NAME = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
_WITHOUT_ELEMENTS = frozenset({"title", "option", "textarea", "style", "script"})

_is_marking: ContextVar[bool] = ContextVar("is_marking", default=False)


@contextmanager
def marked_fallback() -> Iterator[None]:
    """Within this context, catalogues with marks put signs around English texts in this thread."""
    token = _is_marking.set(True)
    try:
        yield
    finally:
        _is_marking.reset(token)


class MarkedCatalogue(trans_real.TranslationCatalog):
    """A catalogue that puts signs around what it lacks; not around texts that count: only callers have both."""

    def get[Missing](self, key: str | tuple[str, int], default: Missing | None = None) -> str | Missing:
        text = super().get(key, default)
        if text is not default or not isinstance(key, str) or not _is_marking.get():
            return text
        # A text may count elsewhere.
        rules: list[Callable[[int], int]] = vars(self)["_plurals"]
        counted = super().get((key, rules[0](1)), default)
        if counted is not default:
            return counted
        english = key.rpartition("\x04")[2]
        return f"{_START}{english}{_END}"


def write_marks(html: str) -> str:
    """The page, or a part of it, with elements in place of the signs."""
    if _START not in html:
        return html
    inside = ""

    def write_part(match: re.Match[str]) -> str:
        nonlocal inside
        part = match[0]
        if part == _START:
            return "" if inside else _MARKED
        if part == _END:
            return "" if inside else "</span>"
        if name_match := _NAME.match(part):
            name = name_match[1].lower()
            if part.startswith("</"):
                inside = "" if name == inside else inside
            elif name in _WITHOUT_ELEMENTS and not inside:
                inside = name
        return part.replace(_START, "").replace(_END, "")

    return _PART.sub(write_part, html)
