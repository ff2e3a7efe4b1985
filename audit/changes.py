"""Old and new values of changed fields, as audit events record them under `changes`."""

from collections.abc import Mapping
from datetime import date, time

from django.utils.crypto import salted_hmac

from audit.stored_values import JSON

SALT = "audit.changes"
DIGEST_CHARACTERS = 16
# Characters of a text that an event holds whole, and of the beginning of a longer one.
LONGEST_WHOLE = 200
LONGEST_START = 100


def describe_changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, JSON]:
    """Old and new value of each field that differs. `before` is {} for a new row, `after` for a removed one: then every
    field with a value is given, and None on the other side.

    Raises TypeError for a value that an event cannot hold.
    """
    names = sorted({*before, *after})
    pairs = {name: (convert_value(before.get(name)), convert_value(after.get(name))) for name in names}
    if not (before and after):
        pairs = {name: pair for name, pair in pairs.items() if not all(value in (None, "", []) for value in pair)}
    return {name: {"before": was, "after": is_now} for name, (was, is_now) in pairs.items() if was != is_now}


def describe_text(text: str) -> JSON:
    """Length and digest of typed text, which an event must not contain; None for an empty one.

    Two texts have two digests. They are keyed with SECRET_KEY, so that a text cannot be found by trying guesses; under
    another key the same text has another digest.
    """
    if not text:
        return None
    return {"characters": len(text), "digest": digest_text(text)}


def shorten_text(text: str) -> JSON:
    """The text itself, which an event may contain; of a long one its beginning, length and digest."""
    if len(text) <= LONGEST_WHOLE:
        return text
    return {"start": text[:LONGEST_START], "characters": len(text), "digest": digest_text(text)}


def digest_text(text: str) -> str:
    """The keyed digest of a text, as `describe_text` gives it."""
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:DIGEST_CHARACTERS]


def convert_value(value: object) -> JSON:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case date() | time():
            return value.isoformat()
        case list() | tuple():
            return [convert_value(item) for item in value]
        case Mapping():
            return {str(name): convert_value(item) for name, item in value.items()}
        case _:
            raise TypeError(f"An audit event cannot hold {type(value).__name__}.")
