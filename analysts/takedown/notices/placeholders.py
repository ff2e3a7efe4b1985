"""The closed set of placeholders of notice texts, such as `{reference}`, and their validation and substitution.

Neither `str.format`, whose fields reach attributes, nor a template engine is used: operators write these texts. Values
are substituted once and not scanned for placeholders again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.models import Purpose

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BRACE = re.compile(r"[{}]")
_LINK = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|\bwww\.")


class Placeholder(TextChoices):
    REFERENCE = "reference", gettext_lazy("our reference")
    RECIPIENT = "recipient", gettext_lazy("the recipient’s name")
    HOTLINE = "hotline", gettext_lazy("our own name")
    COUNT = "count", gettext_lazy("number of addresses")
    HOST = "host", gettext_lazy("the hosts, defanged")
    ADDRESSES = (
        "addresses",
        gettext_lazy("the first addresses, defanged, one a line; the attached file has all of them"),
    )
    ANSWER_LINK = "answer_link", gettext_lazy("the reply link; the only link in the letter")
    ANSWER_UNTIL = "answer_until", gettext_lazy("the day until which the link works")
    FIRST_SENT = "first_sent", gettext_lazy("the day of the first notice")
    HOURS = "hours", gettext_lazy("hours since the first notice")


# Subjects must not contain addresses: mail servers log subjects.
IN_SUBJECT = frozenset({Placeholder.REFERENCE, Placeholder.RECIPIENT, Placeholder.HOTLINE, Placeholder.COUNT})
# Required so that the recipient can reply and the reply can be matched to the notice.
NEEDED_IN_SUBJECT = (Placeholder.REFERENCE,)
NEEDED_IN_BODY = (Placeholder.REFERENCE, Placeholder.ANSWER_LINK)
# These refer to an earlier notice, which a first notice does not have.
LATER_ONLY = frozenset({Placeholder.FIRST_SENT, Placeholder.HOURS})


class Unfilled(Exception):
    """A placeholder of the text is unknown or has no value."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder)


def body_placeholders(purpose: Purpose) -> frozenset[Placeholder]:
    return frozenset(Placeholder) - (LATER_ONLY if purpose.comes_first else frozenset())


def fill_placeholders(text: str, values: Mapping[Placeholder, str]) -> str:
    """Substitute the placeholders of the text. Braces in the values are kept literally.

    Raises:
        Unfilled: one is unknown, or its value is missing or empty.
    """

    def value(match: re.Match[str]) -> str:
        value = values.get(Placeholder(match[1])) if match[1] in Placeholder else None
        if not value:
            raise Unfilled(match[1])
        return value

    return _PLACEHOLDER.sub(value, text)


@dataclass(frozen=True, slots=True)
class TextFault:
    """A fault in a text. `line`: counted from 1; 0 if the fault concerns the whole text."""

    message: str
    line: int = 0

    def __str__(self) -> str:
        return (
            _("Line %(line)d: %(message)s") % {"line": self.line, "message": self.message}
            if self.line
            else self.message
        )


def faults_of_subject(text: str) -> list[TextFault]:
    broken = [] if text.isprintable() else [TextFault(_("The subject must be one line without invisible characters."))]
    return [*broken, *_find_faults(text, IN_SUBJECT, NEEDED_IN_SUBJECT)]


def faults_of_body(text: str, purpose: Purpose) -> list[TextFault]:
    return list(_find_faults(text, body_placeholders(purpose), NEEDED_IN_BODY))


def _find_faults(text: str, allowed: frozenset[Placeholder], needed: tuple[Placeholder, ...]) -> Iterator[TextFault]:
    for number, line in enumerate(text.splitlines(), start=1):
        for name in _PLACEHOLDER.findall(line):
            if name not in Placeholder:
                yield TextFault(_("Unknown placeholder {%(name)s}.") % {"name": name}, number)
            elif name not in allowed:
                yield TextFault(_("{%(name)s} cannot be used here.") % {"name": name}, number)
        if _BRACE.search(_PLACEHOLDER.sub("", line)):
            yield TextFault(
                _("Brace outside a placeholder. Placeholder names use lower-case letters: {reference}."), number
            )
        if _LINK.search(line):
            yield TextFault(_("The only link in a notice is {answer_link}."), number)
    for placeholder in needed:
        if f"{{{placeholder}}}" not in text:
            yield TextFault(
                _("{%(name)s} is missing: %(meaning)s.") % {"name": placeholder, "meaning": placeholder.label}
            )
