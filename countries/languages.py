"""Languages of portals: names in their own script, direction, and whether standard words exist.

CLDR knows most of them. Languages that two people opened here (`countries.models.Language`) are held in memory by
`set_opened_languages` and come first: `countries.words.language_memory` reads them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache
from math import ceil
from types import MappingProxyType

from babel import Locale, UnknownLocaleError, parse_locale
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from django.conf import settings
from django.utils.translation import get_language

from countries.collation import sort_key

# The language of an account that chose none.
USUAL_LANGUAGE = "en"

# Scripts written from right to left that a tag may name (`az-arab`); CLDR knows the rest.
RIGHT_TO_LEFT_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})

# The zero of the systems that CLDR gives a language as its own; all others write 0 to 9.
ZEROS = {
    "adlm": 0x1E950,
    "arab": 0x660,
    "arabext": 0x6F0,
    "beng": 0x9E6,
    "cakm": 0x11136,
    "deva": 0x966,
    "mtei": 0xABF0,
    "mymr": 0x1040,
    "nkoo": 0x7C0,
    "olck": 0x1C50,
    "tibt": 0xF20,
}


@dataclass(frozen=True, slots=True)
class OpenedLanguage:
    """A language without a shipped catalogue, as two people opened it.

    digits: a numbering system of ZEROS, or `latn`. plural_rule: as gettext writes it. shows_words: whether pages show
    the interface texts in it, those that are not translated in English. personal_words: one phrase a line.
    """

    tag: str
    name: str
    english_name: str
    direction: str
    digits: str
    plural_rule: str
    shows_words: bool
    personal_words: str = ""


_opened: Mapping[str, OpenedLanguage] = MappingProxyType({})


def set_opened_languages(languages: Iterable[OpenedLanguage]) -> None:
    """Replace the opened languages that this process knows."""
    global _opened
    shipped = dict(settings.LANGUAGES)
    _opened = MappingProxyType({language.tag: language for language in languages if language.tag not in shipped})


def find_opened_language(tag: str) -> OpenedLanguage | None:
    """The opened language of the tag; for a tag with a region, that of the language alone if it has none of its own."""
    return _opened.get(tag) or _opened.get(tag.split("-")[0])


def opened_languages() -> list[OpenedLanguage]:
    return list(_opened.values())


def interface_languages() -> list[str]:
    """The tags of all languages of the interface texts: the shipped ones, then those opened here that show them."""
    return [tag for tag, _name in settings.LANGUAGES] + [
        language.tag for language in _opened.values() if language.shows_words
    ]


@cache
def _find_locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def is_known(tag: str) -> bool:
    """Whether CLDR knows the language of the tag, or it was opened here."""
    return find_opened_language(tag) is not None or _find_locale(tag) is not None


def language_name(tag: str) -> str:
    """The language's name in its own script ("اردو" for `ur`); the tag itself where it has no name."""
    return _opened[tag].name if tag in _opened else _cldr_name(tag)


@cache
def _cldr_name(tag: str) -> str:
    locale = _find_locale(tag)
    name = locale.get_display_name(tag.replace("-", "_")) if locale else None
    return (name[:1].upper() + name[1:]) if name else tag


def language_in_words(tag: str, language: str) -> str:
    """The name of the language `tag` in another language ("Englisch" for `en` in `de`); its own name as a fallback."""
    if tag in _opened and language == "en":
        return _opened[tag].english_name
    return _cldr_name_in(tag, language) or language_name(tag)


@cache
def _cldr_name_in(tag: str, language: str) -> str:
    locale, reader = _find_locale(tag), _find_locale(language)
    return (locale.get_display_name(reader) if locale and reader else None) or ""


