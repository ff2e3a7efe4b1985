"""What a reporter, or the addressee of a notice, may type.

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

from reports import receipts
from reports.notices import AnswerKind
from reports.places import Place
from reports.questions import Question
from reports.safety import Personal, in_crisis, personal_in, without_files

LONGEST_TEXT = 20_000
LONGEST_LINE = 2_000

# What somebody answers to a letter; who has more to say writes one.
LONGEST_ANSWER = 5_000

type Posted = MultiValueDict[str, str]


class Tick(TextChoices):
    """Facts that decide how soon an analyst looks, and what they need for it."""

    CHILD_IN_DANGER = "child_in_danger", _("A child may be in danger right now")
    CHILD_KNOWN = "child_known", _("I know the child or the person who does this")
    LOGIN_NEEDED = "login_needed", _("You have to log in to see it")
    PAYMENT_NEEDED = "payment_needed", _("You have to pay to see it")
    LIVE_STREAM = "live_stream", _("It is or was a live stream")


# What keyboards and phones would do to an address: remember it, correct it, capitalise it, turn it round.
ADDRESS_ATTRS = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "dir": "ltr"}
# `off` is also what keeps Back from bringing typed words back on a shared computer.
WORDS_ATTRS = {"autocomplete": "off", "dir": "auto"}


TAKEN_OUT = _("[a picture or file was taken out here]")
FILE = _(
    "That is a picture or file pasted as text; nothing like that can be taken here. It was taken out, and a mark "
    "stands in its place. Please look at the text and send it again."
)
PERSONAL = {
    Personal.EMAIL: _(
        "“%(field)s” It looks as if there is an e-mail address in it. That may tell who you are, or who somebody else "
        "is. Please take it out, or tick below to send it as it is."
    ),
    Personal.PHONE: _(
        "“%(field)s” It looks as if there is a phone number in it. That may tell who you are, or who somebody else is. "
        "Please take it out, or tick below to send it as it is."
    ),
}


MISSING_WORDS = {
    AnswerKind.NOT_OURS: _("Please write who hosts it, as far as you know."),
    AnswerKind.NEED_MORE: _("Please write what you need from us."),
    AnswerKind.CONTESTED: _("Please write why you contest it."),
}


class Kept(forms.CharField):
    """A text field that is shown again as it was typed."""

    def prepare_value(self, value: Any) -> Any:
        # No page can carry NUL: browsers show and send back U+FFFD. Its picture at least tells what stood there.
        return value.replace("\0", "\N{SYMBOL FOR NULL}") if isinstance(value, str) else value


class Words(Kept):
    """Text taken exactly as it was sent, any character of it, up to `limit` characters.

    watched: whether an e-mail address or a telephone number in it is pointed out before it is taken.
    examples: what a reporter may write in it, in neutral words. The demonstration fills them in.
    """

    def __init__(self, *, limit: int, watched: bool, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.limit = limit
        self.watched = watched
        self.examples = examples
        # The only one Django adds refuses NUL, which a sealed envelope carries like any other character.
        self.validators.clear()

    def validate(self, value: str) -> None:
        if self.required and not value.strip():
            raise ValidationError(self.error_messages["required"], code="required")
        # Not `max_length`: the attribute it writes makes browsers cut a pasted text without a word.
        if len(value) > self.limit:
            raise ValidationError(
                _("This text has %(count)d characters. At most %(limit)d can be taken: please shorten it."),
                code="too_long",
                params={"count": len(value), "limit": self.limit},
            )


class ReceiptCode(Kept):
    """A receipt code in any spelling a person gives it; cleans to the canonical one."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Receipt code"),
            help_text=_("21 letters and digits. Capitals, spaces and dashes do not matter."),
            widget=forms.TextInput(attrs=ADDRESS_ATTRS),
            error_messages={"required": _("Please enter the receipt code.")},
        )
        self.validators.clear()

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return receipts.parse_code(typed)
        except receipts.Mistyped:
            message = _("This code is mistyped: a character is wrong, missing or too many. Please check it.")
        # Out here, so that what was typed does not hang on the error as its context.
        raise ValidationError(message, code="mistyped")


