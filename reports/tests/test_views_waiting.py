"""A portal in a flood: reporters wait and answer, and every one of them succeeds."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from countries.models import ContactKind, Portal, PortalState
from countries.public import published
from countries.tests.factories import ContactFactory
from reports import rate_limit
from reports.holding_form import read_wait
from reports.models import Submission
from reports.questions import build_question
from reports.rate_limit import Pace
from reports.tests.hostile import TEXTS_FOR_PAGES
from reports.tests.pages import (
    Answer,
    errors_in,
    found,
    fresh_token,
    kept_text,
    opened,
    post,
    receipt_in,
    title_of,
    token_in,
    without_its_script,
)
from reports.tokens import read_token

REPORT = "/bz/en/report/"
ADDRESS = "http://site.example/a?b=c"
NOW = "2026-11-24T09:41:17Z"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        published.clear_cache()
        yield traveller


@pytest.fixture
def flooded(belize: Portal, settings: Any) -> None:
    """Use up all permits; hardly any comes back."""
    settings.PORTAL_REPORTS_A_MINUTE = 0.000001
    while rate_limit.take_permit("bz", Pace.WAITED):
        pass


def fields_of(page: Answer, **typed: str) -> dict[str, str]:
    """The fields that a browser would send with the page's form."""
    return {
        "token": token_in(page),
        "wait": found(r'name="wait" value="([^"]*)"', page),
        "addresses": kept_text(page, "addresses"),
        **typed,
    }


def right_answer(page: Answer) -> str:
    token = read_token(token_in(page))
    assert token is not None
    wait = read_wait(found(r'name="wait" value="([^"]*)"', page), token)
    assert wait is not None
    return sorted(build_question(wait.question).answers)[0]


def waiting_page(client: Client, text: str = ADDRESS, path: str = REPORT) -> Answer:
    fields = {"token": fresh_token(client, path), "addresses": text, "as_it_is": "yes"}
    page = post(client, path, fields)
    assert page.status_code == 429
    return page


def question_page(client: Client, clock: time_machine.Traveller) -> Answer:
    page = waiting_page(client)
    clock.shift(15)
    page = post(client, REPORT, fields_of(page))
    assert page.status_code == 429
    return page


@pytest.mark.usefixtures("flooded")
def test_flooded_portal_asks_to_wait_and_keeps_the_text(visitor: Client, clock: time_machine.Traveller) -> None:
    page = waiting_page(visitor)
    words = page.content.decode()
    assert title_of(page) == "Please wait a moment – Belize reporting portal"
    assert "Please wait 15 seconds, then press the button." in words
    assert (page.headers["Retry-After"], kept_text(page, "addresses")) == ("15", ADDRESS)
    assert (errors_in(page), 'name="reply"' in words, words.count("<button type")) == ([], False, 1)
    assert Submission.objects.count() == 0


@pytest.mark.usefixtures("flooded")
def test_waiting_page_shows_the_emergency_number(belize: Portal, visitor: Client) -> None:
    ContactFactory.create(portal=belize, kind=ContactKind.EMERGENCY, name="Police", phone="911")
    published.clear_cache()
    page = waiting_page(visitor).content.decode()
    assert "Is a child in danger now?" in page
    assert 'href="tel:911"' in page


@pytest.mark.usefixtures("flooded")
def test_pressed_too_early_shows_the_rest_of_the_wait(visitor: Client, clock: time_machine.Traveller) -> None:
    page = waiting_page(visitor)
    waits = []
    for _ in range(4):
        clock.shift(4)
        page = post(visitor, REPORT, fields_of(page))
        waits.append(page.headers["Retry-After"])
    # The wait never restarts, and ends with the question.
    assert waits == ["11", "7", "3", "0"]
    assert 'name="reply"' in page.content.decode()


@pytest.mark.usefixtures("flooded")
def test_right_answer_stores_the_report_despite_an_empty_bucket(visitor: Client, clock: time_machine.Traveller) -> None:
    page = question_page(visitor, clock)
    assert title_of(page) == "One question before your report is stored – Belize reporting portal"
    assert errors_in(page) == []
    stored = post(visitor, REPORT, fields_of(page, reply=right_answer(page)))
    assert stored.status_code == 200
    assert opened(receipt_in(stored)) == [("report", {"addresses": ADDRESS})]


