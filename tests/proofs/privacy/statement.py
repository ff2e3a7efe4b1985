"""A signed statement in JSON, and its verification.

    {"statement": {...}, "public_key": <64 hexadecimal digits>, "signature": <128>}

Signed with Ed25519 are the UTF-8 bytes of `statement` in its canonical form: JSON with keys in order, no white space,
nothing escaped that need not be (Python's `json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False)`).
A verifier must know the public key from elsewhere: a statement that brings its own proves only that it is whole.
"""

import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class NotGenuine(Exception):
    """The statement was changed, signed with another key, or is none; the text says which."""


def canonical_json(statement: dict[str, object]) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The installation's own, made once: 32 bytes as hexadecimal digits, for its owner's eyes only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text()))


def sign_statement(statement: dict[str, object], key: Ed25519PrivateKey) -> dict[str, object]:
    return {
        "statement": statement,
        "public_key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(canonical_json(statement)).hex(),
    }


def verify_statement(text: str, *, public_key: str = "") -> dict[str, object]:
    """The statement that was signed, by `public_key` where it is given.

    Raises NotGenuine.
    """
    try:
        signed = json.loads(text)
        statement, by, signature = signed["statement"], str(signed["public_key"]), bytes.fromhex(signed["signature"])
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(by))
        if not isinstance(statement, dict):
            raise TypeError
    except (ValueError, LookupError, TypeError) as error:
        raise NotGenuine("This is no signed statement.") from error
    if public_key and by != public_key.strip().lower():
        raise NotGenuine("Signed with another key.")
    try:
        key.verify(signature, canonical_json(statement))
    except InvalidSignature as error:
        raise NotGenuine("The statement is not the one that was signed.") from error
    return statement
