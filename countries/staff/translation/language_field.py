"""A form field for any CLDR language, chosen by its own name or typed as a tag."""

from functools import cache
from typing import Any

from babel import Locale
from babel.localedata import locale_identifiers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from countries import catalogue
from countries.languages import (
    ZEROS,
    is_known,
    language_in_words,
    language_name,
    opened_languages,
    text_direction,
)
from countries.staff.translation.subtag_registry import find_registered_tag, registered_name
from countries.words.plurals import cldr_rule

# The id of the datalist that the page contains once for all such fields.
LIST = "known-languages"
# Longer text that is not registered is a name.
LONGEST_LANGUAGE_SUBTAG = 3


def language_choices() -> tuple[tuple[str, str], ...]:
    """Pairs of tag and own name: the languages that were opened here, then those of CLDR, without country variants."""
    opened = {language.tag: language.name for language in opened_languages()}
    return (*opened.items(), *(pair for pair in _cldr_choices() if pair[0] not in opened))


@cache
def _cldr_choices() -> tuple[tuple[str, str], ...]:
    tags = sorted(
        identifier.replace("_", "-").lower()
        for identifier in locale_identifiers()
        if not Locale.parse(identifier).territory and not Locale.parse(identifier).variant and identifier != "root"
    )
    return tuple((tag, language_name(tag)) for tag in tags)


@cache
def _tags_by_name(choices: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {name.casefold(): tag for tag, name in reversed(choices)}


class LanguageField(forms.CharField):
    """Accepts a tag (`fr`, `zh-Hant`) or a language's own name; cleans to the tag."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"widget": forms.TextInput(attrs={"list": LIST, "autocomplete": "off"})})

    def to_python(self, value: object) -> str:
        typed = (super().to_python(value) or "").strip()
        return _tags_by_name(language_choices()).get(typed.casefold(), typed.replace("_", "-").lower())

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_known(value):
            raise ValidationError(
                _("Unknown language. Choose a language from the list, or type a tag such as “fr” or “zh-hant”.")
            )


class OptionalLanguageField(LanguageField):
    """The language in which a name is written; empty for the portal's default language."""

    def __init__(self, **options: Any) -> None:
        usual = {
            "label": gettext_lazy("Language of the name"),
            "required": False,
            "max_length": 12,
            "help_text": gettext_lazy("Empty for the portal's default language."),
        }
        super().__init__(**usual | options)


def opened_choices() -> list[tuple[str, str]]:
    """Tag and English name of the languages of CLDR and the catalogue, without those shipped and those opened here."""
    tags = {*dict(settings.LANGUAGES), *(language.tag for language in opened_languages())}
    return sorted((pair for pair in _english_choices() if pair[0] not in tags), key=lambda pair: pair[1])


def known_facts(typed: str) -> dict[str, str]:
    """Facts about a language, by the names of `Language`'s fields. `typed`: its tag, own or English name.

    From CLDR, the catalogue and IANA's list, in this order. A name that none of them knows is the English one.
    """
    name = typed.strip()
    tag = _find_tag(name)
    if not tag:
        return {"english_name": name} if name else {}
    # The name of a language that CLDR names but has no further facts about.
    english_name = dict(_english_choices()).get(tag) or Locale("en").languages.get(tag) or registered_name(tag)
    if not is_known(tag):
        return {"tag": tag, "english_name": english_name}
    locale = Locale.parse(tag, sep="-")
    return {
        "tag": tag,
        "name": language_name(tag),
        "english_name": english_name,
        "direction": text_direction(tag),
        "plural_rule": str(cldr_rule(tag) or ""),
        "digits": locale.default_numbering_system if locale.default_numbering_system in ZEROS else "latn",
    }


def _find_tag(name: str) -> str:
    """The tag of the language with this name; a registered tag, and what is as short as one, is itself."""
    english = {name.casefold(): tag for tag, name in _english_choices()}
    tag = name.replace("_", "-").lower()
    return (
        english.get(name.casefold())
        or _tags_by_name(_cldr_choices()).get(name.casefold())
        or find_registered_tag(name)
        or (tag if registered_name(tag) or len(tag) <= LONGEST_LANGUAGE_SUBTAG else "")
    )


@cache
def _english_choices() -> tuple[tuple[str, str], ...]:
    names = catalogue.read_spoken()["names"] | {tag: language_in_words(tag, "en") for tag, _name in _cldr_choices()}
    return tuple(names.items())
