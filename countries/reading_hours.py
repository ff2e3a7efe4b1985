"""The hours in which analysts read reports, as the hotline sets them: "1-5 09:00-17:00 Europe/London".

Days by their number, 1 for Monday; hours that end earlier than they begin run past midnight.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

EXAMPLE = "1-5 09:00-17:00 Europe/London"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(rf"([1-7])-([1-7]) ({_TIME})-({_TIME}) (\S+)", re.ASCII)
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class ReadingHours:
    """The first and last day (1 for Monday) on which reading begins, its first and last minute of the day, the zone."""

    first_day: int
    last_day: int
    begins: int
    ends: int
    zone: str

    @property
    def is_daily(self) -> bool:
        return self.last_day - self.first_day in (6, -1)

    def in_zone(self, zone: str, now: datetime) -> "ReadingHours":
        """The same hours by the clocks of another zone, with the offsets of that day."""
        there, here = (now.astimezone(ZoneInfo(name)).replace(tzinfo=UTC) for name in (zone, self.zone))
        shift = round((there - here).total_seconds() / 60)
        days, begins = divmod(self.begins + shift, _DAY)
        first_day, last_day = ((day - 1 + days) % 7 + 1 for day in (self.first_day, self.last_day))
        ends = (self.ends + shift) % _DAY
        return replace(self, first_day=first_day, last_day=last_day, begins=begins, ends=ends, zone=zone)


def parse_hours(text: str) -> ReadingHours:
    """Raises ValueError unless the text is like EXAMPLE, of two days and two times that differ."""
    match = _HOURS.fullmatch(text)
    if match is None or match[1] == match[2] or match[3] == match[4]:
        raise ValueError(text)
    try:
        ZoneInfo(match[5])
    except (KeyError, OSError) as error:
        raise ValueError(text) from error
    begins, ends = (int(time[:2]) * 60 + int(time[3:]) for time in match.group(3, 4))
    return ReadingHours(int(match[1]), int(match[2]), begins, ends, match[5])
