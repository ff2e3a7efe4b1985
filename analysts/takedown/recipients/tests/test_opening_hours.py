"""Working hours of recipients in their own time zones, across clock changes and blocked days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.models import Recipient
from analysts.takedown.recipients.opening_hours import next_opening

WEEK = [0, 1, 2, 3, 4]
EVERY_DAY: list[int] = []
ALWAYS = None
OFFICE = (time(9), time(17))


def recipient(
    zone: str = "UTC",
    hours: tuple[time, time] | None = OFFICE,
    workdays: list[int] = WEEK,
    blocked: list[date] | None = None,
) -> Recipient:
    works_from, works_until = hours or (None, None)
    return Recipient(
        time_zone=zone, works_from=works_from, works_until=works_until, workdays=workdays, blocked_days=blocked or []
    )


def moment(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "hours", "workdays", "blocked", "at", "opens"),
    [
        # 2026-11-25 is a Wednesday.
        ("Europe/London", OFFICE, WEEK, [], "2026-11-25 08:59", "2026-11-25 09:00"),
        ("Europe/London", OFFICE, WEEK, [], "2026-11-25 09:00", "2026-11-25 09:00"),
        ("Europe/London", OFFICE, WEEK, [], "2026-11-25 16:59:59", "2026-11-25 16:59:59"),
        ("Europe/London", OFFICE, WEEK, [], "2026-11-25 17:00", "2026-11-26 09:00"),
        ("Europe/London", OFFICE, WEEK, [], "2026-11-27 18:00", "2026-11-30 09:00"),
        ("Europe/London", OFFICE, EVERY_DAY, [], "2026-11-27 18:00", "2026-11-28 09:00"),
        ("Europe/London", ALWAYS, EVERY_DAY, [], "2026-11-28 03:00", "2026-11-28 03:00"),
        ("Europe/London", ALWAYS, WEEK, [], "2026-11-28 03:00", "2026-11-30 00:00"),
        ("America/New_York", OFFICE, WEEK, [], "2026-11-25 20:00", "2026-11-26 09:00"),
        ("America/New_York", OFFICE, WEEK, ["2026-11-26", "2026-11-27"], "2026-11-25 20:00", "2026-11-30 09:00"),
        ("Asia/Kolkata", (time(9, 30), time(18)), [0, 1, 2, 3, 4, 5], [], "2026-11-28 18:00", "2026-11-30 09:30"),
        # Friday and Saturday are the days off.
        ("Asia/Riyadh", OFFICE, [6, 0, 1, 2, 3], [], "2026-11-26 17:30", "2026-11-29 09:00"),
        ("Africa/Lusaka", OFFICE, WEEK, ["2026-12-25"], "2026-12-24 17:00", "2026-12-28 09:00"),
        # The end of the year, and the days around it.
        ("Africa/Lusaka", OFFICE, WEEK, ["2026-12-31", "2027-01-01"], "2026-12-30 23:00", "2027-01-04 09:00"),
        ("Pacific/Apia", OFFICE, EVERY_DAY, [], "2026-12-31 23:30", "2027-01-01 09:00"),
        # A leap day, and a year without.
        ("Asia/Kolkata", OFFICE, EVERY_DAY, [], "2028-02-28 17:00", "2028-02-29 09:00"),
        ("Asia/Kolkata", OFFICE, EVERY_DAY, ["2028-02-29"], "2028-02-28 17:00", "2028-03-01 09:00"),
        ("Asia/Kolkata", OFFICE, EVERY_DAY, [], "2027-02-28 17:00", "2027-03-01 09:00"),
        # 2027-03-28, London: 01:00 to 01:59 does not exist.
        ("Europe/London", (time(1, 30), time(6)), EVERY_DAY, [], "2027-03-28 00:10", "2027-03-28 02:00"),
        ("Europe/London", (time(0), time(1, 30)), EVERY_DAY, [], "2027-03-28 02:00", "2027-03-29 00:00"),
        ("Europe/London", (time(1, 10), time(1, 50)), EVERY_DAY, [], "2027-03-28 00:10", "2027-03-29 01:10"),
        ("Europe/London", OFFICE, EVERY_DAY, [], "2027-03-27 18:00", "2027-03-28 09:00"),
        # 2011-12-30 did not exist in Samoa.
        ("Pacific/Apia", OFFICE, EVERY_DAY, [], "2011-12-29 17:00", "2011-12-31 09:00"),
        ("Pacific/Apia", ALWAYS, [4], [], "2011-12-29 12:00", "2012-01-06 00:00"),
    ],
)
def test_next_opening_by_the_clock_there(
    zone: str,
    hours: tuple[time, time] | None,
    workdays: list[int],
    blocked: list[str],
    at: str,
    opens: str,
) -> None:
    there = recipient(zone, hours, workdays, [date.fromisoformat(day) for day in blocked])

    assert next_opening(there, moment(at, zone)) == moment(opens, zone).astimezone(UTC)


def test_next_opening_does_not_open_twice_where_the_clock_goes_back() -> None:
    """2026-10-25, London: from 01:00 to 01:59 the clock shows everything twice."""
    there = recipient("Europe/London", (time(1, 15), time(1, 45)), EVERY_DAY)

    assert next_opening(there, datetime(2026, 10, 24, 23, 50, tzinfo=UTC)) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    # 01:20 again, an hour later.
    assert next_opening(there, datetime(2026, 10, 25, 1, 20, tzinfo=UTC)) == datetime(2026, 10, 26, 1, 15, tzinfo=UTC)


def test_next_opening_across_the_hour_shown_twice_stays_open() -> None:
    there = recipient("America/New_York", (time(0), time(4)), EVERY_DAY)
    second_half_past_one = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    assert next_opening(there, second_half_past_one) == second_half_past_one


def test_next_opening_without_any_day_left_disregards_the_blocked_days() -> None:
    at = datetime(2026, 11, 28, 3, tzinfo=UTC)
    for_ever = [date(2026, 11, 1) + timedelta(days=number) for number in range(2000)]

    assert next_opening(recipient(blocked=for_ever), at) == datetime(2026, 11, 30, 9, tzinfo=UTC)
    # No day of any week.
    assert next_opening(recipient(workdays=[9]), at) == datetime(2026, 11, 28, 9, tzinfo=UTC)
    # Hours that end before they begin.
    assert next_opening(recipient(hours=(time(17), time(9))), at) == at


def test_next_opening_in_an_unknown_time_zone_is_calculated_in_utc() -> None:
    for zone in ("Atlantis/Capital", "", "../../etc/passwd", "Europe"):
        assert next_opening(recipient(zone), moment("2026-11-25 08:00")) == moment("2026-11-25 09:00")


ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Africa/Lusaka", "Australia/Lord_Howe")
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))
offices = st.tuples(clocks, clocks).filter(lambda pair: pair[0] < pair[1]) | st.none()


@given(
    zone=st.sampled_from(ZONES),
    hours=offices,
    workdays=st.lists(st.integers(0, 6), unique=True),
    # Around the changes of the clock in all of these, a leap day, the end of a year, and the day Samoa left out.
    day=st.sampled_from(
        [
            date(2011, 12, 29),
            date(2026, 10, 24),
            date(2026, 10, 31),
            date(2026, 12, 30),
            date(2027, 3, 13),
            date(2027, 3, 27),
            date(2027, 4, 3),
            date(2028, 2, 27),
        ]
    ),
    minutes=st.integers(0, 5 * 24 * 60),
    blocked=st.lists(st.integers(0, 9), max_size=5),
)
def test_next_opening_is_open_and_the_first_of_its_kind(
    zone: str,
    hours: tuple[time, time] | None,
    workdays: list[int],
    day: date,
    minutes: int,
    blocked: list[int],
) -> None:
    days_off = [day + timedelta(days=number) for number in blocked]
    there = recipient(zone, hours, workdays, days_off)
    at = datetime.combine(day, time.min, tzinfo=UTC) + timedelta(minutes=minutes)

    opens = next_opening(there, at)

    assert at <= opens <= at + timedelta(days=30)
    assert next_opening(there, opens) == opens
    shown = opens.astimezone(ZoneInfo(zone))
    assert shown.date() not in days_off
    assert not workdays or shown.weekday() in workdays
    # Every moment in between is closed and leads to the same opening.
    assert next_opening(there, at + (opens - at) / 2) == opens
    if opens != at:
        assert next_opening(there, opens - timedelta(seconds=1)) == opens


@given(at=st.integers(0, 2**32).map(lambda second: datetime.fromtimestamp(second, UTC)), zone=st.sampled_from(ZONES))
def test_next_opening_at_any_time_is_now(at: datetime, zone: str) -> None:
    assert next_opening(recipient(zone, None, EVERY_DAY), at) == at
