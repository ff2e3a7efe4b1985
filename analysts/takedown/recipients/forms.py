"""Forms for recipients: details, list filter and verification."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient
from analysts.models.recipient import Channel
from analysts.takedown.recipients.opening_days import days_of, lines_of
from countries.languages import countries_in, language_name

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Deprecated zone names, and fixed offsets without daylight saving time.
OLD_ZONES = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/", "SystemV/")
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country, with names in the active language."""
    return countries_in(get_language() or "en")


@cache
def time_zone_choices() -> list[tuple[str, str]]:
    zones = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(OLD_ZONES))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *sorted(zones)]]


class Details(forms.Form):
    """All details of a recipient that operators enter. `details()` returns them for the actions."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Type"), choices=RecipientKind.choices)
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        help_text=_("Where the recipient is based; for a hotline or police force, the country it serves."),
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, initial=Channel.EMAIL)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("The address that the recipient publishes for such notices."),
        widget=forms.EmailInput(attrs=PLAIN),
    )
    form_address = forms.URLField(
        label=_("Address of the web form"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url", "dir": "ltr"}),
    )
    defang = forms.ChoiceField(
        label=_("Addresses in notices"),
        required=False,
        choices=[("", _("unchanged: https://host.tld/…")), ("yes", _("defanged: hxxps://host[.]tld/…"))],
    )
    first_language = forms.ChoiceField(label=_("Language"), required=False)
    further_languages = forms.MultipleChoiceField(
        label=_("Other languages"),
        required=False,
        help_text=_("Used when there is no notice text in the recipient’s own language."),
        widget=forms.CheckboxSelectMultiple,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")
    works_from = forms.TimeField(
        label=_("Works from"),
        required=False,
        help_text=_("In the recipient’s local time. Leave both empty if it works around the clock."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    works_until = forms.TimeField(
        label=_("Works until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    workdays = forms.TypedMultipleChoiceField(
        label=_("Workdays"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        required=False,
        help_text=_("If none is ticked, every day is a workday."),
        widget=forms.CheckboxSelectMultiple,
    )
    blocked_days = forms.CharField(
        label=_("Blocked days"),
        required=False,
        max_length=8_000,
        help_text=_(
            "Days on which nothing is sent, such as public holidays. One day or range per line: 2026-12-25, or "
            "2026-12-24 - 2027-01-02."
        ),
        widget=forms.Textarea(attrs={**PLAIN, "rows": 4, "dir": "ltr"}),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        required=False,
        help_text=_("Where these details were found, such as a page of the recipient’s website."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, recipient: Recipient | None = None) -> None:
        super().__init__(data, initial=initial_details(recipient) if recipient else None, label_suffix="")
        self.recipient = recipient
        self._choices("country", [("", "–"), *country_choices()])
        choices_of_language = [(tag, language_name(tag)) for tag, _name in settings.LANGUAGES]
        others = [(tag, language_name(tag)) for tag in (recipient.languages if recipient else [])]
        languages = list(dict([*choices_of_language, *others]).items())
        self._choices("first_language", [("", _("English (no language specified)")), *languages])
        self._choices("further_languages", languages)
        choices = [(recipient.time_zone, recipient.time_zone)] if recipient else []
        self._choices("time_zone", list(dict([*choices, *time_zone_choices()]).items()))

    def _choices(self, name: str, choices: "Sequence[tuple[str, StrOrPromise]]") -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_blocked_days(self) -> list[date]:
        return days_of(self.cleaned_data["blocked_days"].splitlines())

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("works_from"), cleaned.get("works_until")
        if begins and not ends and "works_until" not in self.errors:
            self.add_error("works_until", _("Enter an end time, or leave both fields empty."))
        elif ends and not begins and "works_from" not in self.errors:
            self.add_error("works_from", _("Enter a start time, or leave both fields empty."))
        elif begins and ends and begins >= ends:
            self.add_error("works_until", _("Working hours must end after they begin, on the same day."))
        if cleaned.get("kind") and cleaned.get("name") and self._is_taken(cleaned["kind"], cleaned["name"]):
            self.add_error("name", _("A recipient with this type and name already exists."))
        return cleaned

    def _is_taken(self, kind: str, name: str) -> bool:
        others = Recipient.objects.called(kind, name)
        return others.exclude(pk=self.recipient.pk).exists() if self.recipient else others.exists()

    def details(self) -> dict[str, object]:
        """Values for the fields in `actions.DETAILS`. The form must be valid."""
        details = dict(self.cleaned_data)
        first, further = details.pop("first_language"), details.pop("further_languages")
        return details | {
            "defang": bool(details["defang"]),
            "languages": list(dict.fromkeys([*([first] if first else []), *further])),
        }


def initial_details(recipient: Recipient) -> dict[str, object]:
    """Initial values of a `Details` form for the recipient."""
    plain = ("kind", "name", "country", "channel", "email", "form_address", "time_zone", "workdays", "source")
    return {name: getattr(recipient, name) for name in plain} | {
        "defang": "yes" if recipient.defang else "",
        "works_from": recipient.works_from,
        "works_until": recipient.works_until,
        "first_language": recipient.languages[0] if recipient.languages else "",
        "further_languages": recipient.languages[1:],
        "blocked_days": "\n".join(lines_of(recipient.blocked_days)),
    }


class Filter(forms.Form):
    """Filter of the list of recipients, sent by GET. Invalid values are ignored."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Type"), choices=[("", _("any")), *RecipientKind.choices], required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("in use")),
            ("wanted", _("not verified, with open referrals")),
            ("unverified", _("not verified")),
            ("verified", _("verified")),
            ("closed", _("deactivated")),
        ],
        required=False,
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, data: Mapping[str, object]) -> None:
        super().__init__(data, label_suffix="")
        cast(forms.ChoiceField, self.fields["country"]).choices = [("", _("any")), *country_choices()]

    def chosen(self) -> dict[str, str]:
        """The valid, non-empty values by field name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class VerifyForm(forms.Form):
    """Carries `actions.reach_digest` of the details that were displayed to the person who verifies them."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)
