"""The anchor file: one signed line an hour, to be copied where the database's owner cannot write.

    2026-11-24T13 <number>:<hash> <key id>:<signature>

`number:hash` is the newest event of that UTC hour's check. The signature, unpadded base64url, is Ed25519 over
"audit-anchor" and the line before it, so that it cannot stand in another kind of file; the key id is the first 16
hexadecimal digits of SHA-256 of the public key. Lines are appended and never changed. Lines without an hour (one a
day), without a day (as printed by `anchor_audit`) and without a signature can be read too.
"""

import fcntl
import hashlib
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.chain import Anchor
from audit.models import AuditEvent

# The audit events that record the two outcomes of a check.
ANCHORED = "audit.anchor"
AT_FAULT = "audit.fault"

# The owner writes the file; the group may read it, to copy it elsewhere.
MODE = 0o640

SIGNED = "audit-anchor"
LINE = re.compile(
    r"(?:(?P<day>[0-9-]{10})(?:T(?P<hour>[01][0-9]|2[0-3]))? )?(?P<anchor>[0-9]+:[0-9a-f]+)"
    r"(?: (?P<key>[0-9a-f]{16}):(?P<signature>[A-Za-z0-9_-]{86}))?"
)


class BadLine(ValueError):
    """A line of the file is not an anchor."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is not an anchor")
        self.number = number


class BadAnchorSignature(Exception):
    """The line was changed, or another key signed it."""


@dataclass(frozen=True)
class AnchorLine:
    """The newest event at a check. `day` and `hour` (UTC) are None, and the other two "", in lines without them."""

    day: date | None
    anchor: Anchor
    hour: int | None = None
    key_id: str = ""
    signature: str = ""

    def __str__(self) -> str:
        return f"{self.unsigned} {self.key_id}:{self.signature}" if self.signature else self.unsigned

    @property
    def when(self) -> str:
        """The day and hour as they are written; "" in lines without a day."""
        hour = "" if self.hour is None else f"T{self.hour:02}"
        return f"{self.day}{hour}" if self.day else ""

    @property
    def unsigned(self) -> str:
        return f"{self.when} {self.anchor}".lstrip()

    @classmethod
    def at(cls, moment: datetime, anchor: Anchor) -> Self:
        moment = moment.astimezone(UTC)
        return cls(moment.date(), anchor, moment.hour)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a line. Raises ValueError for anything that `str` would not produce."""
        match = LINE.fullmatch(text.strip())
        if match is None:
            raise ValueError("not an anchor")
        return cls(
            date.fromisoformat(match["day"]) if match["day"] else None,
            Anchor.parse(match["anchor"]),
            int(match["hour"]) if match["hour"] else None,
            match["key"] or "",
            match["signature"] or "",
        )

    def sign(self, secret: bytes) -> Self:
        """The line with a signature. `secret`: the 32 bytes of an Ed25519 key."""
        key = Ed25519PrivateKey.from_private_bytes(secret)
        signature = urlsafe_b64encode(key.sign(self._signed_bytes())).decode().rstrip("=")
        return replace(self, key_id=key_id_of(key.public_key().public_bytes_raw()), signature=signature)

    def verify_signature(self, public: bytes) -> None:
        """Raises BadAnchorSignature. `public`: the 32 bytes of the public key, known from elsewhere."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(
                urlsafe_b64decode(f"{self.signature}=="), self._signed_bytes()
            )
        except (InvalidSignature, ValueError) as error:
            raise BadAnchorSignature from error

    def _signed_bytes(self) -> bytes:
        return f"{SIGNED}\n{self.unsigned}".encode("ascii")


def key_id_of(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def read_anchors(path: Path) -> list[AnchorLine]:
    """All lines of the file; none if it does not exist. Raises BadLine, also for an incomplete last line."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return []
    lines = []
    for number, text_line in enumerate(text.splitlines(keepends=True), start=1):
        try:
            if not text_line.endswith("\n"):
                raise ValueError
            lines.append(AnchorLine.parse(text_line))
        except ValueError as error:
            raise BadLine(number) from error
    return lines


def append_anchor(path: Path, line: AnchorLine) -> AnchorLine:
    """Append the line, unless its hour already has one. Returns the hour's line, which is on disk by then.

    Raises BadLine if the file has other content, OSError if it cannot be written.
    """
    new = not path.exists()
    # O_APPEND: existing lines are never overwritten.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, MODE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        same_moment = [anchor for anchor in read_anchors(path) if anchor.when == line.when]
        if same_moment:
            return same_moment[0]
        if new:
            # Restores the permissions that the umask removed.
            os.fchmod(file, MODE)
        os.write(file, f"{line}\n".encode("ascii"))
        os.fsync(file)
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)
    return line


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_check() -> AuditEvent | None:
    """The event of the newest check, ANCHORED or AT_FAULT; None before the first."""
    ends = [AuditEvent.objects.filter(action=action).order_by("-number").first() for action in (ANCHORED, AT_FAULT)]
    return max((end for end in ends if end), key=lambda end: end.number, default=None)


def last_full_check_on(day: date) -> AuditEvent | None:
    """The event of a check of the whole log that ended on this UTC day without a fault; None if there was none."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    checks = AuditEvent.objects.filter(action=ANCHORED, at__gte=begin, at__lt=begin + timedelta(days=1))
    return checks.filter(details__full=True).order_by("-number").first()


def anchor_in(check: AuditEvent) -> Anchor | None:
    """The anchor that the event of a check without fault records; None if its details have none."""
    try:
        return Anchor.parse(f"{check.details.get('number')}:{check.details.get('hash')}")
    except ValueError:
        return None
