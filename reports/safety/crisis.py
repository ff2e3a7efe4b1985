"""Finds words of reporters who are in need: learnt from sentences, so that a title or a single word raises no alarm."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from countries.words.crisis_memory import crisis_phrases
from reports.safety.crisis_model import SENTENCE_END, CrisisModel

# What was learnt, and the languages of the sentences.
MODEL = Path(__file__).with_name("crisis.model")
LANGUAGES = Path(__file__).with_name("languages.toml")
# Characters: more than the fields of any form hold together.
LONGEST_TEXT = 200_000
# A text of more words is only looked at where it begins and ends: strangers choose its length.
MOST_WORDS = 4_000
# Of a longer word, only the beginning counts.
LONGEST_WORD = 40
# One sign can be a ligature of a whole sentence; a text of many such signs is looked at only where it begins.
MOST_LETTERS_OF_ONE = 3


class CrisisTheme(StrEnum):
    """The kinds of need that a text can tell of."""

    BLACKMAIL = "blackmail"
    OWN_PICTURE = "own_picture"
    ABUSE = "abuse_now"
    SELF_HARM = "self_harm"
    # Words of an installation.
    GENERAL = "general"


# The slug of the help page that fits a theme best.
HELP_PAGES = {
    CrisisTheme.BLACKMAIL: "threats",
    CrisisTheme.OWN_PICTURE: "me",
    CrisisTheme.ABUSE: "danger",
    CrisisTheme.SELF_HARM: "upset",
    CrisisTheme.GENERAL: "upset",
}

# An address is no cry for help, even if it contains such words.
_WORD = re.compile(r"\S++")
_ADDRESS = re.compile(r"[/@\\]|\w\.\w\w")
# Two or more full stops are a pause within a thought.
_PAUSE = re.compile(r"\.{2,}+")
# Digits as letters, but only between letters: "k1ll", and not "page 1".
_DIGIT = re.compile(r"(?<=[a-z])[01345](?=[a-z])")
_DIGITS = str.maketrans("01345", "oieas")
# Variants of a letter between keyboards: Arabic, Persian and Urdu; Devanagari vowels and nasal marks that are often
# confused; and Latin letters that do not decompose.
_SAME = str.maketrans({
    "ى": "ي", "ی": "ي", "ے": "ي", "ې": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه", "ة": "ه", "ۃ": "ه", "ں": "ن",
    "ٱ": "ا", "ء": None, "ـ": None, "ी": "ि", "ू": "ु", "ॉ": "ा", "ँ": None, "ं": None,
    "'": None, "’": None, "‘": None, "ʼ": None, "`": None, "ı": "i", "ɔ": "o", "ɛ": "e", "ŋ": "n", "œ": "oe",
})  # fmt: skip


def in_crisis(text: str) -> bool:
    """Whether words outside the addresses in `text` say that its writer, or a child they know, is in need now."""
    return find_theme(text) is not None


def find_help_page(text: str) -> str:
    """The slug of the help page for the need in the text; "" for none."""
    theme = find_theme(text)
    return HELP_PAGES[theme] if theme else ""


def find_theme(text: str) -> CrisisTheme | None:
    """The kind of need that words outside the addresses in `text` tell of; None for none."""
    words = split_words(text[:LONGEST_TEXT])
    if theme := _load_model().find_theme(words):
        return CrisisTheme(theme)
    return CrisisTheme.GENERAL if are_phrases_in(words, crisis_phrases()) else None


def split_words(text: str) -> list[str]:
    """The words outside the addresses, normalised, with SENTENCE_END between sentences and at both ends."""
    words = [word[:LONGEST_WORD] for word in normalise_words(_WORD.sub(_no_address, text)).split()]
    if len(words) > MOST_WORDS:
        words = [*words[: MOST_WORDS // 2], SENTENCE_END, *words[-MOST_WORDS // 2 :]]
    return [SENTENCE_END, *words, SENTENCE_END]


def _no_address(word: re.Match[str]) -> str:
    return " | " if _ADDRESS.search(word[0]) else word[0]


def normalise_words(text: str) -> str:
    """Words separated by one blank, without case, accents, vowel marks, punctuation and repeated letters."""
    unfolded = unicodedata.normalize("NFKD", text.replace("´", "'"))[: MOST_LETTERS_OF_ONE * len(text) + 200]
    folded = unfolded.casefold().translate(_SAME)
    letters = "".join(map(_plain_letter, _PAUSE.sub(" ", folded)))
    single = "".join(letter for letter, _repeated in groupby(letters))
    return " ".join(_DIGIT.sub(_letter_of_digit, single).split())


def _letter_of_digit(digit: re.Match[str]) -> str:
    return digit[0].translate(_DIGITS)


@cache
def crisis_languages() -> Mapping[str, str]:
    """Maps each language whose words the model has learnt to the native reader who checked its sentences, "" for none.

    `ur-latn` is Urdu in Latin letters.
    """
    readers: dict[str, str] = {}
    for tag, language in tomllib.loads(LANGUAGES.read_text(encoding="utf-8")).items():
        readers |= dict.fromkeys([tag, *language.get("covers", "").split()], language["checked_by"])
    return readers


@cache
def _load_model() -> CrisisModel:
    return CrisisModel.read(MODEL)


def are_phrases_in(words: list[str], phrases: tuple[str, ...]) -> bool:
    """Whether one of the phrases that speakers entered is in the words, compared whole."""
    by_length = _split_phrases(phrases)
    return any(
        tuple(words[start : start + length]) in spelt
        for length, spelt in by_length.items()
        for start in range(len(words) - length + 1)
    )


@lru_cache(maxsize=2)
def _split_phrases(phrases: tuple[str, ...]) -> Mapping[int, set[tuple[str, ...]]]:
    """By their number of words, the phrases as the words of a text are spelt. One of a single word is left out."""
    by_length: dict[int, set[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(word[:LONGEST_WORD] for word in normalise_words(phrase).replace(SENTENCE_END, " ").split())
        if len(words) > 1:
            by_length.setdefault(len(words), set()).add(words)
    return by_length


def _plain_letter(character: str) -> str:
    match unicodedata.category(character)[0]:
        # Marks with a class stand on a letter (accents, Arabic vowels, nukta); those without are vowels (Devanagari).
        case "M":
            return "" if unicodedata.combining(character) else character
        case "L" | "N":
            return character
        # A full stop ends a thought: no pair of words goes across one.
        case "P":
            return " | " if character in ".!?;:।۔؟" else " "
        case "C" if character not in "\r\n\t":
            return ""
        case _:
            return " | " if character == "|" else " "
