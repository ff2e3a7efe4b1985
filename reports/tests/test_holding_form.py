"""The signed wait: valid on every server, invalid in another form, and never long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from reports.holding_form import Wait, new_wait, read_wait, sign_wait
from reports.questions import QUESTIONS
from reports.tokens import Token, new_token, read_token, renew_token

NOW = datetime(2026, 11, 24, 9, 30, 17, 250_000, tzinfo=UTC)


def a_token(portal: str = "bz") -> Token:
    token = read_token(new_token(portal))
    assert token is not None
    return token


def test_wait_comes_back_as_it_was_signed() -> None:
    token = a_token()
    wait = new_wait(NOW).asking()
    value = sign_wait(wait, token)
    assert read_wait(value, token) == wait
    assert len(value) < 64


def test_wait_belongs_to_one_form_however_often_that_is_renewed() -> None:
    token = a_token()
    value = sign_wait(new_wait(NOW), token)
    again = read_token(renew_token(token))
    assert again is not None
    assert read_wait(value, again) == new_wait(NOW)
    for other in (a_token(), Token("zm", token.nonce, token.issued, expired=False)):
        assert read_wait(value, other) is None


def test_wait_with_any_character_changed_is_none() -> None:
    token = a_token()
    value = sign_wait(new_wait(NOW), token)
    for position, character in enumerate(value):
        for other in {"0", "A", "-", ":", "\0", "é"} - {character}:
            assert read_wait(value[:position] + other + value[position + 1 :], token) is None


@given(value=st.text(st.characters(), max_size=200))
def test_any_other_text_is_no_wait(value: str) -> None:
    assert read_wait(value, Token("bz", bytes(16), NOW, expired=False)) is None


def test_wait_of_a_key_that_was_changed_still_counts() -> None:
    token = a_token()
    with override_settings(SECRET_KEY="old", SECRET_KEY_FALLBACKS=[]):
        value = sign_wait(new_wait(NOW), token)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert read_wait(value, token) == new_wait(NOW)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert read_wait(value, token) is None


def test_remaining_wait_is_rounded_to_whole_seconds_and_reaches_zero(settings: Any) -> None:
    settings.WAIT_SECONDS = 15
    wait = new_wait(NOW)
    left = [
        wait.seconds_left(NOW + timedelta(seconds=passed)) for passed in (0, 0.74, 0.75, 14, 14.74, 14.75, 15, 86_400)
    ]
    assert left == [15, 15, 14, 1, 1, 0, 0, 0]


@pytest.mark.parametrize("seconds", [1, 15])
def test_remaining_wait_starts_at_full_length_at_any_fraction_of_a_second(settings: Any, seconds: int) -> None:
    settings.WAIT_SECONDS = seconds
    moments = [NOW.replace(microsecond=part) for part in (0, 1, 500_000, 999_999)]
    assert [new_wait(moment).seconds_left(moment) for moment in moments] == [seconds] * 4
    assert [new_wait(moment).seconds_left(moment + timedelta(seconds=seconds)) for moment in moments] == [0] * 4


def test_wait_created_by_a_server_with_a_fast_clock_is_already_over(settings: Any) -> None:
    settings.WAIT_SECONDS = 15
    with time_machine.travel(NOW + timedelta(minutes=5)):
        ahead = new_wait(NOW + timedelta(minutes=5))
    assert ahead.seconds_left(NOW) == 0


def test_each_question_is_another_one() -> None:
    wait = Wait(NOW)
    for _ in range(500):
        following = wait.asking()
        assert 1 <= following.question <= QUESTIONS
        assert (following.until, following.question != wait.question) == (NOW, True)
        wait = following


@pytest.mark.parametrize("value", ["", ":", "a" * 1_000_000, "\ud800", "0-0:"])
def test_absurd_text_is_no_wait(value: str) -> None:
    assert read_wait(value, a_token()) is None
