"""The rate at which reports are accepted at once: a bucket of permits for each portal, and one for the installation,
whose rate is what intake takes in. They only delay.

In the memory of each process: no row, no file, nothing about the sender. If a bucket is empty, the reporter is asked
to wait (`reports.views.waiting`), and the report is taken afterwards even if the bucket is still empty. A restart fills
them again, and each process has its own, so that the settings count per process. Details and answers take no permit:
they belong to a receipt that is stored already.
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

    def refill(self, full: float, a_minute: float, at: float) -> None:
        self.permits, self.filled = min(full, self.permits + (at - self.filled) * a_minute / 60), at


# The bucket of the installation: no portal has this slug.
INSTALLATION = ""
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
    limits = {
        portal: (float(settings.PORTAL_REPORTS_AT_ONCE), settings.PORTAL_REPORTS_A_MINUTE),
        INSTALLATION: (float(settings.REPORTS_AT_ONCE), settings.REPORTS_A_MINUTE),
    }
    with _lock:
        has_room = True
        for name, (full, a_minute) in limits.items():
            bucket = _buckets.setdefault(name, _Bucket(full, at))
            bucket.refill(full, a_minute, at)
            has_room &= bucket.permits - pace.cost >= pace.leaves * full
        if has_room:
            for name in limits:
                _buckets[name].permits -= pace.cost
            return True
    _log_slowdown(at)
    return False


def _log_slowdown(at: float) -> None:
    global _last_line
    with _lock:
        if _last_line is not None and at - _last_line < SECONDS_BETWEEN_LINES:
            return
        _last_line = at
    logger.warning("slowed", extra={"fact": "more reports arrive than usual, and reporters are asked to wait"})


def reset_buckets() -> None:
    """Refill all buckets; for tests."""
    global _last_line
    _buckets.clear()
    _last_line = None
