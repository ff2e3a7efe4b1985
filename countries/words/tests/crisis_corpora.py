"""Phrases of people in need by theme and language, harmless sentences by language, and how many are found.

The product learns its words of crisis from `training` (`tests.crisis_training`): correct and extend it. Never read
`held_out`, which only says how well unknown phrases are found. A test that fails prints no phrase.
"""

import math
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CORPORA = Path(__file__).with_name("corpora")
HELD_OUT, TRAINING = CORPORA / "held_out", CORPORA / "training"
THEMES = ("self_harm", "abuse_now", "blackmail", "own_picture")
# Standard normal quantile of a two-sided interval of 95 %.
QUANTILE = 1.959964


@dataclass(frozen=True, slots=True)
class Proportion:
    """`matches` of `total` texts."""

    matches: int
    total: int

    @property
    def percentage(self) -> float:
        return 100 * self.matches / self.total if self.total else 0.0

    def wilson_interval(self) -> tuple[float, float]:
        """Wilson's score interval of 95 %, in per cent."""
        if not self.total:
            return 0.0, 100.0
        share, square = self.matches / self.total, QUANTILE**2
        centre = share + square / (2 * self.total)
        spread = QUANTILE * math.sqrt(share * (1 - share) / self.total + square / (4 * self.total**2))
        scale = 100 / (1 + square / self.total)
        return max(0.0, (centre - spread) * scale), min(100.0, (centre + spread) * scale)


def list_languages(corpus: Path, kind: str) -> list[str]:
    """The tags that have a file of this kind: `crisis` or `harmless`."""
    return sorted(path.stem for path in (corpus / kind).glob("*.txt"))


def read_themes(corpus: Path, language: str) -> dict[str, list[str]]:
    """The phrases of a language by theme."""
    phrases: dict[str, list[str]] = {}
    for line in _read_lines(corpus / "crisis", language):
        if line.startswith("["):
            phrases[line.strip("[]")] = []
        else:
            phrases[list(phrases)[-1]].append(line)
    return phrases


def read_harmless(corpus: Path, language: str) -> list[str]:
    return _read_lines(corpus / "harmless", language)


def _read_lines(folder: Path, language: str) -> list[str]:
    text = (folder / f"{language}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def count_matches(texts: list[str], is_match: Callable[[str], bool]) -> Proportion:
    return Proportion(sum(map(is_match, texts)), len(texts))


def count_by_theme(language: str, is_match: Callable[[str], bool]) -> list[int]:
    """The held-out phrases of each theme that are found, and then the false alarms."""
    corpora = [*read_themes(HELD_OUT, language).values(), read_harmless(HELD_OUT, language)]
    return [count_matches(texts, is_match).matches for texts in corpora]


def read_floors() -> dict[str, list[int]]:
    """The counts by language that were reached: at least so many found of each theme, at most so many alarms."""
    floors: dict[str, list[int]] = tomllib.loads((CORPORA / "floors.toml").read_text(encoding="utf-8"))
    return floors
