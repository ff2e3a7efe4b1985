"""The page that changes a portal's state: its form, refusals and approval requests."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from countries.models import ApprovalRequest, Portal, PortalState
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace.portal_approvals import PORTAL_STATE
from countries.tests.factories import complete_portal
from tests.rig.fixtures import client_of, create_person


@pytest.fixture
def ghana(db: None) -> Portal:
    """A draft whose checklist is complete."""
    return complete_portal("gh", "Ghana", "en", state=PortalState.DRAFT, access_phrase="phrase")


def state_page(portal: Portal, verb: str = "") -> str:
    return f"/admin/countries/portal/{portal.pk}/state/" + (f"?verb={verb}" if verb else "")


def page_of(portal: Portal) -> str:
    return f"/admin/countries/portal/{portal.pk}/launch/"


def test_operators_launch_from_the_page_of_the_portal(ghana: Portal, olga: User) -> None:
    client = client_of(olga)
    assert f'href="{state_page(ghana, "launch")}"' in client.get(page_of(ghana)).content.decode()
    asked = client.get(state_page(ghana, "launch"))
    assert (asked.status_code, Portal.objects.get(pk=ghana.pk).state) == (200, PortalState.DRAFT)

    sent = {"verb": "launch", "reason": "Signed.", "launched_on": str(timezone.localdate())}
    answer = client.post(state_page(ghana), sent, follow=True)

    # It was restricted before, so some people know it, and launching it needs a second operator.
    assert "Approval requested." in answer.content.decode()
    assert Portal.objects.get(pk=ghana.pk).state == PortalState.DRAFT
    approve_request(PORTAL_STATE, by=create_person("otto", Role.OPERATOR), request=ApprovalRequest.objects.get())
    assert Portal.objects.get(pk=ghana.pk).state == PortalState.LIVE
    event = AuditEvent.objects.get(action="portal.launch")
    assert (event.actor, event.details["reason"]) == ("otto", "Signed.")


def test_operator_opens_an_untried_draft_to_those_with_its_phrase(ghana: Portal, olga: User) -> None:
    Portal.objects.update(tested_on=None)
    answer = client_of(olga).post(state_page(ghana), {"verb": "restrict", "reason": "To try it out."}, follow=True)
    assert "The portal is now restricted: asks for an access phrase." in answer.content.decode()
    assert AuditEvent.objects.get().action == "portal.restrict"


def test_launch_that_is_not_ready_says_what_is_missing_and_keeps_the_reason(ghana: Portal, olga: User) -> None:
    Portal.objects.update(legal_source="")
    sent = {"verb": "launch", "reason": "As agreed in May.", "launched_on": str(timezone.localdate())}
    answer = client_of(olga).post(state_page(ghana), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The launch checklist is not complete." in page
    assert f'<a href="/admin/countries/portal/{ghana.pk}/country/#id_legal_source">Law and legal age</a>' in page
    assert "As agreed in May." in page
    assert Portal.objects.get(pk=ghana.pk).state == PortalState.DRAFT
    assert not AuditEvent.objects.exists()


def test_verb_that_may_not_be_used_is_a_disabled_button_with_the_reason(ghana: Portal, olga: User) -> None:
    Portal.objects.update(legal_source="", access_phrase="")
    page = client_of(olga).get(page_of(ghana)).content.decode()
    assert state_page(ghana, "launch") not in page
    assert state_page(ghana, "restrict") not in page
    assert '<button type="button" disabled title="The launch checklist is not complete.">Launch</button>' in page
    assert "A restricted portal needs an access phrase. Save one first." in page
    assert "Suspend" not in page


def test_launch_page_proposes_today_and_shows_the_catalogues_date(ghana: Portal, olga: User) -> None:
    Portal.objects.update(launched_on=date(2018, 4, 13), launch_source="public page of the launch")
    client = client_of(olga)
    form = client.get(state_page(ghana, "launch")).context["form"]
    assert form["launched_on"].value() == timezone.localdate()
    assert "13 April 2018" in form.fields["launched_on"].help_text
    sent = {"verb": "launch", "reason": "Signed.", "launched_on": "2018-04-13"}
    refused = client.post(state_page(ghana), sent)
    assert refused.context["form"].errors["launch_source"] == ["Give the source of an earlier launch date."]
    assert client.post(state_page(ghana), sent | {"launch_source": "page of the ministry"}).status_code == 302
    request = ApprovalRequest.objects.get()
    assert "page of the ministry" in client.get(f"/admin/approvals/{request.pk}/").content.decode()
    approve_request(PORTAL_STATE, by=create_person("otto", Role.OPERATOR), request=request)
    ghana.refresh_from_db()
    assert (ghana.launch_day, ghana.launch_source) == (date(2018, 4, 13), "page of the ministry")


@pytest.mark.parametrize("opens_on", ["", "soon", "2020-01-01", "today"])
def test_schedule_asks_for_a_day_to_come(ghana: Portal, olga: User, opens_on: str) -> None:
    opens_on = str(timezone.localdate()) if opens_on == "today" else opens_on
    said = {"verb": "schedule", "reason": "Signed.", "opens_on": opens_on}
    answer = client_of(olga).post(state_page(ghana), said)
    assert (answer.status_code, Portal.objects.get(pk=ghana.pk).state) == (422, PortalState.DRAFT)
    assert "Signed." in answer.content.decode()


def test_operators_schedule_a_day(ghana: Portal, olga: User) -> None:
    day = timezone.localdate() + timedelta(days=9)
    said = {"verb": "schedule", "reason": "Signed.", "opens_on": str(day)}
    assert client_of(olga).post(state_page(ghana), said).status_code == 302
    approve_request(PORTAL_STATE, by=create_person("otto", Role.OPERATOR), request=ApprovalRequest.objects.get())
    ghana.refresh_from_db()
    assert (ghana.state, ghana.opens_on) == (PortalState.SCHEDULED, day)
    assert "State: opens on" in client_of(olga).get(page_of(ghana)).content.decode()


def test_move_of_a_portal_that_the_public_knows_waits_for_a_second_operator(ghana: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.LIVE)
    client = client_of(olga)
    assert "a second operator" in client.get(state_page(ghana, "suspend")).content.decode()

    answer = client.post(state_page(ghana), {"verb": "suspend", "reason": "Under attack."})

    request = ApprovalRequest.objects.get()
    assert answer.headers["Location"] == f"/admin/approvals/{request.pk}/"
    assert (request.payload["verb"], request.reason, request.requested_by) == ("suspend", "Under attack.", olga)
    assert Portal.objects.get(pk=ghana.pk).state == PortalState.LIVE
    assert f'href="/admin/approvals/{request.pk}/"' in client.get(page_of(ghana)).content.decode()
    # A second request is refused, and the form keeps the reason.
    again = client.post(state_page(ghana), {"verb": "close", "reason": "For good."})
    assert (again.status_code, "For good." in again.content.decode(), ApprovalRequest.objects.count()) == (422, True, 1)


def test_move_is_done_once_a_second_operator_approves_it(ghana: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.LIVE)
    client_of(olga).post(state_page(ghana), {"verb": "suspend", "reason": "Under attack."})
    approve_request(PORTAL_STATE, by=create_person("otto", Role.OPERATOR), request=ApprovalRequest.objects.get())
    assert Portal.objects.get(pk=ghana.pk).state == PortalState.SUSPENDED


@pytest.mark.parametrize("reason", ["", " \n"])
def test_move_without_a_reason_is_refused(ghana: Portal, olga: User, reason: str) -> None:
    answer = client_of(olga).post(state_page(ghana), {"verb": "launch", "reason": reason})
    assert (answer.status_code, Portal.objects.get(pk=ghana.pk).state) == (422, PortalState.DRAFT)


@pytest.mark.parametrize("verb", ["", "delete", "LAUNCH"])
def test_verb_that_is_none_is_refused(ghana: Portal, olga: User, verb: str) -> None:
    client = client_of(olga)
    assert client.post(state_page(ghana), {"verb": verb, "reason": "Signed."}).status_code == 400
    assert client.get(state_page(ghana), {"verb": verb}).headers["Location"] == page_of(ghana)


def test_portal_that_is_not_there_is_not_found(ghana: Portal, olga: User) -> None:
    assert client_of(olga).get("/admin/countries/portal/999999/state/?verb=launch").status_code == 404


@pytest.mark.parametrize("name", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_state_page_opens_to_operators_only(ghana: Portal, name: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(name)
    person.portals.add(ghana)
    client = client_of(person)
    assert client.get(state_page(ghana, "launch")).status_code == 403
    assert client.post(state_page(ghana), {"verb": "launch", "reason": "Signed."}).status_code == 403
    assert Portal.objects.get(pk=ghana.pk).state == PortalState.DRAFT
