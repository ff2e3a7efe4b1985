"""Approval requests about accounts: one administrator requests, another approves, each hands over half of a code.

The rules of all kinds of request are in analysts/pages/tests/test_approvals.py.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analysts.accounts import actions, approvals, permissions
from analysts.accounts.account_forms import WITHOUT_PORTALS
from analysts.accounts.approvals import ACCOUNT_RECOVERY, ACCOUNT_ROLE
from analysts.accounts.tests.test_sign_in import PASSWORD, SECRET, enter
from analysts.accounts.tests.test_user_admin import LIST, add, change, fields_of
from analysts.codes import Role
from analysts.models import EntryCode, User
from audit.changes import describe_text
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import ApprovalRequest, Portal
from countries.staff.requests.approvals import AlreadyWaiting, approve_request, decline_request
from tests.rig.fixtures import client_of, create_person

NEW = "entirely new horse"
APPROVALS = "/admin/approvals/"


@pytest.fixture
def adele(db: None) -> User:
    """A second administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


def half(answer: Any, which: str) -> str:
    found = re.findall(rf'id="{which}-half" dir="ltr">([0-9A-Z-]+)<', answer.content.decode())
    assert len(found) == 1, answer.content.decode()[-3000:]
    return str(found[0])


def approve(by: User, request: ApprovalRequest | None = None) -> Any:
    request = request or ApprovalRequest.objects.waiting().get()
    return client_of(by).post(f"{APPROVALS}{request.pk}/approve/")


def use(username: str, first: str, second: str, password: str = NEW, again: str | None = None) -> Any:
    fields = {"username": username, "first": first, "second": second}
    return Client().post("/accounts/enter/", fields | {"password": password, "again": again or password})


def events() -> list[tuple[str, str, dict[str, Any]]]:
    of_accounts = AuditEvent.objects.exclude(action__startswith="coverage.")
    return list(of_accounts.order_by("number").values_list("action", "actor", "details"))


# --- Roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PARTNER])
def test_new_account_waits_for_the_second(adam: User, adele: User, belize: Portal, role: Role) -> None:
    portals = [] if role in WITHOUT_PORTALS else [belize]
    first = half(add(client_of(adam), role, *portals), "first")
    nora = User.objects.get(username="nora")
    assert (nora.is_active, nora.unconfirmed, nora.has_usable_password()) == (False, True, False)
    assert client_of(nora).get("/admin/").status_code == 302
    # Adam alone cannot approve, activate the account, request a code, or use his half.
    assert approve(adam).status_code == 403
    page = client_of(adam).post(f"{LIST}{nora.pk}/change/", fields_of(nora, is_active="on"))
    assert "Another administrator must approve the account first." in page.content.decode()
    assert client_of(adam).post(f"/admin/accounts/{nora.pk}/recover/").status_code == 403
    assert use("nora", first, first).status_code == 422

    second = half(approve(adele), "second")
    nora.refresh_from_db()
    assert (nora.is_active, nora.unconfirmed, nora.role) == (True, False, role)
    assert use("nora", first, second)["Location"] == "/accounts/login/"
    assert enter(Client(), "nora", NEW)["Location"] == "/admin/"
    request = ApprovalRequest.objects.get()
    facts = {"request": request.pk, "kind": "account_role", "account": nora.log_id.pk, "role": role}
    slugs = [portal.slug for portal in portals]
    facts |= {"role_before": role, "portals": slugs, "all_portals": False}
    found = events()
    assert [event[:2] for event in found[:4]] == [
        ("user.add", "adam"),
        ("approval.request", "adam"),
        ("approval.approve", "adele"),
        ("user.enter", ""),
    ]
    assert found[0][2]["changes"].get("portals", {}).get("added", []) == slugs
    assert [event[2] for event in found[1:3]] == [
        facts,
        {**facts, "requested_by": "adam"},
    ]


