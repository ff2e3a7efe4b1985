"""Blind indexes: keyed hashes that are equal for equal text and useless without the staff side's key."""

import hmac
from datetime import datetime

from analysts.incidents import contents
from reports import installation_keys


def compute_fingerprint(label: str, text: str) -> bytes:
    """HMAC of the text. `label` separates indexes: the same text under another label has another fingerprint."""
    return hmac.digest(
        installation_keys.fingerprint_key(), f"{label}|{text}".encode("utf-8", "surrogatepass"), "sha256"
    )


def compute_monthly_fingerprint(text: str, *, now: datetime) -> tuple[str, bytes]:
    """HMAC of the text under this month's `addresses` key, and the id of that key: no guess can be tested after it is
    destroyed.

    Raises:
        keys.NoOpenKey, keys.KeyMissing: there is no key, or only its public half.
    """
    key_id, secret = contents.search_secret(now)
    return key_id, hmac.digest(secret, text.encode("utf-8", "surrogatepass"), "sha256")
