"""The values derived from the secret of a notice's link, as a receipt's are from its code.

    secret (128 bits, in the link) --HKDF, one label each--> id of the row | key that opens it | digest key

At rest the server keeps the id, data that only the secret opens, and digests: the secret can only be found by trying
2^128 values, and without it no guess ("did they answer this?") can be tested against a digest.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reports import sealing
from reports.notices import RecipientAnswer

SECRET_BYTES = 16
# `KeyClass.WORDS`; not imported from there, so that making links needs no database.
CLASS = "words"
# Base 32: small letters and digits only, so that no mail program breaks the link or ends it early.
PADDING = "======"


@dataclass(frozen=True, slots=True, repr=False)
class LinkCredentials:
    """The values derived from a secret. All are secret except the id and the key's public half."""

    link_id: UUID
    digest_key: bytes
    key: sealing.PrivateKey


def encode_secret(secret: bytes) -> str:
    """The secret as written in a link: 26 characters."""
    return base64.b32encode(secret).decode("ascii").rstrip("=").lower()


def decode_secret(text: str) -> bytes:
    """The secret from a link, in capitals or not.

    For any other text, a secret without a notice: a mistyped link then takes the same path, and the same work, as an
    unknown one.
    """
    try:
        secret = base64.b32decode(text.upper() + PADDING)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) == SECRET_BYTES and encode_secret(secret) == text.lower():
        return secret
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def derive_link_credentials(secret: bytes) -> LinkCredentials:
    return LinkCredentials(
        # Marked as a version 4 UUID, as every random id of the system is.
        link_id=UUID(bytes=_derive_bytes(secret, "id", 16), version=4),
        digest_key=_derive_bytes(secret, "digest key", 32),
        key=sealing.PrivateKey(
            "notice",
            _derive_bytes(secret, "ML-KEM-768", sealing.MLKEM_SEED_BYTES) + _derive_bytes(secret, "X25519", 32),
        ),
    )


def link_info(link_id: UUID) -> bytes:
    """The context of the row: under another id it does not open."""
    return sealing.build_info(key_class=CLASS, portal="", receipt=link_id, kind="notice link")


def answer_info(link_id: UUID) -> bytes:
    """The context of a recipient's reply: the link it came through."""
    return sealing.build_info(key_class=CLASS, portal="", receipt=link_id, kind="notice answer")


def answer_digest(credentials: LinkCredentials, answer: RecipientAnswer) -> bytes:
    """32 bytes that are equal exactly when the answers are, under one link; across links never."""
    codes = "&".join(f"{name}={code}" for name, code in answer.codes().items())
    data = f"{answer.kind}\0{codes}\0{answer.text}".encode("utf-8", "surrogatepass")
    return hmac.digest(credentials.digest_key, data, "sha256")


def _derive_bytes(secret: bytes, label: str, length: int) -> bytes:
    info = b"reporting-portals notice " + label.encode("ascii")
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)