def test_role_has_no_effect_until_approved(adam: User, adele: User, olga: User, belize: Portal) -> None:
    # From before accounts were vouched for: one administrator could have made it.
    User.objects.filter(pk=olga.pk).update(is_vouched_for=False)
    olga.refresh_from_db()
    hers = client_of(olga)
    page = client_of(adam).post(f"{LIST}{olga.pk}/change/", fields_of(olga, role=Role.ANALYST, name="Olga B"))
    first = half(page, "first")
    olga.refresh_from_db()
    assert (olga.role, olga.name) == (Role.OPERATOR, "Olga B")
    assert hers.get("/admin/queue/").status_code == 403
    assert hers.get("/admin/countries/portal/").status_code == 200
    assert events()[0] == (
        "user.change",
        "adam",
        {"role": "operator", "changes": {"name": {"before": describe_text("Olga"), "after": describe_text("Olga B")}}},
    )

    second = half(approve(adele), "second")
    # She must set a new password: Adam may have created the account alone and know its password.
    assert hers.get("/admin/").status_code == 302
    assert enter(Client(), "olga", PASSWORD).status_code == 200
    use("olga", first, second)
    olga.refresh_from_db()
    assert olga.role == Role.ANALYST
    assert client_of(olga).get("/admin/queue/").status_code == 200


def test_analyst_becomes_senior_with_what_she_has(adam: User, adele: User, ana: User) -> None:
    assert change(client_of(adam), ana, role=Role.SENIOR) == 302
    assert approve(adele)["Location"] == APPROVALS
    ana.refresh_from_db()
    assert (ana.role, ana.check_password(PASSWORD)) == (Role.SENIOR, True)


def test_role_is_taken_away_by_one(adam: User, ana: User) -> None:
    assert change(client_of(adam), ana, role=Role.PARTNER) == 302
    ana.refresh_from_db()
    assert ana.role == Role.PARTNER
    assert not ApprovalRequest.objects.exists()


def test_switched_off_account_stays_off_when_its_role_is_approved(adam: User, adele: User, ana: User) -> None:
    change(client_of(adam), ana, role=Role.SENIOR)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    approve(adele)
    ana.refresh_from_db()
    assert (ana.role, ana.is_active) == (Role.SENIOR, False)


def test_declined_account_can_be_requested_again_and_not_otherwise(adam: User, adele: User, belize: Portal) -> None:
    client = client_of(adam)
    first = half(add(client, Role.ANALYST, belize), "first")
    nora = User.objects.get(username="nora")
    # While the request is waiting, the role cannot be changed.
    page = client.post(f"{LIST}{nora.pk}/change/", fields_of(nora))
    assert "is waiting for another administrator." in page.content.decode()
    answer = client_of(adele).post(f"{APPROVALS}{ApprovalRequest.objects.get().pk}/decline/")
    assert answer["Location"] == APPROVALS
    assert not EntryCode.objects.exists()
    assert approve(adele, ApprovalRequest.objects.get()).status_code == 409

    page = client.post(f"{LIST}{nora.pk}/change/", fields_of(nora, role=Role.PARTNER))
    assert "This account was not approved." in page.content.decode()
    again = half(client.post(f"{LIST}{nora.pk}/change/", fields_of(nora)), "first")
    second = half(approve(adele), "second")
    assert use("nora", first, second).status_code == 422
    assert use("nora", again, second).status_code == 302


