"""Two administrators vouch once, on one page, for accounts that no two made; no installation locks itself out."""

from typing import Any

import pytest

from analysts.accounts import vouching
from analysts.accounts.approvals import ACCOUNT_RECOVERY, request_recovery
from analysts.codes import Role
from analysts.demonstration.staff import create_staff
from analysts.models import User
from audit.models import AuditEvent, LogId
from audit.permissions import Denied
from countries.models import ApprovalRequest
from countries.staff.requests.approvals import approve_request
from tests.rig.fixtures import client_of, create_person, delete_log_ids

PAGE = "/admin/accounts/vouching/"
APPROVALS = "/admin/approvals/"


@pytest.fixture
def adele(db: None) -> User:
    """A second administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


@pytest.fixture
def of_before(adam: User, adele: User, olga: User, petra: User) -> None:
    """An installation of before the upgrade."""
    # The database lets no account go back, so these are other rows.
    users = User.objects.filter(pk__in=User.objects.values("pk"))
    delete_log_ids(users)
    users.delete()
    for user in (adam, adele, olga, petra):
        user.is_vouched_for = None
        user.save(force_insert=True)
        LogId.objects.create(value=user.username, account=user)


def vouched() -> dict[str, bool | None]:
    return dict(User.objects.values_list("username", "is_vouched_for"))


def ask(by: User, *accounts: User) -> Any:
    fields = {"accounts": [account.pk for account in accounts], "reason": "All of us met."}
    return client_of(by).post(PAGE, fields)


def test_two_administrators_vouch_on_one_page(of_before: None, adam: User, adele: User, olga: User) -> None:
    page = client_of(adam).get(PAGE).content.decode()
    assert [name in page for name in ("adam", "adele", "olga", "petra")] == [True, True, True, False]
    request = ApprovalRequest.objects.get(pk=ask(adam, adam, adele)["Location"].strip("/").split("/")[-1])
    assert set(vouched().values()) == {None}
    assert client_of(adam).post(f"{APPROVALS}{request.pk}/approve/").status_code == 403
    review = client_of(adele).get(f"{APPROVALS}{request.pk}/").content.decode()
    assert "Left out: they approve nothing" in review

    assert client_of(adele).post(f"{APPROVALS}{request.pk}/approve/")["Location"] == APPROVALS
    assert vouched() == {"adam": True, "adele": True, "olga": False, "petra": False}
    event = AuditEvent.objects.get(action="approval.approve")
    assert event.details["accounts"] == ["adam", "adele"]
    # Left out by mistake: two vouch for her later.
    adam.refresh_from_db()
    adele.refresh_from_db()
    request = vouching.request_vouching(by=adele, accounts=[olga], reason="She was away.")
    approve_request(vouching.VOUCHING, by=adam, request=request)
    assert vouched()["olga"] is True
    assert "Two administrators made or vouched for every active account." in client_of(adam).get(PAGE).content.decode()


def test_two_who_vouch_are_among_the_accounts(of_before: None, adam: User, adele: User, olga: User) -> None:
    """Otherwise one administrator would be left who can approve, or none."""
    page = ask(adam, adele, olga)
    assert page.status_code == 422
    assert "Your own account is not among them." in page.content.decode()
    request = vouching.request_vouching(by=adam, accounts=[adam, olga], reason="Not Adele.")
    with pytest.raises(Denied, match="Your own account is not among them"):
        approve_request(vouching.VOUCHING, by=adele, request=request)
    assert set(vouched().values()) == {None}


def test_earlier_rules_hold_until_accounts_are_vouched_for(
    of_before: None, adam: User, adele: User, olga: User
) -> None:
    request, _half = request_recovery(by=adam, user=olga)
    approve_request(ACCOUNT_RECOVERY, by=adele, request=request)


def test_administrator_of_the_command_helps_the_last_one_out(adam: User, adele: User, olga: User) -> None:
    """The other administrator has left; a new one is made on the server, in a shell."""
    User.objects.filter(pk=adele.pk).update(is_active=False)
    alma = User.objects.create_user("alma", role=Role.ADMINISTRATOR)
    request = vouching.request_vouching(by=adam, accounts=[alma], reason="Made on the server today.")
    approve_request(vouching.VOUCHING, by=alma, request=request)
    assert vouched()["alma"] is True


def test_account_that_changed_since_the_request_is_not_vouched_for(
    of_before: None, adam: User, adele: User, olga: User
) -> None:
    request = vouching.request_vouching(by=adam, accounts=[adam, adele, olga], reason="All of us met.")
    User.objects.filter(pk=olga.pk).update(username="otto")
    with pytest.raises(Denied, match="An account has changed since the request"):
        approve_request(vouching.VOUCHING, by=adele, request=request)
    with pytest.raises(Denied, match="The accounts have changed"):
        vouching.request_vouching(by=adele, accounts=[adele, create_person("petra2", Role.PARTNER)], reason="A test.")


def test_page_names_who_made_an_account(of_before: None, adam: User, olga: User) -> None:
    client = client_of(adam)
    form = {"username": "nora", "name": "Nora", "role": Role.PARTNER}
    client.post("/admin/analysts/user/add/", form)
    User.objects.filter(username="nora").update(role=Role.OPERATOR)
    page = client.get(PAGE).content.decode()
    assert "nora (Nora): operator, added by adam" in page
    assert "olga (Olga): operator<" in page.replace("\n", "").replace("  ", "")


def test_accounts_of_the_demonstration_are_vouched_for(db: None) -> None:
    assert len(create_staff()) > len(Role)
    assert not User.objects.to_vouch_for().exists()


@pytest.mark.parametrize("who", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_vouch(who: Role, db: None) -> None:
    user = create_person("visitor", who)
    assert client_of(user).get(PAGE).status_code == 403
    with pytest.raises(Denied):
        vouching.request_vouching(by=user, accounts=[user], reason="A test.")
