"""Makes a translation safe to be part of a page, however it came into the database."""

import re
from collections import Counter

# Linear: neither part can contain the sign that begins it.
TAG = re.compile(r"<[^<>]{0,300}>")
ENTITY = re.compile(r"&#?\w{0,40};?")
_SIGNS = re.compile(rf"{TAG.pattern}|{ENTITY.pattern}|[<>&\"]")
_ESCAPED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}


def count_markup(text: str) -> Counter[str]:
    """How often the text has each tag, entity, lone `<`, `>` and `&`, and straight quotation mark."""
    return Counter(_SIGNS.findall(text))


def make_safe(source: str, text: str) -> str:
    """The text as HTML: its markup is escaped, except for as many of the source's own tags, entities and signs.

    `source` is trusted: it is part of the code. A straight quotation mark would end an attribute, so that it counts as
    markup; an apostrophe is left alone, because templates write no attribute in apostrophes.
    """
    remaining = count_markup(source)

    def keep_or_escape(match: re.Match[str]) -> str:
        if remaining[match[0]] > 0:
            remaining[match[0]] -= 1
            return match[0]
        return "".join(_ESCAPED.get(character, character) for character in match[0])

    return _SIGNS.sub(keep_or_escape, text)
