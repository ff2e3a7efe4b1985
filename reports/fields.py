"""The fields and the base class of public forms: keep the text as typed, take files out, seal the rest."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from reports import receipts
from reports.safety import Personal, in_crisis, personal_in, without_files

LONGEST_TEXT = 20_000
LONGEST_LINE = 2_000

# Length of a recipient's reply to a notice; a longer one is sent by mail.
LONGEST_ANSWER = 5_000

type Posted = MultiValueDict[str, str]

# Switches off what keyboards and phones do to an address: remember, correct, capitalise, reverse its direction.
ADDRESS_ATTRS = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "dir": "ltr"}
# `off` also stops the Back button from restoring typed text on a shared computer.
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


class VerbatimField(forms.CharField):
    """A text field that is shown again as it was typed."""

    def prepare_value(self, value: object) -> object:
        # No page can carry NUL: browsers show and send back U+FFFD. Its symbol at least shows that it was there.
        return value.replace("\0", "\N{SYMBOL FOR NULL}") if isinstance(value, str) else value


class WordsField(VerbatimField):
    """Text taken exactly as it was sent, any character of it, up to `limit` characters.

    watched: whether an e-mail address or a telephone number in it is pointed out before it is taken.
    examples: what a reporter may write in it, in neutral words. The demonstration fills them in.
    """

    def __init__(self, *, limit: int, watched: bool, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.limit = limit
        self.watched = watched
        self.examples = examples
        # Django's only added validator refuses NUL, which a sealed envelope carries like any other character.
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


class ReceiptCode(VerbatimField):
    """A receipt code in any spelling that a person may use; cleans to the canonical one."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Receipt code"),
            help_text=_("21 letters and digits. Capitals, spaces and dashes do not matter."),
            widget=forms.TextInput(attrs=ADDRESS_ATTRS),
            error_messages={"required": _("Please enter the receipt code.")},
        )
        self.validators.clear()

    def clean(self, value: object) -> str:
        typed = super().clean(value)
        try:
            return receipts.parse_code(typed)
        except receipts.Mistyped:
            message = _("This code is mistyped: a character is wrong, missing or too many. Please check it.")
        # Outside the `except` block, so that the typed text is not the error's context.
        raise ValidationError(message, code="mistyped")


class PlainForm(forms.Form):
    # The browser's own messages come in the browser's language and hide ours.
    use_required_attribute = False
    # Fields that are read and then dropped: all others are sealed.
    unsealed: tuple[str, ...] = ()

    def __init__(self, data: Posted | None = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        self.pasted: list[str] = []
        if data is not None:
            self._take_out_files(data)

    def _take_out_files(self, data: Posted) -> None:
        """Remove pasted files before any field reads, shows or quotes the text."""
        cleaned: Posted = MultiValueDict(dict(data.lists()))
        for name, field in self.fields.items():
            if isinstance(field, VerbatimField):
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
        """Show the tick where personal data was found; once ticked, it stays. A text that is too long is refused anyway
        and not searched."""
        ticked = bool(self.cleaned_data.get("as_it_is"))
        watched = {
            name: self.data.get(name, "")
            for name, field in self.fields.items()
            if isinstance(field, WordsField) and field.watched and len(self.data.get(name, "")) <= field.limit
        }
        found = {name: personal_in(text) for name, text in watched.items()}
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
        """Whether the text of a valid form says that its writer is in need now. Only the answer's page may know."""
        return in_crisis("\n|\n".join(self.cleaned_data[name] for name in self.sealed_texts()))

    def payload(self) -> dict[str, str | list[str]]:
        """The data of a valid form that is sealed."""
        return {name: self.cleaned_data[name] for name in self.sealed_names()}

    @classmethod
    def sealed_names(cls) -> list[str]:
        return [name for name in cls.base_fields if name not in cls.unsealed]

    @classmethod
    def sealed_texts(cls) -> dict[str, WordsField]:
        """The sealed text fields, by name."""
        named = {name: cls.base_fields[name] for name in cls.sealed_names()}
        return {name: field for name, field in named.items() if isinstance(field, WordsField)}


class AsItIs(forms.MultipleChoiceField):
    """The tick that accepts a text with the personal data found in it. Shown only where some was found."""

    def __init__(self) -> None:
        super().__init__(
            choices=[("yes", _("Send it as it is: it belongs to what I report"))],
            required=False,
            label=_("An e-mail address or a phone number was found"),
            help_text=_("It is kept only if you say so here."),
            widget=forms.CheckboxSelectMultiple,
        )

    def validate(self, value: object) -> None:
        """Every value is valid: only a program can send one."""
