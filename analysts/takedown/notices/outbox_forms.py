"""What people enter about a notice."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RecordSent(forms.Form):
    """They have told the addressee. `seen` is the mark of the letter that they had before them."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    told = forms.BooleanField(label=_("I have told them, in these words"))
