"""Whether the database's disk has space, as far as this process knows: no query to the database shows it.

On a full disk PostgreSQL still reads, so a report that could not be stored is the only sign. An outsider can cause that
only by filling the disk. Kept in memory for a minute, so that a server that a load balancer took out comes back.
"""

import time

from django.db import Error
from psycopg import errors

SECONDS = 60

_refused_at: float | None = None


def note_storage_error(error: Error) -> None:
    """Record a failed write, if the disk was full."""
    global _refused_at
    if isinstance(error.__cause__, errors.DiskFull):
        _refused_at = time.monotonic()


def note_storage_success() -> None:
    """Record a successful write."""
    global _refused_at
    _refused_at = None


def is_wanting() -> bool:
    """Whether the last report of the last minute found the disk full."""
    return _refused_at is not None and time.monotonic() - _refused_at < SECONDS
