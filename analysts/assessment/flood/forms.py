"""Forms of the page of similar reports."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysts.assessment.decision_forms import OTHERS, ChoiceGroup, CodeField
from analysts.codes import REASONS, ClosingDeclineReason, FoldReason, Reason, Verdict
from analysts.incidents.page_kit import ActionForm
from analysts.models import FloodSample


def bulk_verdicts() -> list[Verdict]:
    """The verdicts for closing a flood: not illegal, and not one that always needs a second review."""
    return [
        verdict for verdict in Verdict if verdict != Verdict.ILLEGAL and verdict not in settings.SECOND_REVIEW_VERDICTS
    ]


class CloseFlood(ActionForm):
    """The verdict and its reason, by the keys of the decision form."""

    verdict = CodeField(Verdict, label=_("Verdict for all incidents"), required=True)
    reason = CodeField(Reason, label=_("Reason"), required=True)

    GROUPS = (
        ChoiceGroup("verdict", is_needed=True, key="q"),
        ChoiceGroup("reason", is_needed=True, asked_if=OTHERS),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdicts = bulk_verdicts()
        reasons = {reason for verdict in verdicts for reason in REASONS[verdict]}
        cast(forms.ChoiceField, self.fields["verdict"]).choices = [
            (verdict.value, verdict.label) for verdict in verdicts
        ]
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            (reason.value, reason.label) for reason in Reason if reason in reasons
        ]

    @property
    def choice_groups(self) -> list[tuple[ChoiceGroup, forms.BoundField, bool]]:
        """As those of the decision form; never kept, as they depend on which verdicts need a second review."""
        return [(group, self[group.field], False) for group in self.GROUPS]

    def clean(self) -> dict[str, Any]:
        verdict, reason = self.cleaned_data.get("verdict"), self.cleaned_data.get("reason")
        if verdict and reason and reason not in REASONS[Verdict(verdict)]:
            self.add_error("reason", _("This reason does not apply to this verdict."))
        return self.cleaned_data


class DeclineClosing(ActionForm):
    reason = forms.ChoiceField(label=_("Reason for declining"), choices=[("", "–"), *ClosingDeclineReason.choices])


def decline_form(sample: FloodSample, data: Mapping[str, object] | None = None) -> DeclineClosing:
    """The form for one of the requests on the page; its ids are unique there."""
    return DeclineClosing(data, auto_id=f"decline_{sample.pk}_%s")


class FoldFlood(ActionForm):
    """`number`: how many incidents could be folded when the page was rendered."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *FoldReason.choices])
