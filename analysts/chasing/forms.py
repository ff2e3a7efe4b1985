"""What an analyst enters while something is chased."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.forms import Act
from analysts.models import Addressee, CheckOutcome


class Check(Act):
    outcome = forms.ChoiceField(
        label=_("What was found"), choices=CheckOutcome.choices, widget=forms.RadioSelect(attrs={"class": "plain"})
    )
    at = forms.DateTimeField(
        label=_("When somebody looked"),
        required=False,
        help_text=format_lazy("{} {}", _("Nothing here: just now."), _("The time is UTC.")),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_at(self) -> datetime:
        return self.cleaned_data["at"] or timezone.now()


class AddresseeChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # a plain class at run time
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.get_kind_display()})"


class Escalate(Act):
    to = AddresseeChoice(
        label=_("Whom to tell"),
        queryset=Addressee.objects.none(),
        empty_label="–",
        help_text=_("Only those whose details somebody has verified."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(AddresseeChoice, self.fields["to"])
        field.queryset = Addressee.objects.usable().order_by("kind", Lower("name"))
