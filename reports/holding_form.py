"""The wait imposed on a form: until when, and which question it asks. A second hidden field of the form.

    <seconds, base 62>-<number of the question, 0 for none>:<signature>

The signature is made with the form's own portal and nonce, so a wait cannot be carried over to another form, and any
process with the same SECRET_KEY reads it. Nothing is stored on the server: the form carries it.
"""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing

from reports.questions import QUESTIONS
from reports.tokens import Token

SALT = "reports.wait"
# Longer than any wait made here.
LONGEST_WAIT = 128
WAIT = re.compile(r"([0-9A-Za-z]{1,10})-([0-9]{1,8})")


@dataclass(frozen=True, slots=True)
class Wait:
    """`until` is a whole second; `question` the number of the question that was asked, 0 before the first."""

    until: datetime
    question: int = 0

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds still to wait, a begun one included, never more than WAIT_SECONDS.

        More could only come from a server whose clock is ahead: a reporter need not wait for that.
        """
        seconds = -((now - self.until) // timedelta(seconds=1))
        return seconds if 0 < seconds <= settings.WAIT_SECONDS else 0

    def asking(self) -> "Wait":
        """The same wait with a random question, different from the one before."""
        # A step away from the last one: never the same number.
        step = secrets.randbelow(QUESTIONS - 1) + 1
        return replace(self, question=(self.question + step) % QUESTIONS or QUESTIONS)


def new_wait(now: datetime) -> Wait:
    """WAIT_SECONDS at most: rounded down, so that a reporter who waits as long as the page asked is never early."""
    return Wait(until=now.replace(microsecond=0) + timedelta(seconds=settings.WAIT_SECONDS))


def sign_wait(wait: Wait, token: Token) -> str:
    seconds = signing.b62_encode(int(wait.until.timestamp()))
    return _wait_signer(token).sign(f"{seconds}-{wait.question}")


def read_wait(value: str, token: Token) -> Wait | None:
    """The wait of this form; None for one that is missing, forged, damaged or of another form."""
    if len(value) > LONGEST_WAIT or not value.isascii():
        return None
    try:
        parts = WAIT.fullmatch(_wait_signer(token).unsign(value))
    except signing.BadSignature:
        return None
    if parts is None:
        return None
    return Wait(until=datetime.fromtimestamp(signing.b62_decode(parts[1]), tz=UTC), question=int(parts[2]))


def _wait_signer(token: Token) -> signing.Signer:
    return signing.Signer(salt=f"{SALT}:{token.portal}:{token.nonce.hex()}")
