"""Held-out phrases of people in need and harmless sentences: unchanged since they were written, new, and enough."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings

from countries.words.tests.crisis_corpora import (
    HELD_OUT,
    THEMES,
    TRAINING,
    Proportion,
    count_by_theme,
    list_languages,
    read_floors,
    read_harmless,
    read_themes,
)
from reports.safety import in_crisis
from reports.safety.crisis import crisis_languages

# Phrases a theme, and harmless sentences. Garifuna has fewer: its files say why.
LEAST_SHIPPED, LEAST_OTHER, LEAST_GARIFUNA = (40, 200), (30, 60), (5, 12)


def test_held_out_files_are_those_that_were_written_first() -> None:
    """A phrase that changes after something was learnt is no longer held out: new phrases need new files."""
    digests = {
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(HELD_OUT).as_posix()}"
        for path in HELD_OUT.glob("*/*.txt")
    }
    assert digests == set((HELD_OUT / "SHA256SUMS").read_text().splitlines())


@pytest.mark.parametrize("language", list_languages(HELD_OUT, "crisis"))
def test_each_language_has_enough_phrases(language: str) -> None:
    themes = read_themes(HELD_OUT, language)
    assert tuple(themes) == THEMES
    harmless = read_harmless(HELD_OUT, language)
    phrases = [*harmless, *(phrase for theme in themes.values() for phrase in theme)]
    repeated = len(phrases) - len(set(phrases))
    assert repeated == 0
    least = LEAST_SHIPPED if language in dict(settings.LANGUAGES) else LEAST_OTHER
    least_phrases, least_harmless = LEAST_GARIFUNA if language == "cab" else least
    counts = sorted(map(len, themes.values())), len(harmless)
    assert counts[0][0] >= least_phrases
    assert counts[1] >= least_harmless


def test_no_held_out_phrase_is_learnt() -> None:
    # A number: pytest prints what an assertion calculates with.
    shared = len(_list_phrases(HELD_OUT) & _list_phrases(TRAINING))
    assert shared == 0


def test_every_language_of_the_product_and_of_its_words_is_measured() -> None:
    languages = {language.lower() for language in list_languages(HELD_OUT, "crisis")}
    assert set(dict(settings.LANGUAGES)) <= languages
    assert {language.lower() for language in list_languages(TRAINING, "crisis")} == languages
    assert languages <= crisis_languages().keys()
    assert list_languages(HELD_OUT, "crisis") == list_languages(HELD_OUT, "harmless")


@pytest.mark.parametrize("language", list_languages(HELD_OUT, "crisis"))
def test_recall_and_false_alarms_stay_as_good_as_they_were(language: str) -> None:
    """Compares counts alone, so that a failure prints no phrase. Better counts are entered in `floors.toml`."""
    *floors, most_alarms = read_floors()[language]
    *counts, alarms = count_by_theme(language, in_crisis)
    losses = {
        theme: (count, floor) for theme, count, floor in zip(THEMES, counts, floors, strict=True) if count < floor
    }
    assert losses == {}
    assert alarms <= most_alarms


@pytest.mark.parametrize(
    ("matches", "total", "low", "high"), [(24, 30, 62.69, 90.49), (30, 30, 88.65, 100.0), (0, 200, 0.0, 1.88)]
)
def test_interval_is_wilsons(matches: int, total: int, low: float, high: float) -> None:
    assert Proportion(matches, total).wilson_interval() == pytest.approx((low, high), abs=0.01)


def _list_phrases(corpus: Path) -> set[str]:
    phrases = set()
    for language in list_languages(corpus, "crisis"):
        themes = read_themes(corpus, language).values()
        for phrase in (*read_harmless(corpus, language), *(phrase for theme in themes for phrase in theme)):
            phrases.add(" ".join(phrase.casefold().split()))
    return phrases
