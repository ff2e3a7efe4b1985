"""Held-out phrases of people in need and harmless sentences: unchanged since they were written, and enough of them."""

import hashlib

import pytest
from django.conf import settings

from countries.words.tests.crisis_corpora import (
    CORPORA,
    THEMES,
    Proportion,
    list_languages,
    read_harmless,
    read_themes,
)

# A phrase that changes after the words of crisis were written is no longer held out: new phrases need a new file.
DIGESTS = {
    "crisis": "64b359c9c362c4710b69eb37bcffa9feb9c15b856f527ad31bbc450a80b075c1",
    "harmless": "f336db3242d3ad74082b5be0580fde89f83e26a3fdad38c4e5c638ef44a9b773",
}

# Phrases a theme, and harmless sentences. Garifuna has fewer: its files say why.
LEAST_SHIPPED, LEAST_OTHER, LEAST_GARIFUNA = (30, 200), (10, 60), (3, 6)


@pytest.mark.parametrize("kind", DIGESTS)
def test_held_out_files_are_those_that_were_written_first(kind: str) -> None:
    digest = hashlib.sha256()
    for path in sorted((CORPORA / kind).glob("*.txt")):
        digest.update(path.read_bytes())
    assert digest.hexdigest() == DIGESTS[kind]


@pytest.mark.parametrize("language", list_languages("crisis"))
def test_each_language_has_enough_phrases(language: str) -> None:
    themes = read_themes(language)
    assert tuple(themes) == THEMES
    harmless = read_harmless(language)
    phrases = [*harmless, *(phrase for theme in themes.values() for phrase in theme)]
    assert len(set(phrases)) == len(phrases)
    least = LEAST_SHIPPED if language in dict(settings.LANGUAGES) else LEAST_OTHER
    least_phrases, least_harmless = LEAST_GARIFUNA if language == "cab" else least
    assert min(map(len, themes.values())) >= least_phrases
    assert len(harmless) >= least_harmless


def test_every_language_of_the_product_is_measured() -> None:
    assert set(dict(settings.LANGUAGES)) <= set(list_languages("crisis"))
    assert list_languages("crisis") == list_languages("harmless")


@pytest.mark.parametrize(
    ("matches", "total", "low", "high"), [(24, 30, 62.69, 90.49), (30, 30, 88.65, 100.0), (0, 200, 0.0, 1.88)]
)
def test_interval_is_wilsons(matches: int, total: int, low: float, high: float) -> None:
    assert Proportion(matches, total).wilson_interval() == pytest.approx((low, high), abs=0.01)
