from django import forms


class ReportForm(forms.Form):
    addresses = forms.CharField(max_length=20_000, widget=forms.Textarea)
