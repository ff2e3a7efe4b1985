"""The file of anchors: one line a day, `2026-11-24 number:hash`, for a place that the database's owner cannot write to.

Lines are added and never changed. Lines without a day, as `anchor_audit` prints them, are read too.
"""

import fcntl
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from audit.chain import Anchor
from audit.models import AuditEvent

# The two ends of the daily check, as they stand on the record itself.
ANCHORED = "audit.anchor"
AT_FAULT = "audit.fault"

# Its owner writes, its group carries it away.
MODE = 0o640


class BadLine(ValueError):
    """A line of the file is no anchor."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is no anchor")
        self.number = number


@dataclass(frozen=True)
class AnchorLine:
    """What the newest event was on a day; without the day where it was written by hand."""

    day: date | None
    anchor: Anchor

    def __str__(self) -> str:
        return f"{self.day} {self.anchor}" if self.day else str(self.anchor)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that `str` does not write."""
        day, _, anchor = text.strip().rpartition(" ")
        return cls(date.fromisoformat(day) if day else None, Anchor.parse(anchor))


def read_anchors(path: Path) -> list[AnchorLine]:
    """Every line of the file, none where it is not there yet. Raises BadLine, a torn last line included."""
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
    """Adds the line, unless its day has one already; the line of the day, on disk when this returns.

    Raises BadLine where the file is not one of anchors, OSError where it cannot be written.
    """
    new = not path.exists()
    # Only ever at the end: whatever stands there stays.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = [each for each in read_anchors(path) if each.day == line.day]
        if kept:
            return kept[0]
        if new:
            # Whatever the umask takes away.
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
