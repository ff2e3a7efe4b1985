"""Forms for routing rules, their examples, and trying a country."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from analysts.models import Hosted, RouteRule, RouteStep
from analysts.takedown.routing.table import RuleDetails
from countries.languages import country_in_words, country_names

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_WAIT = 24 * 30


def countries_in_words(codes: list[str]) -> str:
    """Return country names, separated by commas, in a form that `RuleForm` accepts."""
    return ", ".join(country_in_words(code) for code in codes)


def country_choices() -> list[tuple[str, str]]:
    return [("", "–"), *country_names(get_language() or "en")]


def steps_field(label: "StrOrPromise") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=[(step.value, str(step.label)[:1].upper() + str(step.label)[1:]) for step in RouteStep],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one step.")},
    )


class RuleForm(forms.Form):
    """A routing rule. `anyway` is shown only if the change would make examples fail."""

    use_required_attribute = False

    hosted = forms.ChoiceField(label=_("Hosted in"), choices=[("", "–"), *Hosted.choices])
    countries = forms.CharField(
        label=_("Countries"),
        required=False,
        max_length=2000,
        help_text=_("Only for “these countries”: names or two-letter codes, separated by commas."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    after_hours = forms.IntegerField(
        label=_("Hours until the later notice"),
        min_value=1,
        max_value=LONGEST_WAIT,
        initial=48,
        help_text=_("Only applies to the step “notice to the hosting provider after a set time”."),
    )
    reason = forms.CharField(
        label=_("Reason shown to analysts"),
        max_length=RouteRule._meta.get_field("reason").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    anyway = forms.BooleanField(label=_("Save despite failing examples"), required=False)

    def __init__(self, data: Mapping[str, object] | None = None, *, rule: RouteRule | None) -> None:
        super().__init__(data, initial=as_entered(rule) if rule else None)
        self.fields["steps"] = steps_field(_("Steps"))
        self.order_fields(["hosted", "countries", "steps", "after_hours", "reason", "is_active", "anyway"])

    def clean_countries(self) -> list[str]:
        """Return country codes. Accepts codes, and names in the active language (case-insensitive)."""
        by_name = {name.casefold(): code for code, name in country_names(get_language() or "en")}
        codes = set(by_name.values())
        countries, unknown = [], []
        for part in filter(None, map(str.strip, re.split(r"[,;\n،、]", self.cleaned_data["countries"]))):
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

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("hosted") == Hosted.COUNTRIES:
            if "countries" in cleaned and not cleaned["countries"]:
                self.add_error("countries", _("Enter at least one country."))
        elif cleaned.get("hosted") and cleaned.get("countries"):
            self.add_error("countries", _("Enter countries only if “Hosted in” is “these countries”."))
        return cleaned

    def words(self) -> RuleDetails:
        entered = self.cleaned_data
        return RuleDetails(
            hosted=Hosted(entered["hosted"]),
            countries=entered["countries"],
            steps=[RouteStep(step) for step in entered["steps"]],
            after_hours=entered["after_hours"],
            reason=entered["reason"],
            is_active=entered["is_active"],
        )


def as_entered(rule: RouteRule) -> dict[str, object]:
    return {
        "hosted": rule.hosted,
        "countries": countries_in_words(rule.countries),
        "steps": list(rule.steps),
        "after_hours": rule.after_hours,
        "reason": rule.reason,
        "is_active": rule.is_active,
    }


class ExampleForm(forms.Form):
    use_required_attribute = False

    country = forms.ChoiceField(label=_("Country"))

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, auto_id="example_%s")
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices()
        self.fields["steps"] = steps_field(_("Expected steps"))


class TryIt(forms.Form):
    """A country to evaluate the rules for, sent by GET."""

    use_required_attribute = False

    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, auto_id="try_%s")
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices()

    def chosen(self) -> str:
        """Return the country code, or "" if none or an unknown one is chosen."""
        return str(self.cleaned_data["country"]) if self.is_valid() else ""
