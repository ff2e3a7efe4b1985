"""Whose an id in the audit log is: asked with a reason, approved by a second person, read by the first, for a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.accounts.log_ids.requests import LOG_ID, SHOWN_FOR, read_name, request_name
from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent, LogId
from audit.permissions import Denied
from countries.models import ApprovalRequest
from countries.staff.requests.approvals import approve_request, decline_request
from tests.rig.fixtures import client_of, create_person

REASON = "A complaint about a reveal."


@pytest.fixture
def log_id(ana: User) -> LogId:
    return LogId.objects.get(account=ana)


@pytest.fixture
def requested(axel: User, log_id: LogId) -> ApprovalRequest:
    return request_name(by=axel, log_id=log_id, reason=REASON)


def approved(request: ApprovalRequest, by: User, **more: Any) -> ApprovalRequest:
    approve_request(LOG_ID, by=by, request=request, **more)
    request.refresh_from_db()
    return request


def test_answer_is_for_the_one_who_asked_and_for_a_day(
    requested: ApprovalRequest, axel: User, adam: User, ana: User
) -> None:
    now = timezone.now()
    request = approved(requested, adam, now=now)
    assert read_name(by=axel, request=request, now=now + SHOWN_FOR - timedelta(seconds=1)) == ana
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.object_id, event.details) == (
        "log_id.read",
        "axel",
        "ana",
        {"request": request.pk},
    )
    with pytest.raises(Denied, match="for a day"):
        read_name(by=axel, request=request, now=now + SHOWN_FOR)
    with pytest.raises(Denied, match="person who asked"):
        read_name(by=create_person("asha", Role.AUDITOR), request=request, now=now)


def test_nothing_is_read_without_approval(requested: ApprovalRequest, axel: User, adam: User) -> None:
    with pytest.raises(Denied, match="no answer"):
        read_name(by=axel, request=requested)
    decline_request(LOG_ID, by=adam, request=requested)
    requested.refresh_from_db()
    with pytest.raises(Denied, match="no answer"):
        read_name(by=axel, request=requested)


def test_auditors_alone_ask(log_id: LogId, adam: User, sena: User) -> None:
    for person in (adam, sena):
        with pytest.raises(Denied):
            request_name(by=person, log_id=log_id, reason=REASON)


def test_person_decides_nothing_about_their_own_id(axel: User, adam: User) -> None:
    request = request_name(by=axel, log_id=LogId.objects.get(account=adam), reason=REASON)
    with pytest.raises(Denied, match="Another person"):
        approve_request(LOG_ID, by=adam, request=request)


def test_forgotten_account_is_not_asked_for(requested: ApprovalRequest, axel: User, adam: User, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    LogId.objects.filter(account=ana).update(account=None)
    with pytest.raises(Denied, match="Nothing leads"):
        approve_request(LOG_ID, by=adam, request=requested)
    decline_request(LOG_ID, by=adam, request=requested)
    with pytest.raises(Denied, match="Nothing leads"):
        request_name(by=axel, log_id=LogId.objects.get(pk="ana"), reason=REASON)


def test_pages_lead_from_the_event_to_the_answer(axel: User, adam: User) -> None:
    bela = create_person("bela", Role.ANALYST)
    User.objects.filter(pk=bela.pk).update(username="bela-signs-in", name="Bela Real")
    client, second = client_of(axel), client_of(adam)
    path = "/admin/audit/ids/bela/"
    response = client.post(path, {"reason": REASON})
    request = ApprovalRequest.objects.get(kind=LOG_ID.code)
    page = f"/admin/approvals/{request.pk}/"
    assert response["Location"] == page
    assert page in client.get(path).text
    answer = f"{page}answer/"
    assert client.get(answer).status_code == 403
    for text in (client.get(page).text, second.get(page).text):
        assert REASON in text
        assert "Bela Real" not in text
        assert "bela-signs-in" not in text
    assert second.post(f"{page}approve/").status_code == 302
    for door in (page, path, "/admin/"):
        assert answer in client.get(door).text
        assert answer not in second.get(door, follow=True).text
    text = client.get(answer).text
    assert "Bela Real" in text
    assert "bela-signs-in" in text
    assert answer not in second.get(page).text
    assert second.get(answer).status_code == 403
