"""The forms of appeals."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant, UnseenReason
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm
from analysts.models import Appeal, Incident, Notice
from analysts.takedown.appeals.permissions import check_names_letter, letters_about
from audit.permissions import Denied

LONGEST = 5_000


class LetterField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    def label_from_instance(self, letter: Notice) -> str:
        return f"{letter.reference}, {defang_text(letter.recipient.name)}"


class FileAppeal(ActionForm):
    """An appeal received by letter, mail or telephone."""

    appellant = forms.TypedChoiceField(
        label=_("Who appeals"), choices=[("", "–"), *Appellant.choices], coerce=Appellant
    )
    letter = LetterField(
        label=_("Letter that names the account (only for an account holder)"),
        queryset=Notice.objects.none(),
        required=False,
        empty_label="–",
        help_text=_("Its recipient learns the outcome, at the verified mailbox."),
    )
    note = forms.CharField(
        label=_("Grounds"),
        max_length=LONGEST,
        help_text=_("What the appellant says and how it was received. Saved as an internal note."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        cast(LetterField, self.fields["letter"]).queryset = letters_about(incident)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if self.incident and "appellant" in cleaned and "letter" in cleaned:
            try:
                check_names_letter(cleaned["appellant"], cleaned["letter"], self.incident)
            except Denied as denied:
                self.add_error("letter", str(denied.reason))
        return cleaned


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
