"""The country that a visitor names: in any language of the installation, by another usual name, or by its code.

Everything is in memory and nothing is kept. The cost of a search does not depend on the text typed: only the first
MOST_CHARACTERS are read.
"""

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from countries.languages import country_names

MOST_CHARACTERS = 80
# Fewer letters begin the names of too many countries.
FEWEST_LETTERS = 3
# A shorter name is a letter away from too many others.
FEWEST_LETTERS_MISSPELT = 4
MOST_SUGGESTIONS = 6
ALIASES = Path(__file__).parent.parent / "data" / "country_aliases.toml"
# Letters that one keyboard writes in place of another's: Arabic and Urdu forms of one letter.
_SAME = str.maketrans("يىكةہۂۃھ", "ییکههههه")
_THE = "the"


def clean_name(typed: str) -> str:
    """The typed text, as it is shown again: bounded, in one line, without control characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in typed[:MOST_CHARACTERS])
    return " ".join(printable.split())


def name_key(name: str) -> str:
    """The letters and digits of a name without case, accents, spaces and hyphens: equal for `Belize` and `belize-`."""
    plain = unicodedata.normalize("NFKD", name[:MOST_CHARACTERS].casefold())
    letters = (letter for letter in plain if unicodedata.category(letter)[0] in "LNM")
    return "".join(letter for letter in letters if unicodedata.combining(letter) in (0, 9)).translate(_SAME)


def find_country(name: str, language: str) -> str:
    """The code of the country (ISO 3166-1); "" where no country has the name. Names in `language` come first."""
    key = name_key(name)
    for candidate in (key, key.removeprefix(_THE)):
        if code := _codes_in(language).get(candidate) or _codes_by_key().get(candidate):
            return code
    return ""


def suggest_countries(name: str, language: str) -> list[tuple[str, str]]:
    """Code and name, in `language`, of a few countries whose name there or in English has these letters.

    Where none has them: those with a name, in any language, that is one or two letters from it.
    """
    key = name_key(name)
    if len(key) < FEWEST_LETTERS:
        return []
    english = {code: key for key, code in _codes_in("en").items()}
    local = {code: key for key, code in _codes_in(language).items()}
    matches = [
        (code, label) for code, label in country_names(language) if key in local.get(code, "") or key in english[code]
    ]
    if not matches and len(key) >= FEWEST_LETTERS_MISSPELT:
        near = {code for shorter in _shortened(key) for code in _codes_by_shortened().get(shorter, ())}
        matches = [(code, label) for code, label in country_names(language) if code in near]
    return matches[:MOST_SUGGESTIONS]


def _shortened(key: str) -> set[str]:
    """The key, and the key without one of its letters. Keys that share one of these are at most two edits apart."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}


@cache
def _codes_in(language: str) -> Mapping[str, str]:
    return {name_key(name): code for code, name in country_names(language)}


@cache
def _codes_by_key() -> Mapping[str, str]:
    """By every name: of the languages in turn, then other usual names, then the code. The first one counts."""
    codes: dict[str, str] = {}
    for language in dict(settings.LANGUAGES):
        for key, code in _codes_in(language).items():
            codes.setdefault(key, code)
    for code, names in tomllib.loads(ALIASES.read_text(encoding="utf-8")).items():
        for name in names:
            codes.setdefault(name_key(name), code)
    for code, _name in country_names("en"):
        codes.setdefault(code.lower(), code)
    return codes


@cache
def _codes_by_shortened() -> Mapping[str, set[str]]:
    """The codes of names by each of their shortened keys: a misspelling costs a look-up for each of its letters."""
    codes: dict[str, set[str]] = {}
    for key, code in _codes_by_key().items():
        if len(key) >= FEWEST_LETTERS_MISSPELT:
            for shorter in _shortened(key):
                codes.setdefault(shorter, set()).add(code)
    return codes
