"""The closed set of placeholders of notice texts, such as `{reference}`, and their validation and substitution.

Neither `str.format`, whose fields reach attributes, nor a template engine is used: operators write these texts. Values
are substituted once and not scanned for placeholders again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.models import Purpose, RecipientKind

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BRACE = re.compile(r"[{}]")
_LINK = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|\bwww\.")
_BLANK_LINES = re.compile(r"\n{3,}")


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
    MATERIAL = "material", gettext_lazy("what it is: child sexual abuse material, or text that assists such abuse")
    LEGAL_GROUND = "legal_ground", gettext_lazy("the reason and its legal ground")
    LEGAL_DUTY = "legal_duty", gettext_lazy("the recipient’s own duties under its law")
    SENDER_STATUS = "sender_status", gettext_lazy("our status as a trusted flagger, towards platforms")
    SEEN_AT = "seen_at", gettext_lazy("when the content was last seen online, in UTC")
    PROVIDER = "provider", gettext_lazy("the hosting provider, as traced")
    NETWORK = "network", gettext_lazy("its network, as traced")
    NETWORK_ADDRESS = "network_address", gettext_lazy("the host’s IP address at that time")
    COUNTRY = "country", gettext_lazy("the hosting country, as traced")
    GOOD_FAITH = "good_faith", gettext_lazy("the statement of good faith, in fixed words")
    UNASSESSED = "unassessed", gettext_lazy("that a child is said to be in danger: not assessed, anonymous, unverified")
    TEAM = "team", gettext_lazy("who signs: a team’s name, never a person’s (HOTLINE_TEAM)")
    MAILBOX = "mailbox", gettext_lazy("our mailbox (HOTLINE_MAILBOX)")
    TELEPHONE = "telephone", gettext_lazy("our telephone number (HOTLINE_TELEPHONE)")
    WEB_PAGE = "web_page", gettext_lazy("our website (HOTLINE_WEBSITE)")
    LETTERS_PAGE = "letters_page", gettext_lazy("the public page that says how our letters look")
    ANSWER_LINK = "answer_link", gettext_lazy("the reply link")
    ANSWER_UNTIL = "answer_until", gettext_lazy("the day until which the link works")
    EARLIER = "earlier", gettext_lazy("the references of the letters that it corrects")
    FIRST_SENT = "first_sent", gettext_lazy("the day of the first notice")
    HOURS = "hours", gettext_lazy("hours since the first notice")
    ANSWERED = "answered", gettext_lazy("the reference of the letter that they answered")
    NUMBERS = "numbers", gettext_lazy("the numbers of the addresses in that letter")
    MESSAGE = "message", gettext_lazy("the chosen answer, or the outcome of the appeal with its reason")


# Subjects must not contain addresses: mail servers log subjects.
IN_SUBJECT = frozenset(
    {
        *(Placeholder.REFERENCE, Placeholder.RECIPIENT, Placeholder.HOTLINE, Placeholder.COUNT, Placeholder.MATERIAL),
    }
)
# Required so that the recipient can reply and the reply can be matched to the notice.
NEEDED_IN_SUBJECT = (Placeholder.REFERENCE,)
NEEDED_IN_BODY = (Placeholder.REFERENCE, Placeholder.ANSWER_LINK)
NEEDED_IN_CORRECTION = (Placeholder.REFERENCE, Placeholder.EARLIER)
# A correction asks for no answer, and counts no time.
OF_A_REPLY = frozenset({Placeholder.ANSWER_LINK, Placeholder.ANSWER_UNTIL, Placeholder.HOURS})
# These refer to an earlier notice, which a first notice does not have.
LATER_ONLY = frozenset({Placeholder.FIRST_SENT, Placeholder.HOURS})
# May be unknown. Each needs a line of its own, which is left out then: an unknown fact never holds a letter.
DROPS_LINE = frozenset(
    {
        *(Placeholder.LEGAL_GROUND, Placeholder.LEGAL_DUTY, Placeholder.SENDER_STATUS, Placeholder.SEEN_AT),
        *(Placeholder.PROVIDER, Placeholder.NETWORK, Placeholder.NETWORK_ADDRESS, Placeholder.COUNTRY),
        *(Placeholder.TEAM, Placeholder.TELEPHONE, Placeholder.WEB_PAGE, Placeholder.LETTERS_PAGE),
        # Letters of earlier releases have none.
        Placeholder.NUMBERS,
    }
)
# Letters that answer a reply have these, and of the others only those about letter and link.
NEEDED_IN_ANSWERS = (Placeholder.ANSWERED, Placeholder.MESSAGE)
ANSWERS_ONLY = frozenset({*NEEDED_IN_ANSWERS, Placeholder.NUMBERS})
IN_ANSWERS = ANSWERS_ONLY | {
    *(Placeholder.REFERENCE, Placeholder.RECIPIENT, Placeholder.HOTLINE),
    *(Placeholder.ANSWER_LINK, Placeholder.ANSWER_UNTIL),
}
# Letters before a verdict have these, and of the others only those about letter and hotline.
NEEDED_IN_ALERTS = (
    *(Placeholder.REFERENCE, Placeholder.UNASSESSED, Placeholder.ADDRESSES, Placeholder.COUNTRY),
    *(Placeholder.TEAM, Placeholder.MAILBOX, Placeholder.TELEPHONE),
)
IN_ALERTS = frozenset(
    {
        *NEEDED_IN_ALERTS,
        *(Placeholder.RECIPIENT, Placeholder.HOTLINE, Placeholder.COUNT, Placeholder.HOST),
        *(Placeholder.WEB_PAGE, Placeholder.LETTERS_PAGE),
    }
)
# They would tell the recipient when we looked, and that its hidden server is known.
OF_A_LOOK = frozenset({Placeholder.SEEN_AT, Placeholder.NETWORK_ADDRESS})

_IN_EVERY_FIRST = (
    *(Placeholder.LEGAL_GROUND, Placeholder.ADDRESSES, Placeholder.PROVIDER, Placeholder.NETWORK, Placeholder.COUNTRY),
    *(Placeholder.GOOD_FAITH, Placeholder.TEAM, Placeholder.MAILBOX, Placeholder.TELEPHONE, Placeholder.WEB_PAGE),
)
_WITH_LOOK = (*_IN_EVERY_FIRST, Placeholder.SEEN_AT, Placeholder.NETWORK_ADDRESS)
# By kind of recipient, the facts without which no first notice is complete.
COMPULSORY: Mapping[RecipientKind, tuple[Placeholder, ...]] = {
    RecipientKind.HOST: (*_WITH_LOOK, Placeholder.LEGAL_DUTY),
    RecipientKind.OWNER: _IN_EVERY_FIRST,
    RecipientKind.REGISTRAR: _IN_EVERY_FIRST,
    RecipientKind.PLATFORM: (*_WITH_LOOK, Placeholder.LEGAL_DUTY, Placeholder.SENDER_STATUS),
    RecipientKind.POLICE: _WITH_LOOK,
    RecipientKind.HOTLINE: _WITH_LOOK,
}


class Unfilled(Exception):
    """A placeholder of the text is unknown or has no value."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder)


