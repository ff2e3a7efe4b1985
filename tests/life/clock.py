"""How time passes between two steps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

type Jump = Callable[[datetime], datetime]


def _after(**length: int) -> Jump:
    return lambda now: now + timedelta(**length)


def _to_leap_day(now: datetime) -> datetime:
    """The evening before the next 29 February."""
    year = next(year for year in range(now.year, now.year + 9) if _is_leap(year) and _eve(year) > now)
    return _eve(year)


def _eve(year: int) -> datetime:
    return datetime(year, 2, 28, 23, 30, tzinfo=UTC)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _to_clock_change(now: datetime) -> datetime:
    """Half an hour before the clocks of most of Europe change: on the last Sunday of March or October, 01:00 UTC."""
    changes = (_last_sunday(year, month) for year in (now.year, now.year + 1) for month in (3, 10))
    return min(change for change in changes if change > now)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 0, 30, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _to_next_month(now: datetime) -> datetime:
    """The first minute of the month, in which other keys seal."""
    return (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=1)


# By name, the shortest first: hypothesis shrinks towards it.
JUMPS: dict[str, Jump] = {
    "minutes": _after(minutes=10),
    "an hour": _after(hours=1),
    "half a day": _after(hours=13),
    "a day": _after(days=1),
    "three days": _after(days=3),
    "to the next month": _to_next_month,
    "six weeks": _after(days=42),
    "to the change of clocks": _to_clock_change,
    "to a leap day": _to_leap_day,
}
