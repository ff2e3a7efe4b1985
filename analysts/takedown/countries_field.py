"""Form fields of countries."""

import re

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from countries.languages import country_in_words, country_names


def country_choices() -> list[tuple[str, str]]:
    return [("", "–"), *country_names(get_language() or "en")]


def countries_in_words(codes: list[str]) -> str:
    """Return country names, separated by commas, in a form that `CountriesField` accepts."""
    return ", ".join(country_in_words(code) for code in codes)


class CountriesField(forms.CharField):
    """Country codes, typed as codes or as names in the active language (case-insensitive)."""

    def prepare_value(self, value: object) -> object:
        return countries_in_words(value) if isinstance(value, list) else value

    # The stubs expect a text.
    def to_python(self, value: object) -> list[str]:  # type: ignore[override]
        by_name = {name.casefold(): code for code, name in country_names(get_language() or "en")}
        codes = set(by_name.values())
        countries, unknown = [], []
        for part in filter(None, map(str.strip, re.split(r"[,;\n،、]", str(value or "")))):
            several = part.upper().split()
            if part.casefold() in by_name:
                countries.append(by_name[part.casefold()])
            elif set(several) <= codes:
                countries.extend(several)
            else:
                unknown.append(part)
        if unknown:
            raise forms.ValidationError(_("Unknown countries: %(names)s.") % {"names": ", ".join(unknown)})
        return sorted(set(countries))
