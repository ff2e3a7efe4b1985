"""Inboxes of recipients: opened by two administrators, confirmed each quarter, suspended by one person at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient, RecipientAccess, User
from analysts.models.staff.recipient_access import CONFIRMED_FOR, DUE_BEFORE
from analysts.takedown.inbox.inbox_access import (
    RECIPIENT_ACCESS,
    confirm_access,
    request_access,
    suspend_access,
)
from analysts.takedown.inbox.permissions import open_access
from analysts.tests.inboxes import inbox_of, unit
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from countries.staff.requests.approvals import approve_request
from tests.rig.fixtures import client_of, create_person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)


@pytest.fixture
def adele() -> User:
    """Another administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


@pytest.fixture
def rosa() -> User:
    """An officer, whose account has the role and no inbox yet."""
    return create_person("rosa", Role.RECIPIENT)


def test_two_administrators_open_an_inbox(adam: User, adele: User, rosa: User, police: Recipient) -> None:
    request = request_access(by=adam, user=rosa, recipient=police, reason="Called back.")
    assert not RecipientAccess.objects.exists()
    page = client_of(adele).get(f"/admin/approvals/{request.pk}/").content.decode()
    assert "opens the inbox of Example Police (police)" in page
    with pytest.raises(Denied, match="Another person"):
        approve_request(RECIPIENT_ACCESS, by=adam, request=request)
    approve_request(RECIPIENT_ACCESS, by=adele, request=request)
    access = RecipientAccess.objects.get()
    assert (access.user, access.recipient, access.confirmed_by) == (rosa, police, adele)
    assert open_access(rosa, timezone.now().date()) == access
    event = AuditEvent.objects.get(action="approval.approve")
    assert event.details["recipient"] == str(police.pk)


def test_account_never_changes_its_recipient(adam: User, ana: User, police: Recipient) -> None:
    access = inbox_of(police, by=adam)
    another = unit("Another Police", by=ana)
    suspend_access(by=adam, access=access)
    with pytest.raises(Denied, match="belongs to Example Police"):
        request_access(by=adam, user=access.user, recipient=another, reason="x")
    access.recipient = another
    with pytest.raises(DatabaseError, match="keeps its recipient"), transaction.atomic():
        access.save(update_fields=["recipient"])


@pytest.mark.parametrize("kind", [kind for kind in RecipientKind if not kind.row.is_national])
def test_only_verified_police_and_hotlines_have_inboxes(kind: RecipientKind, adam: User, ana: User, rosa: User) -> None:
    with pytest.raises(Denied, match="Only a verified police force or hotline"):
        request_access(by=adam, user=rosa, recipient=unit("Other", by=ana, kind=kind), reason="x")
    unverified = Recipient.objects.create(kind="police", name="Unknown Police", email="desk@example.org")
    with pytest.raises(Denied, match="Only a verified police force or hotline"):
        request_access(by=adam, user=rosa, recipient=unverified, reason="x")


def test_request_is_refused_for_another_role_by_others_and_once_the_account_has_changed(
    adam: User, adele: User, olga: User, rosa: User, police: Recipient
) -> None:
    with pytest.raises(Denied, match="role of a recipient"):
        request_access(by=adam, user=olga, recipient=police, reason="x")
    with pytest.raises(Denied, match="Only administrators"):
        request_access(by=olga, user=rosa, recipient=police, reason="x")
    request = request_access(by=adam, user=rosa, recipient=police, reason="x")
    User.objects.filter(pk=rosa.pk).update(name="Another person")
    with pytest.raises(Denied, match="has changed"):
        approve_request(RECIPIENT_ACCESS, by=adele, request=request)


@pytest.mark.parametrize(
    ("age", "is_open", "is_due"),
    [
        (timedelta(0), True, False),
        (CONFIRMED_FOR - DUE_BEFORE - timedelta(days=1), True, False),
        (CONFIRMED_FOR - DUE_BEFORE, True, True),
        (CONFIRMED_FOR - timedelta(days=1), True, True),
        (CONFIRMED_FOR, False, True),
    ],
)
def test_unconfirmed_account_sees_nothing(
    age: timedelta, is_open: bool, is_due: bool, adam: User, police: Recipient
) -> None:
    today = NOW.date()
    access = inbox_of(police, by=adam, now=NOW - age)
    assert (open_access(access.user, today) is not None) == is_open
    assert RecipientAccess.objects.to_confirm(today).exists() == is_due
    confirm_access(by=adam, access=access, now=NOW)
    assert open_access(access.user, today)
    assert not RecipientAccess.objects.to_confirm(today).exists()


