"""Marks where an address differs from another one, so that related addresses can be compared at a glance."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysts.incidents.visible_text import TextPart, TextPartKind

# What is compared: words, and each sign between them. A bracketed dot is one sign.
_TOKEN = re.compile(r"\w+|\[[.:]\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class MarkedPart:
    """A part of an address. `differs`: it is within what the other address has differently."""

    part: TextPart
    differs: bool


def mark_difference(parts: Sequence[TextPart], other: str) -> list[MarkedPart]:
    """Mark in the parts of an address what lies between the beginning and the end that it shares with `other`.

    Masked words and marks are marked whole. Nothing is marked if the two are the same.
    """
    begin, end = _differing_span("".join(part.raw for part in parts), other)
    return list(_split_at(parts, begin, end))


def _differing_span(text: str, other: str) -> tuple[int, int]:
    own, others = _TOKEN.findall(text), _TOKEN.findall(other)
    first = _shared_length(own, others)
    last = _shared_length(own[first:][::-1], others[first:][::-1])
    begin = sum(map(len, own[:first]))
    return begin, begin + sum(map(len, own[first : len(own) - last]))


def _shared_length(these: Sequence[str], those: Sequence[str]) -> int:
    """How many tokens both begin with."""
    return next(
        (number for number, (this, that) in enumerate(zip(these, those, strict=False)) if this != that),
        min(len(these), len(those)),
    )


def _split_at(parts: Sequence[TextPart], begin: int, end: int) -> Iterator[MarkedPart]:
    at = 0
    for part in parts:
        upto = at + len(part.raw)
        if part.kind == TextPartKind.PLAIN and part.raw == part.shown:
            for start, stop in ((at, min(begin, upto)), (max(begin, at), min(end, upto)), (max(end, at), upto)):
                if start < stop:
                    piece = part.raw[start - at : stop - at]
                    yield MarkedPart(TextPart(piece, piece), begin <= start < end)
        else:
            yield MarkedPart(part, at < end and upto > begin)
        at = upto
