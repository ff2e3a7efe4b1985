"""Working hours of recipients, in their own time zone: when notices may be sent.

A day is open from the first moment the local clock shows `works_from` until the first moment it shows `works_until`.
A clock change over either time, or a skipped day, therefore moves or shortens that day's hours and never opens a day
twice.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from analysts.models import Recipient

# A longer closure is treated as an entry error.
DAYS_LOOKED_AT = 366


def next_opening(recipient: Recipient, at: datetime) -> datetime:
    """Return the first moment at or after `at` when a notice may be sent to the recipient, in UTC.

    If every day of a year is blocked, blocked days are ignored; if no weekday is a workday, all are. Otherwise the
    notice would never be sent.
    """
    at = at.astimezone(UTC)
    workdays, blocked = frozenset(recipient.workdays), frozenset(recipient.blocked_days)
    for open_weekdays, closed_days in ((workdays, blocked), (workdays, frozenset()), (frozenset(), frozenset())):
        if moment := _next_opening(recipient, at, open_weekdays, closed_days):
            return moment
    return at


def zone_of(recipient: Recipient) -> ZoneInfo:
    """Return the recipient's time zone; UTC if this machine does not know it (time zones are renamed sometimes)."""
    try:
        return ZoneInfo(recipient.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _next_opening(
    recipient: Recipient, at: datetime, workdays: frozenset[int], blocked: frozenset[date]
) -> datetime | None:
    zone = zone_of(recipient)
    today = at.astimezone(zone).date()
    for ahead in range(DAYS_LOOKED_AT):
        day = today + timedelta(days=ahead)
        if day in blocked or (workdays and day.weekday() not in workdays):
            continue
        opens, closes = _opening_span(day, recipient.hours, zone)
        if opens < closes and at < closes:
            return max(at, opens)
    return None


def _opening_span(day: date, hours: tuple[time, time] | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the opening moment and the closing moment (exclusive) of the day."""
    if hours is None:
        return _first_moment(day, time.min, zone), _first_moment(day + timedelta(days=1), time.min, zone)
    return _first_moment(day, hours[0], zone), _first_moment(day, hours[1], zone)


def _first_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the first moment when the local clock shows that time, or a later time if the clock skips it."""
    local = datetime.combine(day, clock)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if _clock_reading(moment, zone) == local:
        return moment
    # The clock skips this time: `fold` 0 and 1 give moments after and before the change, so bisect for it.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while moment - before > timedelta(seconds=1):
        middle = before + (moment - before) // 2
        middle = middle.replace(microsecond=0)
        if _clock_reading(middle, zone) < local:
            before = middle
        else:
            moment = middle
    return moment


def _clock_reading(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def in_words(recipient: Recipient) -> str:
    """Format the working hours: `Monday to Friday, 09:00 to 17:00 (Europe/London)`."""
    clock = _("at any time")
    if hours := recipient.hours:
        clock = _("%(from)s to %(until)s") % {"from": f"{hours[0]:%H:%M}", "until": f"{hours[1]:%H:%M}"}
    return f"{days_in_words(recipient.workdays)}, {clock} ({recipient.time_zone})"


def days_in_words(workdays: list[int]) -> str:
    """Format weekdays: `Monday to Friday`, also across the weekend; `Monday, Wednesday` if there are gaps."""
    days = sorted(set(workdays) & set(WEEKDAYS))
    if len(days) in (0, 7):
        return _("Every day")
    for first in days:
        run = [(first + number) % 7 for number in range(len(days))]
        if len(days) > 2 and set(run) == set(days):
            return _("%(first)s to %(last)s") % {"first": WEEKDAYS[run[0]], "last": WEEKDAYS[run[-1]]}
    return ", ".join(str(WEEKDAYS[day]) for day in days)
