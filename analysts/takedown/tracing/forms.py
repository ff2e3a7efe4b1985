"""Forms for a hosting trace and for a lookup in the network file."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.accounts.time_zones import UtcDateTimeField
from analysts.incidents.page_kit import ActionForm
from analysts.models import Chase, HostingTrace, Recipient, RecipientKind, TraceMethod
from analysts.models.recipient import ContactSource
from analysts.takedown.countries_field import country_choices
from analysts.takedown.tracing import networks
from analysts.takedown.tracing.actions import HOST_ADDRESS_FAULT
from analysts.takedown.tracing.host_addresses import LONGEST_HOST_ADDRESS, parse_host_address

# The id of the datalist with the known hosts.
KNOWN_HOSTS = "known-hosts"
LONGEST_NAME = Recipient._meta.get_field("name").max_length
LONGEST_NOTE = HostingTrace._meta.get_field("note").max_length


class Trace(ActionForm):
    """One or more traces that name the same place, each by a method of its own."""

    provider = forms.CharField(
        label=_("Hosting provider"),
        max_length=LONGEST_NAME,
        help_text=_("A known name or a new one. The network number decides."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": KNOWN_HOSTS, "dir": "auto"}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=country_choices,
        required=False,
        help_text=_("Empty: the latest one of a known provider."),
    )
    network = forms.CharField(
        label=_("Network"),
        max_length=networks.LONGEST_NETWORK,
        required=False,
        help_text=_("Such as AS64496 Example Net, never an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    # Typed, never filled in: the stored address is opened for letters only.
    ip = forms.CharField(
        label=_("IP address of the host"),
        max_length=LONGEST_HOST_ADDRESS,
        required=False,
        help_text=_("At the time of the trace. Kept sealed, and only in notices and referrals."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}),
    )
    methods = forms.TypedMultipleChoiceField(
        label=_("Methods that name this place"),
        coerce=TraceMethod,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "plain"}),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Never enter an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    contact = forms.EmailField(
        label=_("Abuse contact of the provider"),
        required=False,
        help_text=_("Proposed for a provider without one. A second person verifies it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    contact_source = forms.ChoiceField(
        label=_("Where the contact was found"), choices=[("", "–"), *ContactSource.choices], required=False
    )
    at = UtcDateTimeField(
        label=_("Time of the trace"),
        required=False,
        help_text=format_lazy("{} {}", _("Leave empty for the current time."), _("Enter the time in UTC.")),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, with_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.TypedMultipleChoiceField, self.fields["methods"]).choices = [
            (method.value, method.label) for method in TraceMethod if with_file or method != TraceMethod.FILE
        ]

    def clean_ip(self) -> str:
        try:
            return parse_host_address(self.cleaned_data["ip"])
        except ValueError:
            raise forms.ValidationError(HOST_ADDRESS_FAULT) from None

    def clean_at(self) -> datetime:
        return self.cleaned_data["at"] or timezone.now()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if TraceMethod.OTHER in cleaned.get("methods", []) and not cleaned.get("note"):
            self.add_error("note", _("Specify the other method."))
        if bool(cleaned.get("contact")) != bool(cleaned.get("contact_source")) and "contact" in cleaned:
            self.add_error("contact_source", _("Enter a contact with where it was found, or neither."))
        if "country" in cleaned and not cleaned["country"]:
            place = latest_place(cleaned.get("provider", ""))
            if place is None:
                self.add_error("country", _("This field is required."))
            else:
                cleaned["country"], cleaned["network"] = place.country, cleaned.get("network") or place.network
        return cleaned


def latest_place(provider: str) -> Chase | None:
    """The chase with the latest agreed hosting at the provider of this name; None if there is none."""
    recipient = Recipient.objects.called(RecipientKind.HOST, " ".join(provider.split())).first()
    if recipient is None:
        return None
    return Chase.objects.filter(provider=recipient).exclude(country="").order_by("-noticed_at").first()


class Unrepeated(forms.TextInput):
    """A text field whose value is not rendered again."""

    def format_value(self, value: object) -> None:
        return None


class LookUp(ActionForm):
    """Looks up an IP address in the network file. Only the result leaves this form, never the address."""

    ip = forms.CharField(
        label=_("IP address"),
        # Long enough for a URL, so that it gets the error for names instead of one for its length.
        max_length=5000,
        help_text=_("For example 192.0.2.7. It is looked up in the network file and not stored."),
        widget=Unrepeated(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}),
    )

    def clean_ip(self) -> networks.NetworkInfo:
        try:
            info = networks.look_up(self.cleaned_data["ip"], now=timezone.now())
        except networks.NoNetworkAddress:
            raise forms.ValidationError(
                _("This is not an IP address. Names are not looked up here, because a query would reveal the name.")
            ) from None
        except networks.Unusable as unusable:
            raise forms.ValidationError(unusable.reason) from None
        if info is None:
            raise forms.ValidationError(_("The network file has no entry for this IP address. Use another method."))
        return info
