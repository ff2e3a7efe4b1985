"""The order of names in a language, as CLDR (the data behind ICU) has it: for lists of countries.

The collations of PostgreSQL would need a server that is built with ICU, which not every one is, and a query a page.
These few rules give the order of ICU for the names of all countries in every language with a catalogue.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

# In CLDR's order, before all digits and letters; a sign that is not listed comes first.
SIGNS = " _-–—,;:!?./'‘’“”()[]&"
# Combining classes of marks that count as letters: vowel signs, and the sign that joins two consonants.
_COUNTED_MARKS = (0, 9)
# Accents of these are ignored: Latin up to its extensions, and Devanagari.
_LATIN_END, _DEVANAGARI = "\u0250", ("\u0900", "\u0980")
_ALPHABET_START = 0x600


@dataclass(frozen=True, slots=True)
class LetterOrder:
    """How a language differs from the order of code points without accents.

    alphabet: its letters in their order.
    same: letters that are sorted as another one.
    after: letters of their own, each after the letter it looks like.
    """

    alphabet: str = ""
    same: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


LETTERS = {
    "ar": LetterOrder(same={"أ": "ا", "إ": "ا"}),
    "es": LetterOrder(after={"ñ": "n"}),
    "ur": LetterOrder(alphabet="ءاآأبپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوؤہۂۃئیےۓھ"),
}
_PLAIN = LetterOrder()

SortKey = tuple[tuple[tuple[int, int], ...], str]


@cache
def sort_key(text: str, tag: str) -> SortKey:
    """The key that sorts names in the language of the tag. For a bounded set of texts: the keys are kept."""
    order = LETTERS.get(tag.split("-")[0], _PLAIN)
    letters = unicodedata.normalize("NFC", text.casefold())
    return tuple(weight for letter in letters for weight in _letter_weights(letter, order)), text


def _letter_weights(letter: str, order: LetterOrder) -> list[tuple[int, int]]:
    letter = order.same.get(letter, letter)
    if letter in order.after:
        return [(ord(order.after[letter]), 1)]
    if letter in order.alphabet:
        return [(_ALPHABET_START + order.alphabet.index(letter), 0)]
    return [_character_weight(character) for character in _without_accents(letter)]


def _without_accents(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)
    if base[0] < _LATIN_END or _DEVANAGARI[0] <= base[0] < _DEVANAGARI[1]:
        return "".join(character for character in base if unicodedata.combining(character) in _COUNTED_MARKS)
    return letter


def _character_weight(character: str) -> tuple[int, int]:
    is_letter = unicodedata.category(character)[0] in "LNM"
    return (ord(character) if is_letter else SIGNS.find(character) + 1, 0)
