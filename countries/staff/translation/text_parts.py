"""Interface texts as pages for staff show them: in parts of which some stay as they are, and filled in."""

import re
from dataclasses import dataclass

from countries.words.signs import TAG
from countries.words.sources import SOURCE_PLACEHOLDER

_FIXED = re.compile(f"{SOURCE_PLACEHOLDER.pattern}|{TAG.pattern}")
_NUMBERS = frozenset({"%(number)s", "%(number)d", "%(count)s", "%(count)d", "%(counter)s", "%(days)s", "%(minutes)s"})


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of a text: plain words, or a placeholder or tag, which stays as it is."""

    text: str
    is_fixed: bool


def split_parts(text: str) -> list[SourcePart]:
    """The text in parts, in order; together they are the text."""
    parts, at = [], 0
    for match in _FIXED.finditer(text):
        parts += [SourcePart(text[at : match.start()], is_fixed=False), SourcePart(match[0], is_fixed=True)]
        at = match.end()
    parts.append(SourcePart(text[at:], is_fixed=False))
    return [part for part in parts if part.text]


def fill_in(text: str, number: int | None) -> str:
    """The text as a reader sees it: without tags, with a number or the placeholder's name for each placeholder."""

    def sample(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        name = match[0][2:-2]
        return str(number) if number is not None and match[0] in _NUMBERS else f"[{name}]"

    return SOURCE_PLACEHOLDER.sub(sample, TAG.sub("", text))
