"""What an analyst enters about where something is hosted."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import ActionForm
from analysts.models import HostingTrace, Recipient, TraceMethod
from analysts.takedown.tracing import networks
from countries.languages import country_names

# The list of hosts that the provider's field offers; its element on the page.
KNOWN_HOSTS = "known-hosts"
LONGEST_NAME = Recipient._meta.get_field("name").max_length
LONGEST_NOTE = HostingTrace._meta.get_field("note").max_length


def country_choices() -> list[tuple[str, str]]:
    return [("", "–"), *country_names(get_language() or "en")]


def method_choices(*, with_file: bool) -> list[tuple[str, Any]]:
    """The file of networks is a method only where there is one that can be believed."""
    offered = [(method.value, method.label) for method in TraceMethod if with_file or method != TraceMethod.FILE]
    return [("", "–"), *offered]


class Trace(ActionForm):
    method = forms.ChoiceField(label=_("How it was found out"))
    country = forms.ChoiceField(label=_("Country"))
    provider = forms.CharField(
        label=_("Hosting provider"),
        max_length=LONGEST_NAME,
        help_text=_("Its name, written the same way each time."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": KNOWN_HOSTS, "dir": "auto"}),
    )
    network = forms.CharField(
        label=_("Network"),
        max_length=networks.LONGEST_NETWORK,
        required=False,
        help_text=_("Such as AS64496 Example Net; never an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Never an address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    at = forms.DateTimeField(
        label=_("When it was found out"),
        required=False,
        help_text=format_lazy("{} {}", _("Nothing here: just now."), _("The time is UTC.")),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, with_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["method"]).choices = method_choices(with_file=with_file)
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices()

    def clean_at(self) -> datetime:
        return self.cleaned_data["at"] or timezone.now()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("method") == TraceMethod.OTHER and not cleaned.get("note"):
            self.add_error("note", _("Say which other method it was."))
        return cleaned


class Unrepeated(forms.TextInput):
    """What was typed does not come back with the page."""

    def format_value(self, value: Any) -> None:
        return None


class LookUp(ActionForm):
    """A network address for the operator's file. Only what the file says of it gets any further than this form."""

    ip = forms.CharField(
        label=_("Network address"),
        # Enough for a whole web address, which then gets its own answer.
        max_length=5000,
        help_text=_("Such as 192.0.2.7, as the workstation found it. It is looked up in a file and kept nowhere."),
        widget=Unrepeated(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}),
    )

    def clean_ip(self) -> networks.NetworkInfo:
        try:
            found = networks.look_up(self.cleaned_data["ip"], now=timezone.now())
        except networks.NoNetworkAddress:
            raise forms.ValidationError(
                _("This is no network address. Names are not looked up here: that would tell others what is asked for.")
            ) from None
        except networks.Unusable as unusable:
            raise forms.ValidationError(unusable.reason) from None
        if found is None:
            raise forms.ValidationError(_("The file does not know this network address. Find it out another way."))
        return found