def text_direction(tag: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute: by the script in the tag, or else by the language's usual one."""
    return _opened[tag].direction if tag in _opened else _cldr_direction(tag)


@cache
def _cldr_direction(tag: str) -> str:
    locale = _find_locale(tag)
    if locale is None:
        return "ltr"
    # Babel drops a script that CLDR does not list for the language.
    script = parse_locale(tag, sep="-")[2]
    if script:
        return "rtl" if script in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if locale.text_direction == "rtl" else "ltr"


@cache
def country_name(code: str, tag: str) -> str:
    """The country's name in the language ("Pakistán" for `PK` in `es`); "" where CLDR has none."""
    locale = _find_locale(tag)
    name: str = locale.territories.get(code, "") if locale and code else ""
    return name


def country_in_words(code: str) -> str:
    """The country's name in the active language; the code itself where CLDR has none."""
    return country_name(code, get_language() or "en") or code


# Codes that CLDR names although ISO 3166-1 assigns them to no country: unions, and codes for tests.
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def country_names(tag: str) -> tuple[tuple[str, str], ...]:
    """Every country's code (ISO 3166-1, and XK) and its name in the language, in the language's order."""
    codes = [code for code in map(str, Locale.parse("en").territories) if len(code) == 2 and code.isalpha()]
    pairs = [(code, country_name(code, tag) or country_name(code, "en")) for code in codes if code not in NO_COUNTRIES]
    return tuple(sorted(pairs, key=lambda country: sort_key(country[1], tag)))


def countries_without_name(tag: str) -> list[str]:
    """The codes of the countries without a name in the language in CLDR: pages show their English names."""
    return [code for code, _name in country_names("en") if not country_name(code, tag)]


def words_language(tag: str) -> str:
    """The language of the standard texts on a page in this language: English where it has none.

    The page marks them with that `lang`, so that a screen reader does not read English with another language's sounds.
    """
    names = dict(settings.LANGUAGES)
    for candidate in (tag, tag.split("-")[0]):
        if candidate in names or (candidate in _opened and _opened[candidate].shows_words):
            return candidate
    return "en"


# The language of texts that exist in no other.
FALLBACK = "en"


def nearest_text[T](texts: Mapping[str, T], tag: str, otherwise: T) -> T:
    """The one in this language, else in the language without its region, else in English; `otherwise` without any."""
    return next((texts[candidate] for candidate in (tag, tag.split("-")[0], FALLBACK) if candidate in texts), otherwise)


def texts_language(tag: str) -> str:
    """The language whose interface texts speakers translate for the tag, also while its pages show English ones."""
    opened = find_opened_language(tag)
    return opened.tag if opened else words_language(tag)


def is_readable_as(text_language: str, reader_language: str) -> bool:
    """Whether words in one language are readable to someone who asked for the other, which may name a country."""
    return text_language in (reader_language, reader_language.split("-")[0])


def long_date(day: date, tag: str) -> str:
    """A date written out in the language: "13 April 2018" in its own words, order and digits."""
    return in_digits(_format_date(day, words_language(tag)), tag)


@lru_cache(maxsize=4_096)
def _format_date(day: date, words: str) -> str:
    return format_date(day, "long", locale=locale_of_words(words))


def locale_of_words(tag: str) -> Locale:
    """The locale of the language in which a page shows interface text, in the British form of English."""
    words = words_language(tag)
    return (None if words == "en" else _find_locale(words)) or _find_locale("en-gb") or Locale("en")


def day_name(day: int, tag: str) -> str:
    """The name of a day of the week: 1 for Monday."""
    return str(get_day_names(locale=locale_of_words(tag))[day - 1])


def clock_time(minute: int, tag: str) -> str:
    """A minute of the day as the language writes the time, in 0 to 9."""
    return format_time(time(*divmod(minute, 60)), "short", locale=locale_of_words(tag))


def quarter_name(year: int, quarter: int, tag: str) -> str:
    """A quarter of a year in the language, short: "Q3 2026"."""
    locale = _find_locale(words_language(tag)) or Locale("en")
    return in_digits(format_skeleton("yQQQ", date(year, 3 * quarter, 1), locale=locale), tag)


def written_number(number: int, tag: str) -> str:
    """A whole number as the language groups its digits."""
    return in_digits(format_decimal(number, locale=_find_locale(words_language(tag)) or Locale("en")), tag)


def written_percent(percent: int, tag: str) -> str:
    return in_digits(format_percent(percent / 100, locale=_find_locale(words_language(tag)) or Locale("en")), tag)


def written_hours(hours: int, tag: str) -> str:
    """A duration in words: in hours up to two days, from then on in whole days, rounded up."""
    number, unit = (hours, "hour") if hours <= 48 else (ceil(hours / 24), "day")
    locale = _find_locale(words_language(tag)) or Locale("en")
    return in_digits(format_unit(number, f"duration-{unit}", length="long", locale=locale), tag)


def in_digits(text: str, tag: str) -> str:
    """The text with its numbers in the digits that CLDR gives as the language's usual ones.

    For counts and dates. Receipts, telephone numbers and addresses are typed or dialled again, on keyboards that have
    0 to 9. In CLDR `ar` and `hi` have 0 to 9 too, as their readers use both; `ar-eg` and `bn` have digits of their own.
    """
    if words_language(tag) == "en":
        return text
    if opened := find_opened_language(tag):
        return text.translate(_digit_table(opened.digits))
    locale = _find_locale(tag)
    return text.translate(_digit_table(locale.default_numbering_system)) if locale else text


def has_known_digits(tag: str) -> bool:
    """Whether `in_digits` can write the digits that CLDR gives the language, or that were chosen when it was opened."""
    if find_opened_language(tag):
        return True
    locale = _find_locale(tag)
    return locale is None or locale.default_numbering_system in {"latn", *ZEROS}


@cache
def _digit_table(system: str) -> dict[int, int]:
    zero = ZEROS.get(system, ord("0"))
    return {ord("0") + digit: zero + digit for digit in range(10)}