# --- Portals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role not in WITHOUT_PORTALS])
def test_more_portals_for_a_role_that_opens_reports_take_two(
    adam: User, adele: User, belize: Portal, zambia: Portal, role: Role
) -> None:
    nora = create_person("nora", role, belize)
    client, opens = client_of(adam), role in permissions.CONTENT_ROLES
    ways: tuple[dict[str, Any], ...] = (
        {"portals": [belize.pk, zambia.pk]},
        {"portals": [zambia.pk]},
        {"all_portals": "on"},
    )
    for wider in ways:
        with transaction.atomic():
            assert change(client, nora, **wider) == 302
            has = set(nora.portals.values_list("slug", flat=True)), User.objects.get(pk=nora.pk).all_portals
            left = set() if wider.get("portals") == [zambia.pk] else {"bz"}
            asked = {"zm"} if "portals" in wider else set()
            assert has == ((left, False) if opens else (left | asked, "all_portals" in wider)), wider
            assert ApprovalRequest.objects.count() == opens
            if opens:
                review = client_of(adele).get(f"{APPROVALS}{ApprovalRequest.objects.get().pk}/").content.decode()
                assert ("these portals: Zambia" in review, "all portals" in review) == (bool(asked), not asked)
                assert approve(adam).status_code == 403
                assert approve(adele)["Location"] == APPROVALS
                has = set(nora.portals.values_list("slug", flat=True)), User.objects.get(pk=nora.pk).all_portals
                assert has == (left | asked, "all_portals" in wider)
            transaction.set_rollback(True)
    # Fewer take one, at once.
    assert change(client, nora, portals=[]) == 302
    assert not nora.portals.exists()
    assert not ApprovalRequest.objects.exists()


def test_portals_given_while_a_role_waits_are_not_approved_with_it(
    adam: User, adele: User, olga: User, zambia: Portal
) -> None:
    """The second administrator sees the portals that the role opens."""
    request, _half = approvals.request_role(by=adam, user=olga, role=Role.ANALYST)
    assert "these portals: Belize" in client_of(adele).get(f"{APPROVALS}{request.pk}/").content.decode()
    page = client_of(adam).post(f"{LIST}{olga.pk}/change/", fields_of(olga, portals=[zambia.pk]))
    assert "A request about this account is waiting for another administrator." in page.content.decode()
    olga.portals.add(zambia)
    with pytest.raises(Denied, match="has changed since the request"):
        approve_request(ACCOUNT_ROLE, by=adele, request=request)


def test_role_and_portals_are_requested_one_after_the_other(
    adam: User, ana: User, belize: Portal, zambia: Portal
) -> None:
    fields = fields_of(ana, role=Role.SENIOR, portals=[belize.pk, zambia.pk])
    page = client_of(adam).post(f"{LIST}{ana.pk}/change/", fields)
    assert "Change the role and the portals one after the other." in page.content.decode()
    assert not ApprovalRequest.objects.exists()
    with pytest.raises(Denied, match="has these portals already"):
        approvals.request_portals(by=adam, user=ana, portals=[belize])
    with pytest.raises(Denied, match="cannot give yourself"):
        approvals.request_portals(by=adam, user=adam, portals=[belize])


# --- Recovery ---------------------------------------------------------------------------------------------------------


def test_ana_gets_back_in_with_two_halves(adam: User, adele: User, ana: User, belize: Portal) -> None:
    TOTP.activate(ana, SECRET)
    hers = client_of(ana)
    first = half(client_of(adam).post(f"/admin/accounts/{ana.pk}/recover/"), "first")
    second = half(approve(adele), "second")
    # Nothing has changed yet.
    assert hers.get("/admin/queue/").status_code == 200
    assert Authenticator.objects.filter(user=ana).exists()

    answer = use(" ANA", first.lower().replace("-", ""), f" {second} ")
    assert answer["Location"] == "/accounts/login/"
    # Failed attempts by strangers do not delay her in this browser.
    assert "known" in answer.cookies
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert not Authenticator.objects.filter(user=ana).exists()
    assert hers.get("/admin/queue/").status_code == 302
    # The code works only once.
    assert use("ana", first, second, "yet another horse").status_code == 422
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert [(action, actor) for action, actor, _ in events() if action.startswith(("approval.", "user."))] == [
        ("approval.request", "adam"),
        ("approval.approve", "adele"),
        ("user.enter", ""),
    ]


def test_code_runs_out(adam: User, adele: User, ana: User) -> None:
    now = timezone.now() - actions.VALID - timedelta(seconds=1)
    request, first = approvals.request_recovery(by=adam, user=ana, now=now)
    second = approve_request(ACCOUNT_RECOVERY, by=adele, request=request, now=now).secret
    assert actions.code_holder("ana", first, second, now=now) == ana
    assert use("ana", first, second).status_code == 422


