"""The languages of the installation: the folders in `locale/`. Adding a catalogue adds a language."""

import re
from pathlib import Path

from babel import Locale, UnknownLocaleError
from django.conf.locale import LANG_INFO

SOURCE = ("en", "English")
FOLDER = re.compile(r"[a-z]{2,3}(_[A-Za-z0-9]{2,8})*")


def find_languages(locale: Path) -> list[tuple[str, str]]:
    """Tag and English name of each, the source first, as Django's setting LANGUAGES wants them.

    Django looks up the name and direction of each language in its own table, which lacks some: missing ones are added
    to the table from CLDR.
    """
    folders = sorted(path.parent.name for path in locale.glob("*/LC_MESSAGES") if FOLDER.fullmatch(path.parent.name))
    languages = [(tag, _register_language(tag)) for tag in (folder.replace("_", "-").lower() for folder in folders)]
    return [SOURCE, *((tag, name) for tag, name in languages if tag != SOURCE[0])]


def _register_language(tag: str) -> str:
    """The language's English name, once Django knows the language."""
    if "name" not in LANG_INFO.get(tag, {}):
        native_name, english, right_to_left = _of_cldr(tag)
        LANG_INFO[tag] = {"bidi": right_to_left, "code": tag, "name": english, "name_local": native_name}
    return str(LANG_INFO[tag]["name"])


def _of_cldr(tag: str) -> tuple[str, str, bool]:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        # Babel lacks it too: the tag is used as its name, as on the portal's pages.
        return tag, tag, False
    return locale.display_name or tag, locale.english_name or tag, locale.text_direction == "rtl"
