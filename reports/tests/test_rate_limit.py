"""The buckets of a portal and of the installation: what they accept at once, for whom they reserve permits."""

import io
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal_site.logging import SparseFormatter
from reports import rate_limit
from reports.rate_limit import Pace, pace_of, take_permit

NOW = datetime(2026, 11, 24, 9, 30, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _twenty_at_once(settings: Any) -> None:
    settings.PORTAL_REPORTS_AT_ONCE = 20
    settings.PORTAL_REPORTS_A_MINUTE = 60


def taken(speed: Pace, *, at: float = 0, portal: str = "bz") -> int:
    """How many reports of this pace are accepted at that moment before one has to wait."""
    return next(number for number in range(1000) if not take_permit(portal, speed, at=at))


@pytest.mark.parametrize(
    ("age", "speed"),
    [(0, Pace.FAST), (1.9, Pace.FAST), (2, Pace.HUMAN), (3600, Pace.HUMAN), (-1, Pace.HUMAN)],
    ids=["at once", "below", "limit", "an hour", "clock of another server"],
)
def test_pace_is_fast_only_within_two_seconds(age: float, speed: Pace) -> None:
    assert pace_of(NOW, NOW + timedelta(seconds=age)) == speed


def test_fast_ones_leave_half_for_people_and_newcomers_a_quarter_for_those_who_waited() -> None:
    assert (taken(Pace.FAST), taken(Pace.HUMAN), taken(Pace.WAITED)) == (5, 5, 5)
    assert (taken(Pace.FAST), taken(Pace.HUMAN), taken(Pace.WAITED)) == (0, 0, 0)


def test_people_alone_have_three_quarters_at_once() -> None:
    assert taken(Pace.HUMAN) == 15


def test_bucket_fills_again_and_never_beyond_full() -> None:
    taken(Pace.WAITED)
    assert taken(Pace.WAITED, at=7.5) == 7
    assert taken(Pace.WAITED, at=100_000) == 20


def test_portals_do_not_slow_each_other() -> None:
    taken(Pace.WAITED)
    assert taken(Pace.WAITED, portal="zm") == 20


def test_floods_of_many_portals_empty_the_bucket_of_the_installation(settings: Any) -> None:
    """So what is stored at once is what intake can take in."""
    settings.REPORTS_AT_ONCE, settings.REPORTS_A_MINUTE = 48, 120
    assert [taken(Pace.FAST, portal=slug) for slug in ("bz", "zm", "mw", "ug")] == [5, 5, 2, 0]
    # A portal without a flood keeps its people's permits, and loses none where the installation has none.
    assert [taken(Pace.HUMAN, portal=slug) for slug in ("ug", "bz")] == [12, 0]
    assert [taken(Pace.WAITED, portal=slug) for slug in ("ug", "bz", "mw")] == [8, 4, 0]
    assert taken(Pace.WAITED, portal="mw", at=3) == 6
    assert [taken(Pace.WAITED, portal=slug, at=60) for slug in ("mw", "bz", "ug", "zm")] == [20, 20, 8, 0]


def test_empty_bucket_is_logged_once_an_hour_without_portal_name() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(SparseFormatter())
    rate_limit.logger.addHandler(handler)
    try:
        for at in (0, 1, 3599, 3601):
            taken(Pace.WAITED, at=at)
            taken(Pace.WAITED, at=at, portal="zm")
    finally:
        rate_limit.logger.removeHandler(handler)
    lines = written.getvalue().splitlines()
    assert len(lines) == 2
    assert "more reports arrive than usual, and reporters are asked to wait" in lines[0]
    assert not any(slug in line.split() for line in lines for slug in ("bz", "zm"))