@pytest.mark.usefixtures("flooded")
def test_wrong_answers_bring_other_questions_and_never_an_end(visitor: Client, clock: time_machine.Traveller) -> None:
    page = question_page(visitor, clock)
    for wrong in ("", "wrong", "\0", "x" * 3000, "42 or so"):
        page = post(visitor, REPORT, fields_of(page, reply=wrong))
        assert (page.status_code, kept_text(page, "addresses")) == (429, ADDRESS)
        assert errors_in(page) == ["That answer was wrong. Please answer this question."]
        assert found(r'<a href="(#[^"]*)">That answer', page) == "#id_reply"
        assert found(r'(<input[^>]*name="reply"[^>]*>)', page).count("value=") == 0
    assert Submission.objects.count() == 0
    assert post(visitor, REPORT, fields_of(page, reply=right_answer(page))).status_code == 200


@pytest.mark.usefixtures("flooded")
def test_questions_differ(visitor: Client, clock: time_machine.Traveller) -> None:
    page = question_page(visitor, clock)
    asked = set()
    for _ in range(12):
        asked.add(found(r'<label for="id_reply">([^<]*)<', page))
        page = post(visitor, REPORT, fields_of(page, reply="wrong"))
    assert len(asked) > 6


def test_flood_that_ends_meanwhile_asks_no_question(
    belize: Portal, visitor: Client, flooded: None, clock: time_machine.Traveller
) -> None:
    page = waiting_page(visitor)
    clock.shift(15)
    rate_limit.reset_buckets()
    assert post(visitor, REPORT, fields_of(page)).status_code == 200


def test_those_who_waited_come_before_newcomers(
    belize: Portal, visitor: Client, settings: Any, clock: time_machine.Traveller
) -> None:
    settings.PORTAL_REPORTS_AT_ONCE = 8
    settings.PORTAL_REPORTS_A_MINUTE = 0.000001
    while rate_limit.take_permit("bz", Pace.HUMAN):
        pass
    first, second = waiting_page(visitor), waiting_page(visitor, "example.org/second")
    clock.shift(15)
    assert [post(visitor, REPORT, fields_of(page)).status_code for page in (first, second)] == [200, 200]


@pytest.mark.usefixtures("flooded")
def test_wait_of_another_form_is_no_wait(visitor: Client, clock: time_machine.Traveller) -> None:
    page = waiting_page(visitor)
    clock.shift(60)
    other = post(visitor, REPORT, fields_of(page, token=fresh_token(visitor)))
    assert (other.status_code, other.headers["Retry-After"]) == (429, "15")


@pytest.mark.usefixtures("flooded")
def test_answer_before_the_wait_ends_is_too_early(visitor: Client, clock: time_machine.Traveller) -> None:
    page = question_page(visitor, clock)
    clock.shift(-10)
    early = post(visitor, REPORT, fields_of(page, reply=right_answer(page)))
    assert (early.status_code, early.headers["Retry-After"]) == (429, "10")


def test_stored_report_is_never_slowed_again(belize: Portal, visitor: Client, settings: Any) -> None:
    fields = {"token": fresh_token(visitor), "addresses": ADDRESS}
    code = receipt_in(post(visitor, REPORT, fields))
    settings.PORTAL_REPORTS_A_MINUTE = 0.000001
    while rate_limit.take_permit("bz", Pace.WAITED):
        pass
    # A second click; Back and one address more; details.
    again = post(visitor, REPORT, fields)
    more = post(visitor, REPORT, fields | {"addresses": f"{ADDRESS}\r\nexample.org/b"})
    details = post(visitor, "/bz/en/details/", {"token": token_in(again), "description": "a gallery"})
    assert [answer.status_code for answer in (again, more, details)] == [200, 200, 200]
    assert (receipt_in(again), receipt_in(more), Submission.objects.count()) == (code, code, 3)


def test_fast_report_is_stored_at_once_on_a_calm_portal(belize: Portal, visitor: Client) -> None:
    assert post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}).status_code == 200


