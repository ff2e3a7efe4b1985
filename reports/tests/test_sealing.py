import hashlib
import json
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from reports import sealing
from reports.sealing import UnsealError, seal_json, unseal_json

KEY = sealing.generate_key("2026-11/words")
INFO = sealing.build_info(key_class="words", portal="bz", receipt=UUID(int=7), kind="report")
# Version byte, encapsulated key (ML-KEM ciphertext and X25519 point), authentication tag.
OVERHEAD = 1 + 1088 + 32 + 16

ANY_TEXT = st.text(st.characters(), max_size=300)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


def sealed_by_hand(plaintext: bytes) -> bytes:
    """An envelope that an attacker with the public key could craft."""
    return sealing.FORMAT_VERSION + sealing.SUITE.encrypt(plaintext, KEY.public().hpke_key, info=INFO)


def plaintext_of(body: bytes) -> bytes:
    return (len(body).to_bytes(4, "big") + body).ljust(1024, b"\0")


@given(payload=st.dictionaries(ANY_TEXT, ANY_JSON, max_size=5))
def test_sealed_payload_comes_back_exactly(payload: dict[str, sealing.JSON]) -> None:
    assert unseal_json(seal_json(payload, to=KEY.public(), info=INFO), by=KEY, info=INFO) == payload


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0 before and after \0",
        "\ud800",
        "\udc00 low first \ud800",
        "\ud83d\ude00",  # two lone surrogates: not the one character they would make together
        "\U0001f600",
        "\u1230\u120b\u121d " * 4_000,
        "x" * 20_000,
    ],
    ids=["empty", "nul", "surrogate", "reversed", "two-lone-surrogates", "emoji", "ethiopic", "20000"],
)
def test_sealed_text_comes_back_exactly(text: str) -> None:
    opened = unseal_json(seal_json({"addresses": text}, to=KEY.public(), info=INFO), by=KEY, info=INFO)
    assert opened == {"addresses": text}


def test_sealed_value_follows_the_documented_format() -> None:
    sealed = seal_json({"found_on": "\u00e9"}, to=KEY.public(), info=INFO)
    plaintext = sealing.SUITE.decrypt(sealed[1:], KEY.hpke_key, info=INFO)
    body = b'{"found_on":"\xc3\xa9"}'
    assert sealed[0] == 1
    assert plaintext == (len(body).to_bytes(4, "big") + body).ljust(1024, b"\0")


def test_sealed_value_shows_neither_words_nor_repetition() -> None:
    payload: dict[str, sealing.JSON] = {"addresses": "https://words.example/placeholder"}
    first = seal_json(payload, to=KEY.public(), info=INFO)
    second = seal_json(payload, to=KEY.public(), info=INFO)
    assert b"placeholder" not in first
    assert b"addresses" not in first
    assert first[1:1121] != second[1:1121]
    assert first[1121:] != second[1121:]


@given(length=st.integers(min_value=0, max_value=9_000))
def test_sealed_length_reveals_only_the_size_class(length: int) -> None:
    size = 4 + len(json.dumps({"a": "x" * length}, separators=(",", ":")))
    size_class = next(c for c in (1024, 2048, 4096, 8192, 16384) if size <= c)
    assert len(seal_json({"a": "x" * length}, to=KEY.public(), info=INFO)) == OVERHEAD + size_class


def test_sealed_length_steps_exactly_where_a_class_is_full() -> None:
    around = 4 + len('{"a":""}')
    lengths = [
        len(seal_json({"a": "x" * (fill - around)}, to=KEY.public(), info=INFO)) - OVERHEAD
        for fill in (around, 1023, 1024, 1025, 2048, 2049)
    ]
    assert lengths == [1024, 1024, 1024, 2048, 2048, 4096]


def test_unseal_refuses_another_key_of_the_same_name() -> None:
    sealed = seal_json({"addresses": "placeholder"}, to=KEY.public(), info=INFO)
    with pytest.raises(UnsealError):
        unseal_json(sealed, by=sealing.generate_key(KEY.id), info=INFO)


