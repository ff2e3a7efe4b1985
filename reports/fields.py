"""The fields and the base class of public forms: keep the text as typed, take files out, seal the rest."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from reports import receipts
from reports.addresses import mask_addresses
from reports.safety import Personal, find_help_page, is_contact, personal_in, without_files

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
    "You pasted a picture or a file as text. We cannot take pictures or files, so we took it out and left a mark in "
    "its place. Please check the text and send it again."
)
# One message for everything that was found in a field.
PERSONAL = {
    (Personal.EMAIL,): _(
        "“%(field)s” Your text seems to contain an e-mail address. Please take it out, or tick the box below."
    ),
    (Personal.PHONE,): _(
        "“%(field)s” Your text seems to contain a phone number. Please take it out, or tick the box below."
    ),
    (Personal.EMAIL, Personal.PHONE): _(
        "“%(field)s” Your text seems to contain an e-mail address and a phone number. Please take them out, or tick "
        "the box below."
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
    reported: whether it holds what is reported. Then web addresses in it are not searched, and a contact alone passes.
    examples: what a reporter may write in it, in neutral words. The demonstration fills them in.
    """

    def __init__(
        self, *, limit: int, watched: bool, reported: bool = False, examples: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        super().__init__(strip=False, **kwargs)
        self.limit = limit
        self.watched = watched
        self.reported = reported
        self.examples = examples
        # Django's only added validator refuses NUL, which a sealed envelope carries like any other character.
        self.validators.clear()

    def personal_in(self, text: str) -> tuple[Personal, ...]:
        """The kinds of personal data to point out in a text of this field. A text that is too long is refused anyway
        and not searched."""
        if not self.watched or len(text) > self.limit:
            return ()
        kinds = personal_in(text)
        if not (kinds and self.reported):
            return tuple(kinds)
        return () if is_contact(text) else tuple(personal_in(mask_addresses(text)))

    def validate(self, value: str) -> None:
        if self.required and not value.strip():
            raise ValidationError(self.error_messages["required"], code="required")
        # Not `max_length`: the attribute it writes makes browsers cut a pasted text without a word.
        if len(value) > self.limit:
            raise ValidationError(
                _("This text has %(count)d characters, and we can take at most %(limit)d. Please shorten it."),
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
            message = _("There is a mistake in this code: a character is wrong, missing or extra. Please check it.")
        # Outside the `except` block, so that the typed text is not the error's context.
        raise ValidationError(message, code="mistyped")


class PlainForm(forms.Form):
    # The browser's own messages come in the browser's language and hide ours.
    use_required_attribute = False
    # Fields that are read and then dropped: all others are sealed.
    unsealed: tuple[str, ...] = ()

    def __init__(self, data: Posted | None = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        for field in self.fields.values():
            if field.required and isinstance(field, VerbatimField):
                # Not `required`: screen readers call such a field invalid before anything is typed.
                field.widget.attrs["aria-required"] = "true"
        self.pasted: list[str] = []
        if data is None:
            self.fields.pop("as_it_is", None)
        else:
            self._take_out_files(data)

    def _take_out_files(self, data: Posted) -> None:
        """Remove pasted files before any field reads, shows or quotes the text."""
        cleaned: Posted = MultiValueDict(dict(data.lists()))
        for name, field in self.fields.items():
            if isinstance(field, VerbatimField):
                typed = data.getlist(name)
                texts = [without_files(text, str(TAKEN_OUT)) for text in typed]
                if texts != typed:
                    self.pasted.append(name)
                    cleaned.setlist(name, texts)
        self.data = cleaned

    def clean(self) -> None:
        for name in self.pasted:
            if name in self.fields:
                self.add_error(name, ValidationError(FILE, code="file"))
        self._point_out()

    def _point_out(self) -> None:
        """Show the tick where personal data was found; once ticked, it stays."""
        ticked = bool(self.cleaned_data.get("as_it_is"))
        fields = {
            name: kinds
            for name, field in self.fields.items()
            if isinstance(field, WordsField) and (kinds := field.personal_in(self.data.get(name, "")))
        }
        if not fields:
            self.fields.pop("as_it_is", None)
        elif not ticked:
            for name, kinds in fields.items():
                params = {"field": self.fields[name].label}
                self.add_error(name, ValidationError(PERSONAL[kinds], code="personal", params=params))

    def help_page(self) -> str:
        """The slug of the help page for the need in the text of a valid form. Only the answer may know."""
        return find_help_page("\n|\n".join(self.cleaned_data[name] for name in self.sealed_texts()))

    def payload(self) -> dict[str, str | list[str]]:
        """The data of a valid form that is sealed."""
        return {name: self.cleaned_data[name] for name in self.sealed_names()}

    @classmethod
    def sealed_names(cls) -> list[str]:
        return [name for name in cls.base_fields if name not in cls.unsealed]

    @classmethod
    def sealed_texts(cls) -> dict[str, WordsField]:
        """The sealed text fields, by name."""
        fields = {name: cls.base_fields[name] for name in cls.sealed_names()}
        return {name: field for name, field in fields.items() if isinstance(field, WordsField)}


class AsItIs(forms.MultipleChoiceField):
    """The tick that accepts a text with the personal data found in it. Shown only where some was found."""

    def __init__(self) -> None:
        super().__init__(
            choices=[("yes", _("Send it as it is. It is part of my report"))],
            required=False,
            label=_("Send the e-mail address or phone number too?"),
            help_text=_("It may show who you are, or who another person is. We keep it only if you tick this box."),
            widget=forms.CheckboxSelectMultiple,
        )

    def validate(self, value: object) -> None:
        """Every value is valid: only a program can send one."""
