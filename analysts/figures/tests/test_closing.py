"""Closing a quarter: two people, frozen figures, the protected figures of portals, and later changes as corrections."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from analysts.codes import Role
from analysts.figures import closing, rollups, verification
from analysts.figures.snapshot import days_of
from analysts.models import Assessment, DailyFigure, PeriodClose, User
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

IN_QUARTER = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
PATH = "/admin/figures/periods/"


@pytest.fixture
def worked(belize: Portal, ana: User, sena: User) -> Assessment:
    """One illegal and one other incident in the first quarter; the time is after its end."""
    first = incident_of(belize, "https://one.example.org/a", now=IN_QUARTER - timedelta(hours=30))
    other = incident_of(belize, "https://two.example.org/b", now=IN_QUARTER - timedelta(hours=3))
    found = assessed_illegal(first, ana, now=IN_QUARTER)
    assessed_not_found(other, ana, now=IN_QUARTER)
    return found


@pytest.fixture
def closed(worked: Assessment, belize: Portal, sena: User) -> PeriodClose:
    rollups.count_changes(now=AFTER)
    with time_machine.travel(AFTER, tick=False):
        return closing.close_period(by=sena, period="2026Q1", now=AFTER)


def confirmed(close: PeriodClose, portal: Portal) -> PeriodClose:
    second = User.objects.filter(username="selma").first() or create_person("selma", Role.SENIOR, portal)
    second.unchanged_since = IN_QUARTER
    return closing.confirm_period(by=second, close=close, now=AFTER)


def test_days_of_periods() -> None:
    assert days_of("2026Q1") == (date(2026, 1, 1), date(2026, 3, 31))
    assert days_of("2026Q4") == (date(2026, 10, 1), date(2026, 12, 31))
    assert days_of("2026") == (date(2026, 1, 1), date(2026, 12, 31))


def test_close_freezes_exact_national_figures_and_hides_small_ones_of_portals(
    closed: PeriodClose, belize: Portal
) -> None:
    figures = closing.figures_of(closed)
    assert {
        name: figures["national"].get(name) for name in ("reports all", "assessed verdict illegal", "removed all")
    } == {
        "reports all": 2,
        "assessed verdict illegal": 1,
        "removed all": None,
    }
    assert figures["times"]["assessed"]["median_hours"] == 3
    assert figures["portals"][str(belize.pk)]["reports"][0] == 2
    assert set(figures["shown"][str(belize.pk)].values()) == {None}


def test_quarter_is_closed_in_order_and_a_day_after_its_end(worked: Assessment, sena: User) -> None:
    rollups.count_changes(now=AFTER)
    assert closing.find_closable(now=datetime(2026, 4, 1, 23, tzinfo=UTC)) is None
    assert closing.find_closable(now=datetime(2026, 4, 2, tzinfo=UTC)) == "2026Q1"
    with pytest.raises(Denied, match="cannot be closed now"):
        closing.close_period(by=sena, period="2026Q2", now=AFTER)


def test_another_senior_confirms_what_they_saw(closed: PeriodClose, sena: User, belize: Portal, ana: User) -> None:
    with pytest.raises(Denied, match="Another senior analyst"):
        closing.confirm_period(by=sena, close=closed, now=AFTER)
    with pytest.raises(Denied, match="Only senior analysts"):
        closing.confirm_period(by=ana, close=closed, now=AFTER)
    with pytest.raises(Denied, match="waits for confirmation"):
        closing.close_period(by=sena, period="2026Q2", now=AFTER)
    second = client_of(create_person("selma", Role.SENIOR, belize))
    second.post(f"{PATH}confirm/", {"period": closed.period, "digest": "another"})
    assert not PeriodClose.objects.get().is_confirmed
    close = confirmed(closed, belize)
    assert AuditEvent.objects.filter(action="period.confirm").get().details == {"digest": close.digest}
    assert closing.find_closable(now=AFTER) is None
    for change in (lambda: PeriodClose.objects.update(digest="0"), lambda: PeriodClose.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_withdrawn_period_can_be_closed_again(closed: PeriodClose, sena: User) -> None:
    with time_machine.travel(AFTER, tick=False):
        client: Client = client_of(sena)
        assert "waits for confirmation" in client.get(PATH).content.decode()
        client.post(f"{PATH}withdraw/", {"period": closed.period, "digest": closed.digest})
        assert "Close 2026Q1" in client.get(PATH).content.decode()


def test_change_after_the_close_moves_nothing_and_is_named_in_the_next_period(
    closed: PeriodClose, worked: Assessment, belize: Portal, sena: User
) -> None:
    confirmed(closed, belize)
    call_command("verify_figures", "2026Q1")
    later = AFTER + timedelta(days=1)
    Assessment.objects.filter(pk=worked.pk).update(undone_at=later, undone_by=sena, undo_reason="slip")
    rollups.count_changes(now=later)
    assert (
        DailyFigure.objects.filter(subject="assessed", dimension="all", portal=None, is_month=False).get().number == 1
    )
    call_command("verify_figures", "2026Q1")
    july = datetime(2026, 7, 3, tzinfo=UTC)
    with time_machine.travel(july, tick=False):
        with pytest.raises(Denied, match="not counted this period to its end"):
            closing.close_period(by=sena, period="2026Q2", now=july)
        rollups.count_changes(now=july)
        following = closing.close_period(by=sena, period="2026Q2", now=july)
        page = client_of(sena).get(PATH).content.decode()
    corrections = closing.figures_of(following)["corrections"]["2026Q1"]
    assert (corrections["assessed all"], corrections["assessed verdict illegal"]) == (-1, -1)
    assert "Corrections of earlier periods" in page


def test_verification_finds_a_figure_that_was_changed(closed: PeriodClose, belize: Portal) -> None:
    figures = closing.figures_of(closed)
    figures["national"]["reports all"] += 1
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        PeriodClose.objects.update(figures=figures)
        cursor.execute("RESET session_replication_role")
    found = verification.verify_period(PeriodClose.objects.get())
    assert found["digest"] == [closed.digest]
    assert found["rows"] == ["national/reports all"]
    with pytest.raises(CommandError, match="do not agree"):
        call_command("verify_figures", "2026Q1")


def test_return_leaves_empty_what_is_not_recorded(closed: PeriodClose, belize: Portal, sena: User) -> None:
    confirmed(closed, belize)
    with time_machine.travel(AFTER, tick=False):
        file = client_of(sena).get(f"{PATH}return.csv", {"period": "2026Q1"})
    rows = {line.split(",")[1]: line.rpartition(",")[2] for line in file.content.decode().splitlines()}
    assert (rows["reports_received"], rows["illegal"], rows["removed"], rows["grooming"]) == ("2", "1", "0", "")
    assert (rows["assess_median_hours"], rows["removal_median_hours"]) == ("3", "")