class PlainForm(forms.Form):
    # The browser's own messages come in the browser's language and hide ours.
    use_required_attribute = False
    # The fields that are read and forgotten: all others are sealed.
    unsealed: tuple[str, ...] = ()

    def __init__(self, data: Posted | None = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        self.pasted: list[str] = []
        if data is not None:
            self._take_out_files(data)

    def _take_out_files(self, data: Posted) -> None:
        """Before any field reads, shows or quotes it in a message."""
        cleaned: Posted = MultiValueDict(dict(data.lists()))
        for name, field in self.fields.items():
            if isinstance(field, Kept):
                typed = data.getlist(name)
                kept = [without_files(each, str(TAKEN_OUT)) for each in typed]
                if kept != typed:
                    self.pasted.append(name)
                    cleaned.setlist(name, kept)
        self.data = cleaned

    def clean(self) -> None:
        for name in self.pasted:
            if name in self.fields:
                self.add_error(name, ValidationError(FILE, code="file"))
        self._point_out()

    def _point_out(self) -> None:
        """The tick is there for whom it concerns, and stays, ticked, once it was ticked."""
        ticked = bool(self.cleaned_data.get("as_it_is"))
        watched = [name for name, field in self.fields.items() if isinstance(field, Words) and field.watched]
        found = {name: personal_in(self.data.get(name, "")[:LONGEST_TEXT]) for name in watched}
        if not any(found.values()):
            self.fields.pop("as_it_is", None)
        elif not ticked:
            for name, kinds in found.items():
                for kind in kinds:
                    message = ValidationError(
                        PERSONAL[kind], code="personal", params={"field": self.fields[name].label}
                    )
                    self.add_error(name, message)

    def in_crisis(self) -> bool:
        """Whether the words of a valid form say that somebody is in need now. Only the answer's page may know."""
        return in_crisis("\n|\n".join(self.cleaned_data[name] for name in self.sealed_texts()))

    def payload(self) -> dict[str, str | list[str]]:
        """What is sealed of a valid form."""
        return {name: self.cleaned_data[name] for name in self.sealed_names()}

    @classmethod
    def sealed_names(cls) -> list[str]:
        return [name for name in cls.base_fields if name not in cls.unsealed]

    @classmethod
    def sealed_texts(cls) -> dict[str, Words]:
        """The sealed fields that take words, by name."""
        named = {name: cls.base_fields[name] for name in cls.sealed_names()}
        return {name: field for name, field in named.items() if isinstance(field, Words)}


class AsItIs(forms.MultipleChoiceField):
    """The tick that takes a text with what was pointed out in it. Shown only where something was."""

    def __init__(self) -> None:
        super().__init__(
            choices=[("yes", _("Send it as it is: it belongs to what I report"))],
            required=False,
            label=_("An e-mail address or a phone number was found"),
            help_text=_("It is kept only if you say so here."),
            widget=forms.CheckboxSelectMultiple,
        )

    def validate(self, value: Any) -> None:
        """Whatever a program sends here: nothing to complain of."""


class ReportForm(PlainForm):
    """The one question. A restricted portal asks for its access phrase as well; "" asks for none."""

    unsealed = ("phrase",)

    addresses = Words(
        limit=LONGEST_TEXT,
        watched=False,
        label=_("What is the address?"),
        help_text=_("Copy it from the address bar, or type it. Put each address on a line of its own."),
        widget=forms.Textarea(attrs={**ADDRESS_ATTRS, "rows": 4}),
        error_messages={"required": _("Please enter the address of the page, picture or video.")},
    )
    phrase = Words(
        limit=LONGEST_LINE,
        watched=False,
        label=_("Access phrase"),
        help_text=_("This portal is not open to everybody yet. Enter the phrase you were given."),
        widget=forms.TextInput(attrs=ADDRESS_ATTRS),
        error_messages={"required": _("Please enter the access phrase you were given.")},
    )

    def __init__(self, data: Posted | None = None, *, access_phrase: str) -> None:
        super().__init__(data)
        self.access_phrase = access_phrase
        if not access_phrase:
            del self.fields["phrase"]

    def ask(self, question: Question, *, again: bool) -> None:
        """Show a plain question first of all, its field blank; `again` says that the last answer was wrong."""
        widget = forms.TextInput(WORDS_ATTRS)
        reply = Words(limit=LONGEST_LINE, watched=False, label=question.text, widget=widget)
        self.fields = {"reply": reply} | self.fields
        others = cast(Posted, self.data).lists()
        self.data = MultiValueDict({name: values for name, values in others if name != "reply"})
        if again:
            self.add_error("reply", _("That was not the answer. Please answer this question."))

    def clean_phrase(self) -> str:
        typed: str = self.cleaned_data["phrase"]
        if not constant_time_compare(_as_spoken(typed), _as_spoken(self.access_phrase)):
            raise ValidationError(_("This is not the access phrase of this portal."), code="wrong_phrase")
        return typed


class DetailsForm(PlainForm):
    """What helps an analyst and is never compulsory. `ask_code` where nothing else tells which report it is about.

    What is sealed, pointed out, shown again and typed by the demonstration and the proofs follows from the fields here;
    analysts see a text under its label in `analysts.assessment.reports_section`.
    """

    unsealed = ("code", "as_it_is")
    places = Place

    code = ReceiptCode()
    description = Words(
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
        label=_("What did you see, and how did you come upon it?"),
        help_text=_("In your own words. Please do not go back to look again, and do not name yourself."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 5}),
    )
    found_on = Words(
        limit=LONGEST_LINE,
        watched=True,
        examples=("search result", "social network", "chat app", "forum", "e-mail", ""),
        required=False,
        label=_("Where did you find it?"),
        help_text=_("For example a web page, a social network, an app or a private chat."),
        widget=forms.TextInput(attrs={**WORDS_ATTRS, "list": "found-on-places"}),
    )
    seen_on = Words(
        limit=LONGEST_LINE,
        # A date is easily taken for a telephone number.
        watched=False,
        examples=("yesterday evening", "this morning", "last week", ""),
        required=False,
        label=_("When did you see it?"),
        help_text=_("A day or a time, as exactly as you like."),
        widget=forms.TextInput(attrs=WORDS_ATTRS),
    )
    facts = forms.MultipleChoiceField(
        choices=Tick.choices,
        required=False,
        label=_("Tick whatever is true"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of the ticks was not understood. Please tick again.")},
    )
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, ask_code: bool = False) -> None:
        super().__init__(data)
        if not ask_code:
            del self.fields["code"]
        if data is None:
            del self.fields["as_it_is"]

    def clean(self) -> None:
        super().clean()
        if not any(self.data.get(name, "").strip() for name in self.sealed_names()):
            self.add_error("description", _("Nothing is filled in yet. Add what you like, or just leave."))