def test_code_that_took_the_place_of_another_is_not_used_up_by_it(adam: User, adele: User, olga: User) -> None:
    """Otherwise the holder of both halves of the replaced code could still set the password."""
    with transaction.atomic():
        first, second = actions.begin_code(olga), actions.complete_code(olga, timezone.now())
        assert actions.code_holder("olga", first, second) == olga
        actions.begin_code(olga)
        actions.complete_code(olga, timezone.now())
        with pytest.raises(Denied):
            actions.redeem_code(user=olga, first=first, second=second, password=NEW)
    assert EntryCode.objects.filter(user=olga).exists()
    olga.refresh_from_db()
    assert not olga.check_password(NEW)


@pytest.mark.parametrize(
    ("username", "first", "second", "password", "again", "says"),
    [
        ("ben", "", "", NEW, NEW, "This code does not match the user name, or it is no longer valid."),
        ("nobody", "", "", NEW, NEW, "This code does not match the user name, or it is no longer valid."),
        ("ana", "0000-0000-0000", "", NEW, NEW, "This code does not match the user name, or it is no longer valid."),
        ("ana", "", "0000-0000-0000", NEW, NEW, "This code does not match the user name, or it is no longer valid."),
        ("ana", "", "", NEW, "other horse", "The two passwords do not match."),
        ("ana", "", "", "password1234", "password1234", "This password is too common."),
        ("ana", "", "", "short", "short", "This password is too short."),
    ],
)
def test_code_is_for_one_account_with_both_halves_and_a_good_password(
    adam: User, adele: User, ana: User, ben: User, username: str, first: str, second: str, password: str, again: str,
    says: str,
) -> None:  # fmt: skip
    request, one = approvals.request_recovery(by=adam, user=ana)
    two = approve_request(ACCOUNT_RECOVERY, by=adele, request=request).secret
    page = use(username, first or one, second or two, password, again)

    assert page.status_code == 422
    words = page.content.decode()
    assert says in words
    # The form keeps typed text except passwords.
    assert f'value="{username}"' in words
    assert password not in words.replace(NEW, "") or password == "short"
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    # The code still works.
    assert use("ana", one, two).status_code == 302


def test_odd_texts_in_the_code_are_refused(ana: User) -> None:
    assert use("ana", "é🔑", "''; --").status_code == 422
    assert use("ana", "", "").status_code == 422
    assert use("a" * 5000, "x", "y").status_code == 422
    assert Client().post("/accounts/enter/", {"username": "\0"}).status_code == 400


def test_half_of_an_earlier_code_is_worth_nothing(adam: User, adele: User, ana: User, olga: User) -> None:
    """Adam made one request and approves a later one of another administrator: he must not hold both halves."""
    request, adams = approvals.request_recovery(by=adam, user=olga)
    approve_request(ACCOUNT_RECOVERY, by=adele, request=request)
    request, _adeles = approvals.request_role(by=adele, user=olga, role=Role.ANALYST)
    second = approve_request(ACCOUNT_ROLE, by=adam, request=request).secret
    assert actions.code_holder("olga", adams, second) is None


def test_code_is_not_completed_for_an_account_that_changed_meanwhile(adam: User, adele: User, ana: User) -> None:
    """Requested while two had vouched for the account, so without a first half; now it would need a new code."""
    request, first = approvals.request_role(by=adele, user=ana, role=Role.SENIOR)
    assert first == ""
    User.objects.filter(pk=ana.pk).update(is_vouched_for=False)
    with pytest.raises(Denied, match="The account has changed since"):
        approve_request(ACCOUNT_ROLE, by=adam, request=request)
    ana.refresh_from_db()
    assert (ana.role, ana.check_password(PASSWORD)) == (Role.ANALYST, True)


