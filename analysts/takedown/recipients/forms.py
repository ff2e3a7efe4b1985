"""Forms for recipients: details, list filter and verification."""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient
from analysts.takedown.countries_field import country_choices
from analysts.takedown.recipients.actions import DETAILS
from analysts.takedown.recipients.opening_days import days_of, lines_of
from audit.generic_classes import ModelForm
from countries.languages import language_name

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Deprecated zone names, and fixed offsets without daylight saving time.
OLD_ZONES = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/", "SystemV/")
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


@cache
def time_zones() -> list[str]:
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(OLD_ZONES))]


def is_phone(text: str) -> bool:
    """Whether it is a telephone number: three digits or more, with the usual marks between them."""
    return re.fullmatch(r"\+?[0-9](?:[ ()/.-]*[0-9]){2,19}", text) is not None


class DaysField(forms.CharField):
    """Days, one day or range per line."""

    def prepare_value(self, value: object) -> object:
        return "\n".join(lines_of(value)) if isinstance(value, list) else value

    # The stubs expect a text.
    def to_python(self, value: object) -> list[date]:  # type: ignore[override]
        return days_of(str(value or "").splitlines())


class Details(ModelForm[Recipient]):
    """All details of a recipient that operators enter. `details()` returns them for the actions."""

    use_required_attribute = False
    field_order = ("kind", "name", "country")

    kind = forms.ChoiceField(label=_("Type"), choices=RecipientKind.choices)
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=country_choices,
        help_text=_("Where the recipient is based; for a hotline or police force, the country it serves."),
    )
    form_address = forms.URLField(
        label=_("Address of the web form"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url", "dir": "ltr"}),
    )
    defang = forms.BooleanField(
        label=_("Addresses in notices"),
        required=False,
        widget=forms.Select(
            choices=[(False, _("unchanged: https://host.tld/…")), (True, _("defanged: hxxps://host[.]tld/…"))]
        ),
    )
    first_language = forms.ChoiceField(label=_("Language"), required=False)
    further_languages = forms.MultipleChoiceField(
        label=_("Other languages"),
        required=False,
        help_text=_("Used when there is no notice text in the recipient’s own language."),
        widget=forms.CheckboxSelectMultiple,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    workdays = forms.TypedMultipleChoiceField(
        label=_("Workdays"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        required=False,
        help_text=_("If none is ticked, every day is a workday."),
        widget=forms.CheckboxSelectMultiple,
    )
    blocked_days = DaysField(
        label=_("Blocked days"),
        required=False,
        max_length=8_000,
        help_text=_(
            "Days on which nothing is sent, such as public holidays. One day or range per line: 2026-12-25, or "
            "2026-12-24 - 2027-01-02."
        ),
        widget=forms.Textarea(attrs={**PLAIN, "rows": 4, "dir": "ltr"}),
    )

    class Meta:
        model = Recipient
        fields = [name for name in DETAILS if name != "languages"]
        help_texts = {
            "channel": _(
                "Machine-readable reports name the class, the time and the address in clear: only for a provider or "
                "platform that asks for them and does not forward them to its customer."
            ),
            "email": _("The address that the recipient publishes for such notices."),
            "phone": _("Their switchboard or desk, found in an official source: staff call it to confirm answers."),
            "works_from": _("In the recipient’s local time. Leave both empty if it works around the clock."),
            "source": _("Where these details were found, such as a page of the recipient’s website."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "email": forms.EmailInput(attrs=PLAIN),
            "phone": forms.TextInput(attrs={**PLAIN, "inputmode": "tel", "dir": "ltr"}),
            "works_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "works_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "source": forms.TextInput(attrs={"autocomplete": "off"}),
        }

    def __init__(self, data: Mapping[str, object] | None = None, *, recipient: Recipient | None = None) -> None:
        # A copy, because a form writes the values into its instance.
        super().__init__(data, instance=copy(recipient), label_suffix="")
        preferred, zone = self.instance.languages, self.instance.time_zone
        languages = [(tag, language_name(tag)) for tag in dict.fromkeys([*dict(settings.LANGUAGES), *preferred])]
        self._offer("first_language", [("", _("English (no language specified)")), *languages])
        self._offer("further_languages", languages)
        self._offer("time_zone", ((name, name.replace("_", " ")) for name in dict.fromkeys([zone, *time_zones()])))
        self.initial.update(first_language=next(iter(preferred), ""), further_languages=preferred[1:])

    def _offer(self, name: str, choices: "Iterable[tuple[str, StrOrPromise]]") -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def clean_phone(self) -> str:
        phone = " ".join(self.cleaned_data["phone"].split())
        if phone and not is_phone(phone):
            raise ValidationError(_("Write digits, with + and the country’s code in front, such as +44 1632 960001."))
        return phone

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, object]:
        super().clean()
        cleaned = self.cleaned_data
        begins, ends = cleaned.get("works_from"), cleaned.get("works_until")
        if begins and not ends and "works_until" not in self.errors:
            self.add_error("works_until", _("Enter an end time, or leave both fields empty."))
        elif ends and not begins and "works_from" not in self.errors:
            self.add_error("works_from", _("Enter a start time, or leave both fields empty."))
        elif begins and ends and begins >= ends:
            self.add_error("works_until", _("Working hours must end after they begin, on the same day."))
        return cleaned

    def details(self) -> dict[str, object]:
        """Values for the fields in DETAILS. The form must be valid."""
        first, further = self.cleaned_data["first_language"], self.cleaned_data["further_languages"]
        languages = list(dict.fromkeys([first, *further] if first else further))
        return {name: self.cleaned_data.get(name, languages) for name in DETAILS}


def initial_details(recipient: Recipient) -> dict[str, object]:
    """Initial values of a `Details` form for the recipient."""
    form = Details(recipient=recipient)
    return {name: form[name].value() for name in form.fields}


class Filter(forms.Form):
    """Filter of the list of recipients, sent by GET. Invalid values are ignored."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Type"), choices=[("", _("any")), *RecipientKind.choices], required=False)
    country = forms.ChoiceField(label=_("Country"), required=False, choices=country_choices)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("in use")),
            ("wanted", _("to verify: with open referrals, or another contact")),
            ("unverified", _("not verified")),
            ("verified", _("verified")),
            ("closed", _("deactivated")),
        ],
        required=False,
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def chosen(self) -> dict[str, str]:
        """The valid, non-empty values by field name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RecipientContactForm(forms.Form):
    """The proposed contact and `Recipient.value_digest` as displayed to the person who decides, and the decision."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    email = forms.CharField(widget=forms.HiddenInput, max_length=254)
    takes = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce="yes".__eq__)


class VerifyForm(forms.Form):
    """Carries `Recipient.value_digest` of the details that were displayed to the person who verifies them."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
