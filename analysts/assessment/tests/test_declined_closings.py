"""A second person declines to close similar reports, and the analyst who asked withdraws the request."""

import re
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.assessment.tests.test_bulk import drawn
from analysts.assessment.tests.test_flood_pages import FORM, url
from analysts.assessment.tests.test_floods import flood
from analysts.codes import ClosingDeclineReason, Reason, Verdict
from analysts.models import BulkClosing, FloodSample, Incident, User
from analysts.models.incident_queries import LOWEST
from analysts.pages.tests.test_incident_page import shown
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from tests.rig.fixtures import client_of

DECISION: dict[str, Any] = {"verdict": Verdict.OUTSIDE_REMIT, "reason": Reason.ADULT}
WHY = ClosingDeclineReason.DIFFERENT


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "IN_DANGER", 0)


@pytest.fixture
def asked(belize: Portal, ana: User) -> FloodSample:
    """Ana's request to close a flood of seven."""
    flood(belize, 10)
    return actions.ask_approval(by=ana, sample=drawn(ana, opened=False), **DECISION)


def test_declined_closing_closes_nothing_and_is_asked_again(asked: FloodSample, ana: User, sena: User) -> None:
    declined = actions.decline_closing(by=sena, sample=asked, reason=WHY)

    assert (declined.declined_by, declined.decline_reason, declined.asked_at) == (sena, WHY, None)
    [event] = AuditEvent.objects.filter(action="flood.decline")
    assert event.details == {"verdict": "outside_remit", "requested_by": ana.username, "reason": "different"}
    for decide in (actions.approve_closing, actions.decline_closing):
        with pytest.raises(Late):
            decide(by=sena, sample=asked)
    assert not BulkClosing.objects.exists()
    again = actions.ask_approval(by=ana, sample=asked, **DECISION)
    assert (again.pk, again.declined_by) == (asked.pk, sena)
    assert actions.approve_closing(by=sena, sample=again).number == 7


def test_withdrawn_closing_cannot_be_approved(asked: FloodSample, ana: User, sena: User) -> None:
    withdrawn = actions.decline_closing(by=ana, sample=asked)

    assert (withdrawn.asked_at, withdrawn.declined_by, withdrawn.decline_reason) == (None, None, "")
    [event] = AuditEvent.objects.filter(action="flood.decline")
    assert (event.actor, event.details) == (
        ana.username,
        {"verdict": "outside_remit", "requested_by": ana.username},
    )
    with pytest.raises(Late):
        actions.approve_closing(by=sena, sample=asked)


def test_closing_is_declined_only_by_those_who_see_it_and_with_a_reason(
    asked: FloodSample, belize: Portal, ben: User, sena: User, olga: User
) -> None:
    with pytest.raises(Late):
        # Ben works for another portal.
        actions.decline_closing(by=ben, sample=asked, reason=WHY)
    with pytest.raises(Denied):
        actions.decline_closing(by=olga, sample=asked, reason=WHY)
    with pytest.raises(Denied, match="why"):
        actions.decline_closing(by=sena, sample=asked)
    # Only incidents of another flood are left.
    flood(belize, 4, lambda number: f"https://another.example/{number}")
    Incident.objects.filter(flood=asked.flood).update(priority=LOWEST + 1, flood=b"")
    assert Incident.objects.alike().exists()
    with pytest.raises(Late, match="left to close"):
        actions.decline_closing(by=sena, sample=asked, reason=WHY)

    asked.refresh_from_db()
    assert asked.asked_at is not None
    assert not AuditEvent.objects.filter(action="flood.decline").exists()


def test_asker_sees_the_answer_and_its_reason(asked: FloodSample, ana: User, sena: User, ben: User) -> None:
    page = client_of(sena).get(url())
    [decline] = re.findall(r'action="(/admin/floods/[^"]*/decline/[^"]*)"', page.content.decode())
    refused = client_of(sena).post(decline, {"reason": ""})
    assert refused.status_code == 422
    assert "Reason for declining: This field is required." in shown(refused)
    assert f'href="#decline_{asked.pk}_reason"' in refused.content.decode()
    assert client_of(ben).post(decline, {"reason": WHY}).status_code == 404
    page = client_of(sena).post(decline, {"reason": WHY}, follow=True)
    assert "Declined: nothing has changed." in shown(page)
    assert "Approve and close" not in shown(page)

    answer = f"{sena} declined to close your similar reports: some of them are something else."
    assert [answer in shown(client_of(each).get("/admin/")) for each in (ana, sena)] == [True, False]
    own = shown(client_of(ana).get(url()))
    assert re.search(rf"Declined by {sena} on .*: some of them are something else\.", own)
    client_of(ana).post(url("ask"), FORM)
    assert answer not in shown(client_of(ana).get("/admin/"))
    # The next person sees the earlier answer.
    assert f"Declined by {sena}" in shown(client_of(sena).get(url()))


def test_asker_withdraws_on_the_page(asked: FloodSample, ana: User) -> None:
    client = client_of(ana)
    [withdraw] = re.findall(r'action="(/admin/floods/[^"]*/decline/[^"]*)"', client.get(url()).content.decode())
    page = client.post(withdraw, follow=True)

    assert "Withdrawn: nothing has changed." in shown(page)
    assert "withdraw-closing" not in page.content.decode()
    assert client.post(withdraw).status_code == 409
