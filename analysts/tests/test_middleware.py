"""Odd requests to staff pages."""

import pytest

from analysts.models import User
from portal_site.tests.fixtures import client_of


@pytest.mark.parametrize("path", ["/admin/queue/?portal=%00", "/admin/queue/?%00=x", "/admin/?a=b%00"])
def test_nul_in_a_query_is_refused(ana: User, path: str) -> None:
    assert client_of(ana).get(path).status_code == 400


def test_nul_in_a_form_is_refused(ana: User) -> None:
    assert client_of(ana).post("/admin/queue/next/", {"portal": "\0"}).status_code == 400


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
