"""Finds words of reporters who are in need: sequences of words, so that a title or a single word raises no alarm."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from countries.words.crisis_memory import crisis_phrases
from reports.safety.theme_rules import CrisisTheme, LanguageWords, ThemeRules
from reports.safety.word_patterns import LONGEST_WORD, SENTENCE_END, WordPatterns

LIST = Path(__file__).with_name("crisis.toml")
# Rules of themes, and the words of each language for them.
THEMES = Path(__file__).with_name("themes.toml")
WORDS = Path(__file__).with_name("words")
# English words by idea, and wider rules, for the languages that borrow them.
LOANS = Path(__file__).with_name("loans.toml")
# The slug of the help page that fits a theme best: of several themes, the first one leads.
HELP_PAGES = {
    CrisisTheme.BLACKMAIL: "threats",
    CrisisTheme.OWN_PICTURE: "me",
    CrisisTheme.ABUSE: "danger",
    CrisisTheme.SELF_HARM: "upset",
    CrisisTheme.GENERAL: "upset",
}
# Characters: more than the fields of any form hold together.
LONGEST_TEXT = 200_000
# A text of more words is only looked at where it begins and ends: strangers choose its length.
MOST_WORDS = 4_000
# One sign can be a ligature of a whole sentence; a text of many such signs is looked at only where it begins.
MOST_LETTERS_OF_ONE = 3


class LanguagePatterns(TypedDict):
    """A language's part of the list.

    patterns: one a line, in the grammar of `word_patterns`.
    sets: named alternatives for its own patterns.
    prefixes: letters written at the front of its words.
    """

    patterns: str
    sets: NotRequired[dict[str, str]]
    prefixes: NotRequired[str]


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
    return bool(find_themes(text))


def find_help_page(text: str) -> str:
    """The slug of the help page for the need in the text; "" for none."""
    themes = find_themes(text)
    return next((page for theme, page in HELP_PAGES.items() if theme in themes), "")


def find_themes(text: str) -> frozenset[CrisisTheme]:
    """The kinds of need that words outside the addresses in `text` tell of; GENERAL where no theme is plain."""
    words = _split_words(text[:LONGEST_TEXT])
    phrases = crisis_phrases()
    if themes := _load_themes().themes_in(words):
        return themes
    is_in_need = _load_patterns().are_in(words) or (bool(phrases) and build_phrases(phrases).are_in(words))
    return frozenset({CrisisTheme.GENERAL} if is_in_need else ())


def _split_words(text: str) -> list[str]:
    words = normalise_words(_WORD.sub(_no_address, text)).split()
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
    """Maps each language with shipped words to the native reader who checked them, "" for none so far.

    `ur-latn` is Urdu in Latin letters.
    """
    readers = dict.fromkeys(load_list(), "")
    for path in sorted(WORDS.glob("*.toml")):
        language = load_words(path)
        readers |= dict.fromkeys([path.stem, *language.get("covers", "").split()], language["checked_by"])
    return readers


@cache
def _load_themes() -> ThemeRules:
    shared = tomllib.loads(THEMES.read_text(encoding="utf-8"))
    return ThemeRules(shared, map(load_words, sorted(WORDS.glob("*.toml"))), normalise_words)


def load_words(path: Path) -> LanguageWords:
    """The words of a language for the rules of themes, with those that it borrows."""
    language = cast(LanguageWords, tomllib.loads(path.read_text(encoding="utf-8")))
    if language.get("loans"):
        loans = tomllib.loads(LOANS.read_text(encoding="utf-8"))
        for idea, words in loans["ideas"].items():
            language["ideas"][idea] = f"{language['ideas'].get(idea, '')} {words}".strip()
        rules = language.setdefault("rules", {})
        for theme, lines in loans["rules"].items():
            rules[theme] = f"{rules.get(theme, '')}\n{lines}".strip()
    return language


@cache
def _load_patterns() -> WordPatterns:
    languages = load_list().values()
    prefixes = {normalise_words(prefix) for language in languages for prefix in language.get("prefixes", "").split()}
    lines = [
        (line, language.get("sets", {}))
        for language in languages
        for line in language["patterns"].split("\n")
        if line.strip()
    ]
    return WordPatterns(lines, normalise_words, prefixes)


@lru_cache(maxsize=2)
def build_phrases(phrases: tuple[str, ...]) -> WordPatterns:
    """Patterns of the words that speakers entered, each compared whole: they have no signs, and so no grammar.

    Phrases of fewer than two comparable words are left out.
    """
    spelt = [normalise_words(phrase).replace(SENTENCE_END, " ").split() for phrase in phrases]
    lines = [" ".join(words) for words in spelt if len(words) > 1 and all(len(word) <= LONGEST_WORD for word in words)]
    # Spelt already.
    return WordPatterns([(line, {}) for line in lines], str)


def load_list() -> dict[str, LanguagePatterns]:
    """The list by the tag of its languages."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def _plain_letter(character: str) -> str:
    match unicodedata.category(character)[0]:
        # Marks with a class stand on a letter (accents, Arabic vowels, nukta); those without are vowels (Devanagari).
        case "M":
            return "" if unicodedata.combining(character) else character
        case "L" | "N":
            return character
        # A full stop ends a thought: no pattern goes across one.
        case "P":
            return " | " if character in ".!?;:।۔؟" else " "
        case "C" if character not in "\r\n\t":
            return ""
        case _:
            return " | " if character == "|" else " "
