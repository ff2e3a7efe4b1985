"""The form for an address that was found, or received otherwise than by a public report."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.assessment.forms import LONGEST_NOTE
from analysts.codes import EntryOrigin
from analysts.models import User
from countries.models import Portal
from reports.addresses import Address, find_addresses

LONGEST_ADDRESS = 4_000
# The value of the field `seen_by` for the hotline as a whole.
ALL_ANALYSTS = "hotline"


class EnterAddress(forms.Form):
    """`cleaned_data` is the keywords of the verb."""

    use_required_attribute = False

    address = forms.CharField(
        label=_("Web address"),
        max_length=LONGEST_ADDRESS,
        help_text=_("One address, as it was given to you. It is sealed like a reported address and never opened."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    origin = forms.ChoiceField(label=_("How it was received"), choices=[("", "–"), *EntryOrigin.choices])
    seen_by = forms.ChoiceField(
        label=_("Portal"), help_text=_("Analysts of this portal see it. “Hotline”: analysts of all portals.")
    )
    in_danger = forms.BooleanField(label=_("A child may be in danger now"), required=False)
    note = forms.CharField(
        label=_("Internal note (optional)"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("Such as the file number of the police. Never the name of a person who reported it."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, by: User) -> None:
        super().__init__(data)
        self.portals = {str(portal.pk): portal for portal in by.visible_portals()}
        portal_choices = [(value, portal.name) for value, portal in self.portals.items()]
        choices = [("", "–"), *portal_choices, (ALL_ANALYSTS, _("Hotline"))]
        cast(forms.ChoiceField, self.fields["seen_by"]).choices = choices

    def clean_address(self) -> Address:
        match find_addresses(self.cleaned_data["address"]):
            case [address]:
                return address
            case []:
                raise forms.ValidationError(_("This contains no web address."))
            case _:
                raise forms.ValidationError(_("Enter one address at a time."))

    def clean_origin(self) -> EntryOrigin:
        return EntryOrigin(self.cleaned_data["origin"])

    def clean(self) -> dict[str, object]:
        chosen: str | None = self.cleaned_data.pop("seen_by", None)
        portal: Portal | None = self.portals.get(chosen or "")
        return {**self.cleaned_data, "portal": portal}