def test_dashboard_of_administrators_lists_what_is_to_confirm(adam: User, olga: User, police: Recipient) -> None:
    inbox_of(police, by=adam, now=timezone.now() - CONFIRMED_FOR)
    assert "1 account of a recipient has to be confirmed" in client_of(adam).get("/admin/").content.decode()
    assert "has to be confirmed" not in client_of(olga).get("/admin/").content.decode()


@pytest.mark.parametrize("fixture", ["adam", "sena"])
def test_one_person_suspends_at_once_and_two_open_again(
    fixture: str, request: pytest.FixtureRequest, adam: User, adele: User, police: Recipient
) -> None:
    by, access = request.getfixturevalue(fixture), inbox_of(police, by=adam)
    officer = client_of(User.objects.get(pk=access.user.pk))
    assert officer.get("/admin/inbox/").status_code == 200
    assert client_of(by).post(f"/admin/recipient-accounts/{access.pk}/suspend/").status_code == 302
    # Signed out, and without an inbox after signing in again.
    assert officer.get("/admin/inbox/").headers["Location"].startswith("/accounts/login/")
    assert open_access(access.user, timezone.now().date()) is None
    access.refresh_from_db()
    with pytest.raises(Late, match="already suspended"):
        suspend_access(by=by, access=access)
    with pytest.raises(Denied, match="suspended"):
        confirm_access(by=adam, access=access)
    again = request_access(by=adam, user=access.user, recipient=police, reason="x")
    approve_request(RECIPIENT_ACCESS, by=adele, request=again)
    assert open_access(access.user, timezone.now().date())


def test_nothing_opens_for_a_switched_off_account_another_role_or_an_unverified_recipient(
    adam: User, police: Recipient
) -> None:
    # That of another account opens nothing for this one.
    inbox_of(police, by=adam, user=create_person("other-officer", Role.RECIPIENT))
    access, today = inbox_of(police, by=adam), timezone.now().date()
    doors: list[tuple[Any, Any, dict[str, Any]]] = [
        (User, access.user.pk, {"is_active": False}),
        (User, access.user.pk, {"role": Role.ANALYST}),
        (Recipient, police.pk, {"email": "other@example.org"}),
        (Recipient, police.pk, {"closed_on": today}),
    ]
    for model, pk, change in doors:
        with transaction.atomic():
            model.objects.filter(pk=pk).update(**change)
            assert open_access(access.user, today) is None, change
            transaction.set_rollback(True)
    assert open_access(access.user, today)


def test_role_given_again_begins_without_an_inbox_and_without_portals(
    adam: User, adele: User, ana: User, belize: Portal
) -> None:
    from analysts.accounts.approvals import ACCOUNT_ROLE, request_role  # noqa: PLC0415 - beside its only use

    request, _half = request_role(by=adam, user=ana, role=Role.RECIPIENT)
    approve_request(ACCOUNT_ROLE, by=adele, request=request)
    ana.refresh_from_db()
    assert (ana.role, list(ana.portals.all()), ana.all_portals) == (Role.RECIPIENT, [], False)


def test_pages_show_the_state_and_the_way_on(adam: User, adele: User, rosa: User, police: Recipient) -> None:
    client, path = client_of(adam), f"/admin/accounts/{rosa.pk}/recipient/"
    empty = client.get("/admin/recipient-accounts/").content.decode()
    assert "No recipient has an account yet." in empty
    assert client.post(path, {"recipient": police.pk, "reason": ""}).status_code == 422
    answer = client.post(path, {"recipient": police.pk, "reason": "Called back."})
    assert answer.status_code == 302
    assert client_of(adele).post(f"{answer.headers['Location']}approve/").status_code == 302
    listed = client.get("/admin/recipient-accounts/").content.decode()
    assert all(text in listed for text in ("rosa", "Example Police", "Confirm", "Suspend"))
    assert client.post(f"/admin/recipient-accounts/{rosa.pk}/confirm/").status_code == 302
    [event] = AuditEvent.objects.filter(action="inbox.confirm")
    assert (event.actor, event.details["account"]) == ("adam", "rosa")


def test_account_of_a_recipient_has_no_portals(adam: User, rosa: User, belize: Portal) -> None:
    from analysts.accounts.tests.test_user_admin import LIST, fields_of  # noqa: PLC0415 - beside its only use

    page = client_of(adam).post(f"{LIST}{rosa.pk}/change/", fields_of(rosa, portals=[belize.pk]))
    assert page.status_code == 200
    assert "has no portals" in page.content.decode()
    assert not rosa.portals.exists()
