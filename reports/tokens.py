"""The hidden token of a form: which portal handed it out, when, and the nonce its receipt code derives from.

    <portal>:<nonce, 32 hexadecimal digits>:<seconds, base 62>:<signature>

Signed, not encrypted: its holder is the reporter, who gets the receipt code anyway. So a token is as secret
as the code, and belongs in a form's body and nowhere else: not in an address, a log line or an exception. The
signature is the only thing here that depends on a key of the server; it prevents no report, it only
makes sure that nonces are random (two reporters never share a receipt) and times are true.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core import signing

from reports.receipts import NONCE_BYTES

# A form left open over night still works; after that it is shown again, text kept, under the same nonce.
MAX_AGE = timedelta(hours=24)
# Longer than any token made here; a longer one is not worth a signature check.
LONGEST_TOKEN = 256

SALT = "reports.token"
PORTAL = re.compile(r"[-a-zA-Z0-9_]{1,100}")


@dataclass(frozen=True, slots=True)
class Token:
    """A genuine token. An expired one is genuine too: its nonce may be trusted, its form is merely old."""

    portal: str
    nonce: bytes = field(repr=False)
    issued: datetime
    expired: bool


def new_token(portal: str) -> str:
    """A token with a fresh nonce for a form of this portal. Raises ValueError where `portal` is not a slug."""
    return _sign_token(portal, secrets.token_bytes(NONCE_BYTES))


def renew_token(token: Token) -> str:
    """The same portal and nonce, hence the same receipt, issued now."""
    return _sign_token(token.portal, token.nonce)


def read_token(value: str) -> Token | None:
    """The token behind a form field, or None for one that is forged, damaged, missing or absurdly long.

    A genuine token older than MAX_AGE comes back as expired. One from the future is genuine: the clocks of
    two servers differ. Whether the portal is the right one is for the caller to ask.
    """
    # Django would encode the signature to compare it, and fail on a lone surrogate.
    if len(value) > LONGEST_TOKEN or not value.isascii():
        return None
    expired = False
    try:
        _token_signer().unsign(value, max_age=MAX_AGE)
    except signing.SignatureExpired:
        expired = True
    except signing.BadSignature:
        return None
    portal, nonce, seconds, _signature = value.split(":")
    issued = datetime.fromtimestamp(signing.b62_decode(seconds), tz=UTC)
    return Token(portal=portal, nonce=bytes.fromhex(nonce), issued=issued, expired=expired)


def _sign_token(portal: str, nonce: bytes) -> str:
    if not PORTAL.fullmatch(portal):
        raise ValueError("Not the slug of a portal.")
    return _token_signer().sign(f"{portal}:{nonce.hex()}")


def _token_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT)
