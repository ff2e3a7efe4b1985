"""A form field for any CLDR language, chosen by its own name or typed as a tag."""

from functools import cache
from typing import Any

from babel import Locale
from babel.localedata import locale_identifiers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from countries.languages import is_known, language_name, opened_languages

# The id of the datalist that the page contains once for all such fields.
LIST = "known-languages"


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
