"""The anchor file: one line a day, `2026-11-24 number:hash`, to be copied where the database's owner cannot write.

Lines are appended and never changed. Lines without a day, as printed by `anchor_audit`, can be read too.
"""

import fcntl
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from audit.chain import Anchor
from audit.models import AuditEvent

# The audit events that record the two outcomes of the daily check.
ANCHORED = "audit.anchor"
AT_FAULT = "audit.fault"

# The owner writes the file; the group may read it, to copy it elsewhere.
MODE = 0o640


class BadLine(ValueError):
    """A line of the file is not an anchor."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is not an anchor")
        self.number = number


@dataclass(frozen=True)
class AnchorLine:
    """The newest event on a day. `day` is None for a line without a day."""

    day: date | None
    anchor: Anchor

    def __str__(self) -> str:
        return f"{self.day} {self.anchor}" if self.day else str(self.anchor)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a line. Raises ValueError for anything that `str` would not produce."""
        day, _, anchor = text.strip().rpartition(" ")
        return cls(date.fromisoformat(day) if day else None, Anchor.parse(anchor))


def read_anchors(path: Path) -> list[AnchorLine]:
    """All lines of the file; none if it does not exist. Raises BadLine, also for an incomplete last line."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return []
    lines = []
    for number, written in enumerate(text.splitlines(keepends=True), start=1):
        try:
            if not written.endswith("\n"):
                raise ValueError
            lines.append(AnchorLine.parse(written))
        except ValueError as error:
            raise BadLine(number) from error
    return lines


def append_anchor(path: Path, line: AnchorLine) -> AnchorLine:
    """Append the line, unless its day already has one. Returns the day's line, which is on disk by then.

    Raises BadLine if the file has other content, OSError if it cannot be written.
    """
    new = not path.exists()
    # O_APPEND: existing lines are never overwritten.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = [each for each in read_anchors(path) if each.day == line.day]
        if kept:
            return kept[0]
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
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_check() -> AuditEvent | None:
    """The event of the newest daily check, ANCHORED or AT_FAULT; None before the first."""
    ends = [AuditEvent.objects.filter(action=action).order_by("-number").first() for action in (ANCHORED, AT_FAULT)]
    return max((end for end in ends if end), key=lambda end: end.number, default=None)
