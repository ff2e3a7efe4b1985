"""Finds words that ask a reporter who they are."""

import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from countries.languages import find_opened_language
from countries.words.signs import IGNORABLE

LIST = Path(__file__).with_name("personal_words.toml")
_APOSTROPHES = {ord(character): None for character in "'’‘ʼ"}


def find_request(source: str, text: str, language: str) -> str:
    """The words of the text that ask who its reader is, where the English source does not speak of that; or else "".

    Looks for English words and those of the language: what a language lacks in the list only a reviewer finds.
    """
    # Joiners are drawn as nothing, or between the words of Persian and Urdu as a small space: read both ways.
    words = f" {split_words(text)} {split_words(text.translate(IGNORABLE))} "
    english = f" {split_words(source)} {split_words(source.translate(IGNORABLE))} "
    # No reason for English words that ask, in a translation whose English text does not have them as often.
    phrases = [phrase for phrase in _listed_phrases("en") if words.count(f" {phrase} ") > english.count(f" {phrase} ")]
    asks = any(f" {phrase} " in english for phrase in _listed_phrases("en"))
    if not asks and set(english.split()).isdisjoint(_load_list()["en"]["about"].split()):
        phrases += [phrase for phrase in _own_phrases(language) if f" {phrase} " in words]
    return phrases[0] if phrases else ""


def has_own_words(language: str) -> bool:
    """Whether words of the language that ask who a person is are listed."""
    return any(True for _phrase in _own_phrases(language))


def split_words(text: str) -> str:
    """Words separated by one blank, without case, apostrophes and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    return " ".join(
        "".join(character if unicodedata.category(character)[0] in "LMN" else " " for character in folded).split()
    )


def _own_phrases(language: str) -> Iterator[str]:
    yield from _listed_phrases(language)
    yield from _listed_phrases(language.split("-")[0])
    if opened := find_opened_language(language):
        yield from filter(None, map(split_words, opened.personal_words.splitlines()))


@cache
def _listed_phrases(language: str) -> tuple[str, ...]:
    lines = _load_list().get(language, {}).get("phrases", "").splitlines()
    return tuple(split_words(line) for line in lines if line.strip())


@cache
def _load_list() -> dict[str, dict[str, str]]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))
