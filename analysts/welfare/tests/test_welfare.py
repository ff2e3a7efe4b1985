"""Exposure: what is counted per user and day, and the limits on it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from analysts.codes import ContentWarning, Limit
from analysts.models import DisplayPreferences, Exposure, User
from analysts.welfare import exposure

LEAST = int(exposure.LEAST_REVEAL.total_seconds())
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.EXPOSURE_MINUTES, settings.BREAK_AFTER_MINUTES, settings.BREAK_MINUTES = 240, 50, 10
    settings.VEIL_MINUTES, settings.CUT_OFF, settings.WORK_TIME_ZONE = 15, "16:00", "UTC"


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def day_of(user: User) -> Exposure:
    return Exposure.objects.get(user=user)


def view_content(user: User, minutes: int, start: datetime = NINE) -> datetime:
    """View content for this long, with a request every ten minutes; return the end time."""
    exposure.begin_reveal(user, now=start)
    for passed in range(10, minutes, 10):
        exposure.extend_reveal(user, now=start + timedelta(minutes=passed))
    end = start + timedelta(minutes=minutes)
    exposure.end_reveal(user, now=end)
    return end


def test_seconds_count_from_reveal_to_hiding(ana: User, sena: User) -> None:
    exposure.begin_reveal(sena, now=NINE)
    exposure.begin_reveal(ana, now=NINE)
    exposure.end_reveal(ana, now=after(2))
    exposure.end_reveal(ana, now=after(9))
    exposure.begin_reveal(ana, now=after(20))
    exposure.count_decision(ana, now=after(21))
    exposure.begin_reveal(ana, now=after(30))
    exposure.count_skip(ana, now=after(30.5))

    day = day_of(ana)
    assert (day.seconds, day.since_break, day.open_since) == (210, 210, None)
    assert (day.reveals, day.decisions, day.skips) == (3, 1, 1)
    assert day_of(sena).seconds == LEAST


def test_many_short_reveals_are_exposure(ana: User) -> None:
    for number in range(74):
        exposure.begin_reveal(ana, now=NINE + timedelta(seconds=30 * number))
        exposure.end_reveal(ana, now=NINE + timedelta(seconds=30 * number + 2))

    day = day_of(ana)
    assert (day.reveals, day.seconds, day.since_break) == (74, 74 * LEAST, 74 * LEAST)


@pytest.mark.parametrize(
    ("reveals", "end", "seconds"),
    [([0], 3, LEAST), ([0], 60, 60), ([0, 3], 4, 2 * LEAST), ([0, 3], 60, 60), ([0, 3, 5, 7], 30, 4 * LEAST)],
)
def test_reveals_that_overlap_count_their_least_or_the_time_that_passed(
    ana: User, reveals: list[int], end: int, seconds: int
) -> None:
    """At least LEAST_REVEAL each, and never the same time twice."""
    for second in reveals:
        exposure.begin_reveal(ana, now=NINE + timedelta(seconds=second))
        exposure.extend_reveal(ana, now=NINE + timedelta(seconds=second + 1))
    exposure.end_reveal(ana, now=NINE + timedelta(seconds=end))

    day = day_of(ana)
    assert (day.seconds, day.open_since) == (seconds, None)


def test_result_of_a_batch_counts_its_least(ana: User) -> None:
    exposure.add_reveal(ana, seconds=1, characters=30, now=NINE)
    exposure.add_reveal(ana, seconds=40, characters=12, now=NINE)

    day = day_of(ana)
    assert (day.reveals, day.seconds, day.since_break, day.characters_read) == (2, LEAST + 40, LEAST + 40, 42)


def test_gap_without_requests_counts_no_longer_than_until_it_is_masked(ana: User) -> None:
    exposure.begin_reveal(ana, now=NINE)
    exposure.extend_reveal(ana, now=after(10))
    exposure.end_reveal(ana, now=after(200))

    assert day_of(ana).seconds == (10 + 15) * 60


def test_clock_that_goes_back_takes_nothing_away(ana: User) -> None:
    exposure.begin_reveal(ana, now=NINE)
    exposure.end_reveal(ana, now=after(-5))

    assert day_of(ana).seconds == LEAST


def test_decision_without_a_reveal_counts_no_time(ana: User) -> None:
    exposure.count_decision(ana, now=NINE)
    exposure.count_skip(ana, now=after(5))

    day = day_of(ana)
    assert (day.seconds, day.decisions, day.skips) == (0, 1, 1)


def test_day_is_one_of_the_working_time_zone(ana: User, settings: Any) -> None:
    settings.WORK_TIME_ZONE = "America/Belize"  # six hours behind
    late = datetime(2026, 3, 3, 5, 58, tzinfo=UTC)
    exposure.begin_reveal(ana, now=late)
    exposure.extend_reveal(ana, now=late + timedelta(minutes=5))
    exposure.end_reveal(ana, now=late + timedelta(minutes=7))

    days = Exposure.objects.order_by("day").values_list("day", "seconds", "reveals", "open_since")
    assert [(f"{day:%d}", *rest) for day, *rest in days] == [("02", 300, 1, None), ("03", 120, 0, None)]


def test_counting_is_one_statement_and_three_more_on_the_first_of_a_day(
    ana: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        exposure.begin_reveal(ana, now=NINE)
    for count in (
        exposure.begin_reveal,
        exposure.extend_reveal,
        exposure.count_decision,
        exposure.count_skip,
        exposure.end_reveal,
    ):
        with django_assert_num_queries(1):
            count(ana, now=after(1))


@pytest.mark.parametrize(("minutes", "limit"), [(49, None), (50, Limit.BREAK), (239, Limit.BREAK), (240, Limit.BUDGET)])
def test_break_and_budget_are_reached_by_minutes_of_exposure(ana: User, minutes: int, limit: Limit | None) -> None:
    end = view_content(ana, minutes)

    assert exposure.exposure_status(ana, now=end).limit == limit
    # A new day starts at zero.
    assert exposure.exposure_status(ana, now=end + timedelta(days=1)).limit == (
        Limit.CUT_OFF if end.hour >= 16 else None
    )


def test_cut_off_is_a_time_of_the_day(ana: User, settings: Any) -> None:
    assert exposure.exposure_status(ana, now=datetime(2026, 3, 2, 15, 59, tzinfo=UTC)).limit is None
    assert exposure.exposure_status(ana, now=datetime(2026, 3, 2, 16, 0, tzinfo=UTC)).limit == Limit.CUT_OFF
    settings.WORK_TIME_ZONE = "Asia/Karachi"
    assert exposure.exposure_status(ana, now=datetime(2026, 3, 2, 11, 0, tzinfo=UTC)).limit == Limit.CUT_OFF
    settings.CUT_OFF = ""
    assert exposure.exposure_status(ana, now=datetime(2026, 3, 2, 18, 0, tzinfo=UTC)).limit is None


def test_break_lasts_ten_minutes_and_resets_the_time_since_the_break(ana: User) -> None:
    end = view_content(ana, 50)
    exposure.begin_break(ana, now=end)

    assert exposure.exposure_status(ana, now=end + timedelta(minutes=9)).limit == Limit.ON_BREAK
    assert exposure.exposure_status(ana, now=end + timedelta(minutes=10)).limit is None
    day = day_of(ana)
    assert (day.seconds, day.since_break, day.breaks) == (3000, 0, 1)


def test_going_on_ends_after_half_an_hour_or_at_the_next_limit(ana: User, settings: Any) -> None:
    end = view_content(ana, 50)
    standing = exposure.exposure_status(ana, now=end)
    assert standing.continues_until == end + timedelta(minutes=30)
    # Ten minutes of the budget are left, which ends the extension early.
    settings.EXPOSURE_MINUTES = 60
    assert exposure.exposure_status(ana, now=end).continues_until == end + timedelta(minutes=10)
    settings.CUT_OFF = "09:55"
    assert exposure.exposure_status(ana, now=end).continues_until == end + timedelta(minutes=5)

    exposure.record_continuing(ana, until=end + timedelta(minutes=5), passes_limit=True, now=end)
    assert exposure.exposure_status(ana, now=end + timedelta(minutes=4)).limit is None
    assert exposure.exposure_status(ana, now=end + timedelta(minutes=5)).limit == Limit.CUT_OFF
    assert day_of(ana).continued == 1


def test_own_limits_count_where_they_are_stricter(ana: User) -> None:
    DisplayPreferences.objects.create(user=ana, budget_minutes=300, break_after_minutes=20, cut_off=time(17))
    looser = exposure.limits_of(ana)
    assert (looser.budget, looser.break_after, looser.cut_off) == (
        timedelta(minutes=240),
        timedelta(minutes=20),
        time(16),
    )
    DisplayPreferences.objects.update(budget_minutes=30, cut_off=time(12))
    stricter = exposure.limits_of(User.objects.get(pk=ana.pk))
    assert (stricter.budget, stricter.cut_off) == (timedelta(minutes=30), time(12))


def test_what_is_avoided_ends_with_the_day(ana: User, sena: User) -> None:
    assert exposure.warnings_to_avoid(ana, now=NINE) == frozenset()
    exposure.set_avoided_warnings(ana, [ContentWarning.YOUNG, ContentWarning.VIOLENCE], now=NINE)

    assert exposure.warnings_to_avoid(ana, now=after(60)) == {"young", "violence"}
    assert exposure.warnings_to_avoid(ana, now=NINE + timedelta(days=1)) == frozenset()
    assert exposure.warnings_to_avoid(sena, now=NINE) == frozenset()
