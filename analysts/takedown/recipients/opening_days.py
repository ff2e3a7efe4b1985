"""Days as people write them: blocked days one a line, each a day or a range; workdays by their names."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Of one recipient, and of one range: more than anybody is away for, and less than would bring a page down.
MOST_DAYS = 400
LONGEST_RANGE = 92
DAY = r"\d{4}-\d{2}-\d{2}"
_RANGE = re.compile(rf"({DAY})(?:\s*(?:\.\.|–|-|to)\s*({DAY}))?", re.IGNORECASE)
# As a file names them, Monday first.
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days_of(lines: Iterable[str]) -> list[date]:
    """The days that the lines name, in order, each once. ValidationError names each line that is none."""
    found: set[date] = set()
    errors = []
    for line in filter(None, map(str.strip, lines)):
        try:
            found |= set(_days_of(line))
        except ValidationError as error:
            errors += error.messages
    if len(found) > MOST_DAYS:
        errors.append(_("These are %(number)d days; at most %(most)d.") % {"number": len(found), "most": MOST_DAYS})
    if errors:
        raise ValidationError(errors[:10])
    return sorted(found)


def _days_of(line: str) -> list[date]:
    shown = {"line": line[:40]}
    match = _RANGE.fullmatch(line)
    if not match:
        raise ValidationError(_("“%(line)s” is no day such as 2026-12-25, nor 2026-12-24 - 2027-01-02.") % shown)
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
    except ValueError:
        raise ValidationError(_("“%(line)s” names a day that does not exist.") % shown) from None
    if last < first:
        raise ValidationError(_("“%(line)s” ends before it begins.") % shown)
    if (last - first).days >= LONGEST_RANGE:
        raise ValidationError(_("“%(line)s” is longer than %(most)d days.") % (shown | {"most": LONGEST_RANGE}))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def lines_of(days: Iterable[date]) -> list[str]:
    """What `days_of` reads: days that follow each other as one range."""
    ranges: list[list[date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][-1] == timedelta(days=1) and len(ranges[-1]) < LONGEST_RANGE:
            ranges[-1].append(day)
        else:
            ranges.append([day])
    return [f"{each[0]} - {each[-1]}" if len(each) > 1 else f"{each[0]}" for each in ranges]


def workdays_of(text: str) -> list[int]:
    """`mon-fri`, `sun-thu`, `mon wed fri`; nothing is every day. ValidationError for anything else."""
    found: set[int] = set()
    for part in text.lower().replace(",", " ").split():
        first, _dash, last = part.partition("-")
        try:
            start, end = NAMES.index(first[:3]), NAMES.index((last or first)[:3])
        except ValueError:
            raise ValidationError(
                _("“%(part)s” is no workday: write mon-fri, or mon wed fri.") % {"part": part[:20]}
            ) from None
        found |= {(start + number) % 7 for number in range((end - start) % 7 + 1)}
    return sorted(found)
