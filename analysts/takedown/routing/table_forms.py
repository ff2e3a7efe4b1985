"""Forms for routing rules, their examples, and trying a country."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from analysts.models import RouteExample, RouteRule, RouteStep
from analysts.takedown.countries_field import CountriesField, country_choices
from analysts.takedown.routing.table import Tried, find_broken_examples
from audit.generic_classes import ModelForm
from countries.languages import country_in_words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_WAIT = 24 * 30
RULE_FIELDS = ("hosted", "countries", "steps", "after_hours", "reason", "is_active")


def step_in_words(step: RouteStep | str, after_hours: int = 0) -> str:
    if step == RouteStep.NOTICE_HOST_LATER and after_hours:
        return _("Notice to the hosting provider after %(hours)d hours") % {"hours": after_hours}
    return str(capfirst(RouteStep(step).label))


def steps_in_words(steps: list[str] | list[RouteStep], after_hours: int = 0) -> str:
    return "; ".join(step_in_words(step, after_hours) for step in steps) or str(_("No steps"))


def steps_field(label: "StrOrPromise") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=lambda: [(step.value, step_in_words(step)) for step in RouteStep],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one step.")},
    )


class RuleForm(ModelForm[RouteRule]):
    """A routing rule. `anyway` is shown only once the change turns out to make examples fail."""

    countries = CountriesField(
        label=_("Countries"),
        required=False,
        help_text=_("Only for “these countries”: names or two-letter codes, separated by commas."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "class": "vLargeTextField"}),
    )
    steps = steps_field(_("Steps"))
    after_hours = forms.IntegerField(
        label=_("Hours until the later notice"),
        min_value=1,
        max_value=LONGEST_WAIT,
        initial=48,
        help_text=_("Only applies to the step “notice to the hosting provider after a set time”."),
    )
    anyway = forms.BooleanField(label=_("Save despite failing examples"), required=False, widget=forms.HiddenInput)

    class Meta:
        model = RouteRule
        fields = (*RULE_FIELDS, "position")
        help_texts = {"position": _("Steps are proposed in the order of the rules.")}
        widgets = {"reason": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "class": "vLargeTextField"})}

    def clean(self) -> dict[str, object]:
        """Shows which examples the change would break, and asks for a confirmation."""
        super().clean()
        cleaned = self.cleaned_data
        if not self.errors and not cleaned["anyway"]:
            rule = RouteRule(id=self.instance.pk, **{name: cleaned[name] for name in RULE_FIELDS})
            if broken := find_broken_examples(rule):
                self.fields["anyway"].widget = forms.CheckboxInput()
                self.add_error("anyway", [_("Nothing has been saved yet."), *map(describe_broken, broken)])
        return cleaned


def describe_broken(result: Tried) -> str:
    return _("%(country)s would fail. Expected: %(expected)s. With this change: %(steps)s.") % {
        "country": country_in_words(result.example.country),
        "expected": steps_in_words(result.example.steps),
        "steps": steps_in_words(result.steps),
    }


class ExampleForm(ModelForm[RouteExample]):
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    steps = steps_field(_("Expected steps"))

    class Meta:
        model = RouteExample
        fields = ("country", "steps")


class TryIt(forms.Form):
    """A country to evaluate the rules for, sent by GET."""

    use_required_attribute = False

    country = forms.ChoiceField(label=_("Country"), required=False, choices=country_choices)
