"""Which details of audit events may be typed text. All others are codes, counts, ids, days and digests.

A text under another name, and one that has a web address, is recorded by its length and digest instead: the log is kept
for ever, and is read by people who may not see what was reported. Forms refuse such a text with `refuse_addresses`.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audit.changes import describe_text, digest_text
from audit.stored_values import JSON


class TextRule(Enum):
    """The form of a text, as a pattern of all of it."""

    # No full stop between letters: a host is no code.
    CODE = r"[\w+:/#-]{0,100}(?:\.[0-9]{1,6}(?:[+-][0-9:]{1,6})?)?"
    # A value of a closed set, such as names of jobs and actions.
    DOTTED_CODE = r"[a-z0-9_]{1,50}(?:\.[a-z0-9_]{1,50}){0,5}"
    # Of a person: no name, but the account's id in the log (`audit.log_ids`).
    LOG_ID = r"(?:id:[0-9a-f]{12})?"
    # A person's name: never.
    PERSON = r""
    # The query string of a list: choices.
    FILTERS = r"[\w=&+:-]{0,2000}"
    # A web or mail address of an organisation that the public or recipients are given.
    CONTACT_ADDRESS = r"[^\s<>]{0,500}"
    TELEPHONE = r"[+0-9 ()/.-]{0,40}"
    # A reason, a name of no person, or words for the public.
    WORDS = r"(?s:.*)"


# By the name of the detail.
TEXT_RULES: dict[str, TextRule] = {
    **dict.fromkeys(("reason", "name", "group", "member"), TextRule.WORDS),
    **dict.fromkeys(("account", "actor", "holder", "owner", "requested_by", "username"), TextRule.LOG_ID),
    **dict.fromkeys(("action", "code", "task"), TextRule.DOTTED_CODE),
    "filters": TextRule.FILTERS,
    "phone": TextRule.TELEPHONE,
}
# By the name of a field, below `changes`. An app whose events name fields of its models adds them.
FIELD_RULES: dict[str, TextRule] = {
    "name": TextRule.WORDS,
    "username": TextRule.LOG_ID,
    **dict.fromkeys(("email", "form_address", "proposed_email"), TextRule.CONTACT_ADDRESS),
    "phone": TextRule.TELEPHONE,
}
# Names between a field and its value.
BETWEEN = frozenset({"after", "before", "start"})
# The name of a row, or of a shipped text: "host first en".
CODES = r"[\w+:/#-]{0,100}(?: [\w+:/#-]{0,100}){0,5}"

_SCHEME = re.compile(r"[a-z][a-z0-9+-]{1,20}:\s?//|\bwww\.|[\[({]\s?(?:\.|dot|punkt|punto|point)\s?[\])}]")
_HOST = re.compile(r"[^\W_][\w-]{0,62}\.(?:[\w-]{1,63}\.){0,20}(?:[^\W\d_]{2,63}|xn--[\w-]{1,59}|[0-9]{1,3}\b)")
_NUMBERS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}(?![.\w])")
_FULL_STOPS = str.maketrans("。｡․﹒．", ".....")


def find_web_address(text: str) -> str:
    """The beginning of the first part that reads as a web address, folded; "" if there is none. Takes linear time."""
    folded = unicodedata.normalize("NFKC", text.translate(_FULL_STOPS)).casefold().translate(_FULL_STOPS)
    seen = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    for pattern in (_SCHEME, _HOST):
        for match in pattern.finditer(seen):
            if not _NUMBERS.fullmatch(match[0]):
                return seen[match.start() : match.start() + 60].split()[0]
    return ""


def refuse_addresses(text: str) -> None:
    """Validate typed text that the audit log contains. Raises ValidationError."""
    if part := find_web_address(text):
        raise ValidationError(
            _("“%(part)s” reads as a web address. The audit log contains this text for good: leave addresses out."),
            code="address",
            params={"part": part},
        )


def replace_unlisted_text(details: Mapping[str, JSON]) -> dict[str, JSON]:
    """The details with length and digest in place of each text that an event may not contain."""
    return {
        _listed_key(key, None): _listed_value(value, key, FIELD_RULES if key == "changes" else TEXT_RULES)
        for key, value in details.items()
    }


def _listed_value(value: JSON, name: str, rules: Mapping[str, TextRule]) -> JSON:
    """The value of a detail. `name`: the innermost one that is of a field."""
    rule = rules.get(name, TextRule.CODE)
    match value:
        case str():
            return str(value) if _is_allowed(value, rule) else describe_text(value)
        case Mapping():
            return {
                _listed_key(key, rule): _listed_value(item, name if key in BETWEEN else key, rules)
                for key, item in value.items()
            }
        case list() | tuple():
            return [_listed_value(item, name, rules) for item in value]
        case _:
            return value


def _listed_key(key: str, parent: TextRule | None) -> str:
    """Codes; below a listed field, the names of its rows."""
    if re.fullmatch(CODES, key) or (parent == TextRule.WORDS and not find_web_address(key)):
        return key
    return digest_text(key)


def _is_allowed(text: str, rule: TextRule) -> bool:
    return re.fullmatch(rule.value, text) is not None and not (rule == TextRule.WORDS and find_web_address(text))


def add_field_rules(rules: Mapping[str, TextRule]) -> None:
    """Add fields whose values may be text; a name that has a rule keeps it."""
    FIELD_RULES.update({name: rule for name, rule in rules.items() if name not in FIELD_RULES})
