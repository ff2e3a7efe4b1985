"""The code lists page: definitions for its readers, corrections by operators only."""

import html
import re

import pytest
from pytest_django import DjangoAssertNumQueries

from analysts.assessment.code_views import NAMES
from analysts.assessment.mappings import Code, Scheme, correct_mapping, current_mapping, default_mapping
from analysts.incidents.definitions import DEFINITIONS, definition_of
from analysts.models import CodeCorrection, User
from audit.models import AuditEvent
from tests.rig.fixtures import client_of

PAGE = "/admin/codes/"
EXTORTION = {"row": "cybertipline/flag.sextortion"}
ROW = (Scheme.CYBERTIPLINE, Code("flag", "sextortion"))


def text(user: User) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", client_of(user).get(PAGE).content.decode())).split())


@pytest.mark.parametrize("who", ["ana", "sena", "olga", "axel"])
def test_everybody_who_works_with_codes_reads_all_of_them(who: str, request: pytest.FixtureRequest) -> None:
    shown = text(request.getfixturevalue(who))
    assert [str(choice) for choices in DEFINITIONS for choice in choices if definition_of(choice) not in shown] == []
    assert [str(NAMES[choices]) for choices in DEFINITIONS if str(NAMES[choices]) not in shown] == []
    assert ("Save" in shown) == (who == "olga")


@pytest.mark.parametrize("who", ["petra", "willa", "adam"])
def test_other_roles_cannot_open_code_page(who: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get(PAGE).status_code == 403
    assert "/admin/codes/" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("who", ["ana", "sena", "olga", "axel"])
def test_the_dashboard_leads_to_the_codes(who: str, request: pytest.FixtureRequest) -> None:
    assert "/admin/codes/" in client_of(request.getfixturevalue(who)).get("/admin/").content.decode()


def test_olga_corrects_a_row_sees_it_marked_and_goes_back(olga: User, ana: User) -> None:
    client = client_of(olga)
    answer = client.post(f"{PAGE}correct/", EXTORTION | {"target": "trafficking"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PAGE}#cybertipline-flag-sextortion")
    assert current_mapping() == default_mapping() | {ROW: "trafficking"}
    assert "child sex trafficking Corrected by olga on" in text(ana)
    assert "Default: online enticement of a child." in text(ana)

    client.post(f"{PAGE}correct/", EXTORTION | {"target": "trafficking", "shipped": "yes"})
    assert current_mapping() == default_mapping()
    assert "Corrected by" not in text(ana)
    assert [event.action for event in AuditEvent.objects.filter(actor="olga")] == ["codes.correct"] * 2


def test_a_row_can_mean_nothing_elsewhere(olga: User) -> None:
    client_of(olga).post(f"{PAGE}correct/", EXTORTION | {"target": ""})
    assert current_mapping()[ROW] == ""


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 302),
        ({"row": "cybertipline/flag.x", "target": ""}, 302),
        (EXTORTION | {"target": "baseline"}, 403),
        (EXTORTION | {"target": "x" * 41}, 302),
    ],
)
def test_what_is_no_code_corrects_nothing(olga: User, sent: dict[str, str], status: int) -> None:
    assert client_of(olga).post(f"{PAGE}correct/", sent).status_code == status
    assert not CodeCorrection.objects.exists()


@pytest.mark.parametrize("who", ["ana", "sena", "axel", "petra"])
def test_only_operators_correct(who: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.post(f"{PAGE}correct/", EXTORTION | {"target": ""}).status_code == 403
    assert not CodeCorrection.objects.exists()


def test_the_page_costs_the_same_with_every_row_corrected(
    ana: User, olga: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(ana)
    with django_assert_num_queries(6):
        client.get(PAGE)
    for scheme, code in default_mapping():
        correct_mapping(by=olga, scheme=scheme, code=code, target="" if default_mapping()[scheme, code] else None)
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_an_age_reads_from_left_to_right_in_arabic(ana: User) -> None:
    ana.language = "ar"
    ana.save()
    page = client_of(ana).get(PAGE).content.decode()
    assert 'dir="rtl"' in page
    assert "<bdi>11–13</bdi>" in page
