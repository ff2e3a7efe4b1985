"""What somebody who closes many at once has to say."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysts.codes import REASONS, Reason, Verdict
from analysts.incidents.page_kit import ActionForm


def offered() -> list[Verdict]:
    """The verdicts that many at once may get: neither illegal, nor one that always takes two looks."""
    return [
        verdict for verdict in Verdict if verdict != Verdict.ILLEGAL and verdict not in settings.SECOND_LOOK_VERDICTS
    ]


class CloseFlood(ActionForm):
    """`number` is how many there were when the page was made."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    verdict = forms.ChoiceField(label=_("Verdict on all of them"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("Reason"))
    looked = forms.BooleanField(label=_("I looked at a sample of them."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdicts = offered()
        reasons = {reason for verdict in verdicts for reason in REASONS[verdict]}
        cast(forms.ChoiceField, self.fields["verdict"]).choices = [(each.value, each.label) for each in verdicts]
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            ("", "–"),
            *((reason.value, reason.label) for reason in Reason if reason in reasons),
        ]

    def clean(self) -> dict[str, Any]:
        verdict, reason = self.cleaned_data.get("verdict"), self.cleaned_data.get("reason")
        if verdict and reason and reason not in REASONS[Verdict(verdict)]:
            self.add_error("reason", _("This reason does not go with this verdict."))
        return {name: value for name, value in self.cleaned_data.items() if name != "looked"}