@pytest.mark.parametrize(
    "other",
    [
        sealing.build_info(key_class="addresses", portal="bz", receipt=UUID(int=7), kind="report"),
        sealing.build_info(key_class="words", portal="zm", receipt=UUID(int=7), kind="report"),
        sealing.build_info(key_class="words", portal="bz", receipt=UUID(int=8), kind="report"),
        sealing.build_info(key_class="words", portal="bz", receipt=UUID(int=7), kind="details"),
        b"",
    ],
    ids=["class", "portal", "receipt", "kind", "none"],
)
def test_unseal_refuses_a_value_moved_to_another_place(other: bytes) -> None:
    sealed = seal_json({"addresses": "placeholder"}, to=KEY.public(), info=INFO)
    with pytest.raises(UnsealError):
        unseal_json(sealed, by=KEY, info=other)


def test_unseal_refuses_a_changed_bit_at_every_byte() -> None:
    sealed = seal_json({"addresses": "placeholder"}, to=KEY.public(), info=INFO)
    for position in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[position] ^= 1 << position % 8
        with pytest.raises(UnsealError):
            unseal_json(bytes(damaged), by=KEY, info=INFO)


def test_unseal_refuses_every_shortened_or_lengthened_value() -> None:
    sealed = seal_json({"addresses": "placeholder"}, to=KEY.public(), info=INFO)
    for damaged in [*(sealed[:length] for length in range(len(sealed))), sealed + b"\0", sealed * 2]:
        with pytest.raises(UnsealError):
            unseal_json(damaged, by=KEY, info=INFO)


def test_unseal_refuses_every_other_version() -> None:
    sealed = seal_json({"addresses": "placeholder"}, to=KEY.public(), info=INFO)
    for version in set(range(256)) - {1}:
        with pytest.raises(UnsealError):
            unseal_json(bytes([version]) + sealed[1:], by=KEY, info=INFO)


@given(garbage=st.binary(max_size=3_000))
def test_unseal_refuses_garbage(garbage: bytes) -> None:
    with pytest.raises(UnsealError):
        unseal_json(b"\x01" + garbage, by=KEY, info=INFO)


def test_value_sealed_by_hand_opens_when_well_formed() -> None:
    assert unseal_json(sealed_by_hand(plaintext_of(b'{"a":1}')), by=KEY, info=INFO) == {"a": 1}


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\0\0\0",
        plaintext_of(b'{"a":1}')[:-1] + b"\x01",
        plaintext_of(b'{"a":1}')[:-1],
        plaintext_of(b'{"a":1}').ljust(2048, b"\0"),
        plaintext_of(b'{"a":1}')[:512],
        b"\xff\xff\xff\xff" + b"{}".ljust(1020, b"\0"),
        plaintext_of(b""),
        plaintext_of(b'{"a":'),
        plaintext_of(b'["a"]'),
        plaintext_of(b"null"),
        plaintext_of(b'{"a":NaN}'),
        plaintext_of(b'{"a":-Infinity}'),
        plaintext_of(b'{"a":"\xff"}'),
        (200_007).to_bytes(4, "big") + (b'{"a":' + b"[" * 200_000 + b"]}").ljust(262_140, b"\0"),
        (5_006).to_bytes(4, "big") + (b'{"a":' + b"1" * 5_000 + b"}").ljust(8_188, b"\0"),
    ],
    ids=[
        "nothing",
        "no-length",
        "padding-not-zero",
        "padding-short",
        "class-too-large",
        "class-too-small",
        "length-too-large",
        "no-json",
        "broken-json",
        "list",
        "null",
        "nan",
        "infinity",
        "not-utf-8",
        "nested-too-deep",
        "number-too-long",
    ],
)
def test_unseal_refuses_what_seal_never_makes(plaintext: bytes) -> None:
    with pytest.raises(UnsealError):
        unseal_json(sealed_by_hand(plaintext), by=KEY, info=INFO)


@pytest.mark.parametrize(
    "sealed",
    [
        seal_json({"addresses": "placeholder"}, to=sealing.generate_key("other").public(), info=INFO),
        sealed_by_hand(plaintext_of(b'{"addresses":"placeholder')),
        sealed_by_hand(plaintext_of(b'{"addresses":"placeholder\xff"}')),
        b"\x02placeholder",
    ],
    ids=["key", "json", "utf-8", "version"],
)
def test_unreadable_says_the_same_always_and_chains_nothing(sealed: bytes) -> None:
    with pytest.raises(UnsealError) as caught:
        unseal_json(sealed, by=KEY, info=INFO)
    assert str(caught.value) == "A sealed value could not be opened."
    # A chained JSON error would carry the whole plaintext in its `doc`.
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_seal_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="JSON"):
        seal_json({"a": float("nan")}, to=KEY.public(), info=INFO)


