"""The form of the search box."""

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.search.terms import SearchTerms, read_terms

LONGEST = 4_000


class SearchForm(forms.Form):
    """One text. Its cleaned value is `terms`; the field is drawn in the header of the page."""

    q = forms.CharField(
        label=_("Search"),
        max_length=LONGEST,
        error_messages={"required": _("Enter what to search for.")},
    )

    def clean_q(self) -> SearchTerms:
        terms = read_terms(self.cleaned_data["q"])
        if terms.has_more_addresses:
            raise forms.ValidationError(_("Search for one address at a time."))
        if not terms.kinds:
            raise forms.ValidationError(_("This contains no number, reference, address or name to search for."))
        return terms
