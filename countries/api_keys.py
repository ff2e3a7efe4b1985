"""Keys of other organisations' systems: made, sent and compared alike for members and sources.

A key has 256 random bits, so storing a plain hash is enough: it can be neither guessed nor looked up. A slow password
hash would only let strangers keep the server busy.
"""

import hashlib
import secrets
from datetime import date, timedelta

PREFIX_CHARACTERS = 12
LONGEST = timedelta(days=366)


def make_secret(mark: str) -> str:
    """A new key. `mark` lets secret scanners recognise a leaked one."""
    return mark + secrets.token_urlsafe(32)


def prefix_of(secret: str) -> str:
    """The part of a key that is kept for recognition."""
    return secret[:PREFIX_CHARACTERS]


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def read_bearer(authorization: str) -> str:
    """The key in an `Authorization` header; "" if it is of another scheme."""
    scheme, _space, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def is_expiry_allowed(expires_on: date, *, today: date) -> bool:
    """Whether the day is after today and within a year."""
    return today < expires_on <= today + LONGEST
