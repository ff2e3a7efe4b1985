"""The form of a notice's recipient. As in `reports.forms`, every message is the project's own."""

from typing import Any, cast

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reports.fields import LONGEST_ANSWER, WORDS_ATTRS, PlainForm, WordsField
from reports.notices import (
    NOTHING_DECIDED,
    AnswerKind,
    DecisionGround,
    RecipientAction,
    RecipientDecision,
    YesOrNo,
    goes_with,
)

DOES_NOT_FIT = _("This does not match your answer above. Please change one of them.")


def _choice_field(choices: type[TextChoices], **kwargs: Any) -> forms.ChoiceField:
    """A choice that may be left open."""
    return forms.ChoiceField(
        choices=[("", _("No answer")), *choices.choices],
        required=False,
        error_messages={"invalid_choice": _("We did not understand this answer. Please choose one of these.")},
        **kwargs,
    )


class NoticeForm(PlainForm):
    """The reply of a notice's recipient."""

    kind = forms.ChoiceField(
        choices=AnswerKind.choices,
        label=_("What is your answer?"),
        widget=forms.RadioSelect(attrs={"required": True}),
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("We did not understand this answer. Please choose one of these."),
        },
    )
    action = _choice_field(RecipientAction, label=_("What did you do?"), help_text=_("Only if you have decided."))
    ground = _choice_field(DecisionGround, label=_("What is your decision based on?"))
    automated = _choice_field(YesOrNo, label=_("Did a machine decide on its own?"))
    redress = _choice_field(YesOrNo, label=_("Did you tell your user how to object?"))
    text = WordsField(
        limit=LONGEST_ANSWER,
        watched=False,
        required=False,
        label=_("In your words"),
        help_text=_("Needed with the last three answers: who hosts it, what you need, or why you contest it."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 5}),
    )

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("kind"):
            return
        kind = AnswerKind(self.cleaned_data["kind"])
        if kind.row.missing_words and not self.data.get("text", "").strip():
            self.add_error("text", cast("str", kind.row.missing_words))
        if not self.has_error("action"):
            self._check_decision(kind)

    def _check_decision(self, kind: AnswerKind) -> None:
        """Refuse what does not fit the answer, and details of an action that is not named."""
        names, action = self._decision_names(), self.decision.action
        if action and not goes_with(kind, action):
            self.add_error("action", DOES_NOT_FIT)
        elif action is None and not names and not kind.row.asks_action:
            return
        elif action is None and kind.row.actions:
            self.add_error("action", _("Please choose what you did."))
        elif action is None:
            self.add_error(names[0], DOES_NOT_FIT)

    def _decision_names(self) -> list[str]:
        return [name for name in ("action", "ground", "automated", "redress") if self.cleaned_data.get(name)]

    @property
    def decision(self) -> RecipientDecision:
        """The action that the recipient states; what its answer implies is not repeated."""
        if not self._decision_names():
            return NOTHING_DECIDED
        return RecipientDecision.read(self.cleaned_data, AnswerKind(self.cleaned_data["kind"]))