def body_placeholders(kind: RecipientKind, purpose: Purpose) -> frozenset[Placeholder]:
    """The placeholders that a text of this kind and purpose may contain."""
    if purpose.row.answers_reply:
        return IN_ANSWERS
    if purpose.row.is_unassessed:
        return IN_ALERTS
    excluded = {Placeholder.UNASSESSED, *ANSWERS_ONLY, *(LATER_ONLY if purpose.row.comes_first else ())}
    excluded |= {Placeholder.EARLIER} if purpose.row.asks else OF_A_REPLY
    if not kind.row.sees_times:
        excluded |= OF_A_LOOK
    if kind != RecipientKind.PLATFORM:
        excluded.add(Placeholder.SENDER_STATUS)
    return frozenset(Placeholder) - excluded


def compulsory_placeholders(kind: RecipientKind, purpose: Purpose) -> tuple[Placeholder, ...]:
    if purpose.row.answers_reply:
        return (*NEEDED_IN_BODY, *NEEDED_IN_ANSWERS)
    if purpose.row.is_unassessed:
        return NEEDED_IN_ALERTS
    needed = NEEDED_IN_BODY if purpose.row.asks else NEEDED_IN_CORRECTION
    return (*needed, *(COMPULSORY[kind] if purpose.row.comes_first else ()))


def missing_placeholders(text: str, placeholders: Iterable[Placeholder]) -> list[Placeholder]:
    return [placeholder for placeholder in placeholders if f"{{{placeholder}}}" not in text]


def fill_placeholders(text: str, values: Mapping[Placeholder, str]) -> str:
    """Substitute the placeholders of the text. Braces in the values are kept literally.

    A line with an unknown fact is left out, and blank lines around it become one.

    Raises:
        Unfilled: a placeholder is unknown, or its value is missing or empty, and it is not one of `DROPS_LINE`.
    """

    def value(match: re.Match[str]) -> str:
        value = values.get(Placeholder(match[1])) if match[1] in Placeholder else None
        if not value:
            raise Unfilled(match[1])
        return value

    unknown = [placeholder for placeholder in DROPS_LINE if not values.get(placeholder)]
    lines = [line for line in text.split("\n") if len(missing_placeholders(line, unknown)) == len(unknown)]
    return _PLACEHOLDER.sub(value, _BLANK_LINES.sub("\n\n", "\n".join(lines)))


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


def faults_of_body(text: str, kind: RecipientKind, purpose: Purpose) -> list[TextFault]:
    needed = compulsory_placeholders(kind, purpose)
    return [
        *_find_faults(text, body_placeholders(kind, purpose), needed),
        *_find_crowded_lines(text),
        *([TextFault(_("The first line has to be {unassessed}."), 1)] if _begins_late(text, purpose) else []),
    ]


def _begins_late(text: str, purpose: Purpose) -> bool:
    return purpose.row.is_unassessed and text.strip().split("\n")[0].strip() != f"{{{Placeholder.UNASSESSED}}}"


def _find_crowded_lines(text: str) -> Iterator[TextFault]:
    """Lines that would be left out together with another placeholder."""
    for number, line in enumerate(text.splitlines(), start=1):
        names = _PLACEHOLDER.findall(line)
        for name in (name for name in names if name in DROPS_LINE and len(names) > 1):
            yield TextFault(_("{%(name)s} needs a line without other placeholders.") % {"name": name}, number)


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
            yield TextFault(
                _("Links come from {answer_link}, {web_page} and {letters_page} only. Remove the link."), number
            )
    for placeholder in missing_placeholders(text, needed):
        yield TextFault(_("{%(name)s} is missing: %(meaning)s.") % {"name": placeholder, "meaning": placeholder.label})
