"""The forms of reporters and of notices' recipients.

Nothing here changes or drops a character; what is refused is shown again.
Every message is the project's own: Django ships none for many languages of portals.
"""

from typing import TYPE_CHECKING, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.crypto import constant_time_compare
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from reports.fields import (
    ADDRESS_ATTRS,
    LONGEST_ANSWER,
    LONGEST_LINE,
    LONGEST_TEXT,
    WORDS_ATTRS,
    AsItIs,
    PlainForm,
    Posted,
    ReceiptCode,
    WordsField,
)
from reports.notices import (
    NOTHING_DECIDED,
    AnswerKind,
    DecisionGround,
    RecipientAction,
    RecipientDecision,
    YesOrNo,
    goes_with,
)
from reports.places import PlaceKind
from reports.questions import ChallengeQuestion

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

NOTHING_REPORTED = _("Please enter the web address (link), or the app and the user name.")


class Tick(TextChoices):
    """Facts that decide how soon an analyst looks, and with which precautions."""

    CHILD_IN_DANGER = "child_in_danger", _("A child may be in danger right now")
    CHILD_KNOWN = "child_known", _("I know the child or the person who does this")
    LOGIN_NEEDED = "login_needed", _("You have to log in to see it")
    PAYMENT_NEEDED = "payment_needed", _("You have to pay to see it")
    LIVE_STREAM = "live_stream", _("It is or was a live stream")


class ReportForm(PlainForm):
    """What is reported: web addresses, or an app and an account for what has none. Either is enough.

    A restricted portal asks for its access phrase as well; "" asks for none.
    """

    unsealed = ("phrase", "as_it_is")

    addresses = WordsField(
        limit=LONGEST_TEXT,
        watched=True,
        reported=True,
        required=False,
        label=_("What is the web address (link)?"),
        help_text=_("Copy it from the browser, or type it. Put each one on its own line. No link? Use the next part."),
        widget=forms.Textarea(attrs={**ADDRESS_ATTRS, "rows": 3}),
    )
    platform = WordsField(
        limit=LONGEST_LINE,
        watched=False,
        required=False,
        label=_("Which app, game or platform is it on?"),
        widget=forms.TextInput(attrs=WORDS_ATTRS),
    )
    # The numbers and names in it are what is reported.
    account = WordsField(
        limit=LONGEST_LINE,
        watched=False,
        required=False,
        label=_("Which user name, phone number or group?"),
        help_text=_("Write it as the app shows it."),
        widget=forms.TextInput(attrs={**WORDS_ATTRS, "autocapitalize": "off", "spellcheck": "false"}),
    )
    phrase = WordsField(
        limit=LONGEST_LINE,
        watched=False,
        label=_("Access phrase"),
        help_text=_("This portal is not open to everybody yet. Enter the phrase you were given."),
        widget=forms.TextInput(attrs=ADDRESS_ATTRS),
        error_messages={"required": _("Please enter the access phrase you were given.")},
    )
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, access_phrase: str) -> None:
        super().__init__(data)
        self.access_phrase = access_phrase
        if not access_phrase:
            del self.fields["phrase"]
        if data is None:
            del self.fields["as_it_is"]

    def clean(self) -> None:
        super().clean()
        if not any(self.data.get(name, "").strip() for name in self.sealed_names()):
            self.add_error("addresses", ValidationError(NOTHING_REPORTED, code="required"))

    def payload(self) -> dict[str, str | list[str]]:
        """As for every form, without the fields of the app where they are empty."""
        return {name: text for name, text in super().payload().items() if text or name == "addresses"}

    def ask(self, question: ChallengeQuestion, *, again: bool) -> None:
        """Show a plain question above the form, its field blank; `again` says that the last answer was wrong."""
        widget = forms.TextInput({**WORDS_ATTRS, "aria-required": "true"})
        reply = WordsField(limit=LONGEST_LINE, watched=False, label=question.text, widget=widget)
        self.fields = {"reply": reply} | self.fields
        others = cast(Posted, self.data).lists()
        self.data = MultiValueDict({name: values for name, values in others if name != "reply"})
        if again:
            self.add_error("reply", _("That answer was wrong. Please answer this question."))

    def clean_phrase(self) -> str:
        typed: str = self.cleaned_data["phrase"]
        if not constant_time_compare(_as_spoken(typed), _as_spoken(self.access_phrase)):
            raise ValidationError(_("This is not the access phrase of this portal."), code="wrong_phrase")
        return typed