def test_fast_report_waits_where_half_is_used_up_and_a_human_one_does_not(
    belize: Portal, visitor: Client, settings: Any
) -> None:
    settings.PORTAL_REPORTS_AT_ONCE = 40
    settings.PORTAL_REPORTS_A_MINUTE = 0.000001
    with time_machine.travel(timezone.now(), tick=False) as clock:
        typed = fresh_token(visitor)
        clock.shift(4)
        for number in range(10):
            fast = {"token": fresh_token(visitor), "addresses": f"a{number}.example"}
            assert post(visitor, REPORT, fast).status_code == 200
        waiting_page(visitor)
        assert post(visitor, REPORT, {"token": typed, "addresses": ADDRESS}).status_code == 200


@pytest.mark.usefixtures("flooded")
def test_waiting_asks_the_database_for_the_receipt_alone(client: Client) -> None:
    token = fresh_token(client)
    with CaptureQueriesContext(connection) as queries:
        post(client, REPORT, {"token": token, "addresses": ADDRESS})
    assert ["reports_look_up" in query["sql"] for query in queries] == [True]


@pytest.mark.usefixtures("flooded")
@pytest.mark.parametrize("text", TEXTS_FOR_PAGES.values(), ids=TEXTS_FOR_PAGES)
def test_waiting_page_keeps_any_text(visitor: Client, text: str) -> None:
    assert kept_text(waiting_page(visitor, text), "addresses") == text.replace("\0", "␀")


@pytest.mark.usefixtures("flooded")
def test_submitting_empty_text_does_not_restart_the_wait(visitor: Client, clock: time_machine.Traveller) -> None:
    page = waiting_page(visitor)
    clock.shift(15)
    refused = post(visitor, REPORT, fields_of(page, addresses=" "))
    assert (refused.status_code, errors_in(refused)) == (
        422,
        ["Please enter the web address (link), or the app and the user name, or what happened."],
    )
    asked = post(visitor, REPORT, fields_of(refused, addresses=ADDRESS))
    assert 'name="reply"' in asked.content.decode()
    assert errors_in(asked) == []


@pytest.mark.usefixtures("flooded")
def test_restricted_portal_keeps_the_phrase_while_waiting(
    belize: Portal, visitor: Client, clock: time_machine.Traveller
) -> None:
    Portal.objects.update(state=PortalState.RESTRICTED, access_phrase="blue mango")
    published.clear_cache()
    page = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS, "phrase": "blue mango"})
    phrase = found(r'name="phrase" value="([^"]*)"', page)
    clock.shift(15)
    asked = post(visitor, REPORT, fields_of(page, phrase=phrase))
    assert post(visitor, REPORT, fields_of(asked, phrase=phrase, reply=right_answer(asked))).status_code == 200


def test_other_portals_are_not_slowed(belize: Portal, zambia: Portal, visitor: Client, flooded: None) -> None:
    path = "/zm/en/report/"
    assert post(visitor, path, {"token": fresh_token(visitor, path), "addresses": ADDRESS}).status_code == 200


def test_waiting_page_and_question_speak_the_portals_language(
    pakistan: Portal, visitor: Client, settings: Any, clock: time_machine.Traveller
) -> None:
    settings.PORTAL_REPORTS_A_MINUTE = 0.000001
    while rate_limit.take_permit("pk", Pace.WAITED):
        pass
    path = "/pk/ur/report/"
    page = waiting_page(visitor, path=path)
    clock.shift(15)
    asked = post(visitor, path, fields_of(page))
    assert [re.search('<html lang="ur" dir="rtl">', each.content.decode()) is None for each in (page, asked)] == [
        False
    ] * 2
    with translation.override("ur"):
        reply = right_answer(asked)
    assert post(visitor, path, fields_of(asked, reply=reply)).status_code == 200


@pytest.mark.usefixtures("flooded")
def test_waiting_needs_no_cookie_and_no_script(visitor: Client, clock: time_machine.Traveller) -> None:
    pages = [waiting_page(visitor), question_page(visitor, clock)]
    assert [dict(page.cookies) for page in pages] == [{}, {}]
    assert [without_its_script(page).count("<script") for page in pages] == [0, 0]
