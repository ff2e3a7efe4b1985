"""The form of a notice's recipient. As in `reports.forms`, every message is the project's own."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reports.fields import ADDRESS_ATTRS, LONGEST_ANSWER, WORDS_ATTRS, PlainForm, Posted, VerbatimField, WordsField
from reports.letter_numbers import LONGEST_LIST, NotANumber, NotInLetter, read_numbers, write_numbers
from reports.notices import (
    LONGEST_CASE_NUMBER,
    NOTHING_DECIDED,
    POLICE,
    Answerer,
    AnswerKind,
    DecisionGround,
    RecipientAction,
    RecipientAnswer,
    RecipientDecision,
    YesOrNo,
    goes_with,
    is_case_number,
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


class NumbersField(VerbatimField):
    """The numbers of a letter's attachment that a reply is about; cleans to a tuple.

    `among`: all of them; None: they are not known, and nothing typed is checked.
    """

    def __init__(self) -> None:
        super().__init__(
            label=_("Which addresses is it about?"),
            widget=forms.TextInput(attrs=ADDRESS_ATTRS),
            error_messages={"required": _("Please write the numbers of the addresses that your answer is about.")},
        )
        self.validators.clear()
        self.among: Collection[int] | None = None

    def offer(self, numbers: Collection[int]) -> None:
        self.among = numbers
        self.help_text = _(
            "The numbers in the file that came with our notice, such as 1, 4-7. All of them are: %(numbers)s"
        ) % {"numbers": write_numbers(numbers)}

    def clean(self, value: object) -> tuple[int, ...]:
        typed = super().clean(value)
        if self.among is None:
            return ()
        if len(typed) > LONGEST_LIST:
            raise ValidationError(
                _("This text has %(count)d characters, and we can take at most %(limit)d. Please shorten it."),
                code="too_long",
                params={"count": len(typed), "limit": LONGEST_LIST},
            )
        try:
            return read_numbers(typed, among=self.among)
        except NotInLetter as error:
            message, part = _("Our notice has no address with the number “%(part)s”. It has these: %(all)s"), error.part
        except NotANumber as error:
            message, part = _("We did not understand “%(part)s”. Please write numbers, such as 1, 4-7."), error.part
        params = {"part": part[:20], "all": write_numbers(self.among)}
        raise ValidationError(message, code="numbers", params=params)


class CaseNumberField(VerbatimField):
    """The number of the recipient's case; cleans to the number with single spaces."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Your case number"),
            help_text=_("The number of your case or file, never a person’s name."),
            widget=forms.TextInput(attrs=WORDS_ATTRS),
            required=False,
        )
        self.validators.clear()

    def clean(self, value: object) -> str:
        number = " ".join(super().clean(value).split())
        if not is_case_number(number):
            raise ValidationError(
                _("Please write only your case number: at most %(limit)d characters, and no web address."),
                code="case_number",
                params={"limit": LONGEST_CASE_NUMBER},
            )
        return number


# Fields that only some recipients have.
OF_HOSTS = ("action", "ground", "automated", "redress")
OF_POLICE = ("case_number",)


class NoticeForm(PlainForm):
    """The reply of a notice's recipient."""

    numbers = NumbersField()
    kind = forms.ChoiceField(
        choices=AnswerKind.choices,
        label=_("What is your answer?"),
        widget=forms.RadioSelect(attrs={"required": True}),
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("We did not understand this answer. Please choose one of these."),
        },
    )
    case_number = CaseNumberField()
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

    def __init__(
        self,
        data: Posted | None = None,
        *,
        numbers: Collection[int] | None = (),
        answerer: Answerer | None = Answerer.HOST,
        auto_id: str = "id_%s",
    ) -> None:
        """A form for the recipient of a letter.

        Args:
            numbers: of the addresses in the letter; one of several has to be chosen. None: they could not be read.
            answerer: whose kinds of answer it offers; None: it could not be read, and all are offered.
        """
        super().__init__(data, auto_id=auto_id)
        self.kinds = [kind for kind in AnswerKind if answerer in (None, *kind.row.answerers)]
        if answerer is not None:
            self._offer_kinds(answerer)
        if numbers is not None and len(numbers) < 2:
            del self.fields["numbers"]
        elif numbers is not None:
            cast(NumbersField, self.fields["numbers"]).offer(numbers)

    def _offer_kinds(self, answerer: Answerer) -> None:
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind.value, kind.label) for kind in self.kinds]
        if answerer in POLICE:
            self.fields["text"].help_text = _(
                "Needed if it is not for you, or if you need more from us. You can say here when we should call."
            )
        for name in OF_HOSTS if answerer in POLICE else OF_POLICE:
            del self.fields[name]

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("kind"):
            return
        kind = AnswerKind(self.cleaned_data["kind"])
        if kind.row.asks_number and self.cleaned_data.get("case_number") == "":
            self.add_error("case_number", _("Please write your case number."))
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
        return [name for name in OF_HOSTS if self.cleaned_data.get(name)]

    @property
    def decision(self) -> RecipientDecision:
        """The action that the recipient states; what its answer implies is not repeated."""
        if not self._decision_names():
            return NOTHING_DECIDED
        return RecipientDecision.read(self.cleaned_data, AnswerKind(self.cleaned_data["kind"]))

    @property
    def answer(self) -> RecipientAnswer:
        """The reply, once the form is valid. All numbers of the letter are none: the whole letter."""
        data, numbers = self.cleaned_data, self.cleaned_data.get("numbers", ())
        if "numbers" in self.fields and set(numbers) == {*(cast(NumbersField, self.fields["numbers"]).among or ())}:
            numbers = ()
        case_number = data.get("case_number", "")
        return RecipientAnswer(AnswerKind(data["kind"]), data["text"], self.decision, numbers, case_number)
