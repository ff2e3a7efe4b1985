"""The form that selects the incident to merge into."""

import re
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.assessment.related.relations import by_number, incidents_merged_into
from analysts.incidents.page_kit import ActionForm
from analysts.models import Incident, User

_NUMBER = re.compile(r"[0-9a-f]{8,32}")


class ComparedForm(ActionForm):
    """Whether the analyst who merges opened both addresses or compared them."""

    compared = forms.BooleanField(
        label=_("I opened both addresses, or compared them"),
        help_text=_("Otherwise receipts of the merged address say no more than that it is being assessed."),
        required=False,
    )


class Merge(ComparedForm):
    """Names a related incident, or any other one by its number. `cleaned_data["into"]` is the incident."""

    # The tick after what is typed.
    field_order = ("fence", "into", "number", "compared")
    fence = forms.IntegerField(widget=forms.HiddenInput, required=False)
    into = forms.UUIDField(label=_("Merge into"), widget=forms.HiddenInput, required=False)
    number = forms.CharField(
        label=_("Incident number"),
        help_text=_("8 characters, such as 1a2b3c4d."),
        max_length=36,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self) -> dict[str, object]:
        chosen, typed = self.cleaned_data.get("into"), self.cleaned_data.get("number", "")
        if chosen and typed:
            self.add_error("number", _("Choose a related incident or enter a number, not both."))
        elif typed:
            self.cleaned_data["into"] = self._numbered(typed)
        elif chosen:
            self.cleaned_data["into"] = Incident.objects.visible_to(self.by).filter(pk=chosen).first()
            if self.cleaned_data["into"] is None:
                self.add_error("into", _("There is no such incident in your portals."))
        elif not self.errors:
            self.add_error("number", _("Enter the number of the incident."))
        return {name: value for name, value in self.cleaned_data.items() if name != "number"}

    def _numbered(self, typed: str) -> Incident | None:
        number = typed.strip().lower().replace("-", "")
        if not _NUMBER.fullmatch(number):
            self.add_error("number", _("An incident number has 8 characters: digits and letters from a to f."))
            return None
        match by_number(self.by, number):
            case []:
                self.add_error("number", _("There is no such incident in your portals."))
            case [incident]:
                return incident
            case _:
                self.add_error(
                    "number", _("Several numbers begin with this. Copy the full number from the page of the incident.")
                )
        return None


class MergeHere(ComparedForm):
    """Names the other incident, which is merged into that of the page."""

    other = forms.ModelChoiceField(
        label=_("Incident to merge into this one"), queryset=Incident.objects.none(), widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Incident]", self.fields["other"]).queryset = Incident.objects.visible_to(by)


class CompareMerged(ActionForm):
    """Names an incident that was merged into that of the page."""

    merged = forms.ModelChoiceField(queryset=Incident.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, incident: Incident, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Incident]", self.fields["merged"]).queryset = incidents_merged_into(incident, by)
