"""Sentences of a report, and whether a text is one of them with parts left out."""

import re
from collections.abc import Iterable, Iterator, Mapping

# The fields of envelopes that hold prose. Ticks are no sentences, and are never released.
PROSE = ("happened", "description", "answer", "again")
LEFT_OUT = "[…]"
# A full stop of any script of the portals.
_END = re.compile(r"(?<=[.!?؟۔।])\s+")


def sentences_in(payloads: Iterable[Mapping[str, str | list[str]]]) -> Iterator[str]:
    for payload in payloads:
        for field in PROSE:
            for line in str(payload.get(field, "")).splitlines():
                yield from (sentence for sentence in _END.split(line.strip()) if sentence)


def is_part_of(text: str, sentence: str) -> bool:
    """Whether `text` is the sentence, or parts of it in their order with LEFT_OUT between them."""
    rest, parts = " ".join(sentence.split()), " ".join(text.split()).split(LEFT_OUT)
    if not any(part.strip() for part in parts):
        return False
    for number, part in enumerate(parts):
        words = part.strip()
        place = rest.find(words)
        # Without a mark in front, the sentence begins with it.
        if place < 0 or (number == 0 and place > 0):
            return False
        rest = rest[place + len(words) :]
    return not rest.strip() or text.rstrip().endswith(LEFT_OUT)
