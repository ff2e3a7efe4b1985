"""The mail to administrators and auditors about accounts of staff that are new, or have a new role."""

import io
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from analysts.accounts import approvals
from analysts.accounts.account_forms import WITHOUT_PORTALS
from analysts.accounts.approvals import ACCOUNT_ROLE
from analysts.accounts.tests.test_user_admin import add, change
from analysts.codes import Role
from analysts.models import Alarm, AlarmKind, User
from analysts.pages import tasks
from countries.models import ApprovalRequest, Portal
from countries.staff.requests.approvals import approve_request
from tests.rig.fixtures import client_of, create_person

READERS = ("adam", "adele", "axel")


@pytest.fixture
def adele(db: None) -> User:
    """A second administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


@pytest.fixture
def addresses(adam: User, adele: User, axel: User, olga: User, ana: User) -> None:
    for name in (*READERS, "olga", "ana"):
        User.objects.filter(username=name).update(email=f"{name}@example.org")


def send() -> list[Any]:
    mail.outbox.clear()
    tasks.send_alarms(timestamp=0)
    return mail.outbox


def is_raised() -> bool:
    return Alarm.objects.filter(kind=AlarmKind.ACCOUNT).exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PARTNER])
def test_each_new_account_is_told_to_administrators_and_auditors(
    addresses: None, adam: User, adele: User, belize: Portal, role: Role
) -> None:
    add(client_of(adam), role, *([] if role in WITHOUT_PORTALS else [belize]))
    assert not is_raised()
    approve_request(ACCOUNT_ROLE, by=adele, request=ApprovalRequest.objects.waiting().get())
    [message] = send()
    assert sorted(message.to) == [f"{name}@example.org" for name in READERS]
    assert message.body.startswith("1 account of staff is new, or was given a role, renamed or switched on.")
    assert "nora" not in (message.subject + message.body).lower()
    assert not is_raised()


def test_new_role_and_switching_on_are_told_and_a_partner_is_not(
    addresses: None, adam: User, adele: User, ana: User, petra: User, belize: Portal
) -> None:
    client = client_of(adam)
    add(client, Role.PARTNER, belize)
    change(client, petra, name="Petra B")
    assert not is_raised()
    request, _half = approvals.request_role(by=adam, user=ana, role=Role.SENIOR)
    approve_request(ACCOUNT_ROLE, by=adele, request=request)
    User.objects.filter(username="olga").update(is_active=False)
    change(client, User.objects.get(username="olga"), is_active="on")
    [message] = send()
    assert message.body.startswith("2 accounts of staff are new")


def test_account_of_the_command_is_told(addresses: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
    call_command("create_administrator", "alma", stdout=io.StringIO())
    [message] = send()
    assert message.body.startswith("1 account of staff is new")


def test_moot_mail_is_not_sent(addresses: None, adam: User, adele: User, belize: Portal) -> None:
    add(client_of(adam), Role.AUDITOR, belize)
    approve_request(ACCOUNT_ROLE, by=adele, request=ApprovalRequest.objects.waiting().get())
    User.objects.filter(username="nora").update(is_active=False)
    assert send() == []
