"""Marks where an address differs from another one, so that related addresses can be compared at a glance."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysts.incidents.display.visible_text import TextPart, TextPartKind

# Units of comparison: words, and each sign between them. A bracketed dot is one sign.
_TOKEN = re.compile(r"\w+|\[[.:]\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class MarkedPart:
    """A part of an address. `differs`: it is within what the other address has differently."""

    part: TextPart
    differs: bool


def mark_difference(parts: Sequence[TextPart], other: str) -> list[MarkedPart]:
    """Mark in the parts of an address what lies between the beginning and the end that it shares with `other`.

    The scheme is not compared: it does not select the content. Masked words and marks are marked whole. Nothing is
    marked if the two are the same.
    """
    return list(_split_at(parts, _differing_spans("".join(part.raw for part in parts), other)))


def _differing_spans(text: str, other: str) -> list[tuple[int, int]]:
    (scheme, rest), (_scheme, others_rest) = _cut_scheme(text), _cut_scheme(other)
    tokens, others_tokens = _TOKEN.findall(rest), _TOKEN.findall(others_rest)
    first = _shared_length(tokens, others_tokens)
    last = _shared_length(tokens[first:][::-1], others_tokens[first:][::-1])
    begin = len(scheme) + sum(map(len, tokens[:first]))
    end = begin + sum(map(len, tokens[first : len(tokens) - last]))
    return [(begin, end)] if begin < end else []


def _cut_scheme(text: str) -> tuple[str, str]:
    scheme, sign, rest = text.partition("://")
    return (scheme + sign, rest) if sign else ("", text)


def _shared_length(these: Sequence[str], others: Sequence[str]) -> int:
    """How many tokens both begin with."""
    return next(
        (number for number, (this, that) in enumerate(zip(these, others, strict=False)) if this != that),
        min(len(these), len(others)),
    )


def _split_at(parts: Sequence[TextPart], spans: Sequence[tuple[int, int]]) -> Iterator[MarkedPart]:
    at = 0
    for part in parts:
        upto = at + len(part.raw)
        if part.kind == TextPartKind.PLAIN and part.raw == part.display:
            cuts = sorted({at, upto, *(cut for span in spans for cut in span if at < cut < upto)})
            for start, stop in pairwise(cuts):
                piece = part.raw[start - at : stop - at]
                yield MarkedPart(TextPart(piece, piece), any(begin <= start < end for begin, end in spans))
        else:
            yield MarkedPart(part, any(at < end and upto > begin for begin, end in spans))
        at = upto
