"""Systemic cases: sent from an incident, answered by a senior analyst in time, seen by the person who sent them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions as assessment
from analysts.codes.systemic_cases import SystemicAnswer, SystemicReason
from analysts.models import Incident, SystemicCase, User
from analysts.pages.tests.test_incident_page import shown
from analysts.takedown.chasing.lists import due_kinds
from analysts.takedown.systemic_cases.actions import answer_systemic_case, send_systemic_case
from analysts.takedown.systemic_cases.to_do import SYSTEMIC
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

LIST = "/admin/systemic-cases/"
ADDRESS = "https://site.example/page"


def path(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/" + (f"{act}/" if act else "")


@pytest.mark.parametrize("state", ["waiting", "illegal", "closed"])
def test_any_incident_is_sent_answered_and_the_answer_seen(belize: Portal, ana: User, sena: User, state: str) -> None:
    incident = incident_of(belize, ADDRESS)
    if state == "illegal":
        assessed_illegal(incident, ana)
    if state == "closed":
        assessed_not_found(incident, ana)
    analyst, senior = client_of(ana), client_of(sena)
    page = analyst.get(path(incident), {"open": "systemic_case"})
    assert f'action="{path(incident, "systemic-case")}"' in page.content.decode()
    assert 'data-opens="S"' in page.content.decode()
    sent = {"reason": "no_removal", "note": "The fourth one this year."}
    assert analyst.post(path(incident, "systemic-case"), sent).status_code == 302

    # The senior analyst finds it on the page and answers it on the incident's.
    listed = senior.get(LIST)
    assert "Those notified do not act: The fourth one this year." in shown(listed)
    assert f'href="{path(incident)}#answer_systemic_case"' in listed.content.decode()
    page = senior.get(path(incident))
    assert 'id="answer_systemic_case"' in page.content.decode()
    assert "those notified do not act: The fourth one this year." in shown(page)
    answer = {"answer": "raised", "note": "With the regulator."}
    assert senior.post(path(incident, "answer-systemic-case"), answer).status_code == 302

    assert "No systemic case waits for an answer." in shown(senior.get(LIST))
    assert "1 of your systemic cases was answered in the last two weeks." in shown(analyst.get("/admin/"))
    assert "systemic cases was answered" not in shown(senior.get("/admin/"))
    own = shown(analyst.get(LIST))
    assert "Raised with the police, a partner or a provider : With the regulator." in own.replace(
        "provider:", "provider :"
    )
    assert str(sena) in own
    # Both are in the incident's history, and a new case can be sent.
    page = analyst.get(f"{path(incident)}?open=history&open=systemic_case")
    assert "With the regulator." in shown(page)
    assert f'action="{path(incident, "systemic-case")}"' in page.content.decode()
    events = AuditEvent.objects.filter(action__contains="systemic_case", object_id=str(incident.pk)).order_by("number")
    assert [(event.action, event.details.get("reason"), event.details.get("outcome")) for event in events] == [
        ("incident.systemic_case", "no_removal", None),
        ("incident.answer_systemic_case", None, "raised"),
    ]


@pytest.mark.parametrize(
    ("act", "fields"),
    [("systemic-case", {"reason": "law"}), ("answer-systemic-case", {"answer": "nothing"})],
)
@pytest.mark.parametrize("note", [ADDRESS, "seen on site.example", "x" * 201])
def test_sentence_takes_no_address(belize: Portal, sena: User, act: str, fields: dict[str, str], note: str) -> None:
    incident = incident_of(belize, ADDRESS)
    if act == "answer-systemic-case":
        send_systemic_case(by=sena, incident=incident, reason=SystemicReason.LAW)
    before = list(SystemicCase.objects.values())
    client = client_of(sena)
    assert client.post(path(incident, act), {**fields, "note": note}).status_code == 422
    assert client.post(path(incident, act), {"note": "A sentence."}).status_code == 422

    assert list(SystemicCase.objects.values()) == before


def test_verbs_take_no_address_either(belize: Portal, sena: User) -> None:
    incident = incident_of(belize, ADDRESS)
    with pytest.raises(Denied, match="reads as a web address"):
        send_systemic_case(by=sena, incident=incident, reason=SystemicReason.LAW, note=ADDRESS)
    send_systemic_case(by=sena, incident=incident, reason=SystemicReason.LAW)
    with pytest.raises(Denied, match="reads as a web address"):
        answer_systemic_case(by=sena, incident=incident, answer=SystemicAnswer.NOTHING, note=ADDRESS)


def test_only_one_waits_and_only_seniors_answer(belize: Portal, ana: User, ben: User, sena: User) -> None:
    incident = incident_of(belize, ADDRESS)
    with pytest.raises(Denied, match="No systemic case"):
        answer_systemic_case(by=sena, incident=incident, answer=SystemicAnswer.CHANGED)
    send_systemic_case(by=ana, incident=incident, reason=SystemicReason.LAW)
    with pytest.raises(Denied, match="waits for its answer"):
        send_systemic_case(by=sena, incident=incident, reason=SystemicReason.LAW)
    with pytest.raises(Denied, match="A senior analyst answers"):
        answer_systemic_case(by=ana, incident=incident, answer=SystemicAnswer.CHANGED)
    assert client_of(ana).post(path(incident, "answer-systemic-case"), {"answer": "changed"}).status_code == 403
    # Neither list of a colleague of another portal has it.
    assert str(incident) not in shown(client_of(ben).get(LIST))
    assert client_of(ben).post(path(incident, "systemic-case"), {"reason": "law"}).status_code == 404
    assert "Waiting for an answer" not in shown(client_of(ana).get(LIST))

    assert SystemicCase.objects.waiting().count() == 1


def test_overdue_case_is_a_to_do_of_seniors(belize: Portal, ana: User, sena: User, settings: Any) -> None:
    settings.SYSTEMIC_CASE_DAYS = 5
    now = timezone.now()
    waiting, overdue = (incident_of(belize, f"https://site.example/{name}") for name in ("new", "old"))
    send_systemic_case(by=ana, incident=waiting, reason=SystemicReason.LAW, now=now - timedelta(days=5, minutes=-1))
    send_systemic_case(by=ana, incident=overdue, reason=SystemicReason.LAW, now=now - timedelta(days=5))

    assert [(count.kind, count.number) for count in due_kinds(sena, now, None)] == [(SYSTEMIC, "1")]
    assert due_kinds(ana, now, None) == []
    [row] = SYSTEMIC.due(sena, now)
    assert SYSTEMIC.line(row, now).since == now
    for user in (sena, ana):
        assert shown(client_of(user).get(LIST)).count("overdue") == 1
    listed = client_of(sena).get("/admin/to-do/?what=systemic_cases")
    assert str(overdue) in shown(listed)
    assert str(waiting) not in shown(listed)
    answer_systemic_case(by=sena, incident=overdue, answer=SystemicAnswer.CHANGED)
    assert due_kinds(sena, now, None) == []


def test_status_of_a_takedown_names_an_overdue_case(belize: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    incident = assessed_illegal(incident_of(belize, ADDRESS), ana).incident
    case = send_systemic_case(by=ana, incident=incident, reason=SystemicReason.LAW)
    assert "Answer a systemic case" not in shown(client_of(sena).get(path(incident)))
    SystemicCase.objects.filter(pk=case.pk).update(sent_at=now - timedelta(days=15))

    assert "Answer a systemic case" in shown(client_of(sena).get(path(incident)))


def test_merge_takes_the_cases_along(belize: Portal, ana: User, sena: User) -> None:
    one, into = (incident_of(belize, f"https://site.example/{name}") for name in ("one", "into"))
    for incident in (one, into):
        send_systemic_case(by=ana, incident=incident, reason=SystemicReason.LAW)
    assessment.merge(by=ana, incident=one, into=into)

    assert set(SystemicCase.objects.values_list("incident", flat=True)) == {into.pk}
    assert answer_systemic_case(by=sena, incident=into, answer=SystemicAnswer.CHANGED) == 2
    assert not SystemicCase.objects.waiting().exists()
