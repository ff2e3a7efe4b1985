"""Signed lines: JWS (RFC 7515) in compact form, Ed25519 (RFC 8037). Whoever has the public half can check them.

    line    = base64url(header) "." base64url(payload) "." base64url(signature)
    header  = {"alg": "EdDSA", "kid": ..., "typ": "handoff-export" or "handoff-answers"}
    kid     = the first 16 hexadecimal digits of SHA-256 of the public half (32 bytes)

The type keeps a line of one kind of file from being taken for one of the other.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt import api_jws
from jwt.exceptions import PyJWTError

ALGORITHM = "EdDSA"
PUBLIC_BYTES = 32


class Typ(StrEnum):
    EXPORT = "handoff-export"
    ANSWERS = "handoff-answers"


class NoLine(Exception):
    """Not a line of this kind at all: damaged, or of another kind of file."""


class BadSignature(Exception):
    """The line is not what the holder of the key signed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A line whose signature is right."""

    kid: str
    payload: bytes


def public_key_id(public: bytes) -> str:
    """How a line names the key that it was signed with, and how people compare two keys."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_half(secret: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def as_text(public: bytes) -> str:
    """How a public half is shown, carried and typed: base64."""
    return b64encode(public).decode()


def from_text(text: str) -> bytes:
    """Raises ValueError where the text is no public half: it is refused before anybody relies on it."""
    try:
        public = b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("no base64") from error
    if len(public) != PUBLIC_BYTES:
        raise ValueError("not 32 bytes")
    Ed25519PublicKey.from_public_bytes(public)
    return public


def sign_line(payload: bytes, *, secret: bytes, typ: Typ) -> str:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    header = {"kid": public_key_id(key.public_key().public_bytes_raw()), "typ": str(typ)}
    return api_jws.encode(payload, key, algorithm=ALGORITHM, headers=header)


def read_key_id(line: str, *, typ: Typ) -> str:
    """The key that a line says it was signed with; nothing is believed yet.

    Raises NoLine.
    """
    try:
        header = api_jws.get_unverified_header(line)
    except (PyJWTError, ValueError, RecursionError):
        raise NoLine from None
    if header.get("typ") != typ or header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
        raise NoLine
    if set(header) != {"alg", "kid", "typ"}:
        # Nothing else is understood, and what is not understood may say that the rest means something else.
        raise NoLine
    return str(header["kid"])


def open_line(line: str, *, public: bytes, typ: Typ) -> Opened:
    """The payload of a line whose signature is right.

    Raises NoLine and BadSignature.
    """
    named = read_key_id(line, typ=typ)
    if named != public_key_id(public):
        raise BadSignature
    try:
        payload = api_jws.decode(line, Ed25519PublicKey.from_public_bytes(public), algorithms=[ALGORITHM])
    except (PyJWTError, ValueError):
        raise BadSignature from None
    return Opened(named, payload)
