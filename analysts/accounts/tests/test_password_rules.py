"""Passwords that are refused although they are long enough."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from analysts.accounts.sign_in.password_rules import LengthenedPasswordValidator


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password2026!", "iloveyou-iloveyou", "qwertyqwerty", "123456789012", "837465920184",
        "aaaaaaaaaaaa", "letmein!!!!!!!", "dragon monkey 7", "Football...2026", "1q2w3e4r5t6y", "!!!!????----",
        "HotlinePortal1", "Analyst-2026-11", "Example-Hotline", "examplereport9",
    ],
)  # fmt: skip
def test_common_password_that_was_lengthened_is_refused(settings: Any, password: str) -> None:
    settings.HOTLINE_NAME = "Example Hotline"
    with pytest.raises(ValidationError) as refused:
        validate_password(password)

    assert "password_too_common" in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize(
    "password", ["correct horse battery", "violet-anchor-teapot", "xkqzvbtrwplm", "jv8#kQz!mw2x", "मेरा-पहला-संकेत-शब्द"]
)
def test_unrelated_words_and_random_characters_are_accepted(password: str) -> None:
    validate_password(password)


def test_list_of_common_passwords_is_in_use() -> None:
    """A sample of those that have the length: the rule covers what the list alone would."""
    long_enough = sorted(each for each in CommonPasswordValidator().passwords if len(each) >= 12)

    assert len(long_enough) == 190
    for password in long_enough:
        with pytest.raises(ValidationError):
            validate_password(password)


def test_longest_password_costs_little() -> None:
    LengthenedPasswordValidator().validate("word " * 100_000)
