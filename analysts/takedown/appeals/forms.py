"""The forms of appeals."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant
from analysts.incidents.page_kit import ActionForm
from analysts.models import Appeal, Incident, User

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
    note = forms.CharField(
        label=_("Internal note (optional)"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "dir": "auto"}),
    )


def make_file_form(
    auto_id: str, incident: Incident, user: User, data: Mapping[str, object] | None, initial: Mapping[str, object]
) -> FileAppeal:
    return FileAppeal(data, auto_id=auto_id, initial=dict(initial))


def make_decision_form(
    auto_id: str, incident: Incident, user: User, data: Mapping[str, object] | None, initial: Mapping[str, object]
) -> DecideAppeal:
    form = DecideAppeal(data, auto_id=auto_id, initial=dict(initial))
    form.fields["appeal"].queryset = Appeal.objects.filter(incident=incident)  # type: ignore[attr-defined] # its own
    return form
