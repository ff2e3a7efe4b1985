"""Contacts to talk to: entered by the welfare lead, named where content is revealed, and nothing records who looks."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from analysts.models import Incident, SupportContact, User
from analysts.pages.tests.test_incident_page import shown, url
from analysts.tests.factories import claimed, incident_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

PATH = "/admin/welfare/contacts/"
# A Wednesday.
NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
PAT = {"kind": "peer", "name": "Pat", "reach": "Room 1", "weekday": "2"}


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def incident(belize: Portal, ana: User) -> Incident:
    return claimed(incident_of(belize, "https://bad.example.org/1"), ana)


def sent(*rows: dict[str, str], stored: int = 0) -> dict[str, str]:
    fields = {f"form-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
    return fields | {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": str(stored)}


def contacts_on(page: Any) -> list[str]:
    [part] = re.findall(r'<details class="talk">(.*?)</details>', page.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", item).split()) for item in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)]


def test_lead_enters_changes_and_deletes_contacts(willa: User) -> None:
    client = client_of(willa)
    counsellor = {"kind": "counsellor", "name": "Dr Example", "reach": "+1 555 0100", "weekday": ""}
    assert client.post(PATH, sent(PAT, counsellor)).status_code == 302
    assert list(SupportContact.objects.order_by("pk").values_list("kind", "name", "reach", "weekday")) == [
        ("peer", "Pat", "Room 1", 2),
        ("counsellor", "Dr Example", "+1 555 0100", None),
    ]
    pat, other = SupportContact.objects.order_by("pk")
    changed = {**PAT, "id": str(pat.pk), "reach": "Room 2"}
    client.post(PATH, sent(changed, {**counsellor, "id": str(other.pk), "DELETE": "on"}, stored=2))
    assert [contact.reach for contact in SupportContact.objects.all()] == ["Room 2"]
    events = AuditEvent.objects.filter(action="welfare.contacts")
    assert [(event.actor, event.details) for event in events] == [("willa", {})] * 2


def test_contact_without_a_way_to_reach_it_is_refused(willa: User) -> None:
    page = client_of(willa).post(PATH, sent({**PAT, "reach": ""}))
    assert page.status_code == 422
    assert 'value="Pat"' in page.content.decode()
    assert not SupportContact.objects.exists()


def test_revealed_page_names_the_contacts_of_the_day(incident: Incident, ana: User) -> None:
    for kind, name, weekday in (
        ("counsellor", "Cora", None),
        ("lead", "Lee", None),
        ("peer", "Max", 3),
        ("peer", "Pat", 2),
        ("peer", "Any", None),
    ):
        SupportContact.objects.create(kind=kind, name=name, reach="Room 1", weekday=weekday)
    client = client_of(ana)
    assert "Talk to someone" not in shown(client.get(url(incident)))
    page = client.post(url(incident, "reveal"), follow=True)
    assert contacts_on(page) == [
        "Pat, colleague to talk to: Room 1",
        "Any, colleague to talk to: Room 1",
        "Lee, lead: Room 1",
        "Cora, counsellor: Room 1",
    ]
    # Opened without a request: there is nothing that could be recorded.
    [part] = re.findall(r'<details class="talk">(.*?)</details>', page.content.decode(), re.DOTALL)
    assert not re.search(r"href|action|src|data-", part)


def test_revealed_page_without_contacts_says_whom_to_ask(incident: Incident, ana: User) -> None:
    page = client_of(ana).post(url(incident, "reveal"), follow=True)
    assert contacts_on(page) == []
    assert "No contacts have been entered yet. Ask the welfare lead for one." in shown(page)
