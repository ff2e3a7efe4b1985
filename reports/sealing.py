"""Sealed values: anyone with a public key can write one, only the private key's holder can read it.

The format, so that another program can open what this one sealed:

    sealed     = 0x01 || HPKE single-shot, base mode (RFC 9180): encapsulated key || ciphertext || tag
    suite      = KEM ML-KEM-768 + X25519 (hybrid), KDF HKDF-SHA256, AEAD ChaCha20-Poly1305, empty aad
    plaintext  = length of body (4 bytes, big-endian) || body || zeros up to the size class
    body       = one JSON object in UTF-8; a lone surrogate as the three bytes UTF-8 would give it

A size class is a power of two, at least SMALLEST_CLASS bytes: the stored size distinguishes a short report from a
very long one and nothing finer. The hybrid key makes "record now, decrypt later" need both a quantum computer
and a break of ML-KEM. Its classes have no serialisation of their own, so keys are kept as their two parts.

A list opens one mask a row, so masks have a symmetric key and a format of their own (thirty open in 0.2 ms, not 5):

    sealed     = 0x02 || nonce (12 bytes) || ChaCha20-Poly1305 ciphertext || tag, aad = info
    plaintext  = padded as above, to at least SMALLEST_MASK bytes; the body is the mask in UTF-8

Reporters' words pass through here, so no exception of this module carries, chains or quotes a payload.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

type JSON = bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None

FORMAT_VERSION = b"\x01"
SMALLEST_CLASS = 1024
MASK_VERSION = b"\x02"
SMALLEST_MASK = 64
MASK_KEY_BYTES = 32
NONCE_BYTES = 12
LENGTH_BYTES = 4
# Largest size classes that the public forms can fill: every character of theirs written as six bytes of JSON. The
# database refuses larger ones.
LARGEST_CLASS = 1 << 18
LARGEST_REPLY_CLASS = 1 << 15
# Parts of a sealed value besides its padded plaintext: version, encapsulated key (ML-KEM-768 and X25519), tag.
OVERHEAD_BYTES = 1 + 1088 + 32 + 16

MLKEM_PUBLIC_BYTES = 1184
PUBLIC_BYTES = MLKEM_PUBLIC_BYTES + 32
MLKEM_SEED_BYTES = 64
PRIVATE_BYTES = MLKEM_SEED_BYTES + 32

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class UnsealError(Exception):
    """A sealed value did not open. Deliberately one exception with one text for every cause."""


# Both key classes keep the built key on the instance (hence no slots) and nowhere else: a cache of the module
# would keep a destroyed month's key, or a reporter's mailbox key, alive after its last use.


@dataclass(frozen=True)
class PublicKey:
    """The half that seals. `raw` is the ML-KEM-768 key (1,184 bytes) and the X25519 key (32 bytes)."""

    id: str
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_BYTES:
            raise ValueError(f"A public key has {PUBLIC_BYTES} bytes.")

    @cached_property
    def hpke_key(self) -> hpke.MLKEM768X25519PublicKey:
        """Raises ValueError when the bytes are no key."""
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(self.raw[MLKEM_PUBLIC_BYTES:]),
        )


@dataclass(frozen=True)
class PrivateKey:
    """The half that opens. `raw` is the ML-KEM-768 seed (64 bytes) and the X25519 key (32 bytes)."""

    id: str
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != PRIVATE_BYTES:
            raise ValueError(f"A private key has {PRIVATE_BYTES} bytes.")

    @cached_property
    def parts(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        return (
            MLKEM768PrivateKey.from_seed_bytes(self.raw[:MLKEM_SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(self.raw[MLKEM_SEED_BYTES:]),
        )

    @cached_property
    def hpke_key(self) -> hpke.MLKEM768X25519PrivateKey:
        return hpke.MLKEM768X25519PrivateKey(*self.parts)

    def public(self) -> PublicKey:
        """The matching public key, under the same id."""
        mlkem, x25519 = self.parts
        return PublicKey(self.id, mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class MaskKey:
    """The key that seals and opens masks: 32 random bytes."""

    id: str
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != MASK_KEY_BYTES:
            raise ValueError(f"A key of masks has {MASK_KEY_BYTES} bytes.")


def generate_key(key_id: str) -> PrivateKey:
    """A new key from the system's randomness."""
    return PrivateKey(key_id, secrets.token_bytes(PRIVATE_BYTES))


