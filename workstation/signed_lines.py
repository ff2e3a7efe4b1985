"""Signed lines: compact JWS (RFC 7515) with Ed25519 (RFC 8037). docs/guides/workstation.md has the format."""

import hashlib
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# A parsed JSON object: the header and lines of a file, whose fields docs/reference/batch.schema.json describes.
type JsonObject = dict[str, Any]


class FileFault(Exception):
    """The file cannot be used; the message is for the person at the workstation."""


def key_id(public: bytes) -> str:
    """The short id of a public key, to compare with the staff site."""
    return hashlib.sha256(public).hexdigest()[:16]


def parse_public_key(text: str) -> bytes:
    try:
        public = b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise FileFault("the hotline's key is 44 characters ending in =, as the staff site shows it") from None
    return public


def encode_base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def write_json(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def sign_payload(payload: Mapping[str, object], secret: bytes, typ: str) -> str:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    header = {"alg": "EdDSA", "kid": key_id(key.public_key().public_bytes_raw()), "typ": typ}
    text = f"{encode_base64(write_json(header))}.{encode_base64(write_json(payload))}"
    return f"{text}.{encode_base64(key.sign(text.encode()))}"


def open_signed(line: str, public: bytes, typ: str) -> JsonObject:
    try:
        header, payload, signature = line.split(".")
        if json.loads(decode_base64(header)) != {"alg": "EdDSA", "kid": key_id(public), "typ": typ}:
            raise FileFault("signed with another key, or a line of another kind of file")
        Ed25519PublicKey.from_public_bytes(public).verify(decode_base64(signature), f"{header}.{payload}".encode())
        content: JsonObject = json.loads(decode_base64(payload))
    except InvalidSignature:
        raise FileFault("the signature is invalid: the line was changed after it was signed") from None
    except ValueError:
        raise FileFault("damaged or cut short") from None
    return content
