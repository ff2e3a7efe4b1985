"""Form for placing a legal hold."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes import HoldReason
from analysts.incidents.page_kit import ActionForm


def in_half_a_year() -> date:
    return timezone.localdate() + timedelta(days=182)


class PlaceHold(ActionForm):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *HoldReason.choices])
    review_on = forms.DateField(
        label=_("Review on"),
        help_text=_("The hold continues after this day until it is released."),
        initial=in_half_a_year,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=120,
        required=False,
        help_text=_("A file number or the name of an office. Never reported content."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
