"""Blind indexes: keyed hashes that are equal for equal text and useless without the staff side's key."""

import hmac
from datetime import datetime

from reports import keys
from reports.models import KeyClass


def compute_fingerprint(label: str, text: str) -> bytes:
    """HMAC of the text. `label` separates indexes: the same text under another label has another fingerprint."""
    return hmac.digest(keys.fingerprint_key(), f"{label}|{text}".encode("utf-8", "surrogatepass"), "sha256")


def compute_monthly_fingerprint(text: str, *, now: datetime) -> tuple[str, bytes]:
    """HMAC of the text under this month's `addresses` key, and the id of that key: no guess can be tested after it is
    destroyed.

    Raises:
        keys.NoOpenKey, keys.KeyMissing: there is no key, or only its public half.
    """
    private = keys.private_key(keys.public_key(now, KeyClass.ADDRESSES).id)
    derived = hmac.digest(private.raw, b"fingerprints of this month", "sha256")
    return private.id, hmac.digest(derived, text.encode("utf-8", "surrogatepass"), "sha256")
