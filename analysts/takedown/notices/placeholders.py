"""What a text of notices leaves open, `{reference}` and its like: a closed set, put in once and never read again.

Not `str.format`, whose fields reach attributes, nor templates of any kind: a text is words with holes in it.
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
    COUNT = "count", gettext_lazy("how many addresses it is about")
    HOST = "host", gettext_lazy("the hosts, defanged")
    ADDRESSES = (
        "addresses",
        gettext_lazy("the first addresses, defanged, one a line; the attached file has all of them"),
    )
    ANSWER_LINK = "answer_link", gettext_lazy("the link by which they answer; the only link in the letter")
    ANSWER_UNTIL = "answer_until", gettext_lazy("the day until which the link works")
    FIRST_SENT = "first_sent", gettext_lazy("the day of the first notice")
    HOURS = "hours", gettext_lazy("hours since the first notice")


# No address stands in a subject: mail servers write subjects to their logs.
IN_SUBJECT = frozenset({Placeholder.REFERENCE, Placeholder.RECIPIENT, Placeholder.HOTLINE, Placeholder.COUNT})
# Without them nobody could answer, or know what an answer is about.
NEEDED_IN_SUBJECT = (Placeholder.REFERENCE,)
NEEDED_IN_BODY = (Placeholder.REFERENCE, Placeholder.ANSWER_LINK)
# A first notice has nothing before it.
LATER_ONLY = frozenset({Placeholder.FIRST_SENT, Placeholder.HOURS})


class Unfilled(Exception):
    """The text asks for something that there is nothing to put in for."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder)


def body_placeholders(purpose: Purpose) -> frozenset[Placeholder]:
    return frozenset(Placeholder) - (LATER_ONLY if purpose.comes_first else frozenset())


def fill_placeholders(text: str, values: Mapping[Placeholder, str]) -> str:
    """The text with its placeholders put in. What is put in is not looked at: braces in it are braces.

    Raises:
        Unfilled: one is unknown, or its value is missing or empty.
    """

    def value(match: re.Match[str]) -> str:
        found = values.get(Placeholder(match[1])) if match[1] in Placeholder else None
        if not found:
            raise Unfilled(match[1])
        return found

    return _PLACEHOLDER.sub(value, text)


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with a text, and in which of its lines, counted from 1; 0 where it is about the whole."""

    message: str
    line: int = 0

    def __str__(self) -> str:
        return (
            _("Line %(line)d: %(message)s") % {"line": self.line, "message": self.message}
            if self.line
            else self.message
        )


def faults_of_subject(text: str) -> list[TextFault]:
    broken = (
        [] if text.isprintable() else [TextFault(_("A subject is one line, without characters that cannot be seen."))]
    )
    return [*broken, *_find_faults(text, IN_SUBJECT, NEEDED_IN_SUBJECT)]


def faults_of_body(text: str, purpose: Purpose) -> list[TextFault]:
    return list(_find_faults(text, body_placeholders(purpose), NEEDED_IN_BODY))


def _find_faults(text: str, allowed: frozenset[Placeholder], needed: tuple[Placeholder, ...]) -> Iterator[TextFault]:
    for number, line in enumerate(text.splitlines(), start=1):
        for name in _PLACEHOLDER.findall(line):
            if name not in Placeholder:
                yield TextFault(_("There is no placeholder {%(name)s}.") % {"name": name}, number)
            elif name not in allowed:
                yield TextFault(_("{%(name)s} cannot be used here.") % {"name": name}, number)
        if _BRACE.search(_PLACEHOLDER.sub("", line)):
            yield TextFault(
                _("A brace that is no part of a placeholder. Their names are small letters: {reference}."), number
            )
        if _LINK.search(line):
            yield TextFault(_("The only link in a notice is {answer_link}."), number)
    for placeholder in needed:
        if f"{{{placeholder}}}" not in text:
            yield TextFault(
                _("{%(name)s} is missing: %(meaning)s.") % {"name": placeholder, "meaning": placeholder.label}
            )
