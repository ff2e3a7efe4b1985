import hashlib
import hmac
import itertools
import re
from uuid import UUID

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import receipts, sealing
from reports.receipts import (
    ALPHABET,
    Mistyped,
    code_from_nonce,
    derive_credentials,
    format_code,
    parse_code,
    text_digest,
)

NONCES = st.binary(min_size=16, max_size=16)
NONCE = bytes(range(16))
CODE = code_from_nonce(NONCE)
OTHER_CODE = code_from_nonce(bytes(16))


def replaced(code: str, changes: dict[int, str]) -> str:
    return "".join(changes.get(position, symbol) for position, symbol in enumerate(code))


def refused(typed: str) -> bool:
    try:
        parse_code(typed)
    except Mistyped:
        return True
    return False


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256 and no salt, written independently with the standard library."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    output, block = b"", b""
    for counter in itertools.count(1):
        block = hmac.digest(extracted, block + info + bytes([counter]), "sha256")
        output += block
        if len(output) >= length:
            return output[:length]
    raise AssertionError


def test_code_of_a_nonce_stays_the_same_for_ever() -> None:
    assert code_from_nonce(NONCE) == CODE == "4NPVK6G9FF5Q3N7AMRQ9Q"
    bits = int.from_bytes(hkdf(NONCE, b"reporting-portals receipt code", 13), "big") >> 4
    assert [ALPHABET.index(symbol) for symbol in CODE[:20]] == [bits >> 5 * (19 - i) & 31 for i in range(20)]


@given(nonce=NONCES)
def test_code_is_21_characters_without_look_alikes(nonce: bytes) -> None:
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{21}", code_from_nonce(nonce))


def test_codes_of_many_nonces_differ() -> None:
    assert len({code_from_nonce(n.to_bytes(16, "big")) for n in range(2_000)}) == 2_000


@pytest.mark.parametrize("length", [0, 15, 17])
def test_nonce_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        code_from_nonce(bytes(length))


@given(nonce=NONCES)
def test_shown_code_is_seven_groups_of_three_and_parses_back(nonce: bytes) -> None:
    code = code_from_nonce(nonce)
    shown = format_code(code)
    assert re.fullmatch("(?:[0-9A-Z]{3}-){6}[0-9A-Z]{3}", shown)
    assert (parse_code(shown), parse_code(code)) == (code, code)


@given(nonce=NONCES)
@settings(max_examples=15)
def test_check_character_finds_every_single_wrong_character(nonce: bytes) -> None:
    code = code_from_nonce(nonce)
    missed = [
        (position, symbol)
        for position in range(21)
        for symbol in ALPHABET
        if symbol != code[position] and not refused(replaced(code, {position: symbol}))
    ]
    assert missed == []


@given(nonce=NONCES)
@settings(max_examples=30)
def test_check_character_finds_every_swap_at_any_distance(nonce: bytes) -> None:
    code = code_from_nonce(nonce)
    missed = [
        (a, b)
        for a, b in itertools.combinations(range(21), 2)
        if code[a] != code[b] and not refused(replaced(code, {a: code[b], b: code[a]}))
    ]
    assert missed == []


def test_check_character_finds_every_swap_of_any_two_characters() -> None:
    # Swapping x and y adds x ^ y at both places, and the code is linear: every difference at every pair of
    # places, tried on one code, is every swap on every code.
    values = [ALPHABET.index(symbol) for symbol in CODE]
    missed = [
        (a, b, difference)
        for a, b in itertools.combinations(range(21), 2)
        for difference in range(1, 32)
        if not refused(replaced(CODE, {a: ALPHABET[values[a] ^ difference], b: ALPHABET[values[b] ^ difference]}))
    ]
    assert missed == []


@given(nonce=NONCES, position=st.integers(0, 20))
def test_missing_or_doubled_character_is_mistyped(nonce: bytes, position: int) -> None:
    code = code_from_nonce(nonce)
    assert refused(code[:position] + code[position + 1 :])
    assert refused(code[:position] + code[position] + code[position:])


