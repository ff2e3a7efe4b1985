"""The sentence that says when analysts read reports, by the clocks of a portal's country.

It states hours and never whether now is one of them: pages are cached, and all visitors get the same one.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location
from django.utils import timezone
from django.utils.translation import gettext as _

from countries.decided_settings import text_in_force
from countries.languages import clock_time, day_name, in_digits, locale_of_words
from countries.reading_hours import ReadingHours, parse_hours


def hours_in(country: str) -> ReadingHours | None:
    """The hours in force today, in the time of the country; in the hotline's where the country has several times.

    None where the hotline has not set any, or the value is none that its settings page takes.
    """
    return _hours_on(text_in_force("READING_HOURS"), country, timezone.now().date())


@lru_cache(maxsize=1_000)
def _hours_on(value: str, country: str, day: date) -> ReadingHours | None:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    try:
        hours = parse_hours(value)
    except ValueError:
        return None
    zone = _zone_of(country, noon)
    return hours.in_zone(zone, noon) if zone else hours


def _zone_of(country: str, now: datetime) -> str:
    """The first zone of a country whose clocks all show the same; "" for any other, and for no country."""
    zones = sorted(zone for zone, territory in get_global("zone_territories").items() if territory == country)
    offsets = {ZoneInfo(zone).utcoffset(now) for zone in zones}
    return zones[0] if len(offsets) == 1 else ""


def describe_hours(hours: ReadingHours, tag: str) -> str:
    """The sentence in the active language, which is that of the tag."""
    parts = {
        "first": day_name(hours.first_day, tag),
        "last": day_name(hours.last_day, tag),
        "begins": clock_time(hours.begins, tag),
        "ends": clock_time(hours.ends, tag),
        "zone": get_timezone_location(hours.zone, locale=locale_of_words(tag)),
    }
    words = (
        _("Reports are read every day from %(begins)s to %(ends)s (%(zone)s). They are not read at other times.")
        if hours.is_daily
        else _(
            "Reports are read from %(first)s to %(last)s, %(begins)s to %(ends)s (%(zone)s). They are not read "
            "at other times."
        )
    )
    return in_digits(words % parts, tag)
