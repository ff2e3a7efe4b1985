"""The rate at which a portal's reports are accepted at once: a bucket of permits for each portal. It only delays.

In the memory of each process: no row, no file, nothing about the sender. If the bucket is empty, the reporter is asked
to wait (`reports.views.waiting`), and the report is taken afterwards even if the bucket is still empty. A restart fills
it again, and each process has its own, so that the settings count per portal and process. Details and answers take no
permit: they belong to a receipt that is stored already.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from time import monotonic

from django.conf import settings

logger = logging.getLogger(__name__)

# A person takes longer than this to copy an address into a form after receiving it.
HUMAN = timedelta(seconds=2)
# At most one constant log line a process in this time, however long a flood lasts.
SECONDS_BETWEEN_LINES = 3600.0


class Pace(Enum):
    """How a report is sent: (permits it costs, share of a full bucket that it must leave for slower ones).

    So senders that post at once never use up the permits of people, nor newcomers those of people who waited.
    """

    FAST = (2, 0.5)
    HUMAN = (1, 0.25)
    WAITED = (1, 0.0)

    def __init__(self, cost: int, leaves: float) -> None:
        self.cost = cost
        self.leaves = leaves


@dataclass(slots=True)
class _Bucket:
    permits: float
    # Seconds of the monotonic clock.
    filled: float


_buckets: dict[str, _Bucket] = {}
_lock = threading.Lock()
_last_line: float | None = None


def pace_of(issued: datetime, now: datetime) -> Pace:
    """The pace of a form issued at `issued`, a whole second: rounding never makes a slow sender look fast.

    A form from the future is not the sender's fault: the clocks of two servers differ.
    """
    return Pace.FAST if timedelta(0) <= now - issued < HUMAN else Pace.HUMAN


def take_permit(portal: str, pace: Pace, *, at: float | None = None) -> bool:
    """Whether a report to the portal may be stored straight away; takes its permits if so.

    Args:
        portal: the slug of an existing portal, so that there are never more buckets than portals.
        at: seconds of the monotonic clock.
    """
    at = monotonic() if at is None else at
    full = float(settings.PORTAL_REPORTS_AT_ONCE)
    with _lock:
        bucket = _buckets.setdefault(portal, _Bucket(full, at))
        refilled = (at - bucket.filled) * settings.PORTAL_REPORTS_A_MINUTE / 60
        bucket.permits, bucket.filled = min(full, bucket.permits + refilled), at
        if bucket.permits - pace.cost >= pace.leaves * full:
            bucket.permits -= pace.cost
            return True
    _log_slowdown(at)
    return False


def _log_slowdown(at: float) -> None:
    global _last_line
    with _lock:
        if _last_line is not None and at - _last_line < SECONDS_BETWEEN_LINES:
            return
        _last_line = at
    logger.warning("slowed", extra={"fact": "a portal gets more reports than usual and asks reporters to wait"})


def reset_buckets() -> None:
    """Refill all buckets; for tests."""
    global _last_line
    _buckets.clear()
    _last_line = None
