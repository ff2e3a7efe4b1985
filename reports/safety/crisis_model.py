"""A linear model over the words of a text, learnt from sentences: one table for all languages.

Each word, each run of its letters, each pair of words near each other is a feature, whose weight is in the table at
its checksum. A run of words scores the sum of its features, divided by the square root of their number. Features are
added up word by word, so a text costs the same for each of its words, however it is written.

CONTRIBUTING.md says where the sentences are, and how the file is written from them.
"""

import json
import math
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Self

# Between sentences, and at both ends of a text.
SENTENCE_END = "|"
# Places of the table of need, and of the table of each theme.
PLACES, THEME_PLACES = 2**20, 2**16
# Letters, each of four bytes.
SHORTEST_RUN, LONGEST_RUN = 3, 5
# Words that begin alike count as one word in pairs, up to so many words apart.
BEGINNING, FURTHEST = 4, 5
# A single word may be the name of a page.
FEWEST_WORDS = 2
# Words. A longer text is looked at through windows of so many, each beginning half a window after the one before, and
# sentence by sentence.
WINDOW = 24


class CrisisModel:
    """bias: added to each score. scale: what one unit of the tables weighs. threshold: the lowest score of need.

    need: PLACES weights, signed bytes. themes: by theme, THEME_PLACES weights for it and against the others.
    """

    def __init__(
        self, *, bias: float, scale: float, threshold: float, need: "array[int]", themes: Mapping[str, "array[int]"]
    ) -> None:
        self._limit = (threshold - bias) / scale
        self._need = need
        self._themes = themes

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises OSError, ValueError or zlib.error where the file is missing or damaged."""
        head, _line, body = zlib.decompress(path.read_bytes()).partition(b"\n")
        facts = json.loads(head)
        weights = array("b", body)
        if len(weights) != PLACES + THEME_PLACES * len(facts["themes"]):
            raise ValueError(f"{path.name} has {len(weights)} weights.")
        starts = range(PLACES, len(weights), THEME_PLACES)
        tables = (weights[start : start + THEME_PLACES] for start in starts)
        return cls(
            bias=facts["bias"],
            scale=facts["scale"],
            threshold=facts["threshold"],
            need=weights[:PLACES],
            themes=dict(zip(facts["themes"], tables, strict=True)),
        )

    def find_theme(self, words: Sequence[str]) -> str | None:
        """The theme of that part of a text which has the highest score of need; None where none reaches the limit.

        words: normalised, with SENTENCE_END between sentences.
        """
        if sum(word != SENTENCE_END for word in words) < FEWEST_WORDS:
            return None
        features = [*list_features(words)]
        need = self._need
        sums = [0, *accumulate(sum([need[place] for place in places]) for places in features)]
        counts = [0, *accumulate(map(len, features))]
        best, part = self._limit, None
        for start, end in list_parts(words):
            score = (sums[end] - sums[start]) / math.sqrt(counts[end] - counts[start] or 1)
            if score > best:
                best, part = score, features[start:end]
        if part is None:
            return None
        places = [place % THEME_PLACES for each in part for place in each]
        return max(self._themes, key=lambda theme: sum([self._themes[theme][place] for place in places]))


def list_parts(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The parts of a text that are looked at, as (first word, word behind the last): windows, and each sentence."""
    last = max(len(words) - WINDOW, 0)
    for start in range(0, last, WINDOW // 2):
        yield start, start + WINDOW
    yield last, len(words)
    ends = [place for place, word in enumerate(words) if word == SENTENCE_END]
    for start, end in pairwise(ends):
        if end - start > 2:
            yield start, end + 1


def list_features(words: Sequence[str]) -> Iterator[list[int]]:
    """By word, the places in the table of its features and of its pairs with the words before it in its sentence."""
    checksum, mask = zlib.crc32, PLACES - 1
    sentence: list[str] = []
    for word in words:
        places = []
        for distance, other in enumerate(reversed(sentence[-2:]), 1):
            places.append(checksum(f"{other}{' ' * distance}{word}".encode()) & mask)
        if word == SENTENCE_END:
            sentence = []
        else:
            letters = f"<{word}>".encode("utf-32-le")
            places.append(checksum(letters) & mask)
            for size in range(4 * SHORTEST_RUN, 4 * LONGEST_RUN + 4, 4):
                places += [checksum(letters[at : at + size]) & mask for at in range(0, len(letters) - size + 1, 4)]
            beginning = word[:BEGINNING]
            for other in sentence[-FURTHEST:]:
                pair = sorted((beginning, other[:BEGINNING]))
                places.append(checksum(f"~{pair[0]} {pair[1]}".encode()) & mask)
        sentence.append(word)
        yield places
