"""The forms of reporters.

Nothing here changes or drops a character; what is refused is shown again.
Every message is the project's own: Django ships none for many languages of portals.
"""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.crypto import constant_time_compare
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from reports.fields import (
    ADDRESS_ATTRS,
    LONGEST_LINE,
    LONGEST_TEXT,
    WORDS_ATTRS,
    AsItIs,
    PlainForm,
    Posted,
    ReceiptCode,
    WordsField,
)
from reports.places import PlaceKind
from reports.questions import ChallengeQuestion
from reports.report_text import SealedTick

NOTHING_REPORTED = _("Please enter the web address (link), or the app and the user name, or what happened.")
# Six bytes of JSON a character, beside the other fields, fit into the largest envelope.
LONGEST_STORY = 5_000


class Tick(TextChoices):
    """Facts that decide how soon an analyst looks, and with which precautions."""

    CHILD_IN_DANGER = "child_in_danger", _("A child may be in danger right now")
    CHILD_KNOWN = "child_known", _("I know the child or the person doing this")
    LOGIN_NEEDED = "login_needed", _("You have to log in to see it")
    PAYMENT_NEEDED = "payment_needed", _("You have to pay to see it")
    LIVE_STREAM = "live_stream", _("It is or was a live stream")


# Danger, and the sealed ticks, before the others.
TICKS_OF_DETAILS = [Tick.choices[0], *SealedTick.choices, *Tick.choices[1:]]

TICKS: dict[str, Any] = {
    "required": False,
    "widget": forms.CheckboxSelectMultiple,
    "error_messages": {"invalid_choice": _("We did not understand one of the ticks. Please tick again.")},
}


class ReportForm(PlainForm):
    """The thing reported: web addresses, or an app and an account for what has none, or what happened. One is enough.

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
    happened = WordsField(
        limit=LONGEST_STORY,
        watched=True,
        required=False,
        label=_("What happened?"),
        help_text=_("For example: what someone writes to a child, or asks for. Please do not give your name."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 3}),
    )
    facts = forms.MultipleChoiceField(
        choices=SealedTick.choices,
        label=_("Do any of these apply?"),
        help_text=_("You do not have to say. It lets us read urgent reports first, and is erased with your words."),
        **TICKS,
    )
    phrase = WordsField(
        limit=LONGEST_LINE,
        watched=False,
        label=_("Access phrase"),
        help_text=_("This portal is not open to everyone yet. Enter the phrase you were given."),
        widget=forms.TextInput(attrs=ADDRESS_ATTRS),
        error_messages={"required": _("Please enter the access phrase you were given.")},
    )
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, access_phrase: str) -> None:
        super().__init__(data)
        self.access_phrase = access_phrase
        if not access_phrase:
            del self.fields["phrase"]

    def clean(self) -> None:
        super().clean()
        if not any(self.data.get(name, "").strip() for name in self.sealed_texts()):
            self.add_error("addresses", ValidationError(NOTHING_REPORTED, code="required"))

    def payload(self) -> dict[str, str | list[str]]:
        """As for every form, without the other fields where they are empty."""
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

    The texts sealed, pointed out, shown again, and typed by the demonstration follow from the fields here;
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
        help_text=_("The day or the time, as best you remember."),
        widget=forms.TextInput(attrs=WORDS_ATTRS),
    )
    facts = forms.MultipleChoiceField(choices=TICKS_OF_DETAILS, label=_("Tick all that apply"), **TICKS)
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, ask_code: bool = False, may_be_empty: bool = False) -> None:
        super().__init__(data)
        self.may_be_empty = may_be_empty
        if not ask_code:
            del self.fields["code"]

    def clean(self) -> None:
        super().clean()
        if not (self.may_be_empty or any(self.data.get(name, "").strip() for name in self.sealed_names())):
            self.add_error(
                "description", _("You have not written anything yet. You can add something, or just close the page.")
            )


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


class LookAgainForm(PlainForm):
    """Why an analyst should look again at what was closed."""

    unsealed = ("as_it_is",)

    again = WordsField(
        limit=LONGEST_TEXT,
        watched=True,
        label=_("Please look again, because"),
        help_text=_(
            "For example: where on the page it is, or what may have been missed. If you still have the web address, "
            "please write it again: we may have erased it. Do not give your name."
        ),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 4}),
        error_messages={"required": _("Please write your reason first.")},
    )
    as_it_is = AsItIs()


def _as_spoken(phrase: str) -> str:
    """A phrase is passed on by mouth: capitals and the number of blanks are not part of the secret."""
    return " ".join(phrase.split()).casefold()