class StatusForm(PlainForm):
    unsealed = ("code",)

    code = ReceiptCode()


class AnswerForm(PlainForm):
    """The reporter's answer to a message."""

    unsealed = ("as_it_is",)

    answer = Words(
        limit=LONGEST_TEXT,
        watched=True,
        label=_("Your answer"),
        help_text=_("Do not name yourself: nobody here needs to know who you are."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 4}),
        error_messages={"required": _("Please write an answer first.")},
    )
    as_it_is = AsItIs()

    def __init__(self, data: Posted | None = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        if data is None:
            del self.fields["as_it_is"]


class NoticeForm(PlainForm):
    """What the addressee of a notice answers."""

    # They say nothing by themselves: who hosts it, what is needed, why it is contested.
    need_words = frozenset({AnswerKind.NOT_OURS, AnswerKind.NEED_MORE, AnswerKind.CONTESTED})

    kind = forms.ChoiceField(
        choices=AnswerKind.choices,
        label=_("What is your answer?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("This answer was not understood. Please choose one of these."),
        },
    )
    text = Words(
        limit=LONGEST_ANSWER,
        watched=False,
        required=False,
        label=_("In your words"),
        help_text=_("Needed with the last three answers: who hosts it, what you need, or why you contest it."),
        widget=forms.Textarea(attrs={**WORDS_ATTRS, "rows": 5}),
    )

    def clean(self) -> None:
        super().clean()
        kind = self.cleaned_data.get("kind")
        if kind in self.need_words and not self.data.get("text", "").strip():
            self.add_error("text", MISSING_WORDS[AnswerKind(kind)])


def _as_spoken(phrase: str) -> str:
    """A phrase goes from mouth to mouth: capitals and the number of blanks are no part of the secret."""
    return " ".join(phrase.split()).casefold()
