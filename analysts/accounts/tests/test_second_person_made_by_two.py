"""One administrator alone makes no second person: two administrators make each account, and each sees half a code."""

import re
from typing import Any

import pytest
from django.test import Client

from analysts.accounts.account_forms import WITHOUT_PORTALS
from analysts.accounts.permissions import needs_two
from analysts.accounts.tests.test_user_admin import LIST, add, fields_of
from analysts.codes import Role
from analysts.models import EntryCode, User
from countries.models import ApprovalRequest, Portal, PortalState
from tests.rig.fixtures import client_of, create_person

NEW = "entirely new horse"
APPROVALS = "/admin/approvals/"


@pytest.fixture
def adele(db: None) -> User:
    """A second administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


def halves(answer: Any) -> list[tuple[str, str]]:
    """(first or second, the half) of each half of a code on the page."""
    return re.findall(r'id="(first|second)-half" dir="ltr">([0-9A-Z-]+)<', answer.content.decode())


def enter(username: str, *code: str) -> Any:
    fields = {"username": username, "first": code[0], "second": code[-1], "password": NEW, "again": NEW}
    return Client().post("/accounts/enter/", fields)


def test_one_administrator_makes_no_two_operators_who_suspend_and_confirm(adam: User, belize: Portal) -> None:
    """The attack: two operators added in a minute, both halves of both codes on the screen of one person."""
    client = client_of(adam)
    for name in ("otto", "odette"):
        form = {"username": name, "name": name.title(), "role": Role.OPERATOR, "portals": [belize.pk]}
        code = [half for _which, half in halves(client.post(f"{LIST}add/", form))]
        assert enter(name, *code).status_code == 422, "One administrator sees the whole code."
    for request in ApprovalRequest.objects.waiting():
        assert client.post(f"{APPROVALS}{request.pk}/approve/").status_code == 403
    for operator in User.objects.filter(role=Role.OPERATOR):
        signed_in = client_of(operator)
        page = f"/admin/countries/portal/{belize.pk}/emergency/"
        assert signed_in.post(page, {"reason": "A test."}).status_code != 200
    belize.refresh_from_db()
    assert belize.state == PortalState.LIVE


@pytest.mark.parametrize("role", Role)
def test_code_of_a_new_account_is_shown_in_two_halves_to_two_people(
    adam: User, adele: User, belize: Portal, role: Role
) -> None:
    code_halves = halves(add(client_of(adam), role, *([] if role in WITHOUT_PORTALS else [belize])))
    assert [which for which, _half in code_halves] == ["first"]
    nora = User.objects.get(username="nora")
    assert (nora.is_active, nora.unconfirmed) == (not needs_two(role), needs_two(role))
    assert enter("nora", code_halves[0][1]).status_code == 422
    request = ApprovalRequest.objects.waiting().get()
    assert client_of(adam).post(f"{APPROVALS}{request.pk}/approve/").status_code == 403

    code_halves += halves(client_of(adele).post(f"{APPROVALS}{request.pk}/approve/"))
    assert [which for which, _half in code_halves] == ["first", "second"]
    assert not EntryCode.objects.filter(first_half__in=[half for _which, half in code_halves]).exists()
    assert enter("nora", *(half for _which, half in code_halves))["Location"] == "/accounts/login/"


def test_all_roles_but_partner_take_two(adam: User, adele: User, petra: User) -> None:
    assert {role for role in Role if not needs_two(role)} == {Role.PARTNER}
    for role in set(Role) - {Role.PARTNER}:
        page = client_of(adam).post(f"{LIST}{petra.pk}/change/", fields_of(petra, role=role))
        petra.refresh_from_db()
        assert (petra.role, page.status_code) == (Role.PARTNER, 200 if halves(page) else 302)
        request = ApprovalRequest.objects.waiting().get()
        assert client_of(adele).post(f"{APPROVALS}{request.pk}/decline/").status_code == 302
