"""Whether the database's disk has room, as far as this process was told: no question to the database shows it.

On a full disk PostgreSQL still reads, so only a report that could not be stored tells. Nobody outside can bring that
about but by filling the disk. Kept in memory and for a minute, so that a server that watchers took out comes back.
"""

import time

import psycopg
from django.db import Error

SECONDS = 60

_refused_at: float | None = None


def note_storage_error(error: Error) -> None:
    """Nothing was stored, for this reason."""
    global _refused_at
    if isinstance(error.__cause__, psycopg.errors.DiskFull):
        _refused_at = time.monotonic()


def note_storage_success() -> None:
    """Something was stored."""
    global _refused_at
    _refused_at = None


def is_wanting() -> bool:
    """Whether the last report of the last minute found the disk full."""
    return _refused_at is not None and time.monotonic() - _refused_at < SECONDS
