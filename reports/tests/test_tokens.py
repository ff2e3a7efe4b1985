from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import signing
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from reports.receipts import code_from_nonce
from reports.tokens import LONGEST_TOKEN, MAX_AGE, SALT, Token, new_token, read_token, renew_token

NOW = datetime(2026, 11, 24, 9, 30, 17, tzinfo=UTC)


def token_at(moment: datetime, portal: str = "bz") -> str:
    with time_machine.travel(moment, tick=False):
        return new_token(portal)


def read_at(moment: datetime, value: str) -> Token | None:
    with time_machine.travel(moment, tick=False):
        return read_token(value)


def genuine(moment: datetime, value: str) -> Token:
    token = read_at(moment, value)
    assert token is not None
    return token


def test_token_names_its_portal_and_its_time() -> None:
    token = genuine(NOW, token_at(NOW, "bz"))
    assert (token.portal, token.issued, token.expired, len(token.nonce)) == ("bz", NOW, False, 16)


def test_two_forms_have_two_nonces() -> None:
    nonces = {genuine(NOW, token_at(NOW)).nonce for _ in range(50)}
    assert len(nonces) == 50


def test_replayed_token_gives_the_same_receipt() -> None:
    value = token_at(NOW)
    first, second = genuine(NOW, value), genuine(NOW + timedelta(hours=5), value)
    assert first == second
    assert code_from_nonce(first.nonce) == code_from_nonce(second.nonce)


@pytest.mark.parametrize(
    ("age", "expired"),
    [
        (timedelta(0), False),
        (MAX_AGE, False),
        (MAX_AGE + timedelta(seconds=1), True),
        (timedelta(days=400), True),
        (timedelta(minutes=-10), False),
        (timedelta(days=-400), False),
    ],
    ids=["new", "limit", "over", "ancient", "clock-skew", "far-future"],
)
def test_token_expires_softly_and_never_from_the_future(age: timedelta, expired: bool) -> None:
    value = token_at(NOW)
    young = genuine(NOW, value)
    assert genuine(NOW + age, value) == Token("bz", young.nonce, NOW, expired)


def test_form_left_open_over_night_still_works() -> None:
    assert not genuine(NOW + timedelta(hours=14), token_at(NOW)).expired


def test_renewed_token_keeps_portal_and_nonce_and_is_young_again() -> None:
    later = NOW + timedelta(days=3)
    old = genuine(later, token_at(NOW))
    with time_machine.travel(later, tick=False):
        fresh = genuine(later, renew_token(old))
    assert old.expired
    assert fresh == Token(old.portal, old.nonce, later, expired=False)


def test_token_with_any_character_changed_is_refused() -> None:
    value = token_at(NOW)
    for position, character in enumerate(value):
        for other in {"0", "A", "z", ":", "-", "\0", character.swapcase()} - {character}:
            assert read_at(NOW, value[:position] + other + value[position + 1 :]) is None


def test_token_with_any_character_missing_or_added_is_refused() -> None:
    value = token_at(NOW)
    for position in range(len(value)):
        assert read_at(NOW, value[:position] + value[position + 1 :]) is None
        assert read_at(NOW, value[:position] + " " + value[position:]) is None
    for damaged in (value + "\n", value + "=", " " + value, value + ":", ":" + value):
        assert read_at(NOW, damaged) is None


def test_parts_of_genuine_tokens_cannot_be_mixed() -> None:
    belize = token_at(NOW, "bz").split(":")
    zambia = token_at(NOW + timedelta(hours=1), "zm").split(":")
    assert genuine(NOW, ":".join(belize)).portal == "bz"
    for part in range(4):
        mixed = [*belize[:part], zambia[part], *belize[part + 1 :]]
        assert read_at(NOW, ":".join(mixed)) is None


@given(value=st.text(st.characters(), max_size=400))
def test_any_other_text_is_refused(value: str) -> None:
    assert read_token(value) is None


@pytest.mark.parametrize(
    "value",
    ["", ":", ":::", "bz", "\ud800:a:b:c", "bz:\u0660:1:x", "\0", "a" * 1_000_000, "a:" * 500_000],
    ids=["missing", "colon", "colons", "slug", "surrogate", "arabic-digit", "nul", "long", "long-colons"],
)
def test_absurd_text_is_refused(value: str) -> None:
    assert read_token(value) is None


def test_signed_text_is_read_up_to_its_longest() -> None:
    def sign(portal: str) -> str:
        with time_machine.travel(NOW, tick=False):
            return signing.TimestampSigner(salt=SALT).sign(f"{portal}:{bytes(16).hex()}")

    room = LONGEST_TOKEN - len(sign(""))
    assert genuine(NOW, sign("a" * room)).portal == "a" * room
    assert read_at(NOW, sign("a" * (room + 1))) is None


def test_genuine_token_with_characters_beyond_ascii_added_is_refused() -> None:
    assert read_at(NOW, token_at(NOW) + "\ud800") is None
    assert read_at(NOW, token_at(NOW) + "\u200e") is None


def test_strangers_token_signed_with_another_key_is_refused() -> None:
    with override_settings(SECRET_KEY="a stranger's", SECRET_KEY_FALLBACKS=[]):
        value = token_at(NOW)
        assert genuine(NOW, value).portal == "bz"
    assert read_at(NOW, value) is None


def test_value_signed_for_another_purpose_is_refused() -> None:
    text = f"bz:{bytes(16).hex()}"
    with time_machine.travel(NOW, tick=False):
        assert read_token(signing.TimestampSigner(salt=SALT + ".other").sign(text)) is None
        assert read_token(signing.Signer(salt=SALT + ".other").sign(text)) is None


def test_token_signed_before_the_key_was_changed_is_still_genuine() -> None:
    with override_settings(SECRET_KEY="old", SECRET_KEY_FALLBACKS=[]):
        value = token_at(NOW)
        before = genuine(NOW, value)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert genuine(NOW, value) == before
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert read_at(NOW, value) is None


@pytest.mark.parametrize("portal", ["", "b:z", "b z", "\u00e9", "bz\n", "../bz", "a" * 101], ids=ascii)
def test_what_is_no_slug_gets_no_token(portal: str) -> None:
    with pytest.raises(ValueError, match="slug"):
        new_token(portal)


@pytest.mark.parametrize("portal", ["b", "isle-of-man", "a" * 100], ids=["short", "dashes", "longest"])
def test_token_of_every_slug_is_readable(portal: str) -> None:
    assert genuine(NOW, token_at(NOW, portal)).portal == portal


def test_token_repr_shows_no_nonce() -> None:
    token = Token("bz", b"secretsecretsecr", NOW, expired=False)
    assert repr(token) == f"Token(portal='bz', issued={NOW!r}, expired=False)"
