"""Forms for sources: adding one, and requesting a key."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.free_text import refuse_addresses
from audit.generic_classes import ModelForm
from audit.reason_field import ReasonField
from countries.models import LARGEST_QUOTA, Source


class AddSource(ModelForm[Source]):
    """`cleaned_data` holds keyword arguments of `actions.add_source`."""

    use_required_attribute = False

    class Meta:
        model = Source
        fields = ("name", "kind", "portal")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        refuse_addresses(name)
        return name


def in_a_year() -> date:
    return timezone.now().date() + timedelta(days=365)


class RequestKey(forms.Form):
    """`cleaned_data` holds keyword arguments of `actions.request_key`."""

    use_required_attribute = False

    quota = forms.IntegerField(
        label=_("Addresses a day"),
        min_value=1,
        max_value=LARGEST_QUOTA,
        help_text=_("Over the whole installation. The rest of a day is refused, and can be sent the next day."),
    )
    expires_on = forms.DateField(
        label=_("Valid until"),
        initial=in_a_year,
        help_text=_("At most one year. After that the partner needs a new key."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = ReasonField()
