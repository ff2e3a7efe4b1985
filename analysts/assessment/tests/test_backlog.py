"""The band of what waits for intake: it follows a flood, and no single report."""

from datetime import UTC, datetime, timedelta

import pytest

from analysts.assessment.intake import backlog
from analysts.assessment.intake.backlog import Backlog, read_backlog
from analysts.models import PortalHour
from countries.models import Portal
from tests.rig.fixtures import Sender

NOW = datetime(2026, 3, 5, 9, 59, tzinfo=UTC)
HOUR = NOW.replace(minute=0)


def take_in(portal: Portal, hours_ago: int, number: int) -> None:
    PortalHour.objects.create(portal=portal, hour=HOUR - timedelta(hours=hours_ago), reports=number)


@pytest.fixture
def _ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LEAST_WAITING", 10)


@pytest.mark.usefixtures("_ten")
@pytest.mark.parametrize(
    ("waiting", "taken", "band"),
    [
        (0, 0, Backlog.LITTLE),
        (9, 0, Backlog.LITTLE),
        (10, 0, Backlog.MORE),
        (11, 10, Backlog.MORE),
        (10, 10, Backlog.MUCH),
        (10, 19, Backlog.MUCH),
        (10, 20, Backlog.SOME),
    ],
)
def test_band_compares_what_waits_with_what_was_taken_in(
    belize: Portal, zambia: Portal, send: Sender, waiting: int, taken: int, band: Backlog
) -> None:
    for page in range(waiting):
        send(belize, f"example.org/{page}")
    # All portals together, within this hour and the one before.
    take_in(belize, 0, taken // 2)
    take_in(zambia, 1, taken - taken // 2)
    take_in(zambia, 2, 1000)
    assert read_backlog(NOW) == band


def test_one_report_moves_nothing(belize: Portal, send: Sender) -> None:
    """Neither beside none, nor beside others of an ordinary hour."""
    for page in range(3):
        send(belize, f"example.org/{page}")
        assert read_backlog(NOW) == Backlog.LITTLE


def test_no_more_is_counted_than_the_band_needs(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LEAST_WAITING", 2)
    monkeypatch.setattr(backlog, "MOST_COUNTED", 2)
    for page in range(4):
        send(belize, f"example.org/{page}")
    take_in(belize, 0, 2)
    assert read_backlog(NOW) == Backlog.MUCH
