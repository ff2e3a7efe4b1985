"""Every number on a bar, a menu or the dashboard is the number of rows in the list that it links to."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from analysts.accounts.approvals import request_recovery
from analysts.assessment.flood import folding as floods
from analysts.codes import Role
from analysts.models import DeadReason, Incident, Notice, NoticeState, RecipientKind, User
from analysts.takedown.chasing.tests.test_due_page import first_notice
from analysts.tests.chases import office
from analysts.tests.factories import assessed_illegal, claimed, incident_of, report_of
from countries.models import Portal
from countries.tests.factories import open_portal
from tests.rig.fixtures import client_of, create_person

DANGER = {"facts": ["child_in_danger"]}


def fill(belize: Portal, ana: User, sena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Incidents of each priority and state, among them claimed and folded ones with a child in danger."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    # None of a flood rises to the top.
    monkeypatch.setattr(floods, "IN_DANGER", 0)
    for name in "ab":
        incident_of(belize, f"https://{name}-waiting.example/1", details=DANGER)
    claimed(incident_of(belize, "https://claimed.example/1", details=DANGER), sena)
    for name in "cde":
        incident_of(belize, f"https://{name}-high.example/1", details={"facts": ["child_known", "live_stream"]})
    report_of(belize, "https://plain.example/1\nhttps://another.example/x/y")
    assessed_illegal(incident_of(belize, "https://illegal.example/1"), ana)
    for number in range(5):
        report_of(belize, f"https://flood{number}.example/{number}")
        report_of(belize, f"https://flood{number}.example/{number}/of", details=DANGER)
    assert Incident.objects.alike().in_danger().exists()


def numbers_of_dashboard(client: Client) -> dict[str, str]:
    """The numbers that are links of the figures, by their address."""
    page = client.get("/admin/").content.decode()
    figures = re.findall(r'<dd>\s*<a href="([^"]+)"[^>]*>\s*([\d,+]+)\s*</a>', page)
    return {unescape(address): number for address, number in figures}


def rows_listed(client: Client, address: str) -> int:
    """The number of rows of the list that the address shows, all its pages together."""
    page = client.get(address).context["page"]
    return int(page.paginator.count)


def test_numbers_of_the_queue_are_those_of_its_lists(
    belize: Portal, ana: User, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(belize, ana, sena, monkeypatch)
    client = client_of(ana)
    numbers = {address: number for address, number in numbers_of_dashboard(client).items() if "/queue/" in address}
    assert len(numbers) == 4
    assert {address: str(rows_listed(client, address)) for address in numbers} == numbers
    assert set(numbers.values()) != {"0"}


def test_red_bar_dashboard_and_danger_view_agree(
    belize: Portal, ana: User, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(belize, ana, sena, monkeypatch)
    client = client_of(ana)
    page = " ".join(client.get("/admin/").content.decode().split())
    found = re.search(r"Child in danger now, according to reports: (\d+) incidents", page)
    assert found
    listed = rows_listed(client, "/admin/queue/?view=danger")
    assert numbers_of_dashboard(client)["/admin/queue/?view=danger"] == found[1] == str(listed)
    # One more is in review.
    assert listed == 7


def test_number_of_similar_reports_is_that_of_their_list(
    belize: Portal, ana: User, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(belize, ana, sena, monkeypatch)
    client = client_of(ana)
    rows = client.get("/admin/queue/").context["groups"]
    assert rows
    for row in rows:
        like = f"/admin/queue/?like={row.incident.pk}"
        assert row.alike == str(rows_listed(client, like))
        assert (row.in_danger or "0") == str(rows_listed(client, f"{like}&view=danger"))


def test_numbers_of_the_to_do_list_are_those_of_its_lists(belize: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    host = office(RecipientKind.HOST, sena, at=now)
    verdict, *_others = (assessed_illegal(incident_of(belize, f"https://{name}.example/1"), ana) for name in "abc")
    first_notice(verdict, host, now - timedelta(hours=1))
    Notice.objects.update(state=NoticeState.DEAD, next_try_at=None, dead_reason=DeadReason.AWAY, tried_at=now)
    client = client_of(ana)
    numbers = {address: number for address, number in numbers_of_dashboard(client).items() if "/to-do/" in address}
    assert numbers
    assert {address: str(rows_listed(client, address)) for address in numbers} == numbers


def test_number_of_approval_requests_is_that_of_the_list(adam: User) -> None:
    for name in "ab":
        request_recovery(by=adam, user=create_person(name, Role.WELFARE))
    client = client_of(adam)
    page = client.get("/admin/").content.decode()
    listed = len(client.get("/admin/approvals/").context["waiting"])
    assert re.findall(r"(\d+) approval requests", page) == [str(listed)] * 3


def test_number_of_uncovered_portals_is_that_of_those_named(belize: Portal, adam: User) -> None:
    open_portal("gh", "Ghana", "en")
    page = " ".join(client_of(adam).get("/admin/").content.decode().split())
    assert "No analyst sees the reports to 2 portals." in page