def build_info(*, key_class: str, portal: str, receipt: UUID | str, kind: str) -> bytes:
    """The context of a sealed value. Opened under any other info it raises UnsealError, so that an attacker with
    write access to the database cannot move an envelope to another receipt, portal or purpose unnoticed.

    Raises ValueError for a part that contains the separator.
    """
    parts = [key_class, portal, str(receipt), kind]
    if any("|" in part for part in parts):
        raise ValueError("A part of info contains the separator.")
    return "|".join(["v1", *parts]).encode()


def seal_json(payload: Mapping[str, JSON], *, to: PublicKey, info: bytes) -> bytes:
    """Seal a JSON object; sealing the same one twice gives unrelated bytes.

    Any text survives exactly, NUL and lone surrogates included. Raises TypeError or ValueError for what JSON
    cannot say (NaN among it) and ValueError when `to` is no valid key.
    """
    # Not ensure_ascii: its escapes silently turn two lone surrogates side by side into one other character.
    text = json.dumps(dict(payload), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    plaintext = _pad_body(text.encode("utf-8", "surrogatepass"))
    return FORMAT_VERSION + SUITE.encrypt(plaintext, to.hpke_key, info=info)


def unseal_json(sealed: bytes, *, by: PrivateKey, info: bytes) -> dict[str, JSON]:
    """Open what `seal_json` made under the same info.

    Raises UnsealError for the wrong key or info, an unknown version, and anything damaged. Anyone can write sealed
    values (public keys are public): validate the result like a form.
    """
    plaintext = _try_decrypt(sealed, by, info)
    payload = None if plaintext is None else _parse_payload(plaintext)
    # Raised out here, where no exception is being handled: a JSON error would bring the plaintext along.
    if payload is None:
        raise UnsealError("A sealed value could not be opened.")
    return payload


def seal_mask(mask: str, *, by: MaskKey, info: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    plaintext = _pad_body(mask.encode(), least=SMALLEST_MASK)
    return MASK_VERSION + nonce + ChaCha20Poly1305(by.raw).encrypt(nonce, plaintext, info)


def unseal_mask(sealed: bytes, *, by: MaskKey, info: bytes) -> str:
    """Open what `seal_mask` made under the same info. Raises UnsealError for the wrong key or info, and damage."""
    start = len(MASK_VERSION) + NONCE_BYTES
    plaintext = None
    if sealed[:1] == MASK_VERSION and len(sealed) > start:
        with suppress(InvalidTag):
            plaintext = ChaCha20Poly1305(by.raw).decrypt(sealed[1:start], sealed[start:], info)
    if plaintext is None:
        raise UnsealError("A sealed value could not be opened.")
    return plaintext[LENGTH_BYTES : LENGTH_BYTES + int.from_bytes(plaintext[:LENGTH_BYTES], "big")].decode()


def _pad_body(body: bytes, *, least: int = SMALLEST_CLASS) -> bytes:
    length = LENGTH_BYTES + len(body)
    size_class = max(least, 1 << (length - 1).bit_length())
    return (len(body).to_bytes(LENGTH_BYTES, "big") + body).ljust(size_class, b"\0")


def _try_decrypt(sealed: bytes, by: PrivateKey, info: bytes) -> bytes | None:
    if sealed[:1] != FORMAT_VERSION:
        return None
    try:
        return SUITE.decrypt(sealed[1:], by.hpke_key, info=info)
    except InvalidTag:
        return None


def _parse_payload(plaintext: bytes) -> dict[str, JSON] | None:
    length = int.from_bytes(plaintext[:LENGTH_BYTES], "big")
    body = plaintext[LENGTH_BYTES : LENGTH_BYTES + length]
    # Only one padding is valid: any other could hide data, or is damage.
    if _pad_body(body) != plaintext:
        return None
    try:
        payload = json.loads(body.decode("utf-8", "surrogatepass"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")