class DetailsForm(PlainForm):
    """Optional details for the analyst. `ask_code` where no other field identifies the report, `may_be_empty` where
    the form is only shown again.

    What is sealed, pointed out, shown again and typed by the demonstration and the proofs follows from the fields here;
    analysts see a text under its label in `analysts.assessment.reports_section`.
    """

    unsealed = ("code", "as_it_is")
    places = PlaceKind

    code = ReceiptCode()
    description = WordsField(
        limit=LONGEST_TEXT,
        watched=True,
        examples=(
            "Picture gallery seen through a search result.",
            "A link in the comments under a video led here.",
            "An album that was shared in a public group.",
            "A pop-up opened this page while I read the news.",
            "The page loads slowly and shows many small pictures.",
        ),
        required=False,
        label=_("What did you see, and how did you find it?"),
        help_text=_("In your own words. Please do not go back to look, and do not give your name."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 5}),
    )
    found_on = WordsField(
        limit=LONGEST_LINE,
        watched=True,
        examples=("search result", "social network", "chat app", "forum", "e-mail", ""),
        required=False,
        label=_("Where did you find it?"),
        help_text=_("For example: a web page, a social network, an app or a private chat."),
        widget=forms.TextInput(attrs={**WORDS_ATTRS, "list": "found-on-places"}),
    )
    seen_on = WordsField(
        limit=LONGEST_LINE,
        # A date is easily mistaken for a telephone number.
        watched=False,
        examples=("yesterday evening", "this morning", "last week", ""),
        required=False,
        label=_("When did you see it?"),
        help_text=_("The day or the time, as well as you remember."),
        widget=forms.TextInput(attrs=WORDS_ATTRS),
    )
    facts = forms.MultipleChoiceField(
        choices=Tick.choices,
        required=False,
        label=_("Tick everything that is true"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("We did not understand one of the ticks. Please tick again.")},
    )
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, ask_code: bool = False, may_be_empty: bool = False) -> None:
        super().__init__(data)
        self.may_be_empty = may_be_empty
        if not ask_code:
            del self.fields["code"]
        if data is None:
            del self.fields["as_it_is"]

    def clean(self) -> None:
        super().clean()
        if not (self.may_be_empty or any(self.data.get(name, "").strip() for name in self.sealed_names())):
            self.add_error("description", _("You have not written anything yet. Add what you like, or just leave."))


class StatusForm(PlainForm):
    unsealed = ("code",)

    code = ReceiptCode()


class AnswerForm(PlainForm):
    """The reporter's answer to a message."""

    unsealed = ("as_it_is",)

    answer = WordsField(
        limit=LONGEST_TEXT,
        watched=True,
        label=_("Your answer"),
        help_text=_("Do not give your name. We do not need to know who you are."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 4}),
        error_messages={"required": _("Please write an answer first.")},
    )
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        if data is None:
            del self.fields["as_it_is"]


DOES_NOT_FIT = _("This does not fit your answer above. Please change one of the two.")


def _choice_field(
    choices: type[TextChoices], *, label: "StrPromise", help_text: "StrPromise | str" = ""
) -> forms.ChoiceField:
    """A choice that may be left open."""
    return forms.ChoiceField(
        choices=[("", _("No answer")), *choices.choices],
        required=False,
        label=label,
        help_text=help_text,
        error_messages={"invalid_choice": _("We did not understand this answer. Please choose one of these.")},
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
    ground = _choice_field(DecisionGround, label=_("What is that based on?"))
    automated = _choice_field(YesOrNo, label=_("Did a machine alone decide?"))
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
        said, action = self._said_of_decision(), self.decision.action
        if action and not goes_with(kind, action):
            self.add_error("action", DOES_NOT_FIT)
        elif action is None and not said and not kind.row.asks_action:
            return
        elif action is None and kind.row.actions:
            self.add_error("action", _("Please choose what you did."))
        elif action is None:
            self.add_error(said[0], DOES_NOT_FIT)

    def _said_of_decision(self) -> list[str]:
        return [name for name in ("action", "ground", "automated", "redress") if self.cleaned_data.get(name)]

    @property
    def decision(self) -> RecipientDecision:
        """What the recipient says that it did; what its answer implies is not repeated."""
        if not self._said_of_decision():
            return NOTHING_DECIDED
        return RecipientDecision.read(self.cleaned_data, AnswerKind(self.cleaned_data["kind"]))


def _as_spoken(phrase: str) -> str:
    """A phrase is passed on by mouth: capitals and the number of blanks are not part of the secret."""
    return " ".join(phrase.split()).casefold()
