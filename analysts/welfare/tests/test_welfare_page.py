"""The welfare page: yes or no about each person, and totals of the team, without the content they viewed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from analysts.codes import Role
from analysts.models import Exposure, User
from analysts.pages.tests.test_incident_page import shown
from analysts.tests.factories import claimed, incident_of
from analysts.welfare import exposure, viewing
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

PATH = "/admin/welfare/"
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Any:
    settings.EXPOSURE_MINUTES = 240
    with time_machine.travel(NOW, tick=False):
        yield


def day_of(user: User, days_ago: int, minutes: int, **more: int) -> None:
    day = exposure.work_day(NOW) - timedelta(days=days_ago)
    Exposure.objects.create(user=user, day=day, seconds=minutes * 60, **more)


def row_of(page: Any, user: User) -> list[str]:
    rows = re.findall(r"<tr>(.*?)</tr>", page.content.decode(), re.DOTALL)
    [row] = [row for row in rows if str(user) in row]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


@pytest.mark.parametrize(
    ("day", "passed"),
    [
        ({"minutes": 240}, "no"),
        ({"minutes": 241}, "yes"),
        ({"minutes": 5, "continued": 3}, "no"),
        ({"minutes": 5, "continued": 1, "passed_limit": True}, "yes"),
    ],
)
def test_page_says_yes_or_no_about_each_analyst(
    ana: User, sena: User, ben: User, willa: User, olga: User, day: dict[str, int], passed: str
) -> None:
    day_of(ana, 6, **day)
    # The week before's.
    day_of(ben, 7, 250, passed_limit=True)
    day_of(sena, 0, 95, breaks=1, reveals=7)
    page = client_of(willa).get(PATH)

    assert row_of(page, ana) == [str(ana), passed, "no"]
    assert [row_of(page, user)[1:] for user in (ben, sena)] == [["no", "no"], ["no", "no"]]
    assert str(olga) not in page.content.decode()
    events = AuditEvent.objects.filter(action="welfare.view")
    assert [(event.actor, event.details) for event in events] == [("willa", {})]


def test_skip_total_does_not_disclose_the_skips_of_one_analyst(ana: User, sena: User, ben: User, willa: User) -> None:
    day_of(ana, 0, 10, skips=41, reveals=100)
    day_of(sena, 0, 10, skips=1, reveals=11)
    client = client_of(willa)
    assert "passed over" not in shown(client.get(PATH))
    day_of(ben, 0, 10, skips=5, reveals=1)
    page = client.get(PATH)

    assert "Incidents revealed 112 Incidents skipped 47" in shown(page)
    assert not re.search(r"\b41\b", shown(page))


def test_team_total_leaves_out_days_of_fewer_than_three(ana: User, sena: User, ben: User, willa: User) -> None:
    """Tomorrow's week differs from today's by one day: its sum would be that of one person."""
    for user in (ana, sena, ben):
        day_of(user, 1, 10, reveals=10, skips=2)
    day_of(ana, 0, 10, reveals=77, skips=41)

    assert "Incidents revealed 30 Incidents skipped 6" in shown(client_of(willa).get(PATH))


def test_page_holds_no_content(belize: Portal, ana: User, willa: User) -> None:
    incident = claimed(incident_of(belize, "https://bad.example.org/gallery"), ana)
    viewing.record_reveal(by=ana, incident=incident)
    page = client_of(willa).get(PATH).content.decode()

    for hidden in ("bad", "Belize", "bz", str(incident.pk)[:8]):
        assert not re.search(rf"\b{hidden}\b", page), hidden


def test_page_asks_as_many_queries_for_thirty_as_for_one(
    ana: User, willa: User, django_assert_num_queries: Any
) -> None:
    client = client_of(willa)
    day_of(ana, 0, 10)
    queries = 6
    with django_assert_num_queries(queries):
        client.get(PATH)
    for number in range(29):
        another = create_person(f"analyst{number}", Role.ANALYST)
        for days_ago in range(7):
            day_of(another, days_ago, 10)
    with django_assert_num_queries(queries):
        client.get(PATH)


def test_dashboard_leads_there(willa: User, ana: User) -> None:
    assert client_of(willa).get("/admin/").content.decode().count(f'href="{PATH}"') == 3
    assert PATH not in client_of(ana).get("/admin/").content.decode()
