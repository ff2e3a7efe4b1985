"""Signed lines: compact JWS (RFC 7515) with Ed25519 (RFC 8037), verified with the public key.

    line    = base64url(header) "." base64url(payload) "." base64url(signature)
    header  = {"alg": "EdDSA", "kid": ..., "typ": a `Typ`}
    kid     = the first 16 hexadecimal digits of SHA-256 of the public key (32 bytes)

The type prevents a line of one kind of file from being accepted as one of another.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt import api_jws
from jwt.exceptions import PyJWTError

ALGORITHM = "EdDSA"
PUBLIC_BYTES = 32


class Typ(StrEnum):
    BATCH = "batch"
    RESULTS = "batch-results"


class NoLine(Exception):
    """The text is not a line of this kind: it is damaged or from another kind of file."""


class BadSignature(Exception):
    """The signature does not match the line and the key."""


def public_key_id(public: bytes) -> str:
    """The short id of a public key or sealing key, used in line headers and shown to people for comparison."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_half(secret: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def as_text(public: bytes) -> str:
    """The public key in base64, as it is shown and typed."""
    return b64encode(public).decode()


def from_text(text: str) -> bytes:
    """Parse a public key in base64. Raises ValueError if it is not a valid Ed25519 key."""
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
    """Return the key id from a line's header; the signature is not verified here.

    Raises:
        NoLine: the header is not one of ours for `typ`.
    """
    try:
        header = api_jws.get_unverified_header(line)
    except (PyJWTError, ValueError, RecursionError):
        raise NoLine from None
    if header.get("typ") != typ or header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
        raise NoLine
    if set(header) != {"alg", "kid", "typ"}:
        # Refuse unknown header fields: they could change the meaning of the known ones.
        raise NoLine
    return str(header["kid"])


def open_line(line: str, *, public: bytes, typ: Typ) -> bytes:
    """Verify a line and return its payload.

    Raises:
        NoLine: the text is not a line of this kind.
        BadSignature: another key signed it, or it was changed.
    """
    if read_key_id(line, typ=typ) != public_key_id(public):
        raise BadSignature
    try:
        payload: bytes = api_jws.decode(line, Ed25519PublicKey.from_public_bytes(public), algorithms=[ALGORITHM])
    except (PyJWTError, ValueError):
        raise BadSignature from None
    return payload