# --- Only administrators, and never one alone -------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "sena", "olga", "petra", "axel", "willa"])
def test_only_administrators_request(adam: User, ben: User, who: str, request: pytest.FixtureRequest) -> None:
    by = request.getfixturevalue(who)
    assert client_of(by).post(f"/admin/accounts/{ben.pk}/recover/").status_code == 403
    with pytest.raises(Denied):
        approvals.request_recovery(by=by, user=ben)
    with pytest.raises(Denied):
        approvals.request_role(by=by, user=ben, role=Role.SENIOR)
    assert not ApprovalRequest.objects.exists()


def test_user_cannot_approve_request_about_own_account(adam: User, adele: User) -> None:
    request, _ = approvals.request_recovery(by=adam, user=adele)
    with pytest.raises(Denied, match="your own account"):
        approve_request(ACCOUNT_RECOVERY, by=adele, request=request)
    page = client_of(adele).get(f"{APPROVALS}{request.pk}/").content.decode()
    assert 'disabled title="This request is about your own account. Another person must approve it."' in page
    assert client_of(adele).post(f"{APPROVALS}{request.pk}/approve/").status_code == 403


def test_administrator_cannot_request_recovery_or_role_for_own_account(adam: User, adele: User) -> None:
    with pytest.raises(Denied):
        approvals.request_recovery(by=adam, user=adam)
    with pytest.raises(Denied):
        approvals.request_role(by=adam, user=adam, role=Role.ANALYST)
    assert client_of(adam).post(f"/admin/accounts/{adam.pk}/recover/").status_code == 403


@pytest.mark.parametrize("lost", [{"is_active": False}, {"role": Role.AUDITOR}])
def test_what_an_administrator_asked_for_ends_with_their_office(
    adam: User, adele: User, ana: User, lost: dict[str, Any]
) -> None:
    request, _ = approvals.request_recovery(by=adam, user=ana)
    User.objects.filter(pk=adam.pk).update(**lost)
    with pytest.raises(Denied, match="no longer an administrator"):
        approve_request(ACCOUNT_RECOVERY, by=adele, request=request)
    decline_request(ACCOUNT_RECOVERY, by=adele, request=request)


def test_switched_off_account_is_not_recovered(adam: User, adele: User, ana: User) -> None:
    request, _ = approvals.request_recovery(by=adam, user=ana)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    with pytest.raises(Denied):
        approve_request(ACCOUNT_RECOVERY, by=adele, request=request)
    decline_request(ACCOUNT_RECOVERY, by=adele, request=request)
    ana.refresh_from_db()
    with pytest.raises(Denied):
        approvals.request_recovery(by=adam, user=ana)


def test_one_request_about_an_account_at_a_time(adam: User, adele: User, ana: User) -> None:
    _request, first = approvals.request_recovery(by=adam, user=ana)
    with pytest.raises(AlreadyWaiting):
        approvals.request_recovery(by=adele, user=ana)
    with pytest.raises(AlreadyWaiting):
        approvals.request_role(by=adele, user=ana, role=Role.SENIOR)
    # The half handed out before is still valid.
    second = half(approve(adele), "second")
    assert actions.code_holder("ana", first, second) == ana


def test_database_keeps_an_unconfirmed_account_off(ana: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ana.pk).update(unconfirmed=True)


def test_page_says_what_approving_does(adam: User, adele: User, ana: User, olga: User) -> None:
    removed, code = "Its password and second factor, if set, are removed.", "the second half of a code"
    olga.name, olga.is_vouched_for = "Olga Example", False
    olga.save(update_fields=["name", "is_vouched_for"])
    said = []
    for request, _half in (
        approvals.request_role(by=adam, user=olga, role=Role.ANALYST),
        approvals.request_role(by=adam, user=ana, role=Role.SENIOR),
        approvals.request_recovery(by=adam, user=adele),
    ):
        page = client_of(create_person(f"reads{request.pk}", Role.ADMINISTRATOR)).get(f"{APPROVALS}{request.pk}/")
        words = page.content.decode()
        said.append(("gets the role" in words, removed in words, code in words, "(Olga Example)" in words))
    assert said == [(True, True, True, True), (True, False, False, False), (False, False, True, False)]
