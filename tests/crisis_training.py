"""Learns the words of crisis from sentences, and writes the model that the product reads.

`python -m tests.crisis_training` takes half a minute. It is logistic regression by gradient descent with a rate for
each weight (AdaGrad), and for the themes the logarithms of how much more often a feature is in the sentences of a theme
than in those of the others. The same sentences give the same file, byte by byte.
"""

import hashlib
import json
import math
import random
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from countries.words.tests.crisis_corpora import THEMES, TRAINING, list_languages, read_harmless, read_themes
from reports.safety.crisis import MODEL, split_words
from reports.safety.crisis_model import PLACES, THEME_PLACES, list_features

# Sentences of the two kinds weigh the same together.
ROUNDS, RATE, SEED = 3, 0.5, 1
# A sentence whose probability is so near the truth teaches nothing more.
LEAST_ERROR = 0.01
# The lowest score of need: chosen so that fewer than one of 20 harmless held-out sentences has it.
THRESHOLD = 1.0
# Standard deviations of the weights that a byte can hold.
WIDEST = 6
# A feature counts as seen so often in each theme before it is seen at all.
PRIOR = 0.3

# A sentence's features, and its theme; "" for a harmless one.
type Example = tuple[list[int], str]


def read_examples(corpus: Path = TRAINING) -> list[Example]:
    examples = []
    for language in list_languages(corpus, "crisis"):
        for theme, phrases in {**read_themes(corpus, language), "": read_harmless(corpus, language)}.items():
            examples += [([*chain.from_iterable(list_features(split_words(text)))], theme) for text in phrases]
    return examples


def learn_need(examples: Sequence[Example]) -> tuple[list[float], float]:
    """The weights of all features, and the bias."""
    weights, squares, bias, bias_square = [0.0] * PLACES, [1e-8] * PLACES, 0.0, 1e-8
    in_need = sum(theme != "" for _places, theme in examples)
    shares = {True: len(examples) / (2 * in_need), False: len(examples) / (2 * (len(examples) - in_need))}
    order, shuffler = list(examples), random.Random(SEED)
    for _ in range(ROUNDS):
        shuffler.shuffle(order)
        for places, theme in order:
            size = 1 / math.sqrt(len(places) or 1)
            score = bias + size * sum([weights[place] for place in places])
            error = (theme != "") - 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            if abs(error) < LEAST_ERROR:
                continue
            error *= shares[theme != ""]
            bias_square += error * error
            bias += RATE * error / math.sqrt(bias_square)
            step = error * size
            for place in places:
                squares[place] += step * step
                weights[place] += RATE * step / math.sqrt(squares[place])
    return weights, bias


def learn_themes(examples: Iterable[Example]) -> dict[str, list[float]]:
    """By theme, the weights of all features."""
    counts = {theme: [PRIOR] * THEME_PLACES for theme in THEMES}
    for places, theme in examples:
        if theme in counts:
            for place in places:
                counts[theme][place % THEME_PLACES] += 1
    totals = {theme: sum(counts[theme]) for theme in THEMES}
    return {theme: [math.log(count / totals[theme] * THEME_PLACES) for count in counts[theme]] for theme in THEMES}


def digest_sources() -> str:
    """SHA-256 of the sentences, of the features of a part of them, and of this module."""
    content = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(TRAINING.glob("*/*.txt")):
        text = path.read_text(encoding="utf-8")
        content.update(text.encode())
        content.update(repr([*list_features(split_words(text[:2_000]))]).encode())
    return content.hexdigest()


def read_digest(path: Path) -> str:
    """The digest of the sources from which a model was learnt."""
    return str(json.loads(zlib.decompress(path.read_bytes()).partition(b"\n")[0])["digest"])


def write_model(path: Path, examples: Sequence[Example], *, threshold: float = THRESHOLD) -> None:
    weights, bias = learn_need(examples)
    used = [weight for weight in weights if weight]
    scale = WIDEST * math.sqrt(sum(weight * weight for weight in used) / len(used)) / 127
    facts = {"bias": bias, "scale": scale, "threshold": threshold, "themes": THEMES, "digest": digest_sources()}
    themes = learn_themes(examples)
    widest = max(abs(weight) for table in themes.values() for weight in table) / 127
    tables = [_as_bytes(weights, scale), *(_as_bytes(themes[theme], widest) for theme in THEMES)]
    path.write_bytes(zlib.compress(json.dumps(facts).encode() + b"\n" + b"".join(tables), 9))


def _as_bytes(weights: Iterable[float], scale: float) -> bytes:
    return array("b", (max(-127, min(127, round(weight / scale))) for weight in weights)).tobytes()


if __name__ == "__main__":
    write_model(MODEL, read_examples())
