"""The forms of systemic cases."""

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.systemic_cases import SystemicAnswer, SystemicReason
from analysts.incidents.page_kit import ActionForm
from analysts.models.desk import LONGEST_SENTENCE
from audit.free_text import refuse_addresses


class Sentence(forms.CharField):
    """A sentence without addresses."""

    def __init__(self) -> None:
        super().__init__(
            label=_("In a sentence (optional)"),
            max_length=LONGEST_SENTENCE,
            required=False,
            help_text=_("No address and no reported content."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            validators=[refuse_addresses],
        )


class SendSystemicCase(ActionForm):
    reason = forms.TypedChoiceField(
        label=_("Why nothing could be done"), choices=[("", "–"), *SystemicReason.choices], coerce=SystemicReason
    )
    note = Sentence()


class AnswerSystemicCase(ActionForm):
    answer = forms.TypedChoiceField(
        label=_("Answer"), choices=[("", "–"), *SystemicAnswer.choices], coerce=SystemicAnswer
    )
    note = Sentence()
