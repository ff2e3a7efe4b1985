from django import forms


class BareReportForm(forms.Form):
    addresses = forms.CharField(max_length=20_000, widget=forms.Textarea)
