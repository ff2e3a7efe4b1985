"""Masking of listed words in revealed text, until the user asks to see them too.

Case, accents and invisible characters are ignored. A listed word matches at the beginning of words, and anywhere in the
path of an address, where words run together. The rest of the matching word is masked with it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from analysts.incidents.display.visible_text import Legible, TextPart, TextPartKind, limit_parts
from analysts.models import MaskedTerm

BLANK = "▮▮▮▮"
# The scheme and host of a defanged address; its path begins after the match.
_HOST = re.compile(r"(?:\S*?//)?[^/\s]*")
_WORD = re.compile(r"\S+")
_ADDRESS_SIGNS = ("://", "[:]//", "[.]")
# Scripts written without spaces, in which a word can begin anywhere.
_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


class Blanks:
    """The words to mask on one page; created with an empty list to show everything."""

    def __init__(self, terms: list[str]) -> None:
        words = sorted({word for term in terms if (word := comparable_word(term))}, key=len, reverse=True)
        unspaced = [word for word in words if unicodedata.name(word[0], "").startswith(_WITHOUT_BLANKS)]
        spaced = [word for word in words if word not in unspaced]
        # Not after a letter. Digits and underscores separate words, as in `2_words`.
        beginning = _any_of(spaced, before=r"(?<![^\W\d_])", behind=r"\w*")
        self._everywhere = [pattern for pattern in (beginning, _any_of(unspaced)) if pattern]
        self._in_paths = _any_of(spaced, behind=r"\w*")
        # Whether anything has been masked so far.
        self.has_masked = False

    @classmethod
    def load(cls) -> "Blanks":
        """Load all masked words. One query."""
        return cls(list(MaskedTerm.objects.values_list("text", flat=True)))

    def legible(self, text: Legible) -> Legible:
        return replace(text, opening=self.parts(text.opening), rest=self.parts(text.rest))

    def parts(self, parts: list[TextPart]) -> list[TextPart]:
        """The parts, with masked words replaced."""
        if not self._everywhere:
            return parts
        spans = list(self._spans("".join(map(_text_as_typed, parts))))
        text_parts: list[TextPart] = []
        at = 0
        for part in parts:
            if not _text_as_typed(part):
                # Displayed differently from the typed text, or an annotation of ours: searched separately.
                text_parts += _cut_part(replace(part, raw=part.display), 0, list(self._spans(part.display)))
            elif part.kind == TextPartKind.MARK:
                within = any(begin < at + len(part.raw) and end > at for begin, end in spans)
                text_parts.append(TextPart(part.raw, BLANK, TextPartKind.BLANK) if within else part)
            else:
                text_parts += _cut_part(part, at, spans)
            at += len(_text_as_typed(part))
        self.has_masked = self.has_masked or any(part.kind == TextPartKind.BLANK for part in text_parts)
        return limit_parts(list(_without_repetition(text_parts)))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The spans of masked words, in order and without overlaps."""
        folded, places = _fold_text(text)
        spans = [match.span() for pattern in self._everywhere for match in pattern.finditer(folded)]
        if self._in_paths:
            for word in _WORD.finditer(folded):
                if any(sign in word[0] for sign in _ADDRESS_SIGNS) and (host := _HOST.match(folded, *word.span())):
                    spans += [match.span() for match in self._in_paths.finditer(folded, host.end(), word.end())]
        end = 0
        for begins, ends in sorted(spans):
            if (begin := max(places[begins], end)) < places[ends]:
                end = places[ends]
                yield begin, end


def comparable_word(text: str) -> str:
    """The word as it is compared; empty if nothing comparable remains."""
    return _fold_text(text)[0].strip()


def _any_of(words: list[str], *, before: str = "", behind: str = "") -> re.Pattern[str] | None:
    spelt = "|".join(r"\s+".join(map(re.escape, word.split())) for word in words)
    return re.compile(f"{before}(?:{spelt}){behind}") if words else None


def _text_as_typed(part: TextPart) -> str:
    """The typed text of the part; empty if the page shows something else instead."""
    return part.raw if part.raw == part.display or part.kind == TextPartKind.MARK else ""


def _without_repetition(parts: list[TextPart]) -> Iterator[TextPart]:
    """Join adjacent masked parts into one."""
    for kind, group in groupby(parts, key=lambda part: part.kind):
        if kind == TextPartKind.BLANK:
            yield TextPart("".join(part.raw for part in group), BLANK, TextPartKind.BLANK)
        else:
            yield from group


def _fold_text(text: str) -> tuple[str, list[int]]:
    """The text in the form used for comparison, and the index in `text` of each of its characters and of its end."""
    if text.isascii():
        return text.lower(), list(range(len(text) + 1))
    folded: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        comparable = _fold_character(character)
        folded.append(comparable)
        places += [at] * len(comparable)
    places.append(len(text))
    return "".join(folded), places


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """The character without case and accents; empty for combining marks and invisible characters."""
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(character for character in plain if unicodedata.category(character) not in ("Mn", "Me", "Cf"))


def _cut_part(part: TextPart, at: int, spans: list[tuple[int, int]]) -> Iterator[TextPart]:
    """Split the part, which begins at `at`, into pieces; those inside a span are masked."""
    position = 0
    for begin, end in spans:
        begin, end = max(begin - at, position), min(end - at, len(part.raw))
        if begin >= len(part.raw) or end <= begin:
            continue
        if position < begin:
            yield TextPart(part.raw[position:begin], part.display[position:begin], part.kind)
        yield TextPart(part.raw[begin:end], BLANK, TextPartKind.BLANK)
        position = end
    if position < len(part.raw):
        yield TextPart(part.raw[position:], part.display[position:], part.kind)
