"""Settings in force: the server's (`django.conf.settings`), or the value that administrators decided over it.

    number_in_force("WORDS_DAYS_ACTIONED")

No query: the decided values are held in memory. The public surface renews them with its portals, every other process
when it asks and they are older than RENEW_AFTER. While the database is unreachable, the last values stay.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from countries.models import DecidedSetting

# Seconds.
RENEW_AFTER = 15.0
# All for staff; for the public role those that public pages state.
VISIBLE_SETTINGS = "SELECT name, value, effective_at, previous FROM countries_visiblesetting"


@dataclass(frozen=True, slots=True)
class DecidedValue:
    """The row of one setting: `value` from `effective_at` on, `previous` before; "" for the server's own."""

    value: str
    effective_at: datetime
    previous: str

    def at(self, now: datetime) -> str:
        return self.value if self.effective_at <= now else self.previous


_rows: Mapping[str, DecidedValue] = {}
# The values in force at the last reading, and when that was, by the monotonic clock.
_in_force: Mapping[str, str] = {}
_read: float | None = None
_edition = 0
_lock = threading.Lock()


def number_in_force(name: str) -> int:
    """The value of a setting that is a whole number."""
    decided = decided_value(name)
    number: int = int(decided) if decided else getattr(settings, name)
    return number


def text_in_force(name: str) -> str:
    """The value of a setting that is a text."""
    text: str = decided_value(name) or getattr(settings, name)
    return text


def decided_value(name: str) -> str:
    """The decided value in force now, as text; "" where the server's own is."""
    if settings.STAFF and (_read is None or monotonic() - _read > RENEW_AFTER):
        _renew_if_possible()
    row = _rows.get(name)
    return row.at(timezone.now()) if row else ""


def renew_settings() -> int:
    """Read the decided values again. One query.

    Returns the number of changes so far: a page rendered at another number may be out of date. Raises django.db.Error;
    the values then stay as they are.
    """
    global _rows, _in_force, _read, _edition
    with _lock:
        decided = DecidedSetting.objects.raw(VISIBLE_SETTINGS)
        rows = {row.name: DecidedValue(row.value, row.effective_at, row.previous) for row in decided}
        now = timezone.now()
        in_force = {name: row.at(now) for name, row in rows.items()}
        _edition += in_force != _in_force
        _rows, _in_force, _read = rows, in_force, monotonic()
        return _edition


def forget_settings() -> None:
    """The next to ask reads them again: after a change in this process."""
    global _read
    _read = None


def clear_settings() -> None:
    """Only the server's values, as if they had just been read: for tests."""
    global _rows, _in_force, _read
    _rows, _in_force, _read = {}, {}, monotonic()


def _renew_if_possible() -> None:
    """In an aborted transaction no query is possible; the values are as old then as that transaction at most."""
    if not (connection.in_atomic_block and connection.needs_rollback):
        with suppress(Error):
            renew_settings()
