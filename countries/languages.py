"""Languages of portals: names in their own script, direction, and whether standard words exist."""

from datetime import date
from functools import cache

from babel import Locale, UnknownLocaleError, parse_locale
from babel.dates import format_date
from django.conf import settings

# Scripts written from right to left that a tag may name (`az-arab`); CLDR answers for the rest.
RIGHT_TO_LEFT_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})


@cache
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@cache
def language_name(tag: str) -> str:
    """The language's name in its own script ("اردو" for `ur`); the tag itself where CLDR has no name."""
    locale = _locale(tag)
    name = locale.get_display_name(tag.replace("-", "_")) if locale else None
    return (name[:1].upper() + name[1:]) if name else tag


@cache
def direction(tag: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute: by the script the tag names, or else by the language's usual one."""
    locale = _locale(tag)
    if locale is None:
        return "ltr"
    # Babel drops a script that CLDR does not know for the language.
    script = parse_locale(tag, sep="-")[2]
    if script:
        return "rtl" if script in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if locale.text_direction == "rtl" else "ltr"


@cache
def country_name(code: str, tag: str) -> str:
    """The country's name in the language ("Pakistán" for `PK` in `es`); "" where CLDR has none."""
    locale = _locale(tag)
    name: str = locale.territories.get(code, "") if locale and code else ""
    return name


def words_language(tag: str) -> str:
    """The language that the standard words have on a page in this one: English where there is no catalogue.

    A page says so in its `lang`: a screen reader must not read English with another language's sounds.
    """
    known = dict(settings.LANGUAGES)
    return next((known_tag for known_tag in (tag, tag.split("-")[0]) if known_tag in known), "en")


def long_date(day: date, tag: str) -> str:
    """A date written out in the language: "13 April 2018" in its own words and order."""
    words = words_language(tag)
    return format_date(day, "long", locale=_locale("en-gb" if words == "en" else words))
