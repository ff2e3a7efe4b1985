"""Fields for values that PostgreSQL holds and Python does not: an event appended long ago may have one.

`audit_append` refuses them today. Readers get a stand-in of the usual type, so that no page, command, stream or export
ends because of one event; the stand-in has the text as it is stored, and the text that its hash covers.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Self

from django.db import models

from audit.generic_classes import DateTimeField

type JSON = bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None

# As `audit_append` hashes the time.
HASHED_TIME = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
# Only a time that Python does not hold has a "|".
SELECTED_TIME = (
    "CASE WHEN {0} BETWEEN '0001-01-02 00:00:00+00' AND '9999-12-30 00:00:00+00' THEN "
    + HASHED_TIME
    + " ELSE concat("
    + HASHED_TIME
    + ", '|', ({0})::text) END"
)
# Further levels would be too many for Python functions and templates that call themselves.
MOST_LEVELS = 16
# Longer numbers are no integers to Python.
MOST_DIGITS = 4300


class UnreadableTime(datetime):
    """The first or last time that Python holds, in place of one beyond.

    `text`: the time as PostgreSQL writes it; `hashed`: as the event's hash covers it.
    """

    text: str
    hashed: str | None

    @classmethod
    def from_text(cls, text: str, hashed: str | None) -> Self:
        is_past = text.startswith("-") or text.endswith(" BC")
        # A day from the ends, so that every time zone has it.
        time = cls(1, 1, 2, tzinfo=UTC) if is_past else cls(9999, 12, 30, tzinfo=UTC)
        time.text, time.hashed = text, hashed
        return time


class UnreadableDetails(dict[str, Any]):
    """No details, in place of those that Python does not hold or that are no object. `text`: as they are stored."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class EventTimeField(DateTimeField[str | datetime, datetime]):
    """A time; an `UnreadableTime` if Python does not hold it."""

    def select_format(self, compiler: Any, sql: str, params: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
        """The time as text: the driver refuses a whole row for one that Python does not hold."""
        return SELECTED_TIME.format(sql), (*params,) * 4

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> datetime | None:
        if value is None:
            return None
        hashed, mark, text = value.partition("|")
        return UnreadableTime.from_text(text, hashed or None) if mark else datetime.fromisoformat(value)


class EventDetailsField(models.JSONField):
    """An object; `UnreadableDetails` if Python or a page cannot hold it."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(expression, models.expressions.Col):
            return read_details(value)
        return super().from_db_value(value, expression, connection)


def read_details(text: str) -> dict[str, Any]:
    try:
        details = json.loads(text)
    except (ValueError, RecursionError):
        return UnreadableDetails(text)
    if isinstance(details, dict) and _has_few_levels(details, MOST_LEVELS):
        return details
    return UnreadableDetails(text)


def _has_few_levels(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    items = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_has_few_levels(item, levels - 1) for item in items)


def write_canonical(values: dict[str, Any]) -> str:
    """Canonical JSON of an event's fields: keys by code point, no spaces, only JSON's own escapes.

    The values of unreadable fields are those that are stored. Raises ValueError for a fraction, RecursionError for
    details with more levels than `audit_append` could ever hash.
    """
    # Python writes no number with so many digits: it is a string while the text is written, under a name that no
    # event can know.
    name = token_hex(16)
    details = values["details"]
    if isinstance(details, UnreadableDetails):
        details = json.loads(
            details.text, parse_int=lambda digits: int(digits) if len(digits) < MOST_DIGITS else f"{name}:{digits}"
        )
    text = json.dumps(
        values | {"details": details}, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return re.sub(f'"{name}:(-?[0-9]+)"', r"\1", text)
