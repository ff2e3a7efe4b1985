"""Parsing and formatting of blocked days (one day or range per line) and workdays (abbreviated names)."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Limits in days for one recipient and for one range: generous for real absences, and cheap to process.
MOST_DAYS = 400
LONGEST_RANGE = 92
DAY = r"\d{4}-\d{2}-\d{2}"
_RANGE = re.compile(rf"({DAY})(?:\s*(?:\.\.|–|-|to)\s*({DAY}))?", re.IGNORECASE)
# Names of the weekdays in import files, Monday first.
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days_of(lines: Iterable[str]) -> list[date]:
    """Return the distinct days in the lines, sorted. Raises ValidationError with at most ten messages."""
    days: set[date] = set()
    errors = []
    for line in filter(None, map(str.strip, lines)):
        try:
            days |= set(_days_of(line))
        except ValidationError as error:
            errors += error.messages
    if len(days) > MOST_DAYS:
        errors.append(_("This is %(number)d days; the limit is %(most)d.") % {"number": len(days), "most": MOST_DAYS})
    if errors:
        raise ValidationError(errors[:10])
    return sorted(days)


def _days_of(line: str) -> list[date]:
    params = {"line": line[:40]}
    match = _RANGE.fullmatch(line)
    if not match:
        raise ValidationError(
            _("“%(line)s” is not a valid day (2026-12-25) or range (2026-12-24 - 2027-01-02).") % params
        )
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
    except ValueError:
        raise ValidationError(_("“%(line)s” contains a date that does not exist.") % params) from None
    if last < first:
        raise ValidationError(_("“%(line)s” ends before it begins.") % params)
    if (last - first).days >= LONGEST_RANGE:
        raise ValidationError(_("“%(line)s” is longer than %(most)d days.") % (params | {"most": LONGEST_RANGE}))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def lines_of(days: Iterable[date]) -> list[str]:
    """Return the days as lines that `days_of` can parse, with consecutive days as ranges."""
    ranges: list[list[date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][-1] == timedelta(days=1) and len(ranges[-1]) < LONGEST_RANGE:
            ranges[-1].append(day)
        else:
            ranges.append([day])
    return [f"{days[0]} - {days[-1]}" if len(days) > 1 else f"{days[0]}" for days in ranges]


def workdays_of(text: str) -> list[int]:
    """Parse `mon-fri`, `sun-thu` or `mon wed fri`; empty text gives [], every day. Raises ValidationError."""
    weekdays: set[int] = set()
    for part in text.lower().replace(",", " ").split():
        first, _dash, last = part.partition("-")
        try:
            start, end = NAMES.index(first[:3]), NAMES.index((last or first)[:3])
        except ValueError:
            raise ValidationError(
                _("“%(part)s” is not a workday. Write mon-fri, or mon wed fri.") % {"part": part[:20]}
            ) from None
        weekdays |= {(start + number) % 7 for number in range((end - start) % 7 + 1)}
    return sorted(weekdays)
