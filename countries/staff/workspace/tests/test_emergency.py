"""Emergency suspension: one operator stops a live portal with reviewed words alone, and a second one decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import EmergencyOutcome, EmergencySuspension, Portal, PortalState, PortalTextPart
from countries.public.standard_texts import suspended_sentence
from countries.staff.document.steps import PortalStep
from countries.staff.workspace import emergency, lifecycle
from countries.tests.factories import review_texts
from tests.rig.fixtures import client_of, create_person

REASON = "The page shows a number that no one of us wrote."
OWN = "This portal is closed for maintenance."


@pytest.fixture
def otto(olga: User) -> User:
    return create_person("otto", Role.OPERATOR)


@pytest.fixture
def suspension(belize: Portal, olga: User, otto: User) -> EmergencySuspension:
    return emergency.suspend_at_once(by=olga, portal=belize, reason=REASON)


def page_of(portal: Portal) -> str:
    return f"/admin/countries/portal/{portal.pk}/emergency/"


def state_of(portal: Portal) -> tuple[str, bool]:
    portal.refresh_from_db()
    return portal.state, portal.emergency_suspended


def last_event() -> tuple[str, str, dict[str, Any]]:
    event = AuditEvent.objects.order_by("-number")[0]
    return event.action, event.actor, event.details


def test_every_step_of_a_live_portal_leads_to_its_suspension(belize: Portal, olga: User, petra: User) -> None:
    for step in PortalStep:
        address = f"/admin/countries/portal/{belize.pk}/{step}/"
        assert client_of(olga).get(address).content.decode().count(f'href="{page_of(belize)}"') == 1
    assert page_of(belize) not in client_of(petra).get(f"/admin/countries/portal/{belize.pk}/words/").content.decode()
    Portal.objects.update(state=PortalState.DRAFT)
    assert page_of(belize) not in client_of(olga).get(f"/admin/countries/portal/{belize.pk}/words/").content.decode()


def test_one_operator_suspends_and_pages_show_reviewed_words_alone(belize: Portal, olga: User, visitor: Client) -> None:
    belize.texts.filter(language="es").update(suspended_message="Cerrado por mantenimiento.")
    review_texts(belize, PortalTextPart.SUSPENDED_MESSAGE)
    belize.texts.filter(language="en").update(suspended_message=OWN)
    client = client_of(olga)
    shown = client.get(page_of(belize)).content.decode()
    assert "Cerrado por mantenimiento." in shown
    assert suspended_sentence() in shown
    assert OWN not in shown

    client.post(page_of(belize), {"reason": REASON, "suspended_message": "Defaced."})

    assert state_of(belize) == (PortalState.SUSPENDED, True)
    assert last_event() == ("portal.suspend_alone", "olga", {"from": "live", "to": "suspended", "reason": REASON})
    english, spanish = (visitor.get(f"/bz/{tag}/").content.decode() for tag in ("en", "es"))
    assert suspended_sentence() in english
    assert "Cerrado por mantenimiento." in spanish
    assert not any(words in page for words in (OWN, REASON, "Defaced.") for page in (english, spanish))
    assert visitor.get("/bz/en/status/").status_code == 200


@pytest.mark.parametrize("state", [state for state in PortalState if state != PortalState.LIVE])
def test_only_a_live_portal_is_suspended_at_once(belize: Portal, olga: User, state: PortalState) -> None:
    Portal.objects.update(state=state, access_phrase="phrase")
    with pytest.raises(Denied, match="Not possible while"):
        emergency.suspend_at_once(by=olga, portal=belize, reason=REASON)
    client = client_of(olga)
    assert "Suspend now" not in client.get(page_of(belize)).content.decode()
    assert client.post(page_of(belize), {"reason": REASON}).status_code == 422
    assert not AuditEvent.objects.exists()


def test_emergency_without_a_reason_is_refused(belize: Portal, olga: User) -> None:
    assert client_of(olga).post(page_of(belize), {"reason": " \n"}).status_code == 422
    with pytest.raises(Denied, match="reason"):
        emergency.suspend_at_once(by=olga, portal=belize, reason=" \n")
    assert state_of(belize) == (PortalState.LIVE, False)


def test_second_operator_confirms(
    suspension: EmergencySuspension, belize: Portal, zambia: Portal, olga: User, otto: User
) -> None:
    sent = {"suspension": suspension.pk, "outcome": "confirmed"}
    assert client_of(otto).post(f"{page_of(belize)}decide/", sent).status_code == 302
    assert state_of(belize) == (PortalState.SUSPENDED, True)
    action, actor, details = last_event()
    assert (action, actor, details["requested_by"]) == ("portal.confirm_suspension", "otto", "olga")
    # From now on it is a suspension like any other, and that of another portal is none of this one.
    emergency.suspend_at_once(by=olga, portal=zambia, reason=REASON)
    lifecycle.transition_portal(by=otto, portal=belize, verb="reopen", reason="Mended.")
    assert state_of(belize) == (PortalState.LIVE, False)


def test_second_operator_lifts(suspension: EmergencySuspension, belize: Portal, otto: User, visitor: Client) -> None:
    emergency.decide_suspension(by=otto, suspension=suspension, outcome="lifted")
    assert state_of(belize) == (PortalState.LIVE, False)
    assert last_event()[0] == "portal.lift_suspension"
    assert last_event()[2]["to"] == "live"
    with pytest.raises(Late):
        emergency.decide_suspension(by=otto, suspension=suspension, outcome="confirmed")


@pytest.mark.parametrize("outcome", EmergencyOutcome.values)
def test_first_operator_decides_nothing(
    suspension: EmergencySuspension, belize: Portal, olga: User, outcome: str
) -> None:
    sent = {"suspension": suspension.pk, "outcome": outcome}
    client = client_of(olga)
    assert client.post(f"{page_of(belize)}decide/", sent).status_code == 403
    assert "Another operator must confirm or lift your suspension." in client.get(page_of(belize)).content.decode()
    waiting = EmergencySuspension.objects.filter(pk=suspension.pk)
    with pytest.raises(IntegrityError, match="emergency_suspension_decided_by_another"), transaction.atomic():
        waiting.update(outcome=outcome, decided_by=olga, decided_at=timezone.now())
    assert state_of(belize) == (PortalState.SUSPENDED, True)


def test_account_made_after_the_suspension_is_no_second_person(suspension: EmergencySuspension, otto: User) -> None:
    User.objects.filter(pk=otto.pk).update(unchanged_since=timezone.now() + timedelta(minutes=1))
    with pytest.raises(Denied, match="Another person must decide it"):
        emergency.decide_suspension(by=User.objects.get(pk=otto.pk), suspension=suspension, outcome="lifted")


def test_no_other_change_of_state_while_it_waits(suspension: EmergencySuspension, belize: Portal, otto: User) -> None:
    for verb in ("reopen", "close", "restrict"):
        with pytest.raises(Denied, match="in an emergency"):
            lifecycle.transition_portal(by=otto, portal=belize, verb=verb, reason="A test.")


def test_page_decides_the_suspension_that_it_showed(
    suspension: EmergencySuspension, belize: Portal, olga: User, otto: User
) -> None:
    emergency.decide_suspension(by=otto, suspension=suspension, outcome="lifted")
    emergency.suspend_at_once(by=olga, portal=belize, reason="Another one.")
    sent = {"suspension": suspension.pk, "outcome": "lifted"}
    answer = client_of(otto).post(f"{page_of(belize)}decide/", sent)
    assert (answer.status_code, state_of(belize)[0]) == (409, PortalState.SUSPENDED)
    assert "Another one." in answer.content.decode()


def test_dashboards_name_the_portal_until_it_is_decided(
    suspension: EmergencySuspension, belize: Portal, olga: User, otto: User, adam: User, ana: User
) -> None:
    marked = 'id="emergencies"'
    shows = [marked in client_of(user).get("/admin/").content.decode() for user in (otto, olga, adam, ana)]
    assert shows == [True, True, True, False]
    assert page_of(belize) in client_of(otto).get("/admin/").content.decode()
    emergency.decide_suspension(by=otto, suspension=suspension, outcome="confirmed")
    assert marked not in client_of(otto).get("/admin/").content.decode()