@pytest.mark.parametrize(
    "separator",
    [
        *(
            "-",
            " ",
            "  ",
            "\t",
            "\r\n",
            "\n",
            "\u00a0",
            "\u2003",
            "\u202f",
            "\u3000",
            "\u1680",
            "\u2028",
            "\u0085",
        ),
        *("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\ufe63", "\uff0d", "\u2e3a"),
        *("\u00ad", "\u2043", "\u02d7", "\u05be", "\u0640", "\u301c", "\u2053", "\u207b"),
        *("\u200e", "\u200f", "\u061c", "\u202a", "\u202b", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069"),
        *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", " - ", "\u200e-\u200e"),
    ],
    ids=ascii,
)
def test_separator_of_any_kind_is_ignored(separator: str) -> None:
    typed = separator + separator.join(CODE) + separator
    assert parse_code(typed) == CODE


def test_code_among_white_space_is_read_up_to_the_limit() -> None:
    assert parse_code(" " * (receipts.LONGEST_TYPED - len(CODE)) + CODE) == CODE


def test_case_is_ignored() -> None:
    assert parse_code(format_code(CODE).lower()) == CODE


@given(nonce=NONCES, data=st.data())
def test_look_alike_letters_are_read_as_the_digits_they_look_like(nonce: bytes, data: st.DataObject) -> None:
    code = code_from_nonce(nonce)
    typed = "".join(data.draw(st.sampled_from({"0": "0Oo", "1": "1IiLl\u0131"}.get(symbol, symbol))) for symbol in code)
    assert parse_code(typed) == code


@pytest.mark.parametrize(
    "zero",
    [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0BE6, 0x0E50, 0x0ED0, 0x17E0, 0x1040, 0x1810, 0xFF10, 0x1D7CE],
    ids=hex,
)
def test_digits_of_any_script_are_read(zero: int) -> None:
    typed = CODE.translate({ord("0") + value: zero + value for value in range(10)})
    assert typed != CODE
    assert parse_code(typed) == CODE


def test_full_width_characters_are_read() -> None:
    assert parse_code("".join(chr(ord(symbol) + 0xFEE0) for symbol in CODE)) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " - - ",
        "https://words.example/",
        CODE + CODE,
        CODE[:-1] + "U",
        CODE[:-1] + "\0",
        CODE[:-1] + "\ud800",
        CODE[:-1] + "\u00e9",
        CODE[:-2] + "\u00df",  # whose upper case has two letters
        CODE[:-1] + "\u00bd",
        CODE[:-1] + "*",
        CODE[:-1] + "_",
        CODE + "\u0301",
        " " * 180 + CODE,
        "\ufdfa" * 200,
    ],
    ids=ascii,
)
def test_anything_else_is_mistyped(typed: str) -> None:
    with pytest.raises(Mistyped) as caught:
        parse_code(typed)
    assert isinstance(caught.value, ValueError)
    assert (str(caught.value), caught.value.__context__) == ("Not a receipt code.", None)


@given(typed=st.text(st.characters(), max_size=250) | st.text(ALPHABET, min_size=21, max_size=21))
def test_any_text_is_either_canonical_or_mistyped(typed: str) -> None:
    try:
        code = parse_code(typed)
    except Mistyped:
        return
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{21}", code)
    assert parse_code(code) == code


def test_credentials_of_a_code_stay_the_same_for_ever() -> None:
    found = derive_credentials(CODE)
    secret = CODE.encode()
    assert found.code == CODE
    assert found.receipt_id == UUID("bdc0c447-68a0-428b-a01a-d7b54aefba21")
    assert found.receipt_id == UUID(bytes=hkdf(secret, b"reporting-portals receipt id", 16), version=4)
    assert found.digest_key == hkdf(secret, b"reporting-portals receipt digest key", 32)
    assert found.mailbox.id == "mailbox"
    assert found.mailbox.raw == (
        hkdf(secret, b"reporting-portals receipt mailbox ML-KEM-768", 64)
        + hkdf(secret, b"reporting-portals receipt mailbox X25519", 32)
    )


def test_receipt_id_looks_like_every_other_random_id() -> None:
    found = derive_credentials(CODE).receipt_id
    assert (found.version, found.variant) == (4, "specified in RFC 4122")