def test_seal_refuses_bytes_that_are_no_key() -> None:
    no_mlkem = sealing.PublicKey("mailbox", b"\xff" * sealing.PUBLIC_BYTES)
    no_x25519 = sealing.PublicKey("mailbox", KEY.public().raw[:1184] + bytes(32))
    for key in (no_mlkem, no_x25519):
        with pytest.raises(ValueError, match=r"."):
            seal_json({}, to=key, info=INFO)


@pytest.mark.parametrize("length", [0, 95, 97, 1216])
def test_private_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="96 bytes"):
        sealing.PrivateKey("k", bytes(length))


@pytest.mark.parametrize("length", [0, 96, 1215, 1217])
def test_public_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="1216 bytes"):
        sealing.PublicKey("k", bytes(length))


def test_seed_gives_the_same_key_for_ever() -> None:
    key = sealing.PrivateKey("2026-11/words", bytes(range(96)))
    assert (key.id, key.raw) == ("2026-11/words", bytes(range(96)))
    assert key.public().id == "2026-11/words"
    assert len(key.public().raw) == 1216
    # Pinned: key files and mailboxes written today must open in ten years.
    assert (
        hashlib.sha256(key.public().raw).hexdigest()
        == "d99e4496af749b54ee4a2d270c8057450624ecc5dc0866295ffc504a26134ad4"
    )


def test_stored_halves_open_what_the_generated_key_sealed() -> None:
    made = sealing.generate_key("k")
    sealed = seal_json({"a": 1}, to=sealing.PublicKey("k", made.public().raw), info=INFO)
    assert unseal_json(sealed, by=sealing.PrivateKey("k", made.raw), info=INFO) == {"a": 1}


def test_generated_keys_differ() -> None:
    assert len({sealing.generate_key("k").raw for _ in range(20)}) == 20


def test_key_repr_shows_its_id_and_no_bytes() -> None:
    key = sealing.PrivateKey("2026-11/words", b"secret!!" * 12)
    assert repr(key) == "PrivateKey(id='2026-11/words')"
    assert repr(key.public()) == "PublicKey(id='2026-11/words')"
    assert f"{key}" == "PrivateKey(id='2026-11/words')"


def test_info_names_version_class_portal_receipt_and_kind() -> None:
    receipt = UUID("00000000-0000-4000-8000-000000000007")
    expected = b"v1|words|bz|00000000-0000-4000-8000-000000000007|report"
    assert sealing.build_info(key_class="words", portal="bz", receipt=receipt, kind="report") == expected
    assert sealing.build_info(key_class="words", portal="bz", receipt=str(receipt), kind="report") == expected


@pytest.mark.parametrize("part", ["key_class", "portal", "receipt", "kind"])
def test_info_refuses_a_part_with_the_separator(part: str) -> None:
    parts = {"key_class": "words", "portal": "bz", "receipt": "7", "kind": "report"}
    with pytest.raises(ValueError, match="separator"):
        sealing.build_info(**(parts | {part: "a|b"}))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_key_of_masks_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sealing.MaskKey("k", bytes(length))


MASK_KEY = sealing.MaskKey("masks-2026-11", bytes(range(32)))


def test_mask_follows_the_documented_format_and_opens_under_its_own_key_and_info_alone() -> None:
    mask = "hxxps://ex•••[.]org/•••"
    sealed = sealing.seal_mask(mask, by=MASK_KEY, info=INFO)
    plaintext = ChaCha20Poly1305(MASK_KEY.raw).decrypt(sealed[1:13], sealed[13:], INFO)
    assert (sealed[0], len(sealed)) == (2, 1 + 12 + 64 + 16)
    assert plaintext == (len(mask.encode()).to_bytes(4, "big") + mask.encode()).ljust(64, b"\0")
    assert sealing.unseal_mask(sealed, by=MASK_KEY, info=INFO) == mask
    assert sealing.seal_mask(mask, by=MASK_KEY, info=INFO) != sealed
    other = sealing.MaskKey("masks-2026-12", bytes(range(1, 33)))
    for key, info, value in [
        (other, INFO, sealed),
        (MASK_KEY, b"v1|other", sealed),
        *((MASK_KEY, INFO, damaged) for damaged in (b"", b"\2", sealed[:-1], b"\1" + sealed[1:])),
    ]:
        with pytest.raises(UnsealError):
            sealing.unseal_mask(value, by=key, info=info)
