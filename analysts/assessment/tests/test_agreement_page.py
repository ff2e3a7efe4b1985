"""The inter-rater agreement page: counts by month and category, permissions, and no names."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from analysts.assessment.agreement import CATEGORIES, count_pair, months_until
from analysts.models import Agreement, User
from tests.rig.fixtures import client_of

PAGE = "/admin/agreement/"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
CELL = re.compile(r"<t[hd].*?</t[hd]>", re.DOTALL)
OCTOBER = datetime(2026, 10, 31, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def rows(page: str, table: str) -> dict[str, list[str]]:
    """The cells of a table, by row header."""
    found = re.search(rf'<caption id="{table}".*?</table>', page, re.DOTALL)
    assert found
    texts = [
        [" ".join(html.unescape(re.sub("<[^>]*>", " ", cell)).split()) for cell in CELL.findall(row)]
        for row in ROW.findall(found[0])
    ]
    return {header: cells for header, *cells in texts}


def page_of(user: User, query: str = "") -> str:
    return client_of(user).get(PAGE + query).content.decode()


def twenty_five_pairs() -> None:
    """October: 15 pairs agree on A, 5 on C; in 5 pairs the first review says A and the second B."""
    for first, second, at, number in [
        ("A", "A", OCTOBER, 15),
        ("C", "C", OCTOBER, 5),
        ("A", "B", OCTOBER, 5),
        ("not_illegal", "not_illegal", NOW, 2),
    ]:
        for _ in range(number):
            count_pair(first=first, second=second, at=at)


def test_sena_sees_pairs_agreement_and_kappa_by_month(sena: User) -> None:
    twenty_five_pairs()
    months = rows(page_of(sena), "months")
    assert len(months) == 1 + 12
    # By chance: (20 x 15 + 0 x 5 + 5 x 5) / 625 = .52; (.80 - .52) / .48 = .58.
    assert months["October 2026"] == ["25", "80 %", "0.58", "moderate"]
    assert months["November 2026"] == ["2", "100 %", "–", "too few pairs"]
    assert months["December 2025"] == ["0", "–", "–", "–"]


def test_a_period_is_chosen_for_categories_and_matrix(sena: User) -> None:
    twenty_five_pairs()
    october, all_of_them = page_of(sena, "?month=2026-10"), page_of(sena)
    a, not_illegal = "A: penetrative, animal or sadism", "not illegal"
    assert rows(october, "categories")[a] == ["20", "86 %", "0.55", "moderate"]
    assert rows(october, "categories")[not_illegal] == ["0", "–", "–", "–"]
    assert rows(all_of_them, "categories")[not_illegal] == ["2", "100 %", "1.00", "too few pairs"]
    assert rows(october, "pairs")[a] == ["15", "5", *["–"] * 6, "20"]
    assert rows(october, "categories-by-month")[a][-2:] == ["86 % (20)", "–"]


@pytest.mark.parametrize("query", ["?month=2020-01", "?month=x", "?month=%00x", "?month=2026-13&month="])
def test_a_month_that_is_none_shows_all(sena: User, query: str) -> None:
    twenty_five_pairs()
    page = client_of(sena).get(PAGE + query)
    assert page.status_code in (200, 400)
    assert page.status_code == 400 or rows(page.content.decode(), "categories")["not illegal"][0] == "2"


def test_the_line_is_interrupted_where_there_was_no_pair(sena: User) -> None:
    count_pair(first="A", second="A", at=datetime(2026, 1, 5, tzinfo=UTC))
    twenty_five_pairs()
    page = page_of(sena)
    assert re.findall(r'<polyline points="([^"]*)"', page) == ["125,20", "620,52 675,20"]
    assert page.count("<circle") == 3
    assert " style=" not in page


@pytest.mark.parametrize("who", ["ana", "olga", "petra", "willa", "adam"])
def test_other_roles_cannot_open_agreement_page(who: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("who", ["sena", "axel"])
def test_the_dashboard_leads_there_and_no_other_name_is_shown(
    who: str, ana: User, ben: User, request: pytest.FixtureRequest
) -> None:
    twenty_five_pairs()
    user: User = request.getfixturevalue(who)
    assert PAGE in client_of(user).get("/admin/").content.decode()
    assert not re.search(r"\b(ana|ben)\b", page_of(user), re.IGNORECASE)


def test_the_page_costs_the_same_for_one_pair_and_for_all(
    axel: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(axel)
    count_pair(first="A", second="A", at=NOW)
    with django_assert_num_queries(6):
        client.get(PAGE)
    Agreement.objects.all().delete()
    Agreement.objects.bulk_create(
        Agreement(month=month, first=first, second=second, number=30)
        for month in months_until(NOW.date())
        for first in CATEGORIES
        for second in CATEGORIES
    )
    with django_assert_num_queries(6):
        client.get(PAGE)