@given(nonce=NONCES)
def test_derived_values_share_nothing_with_each_other(nonce: bytes) -> None:
    found = derive_credentials(code_from_nonce(nonce))
    blocks = [
        nonce[:16],
        found.code.encode()[:16],
        found.receipt_id.bytes,
        *(found.digest_key[start : start + 16] for start in (0, 16)),
        *(found.mailbox.raw[start : start + 16] for start in range(0, 96, 16)),
    ]
    assert len(set(blocks)) == len(blocks) == 11
    # The ids would not show a common beginning without their version bits.
    assert len({block[:6] for block in blocks}) == 11


@given(nonces=st.lists(NONCES, min_size=2, max_size=2, unique=True))
def test_two_receipts_share_nothing(nonces: list[bytes]) -> None:
    first, second = (derive_credentials(code_from_nonce(nonce)) for nonce in nonces)
    assert first.code != second.code
    assert first.receipt_id != second.receipt_id
    assert first.digest_key != second.digest_key
    assert first.mailbox.raw[:64] != second.mailbox.raw[:64]
    assert first.mailbox.raw[64:] != second.mailbox.raw[64:]


@pytest.mark.parametrize("code", [format_code(CODE), CODE.lower(), CODE + " ", "", CODE[::-1]], ids=ascii)
def test_credentials_of_anything_but_a_canonical_code_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="receipt code"):
        derive_credentials(code)


def test_credentials_do_not_depend_on_a_key_of_the_server() -> None:
    before = (
        code_from_nonce(NONCE),
        derive_credentials(CODE),
        text_digest(derive_credentials(CODE), kind="report", text="a"),
    )
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[]):
        after = (
            code_from_nonce(NONCE),
            derive_credentials(CODE),
            text_digest(derive_credentials(CODE), kind="report", text="a"),
        )
    assert before == after


def test_credentials_repr_shows_no_secret() -> None:
    found = derive_credentials(CODE)
    assert re.fullmatch(r"<reports\.receipts\.Credentials object at 0x[0-9a-f]+>", repr(found))


def test_message_opens_with_its_own_code_only() -> None:
    info = sealing.build_info(
        key_class="mailbox", portal="bz", receipt=derive_credentials(CODE).receipt_id, kind="message"
    )
    stored = sealing.PublicKey("mailbox", derive_credentials(CODE).mailbox.public().raw)
    sealed = sealing.seal_json({"text": "placeholder"}, to=stored, info=info)
    assert sealing.unseal_json(sealed, by=derive_credentials(CODE).mailbox, info=info) == {"text": "placeholder"}
    with pytest.raises(sealing.UnsealError):
        sealing.unseal_json(sealed, by=derive_credentials(OTHER_CODE).mailbox, info=info)


def test_digest_is_hmac_sha256_of_kind_and_text() -> None:
    found = derive_credentials(CODE)
    expected = hmac.new(found.digest_key, b"report\0caf\xc3\xa9", hashlib.sha256).digest()
    assert text_digest(found, kind="report", text="caf\u00e9") == expected
    assert len(expected) == 32


@given(texts=st.lists(st.text(st.characters(), max_size=60), min_size=2, max_size=2, unique=True))
def test_digest_differs_for_different_texts(texts: list[str]) -> None:
    found = derive_credentials(CODE)
    assert text_digest(found, kind="report", text=texts[0]) != text_digest(found, kind="report", text=texts[1])
    assert text_digest(found, kind="report", text=texts[0]) == text_digest(found, kind="report", text=texts[0])


def test_digest_differs_by_kind_and_receipt() -> None:
    found, other = derive_credentials(CODE), derive_credentials(OTHER_CODE)
    digests = {
        text_digest(found, kind="report", text="s"),
        text_digest(found, kind="details", text="s"),
        text_digest(found, kind="reports", text=""),
        text_digest(found, kind="report", text="\0s"),
        text_digest(other, kind="report", text="s"),
    }
    assert len(digests) == 5


def test_receipt_alphabet_is_crockfords() -> None:
    assert "".join(sorted(receipts.VALUES)) == ALPHABET == "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
