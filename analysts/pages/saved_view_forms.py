"""The form of a saved view."""

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.models import SavedView
from audit.free_text import refuse_addresses


class SaveViewForm(forms.Form):
    """A name for the present filters and order."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name of the view"),
        max_length=SavedView._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        validators=[refuse_addresses],
    )
    is_shared = forms.BooleanField(
        label=_("Share with colleagues"),
        help_text=_("They see only incidents of their own portals in it."),
        required=False,
    )
