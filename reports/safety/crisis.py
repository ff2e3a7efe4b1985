"""Finds words of reporters who are in need. Whole phrases only, so that a title or a single word raises no alarm."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("crisis.toml")

# An address is no cry for help, even if it contains such words.
_WORD = re.compile(r"\S++")
_ADDRESS = re.compile(r"[/@\\]|\w\.\w\w")
# Variants of a letter between keyboards: Arabic, Persian and Urdu; and Latin letters that do not decompose.
_SAME = str.maketrans({
    "ى": "ي", "ی": "ي", "ے": "ي", "ې": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه", "ة": "ه", "ۃ": "ه", "ں": "ن",
    "ـ": None, "'": None, "’": None, "‘": None, "ʼ": None, "`": None, "ı": "i",
})  # fmt: skip


def in_crisis(text: str) -> bool:
    """Whether words outside the addresses in `text` say that its writer, or a child they know, is in need now."""
    words = f" {normalise_words(_WORD.sub(_no_address, text))} "
    return any(phrase in words for phrase in _crisis_phrases())


def _no_address(word: re.Match[str]) -> str:
    return " | " if _ADDRESS.search(word[0]) else word[0]


def normalise_words(text: str) -> str:
    """Words separated by one blank, without case, accents, vowel marks and punctuation."""
    letters = unicodedata.normalize("NFKD", text).casefold().translate(_SAME)
    return " ".join("".join(map(_plain_letter, letters)).split())


def crisis_languages() -> list[str]:
    """The tags of the languages with phrases in the list."""
    return list(_load_list())


@cache
def _crisis_phrases() -> tuple[str, ...]:
    return tuple(
        sorted({f" {normalise_words(phrase)} " for each in _load_list().values() for phrase in each["phrases"]})
    )


def _load_list() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def _plain_letter(character: str) -> str:
    match unicodedata.category(character)[0]:
        # Marks with a class stand on a letter (accents, Arabic vowels, nukta); those without are vowels (Devanagari).
        case "M":
            return "" if unicodedata.combining(character) else character
        case "L" | "N":
            return character
        # A full stop ends a thought: no phrase goes across one.
        case "P":
            return " | " if character in ".!?;:।۔؟" else " "
        case "C" if character not in "\r\n\t":
            return ""
        case _:
            return " | " if character == "|" else " "
