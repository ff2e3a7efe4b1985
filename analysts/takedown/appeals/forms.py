"""The forms of appeals."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant, UnseenReason
from analysts.incidents.page_kit import ActionForm
from analysts.models import Appeal, Incident

LONGEST = 5_000


class FileAppeal(ActionForm):
    """An appeal received by letter, mail or telephone."""

    appellant = forms.TypedChoiceField(
        label=_("Who appeals"), choices=[("", "–"), *Appellant.choices], coerce=Appellant
    )
    note = forms.CharField(
        label=_("Grounds"),
        max_length=LONGEST,
        help_text=_("What the appellant says and how it was received. Saved as an internal note."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )


class DecideAppeal(ActionForm):
    """The decision on one appeal: the reason says whether the verdict is upheld or overturned."""

    appeal = forms.ModelChoiceField(queryset=Appeal.objects.none(), widget=forms.HiddenInput)
    reason = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[
            ("", "–"),
            *(
                (
                    outcome.label,
                    [(reason.value, reason.label) for reason in AppealReason if reason.row.outcome == outcome],
                )
                for outcome in AppealOutcome
            ),
        ],
        coerce=AppealReason,
    )
    unseen_reason = forms.ChoiceField(
        label=_("Decided without revealing it and reading the grounds (only if so)"),
        choices=[("", "–"), *UnseenReason.choices],
        required=False,
    )
    note = forms.CharField(
        label=_("Internal note (optional)"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        field = cast("forms.ModelChoiceField[Appeal]", self.fields["appeal"])
        field.queryset = Appeal.objects.filter(incident=incident)
