"""Malformed requests to staff pages, and stored requests."""

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY

from analysts.models import User
from tests.rig.fixtures import client_of


@pytest.mark.parametrize("path", ["/admin/queue/?portal=%00", "/admin/queue/?%00=x", "/admin/?a=b%00"])
def test_nul_in_a_query_is_refused(ana: User, path: str) -> None:
    assert client_of(ana).get(path).status_code == 400


def test_nul_in_a_form_is_refused(ana: User) -> None:
    assert client_of(ana).post("/admin/queue/next/", {"portal": "\0"}).status_code == 400


@pytest.mark.parametrize(("body", "status"), [("%" * 400_000, 400), ("%" * 10_000, 302), ("%D8%A7" * 80_000, 302)])
def test_form_of_stray_escapes_is_refused_before_it_is_decoded(ana: User, body: str, status: int) -> None:
    kind = "application/x-www-form-urlencoded"
    assert client_of(ana).post("/admin/queue/next/", f"text={body}", kind).status_code == status


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("olga", "/admin/countries/portal/?state__exact=%00"),
        ("adam", "/admin/analysts/user/?role__exact=%00"),
        ("axel", "/admin/audit/auditevent/?q=%00"),
    ],
)
def test_nul_in_stock_pages_is_refused(who: str, path: str, request: pytest.FixtureRequest) -> None:
    assert client_of(request.getfixturevalue(who)).get(path).status_code == 400


def test_what_waits_for_a_password_waits_without_its_headers(adam: User) -> None:
    client = client_of(adam)
    headers = {"authorization": "Bearer of-adam", "if-none-match": '"adams-tag"', "accept-encoding": "adams-own"}
    answer = client.post("/accounts/mfa/totp/activate/", {"code": "123456"}, headers=headers)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    waiting = str(client.session[STATE_SESSION_KEY])
    assert "123456" in waiting, "nothing waits: this test shows nothing"
    assert "adam" not in waiting
    assert str(client.session.session_key) not in waiting
