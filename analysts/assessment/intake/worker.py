"""The intake worker: takes in reports soon after they arrive, and does nothing else (`manage.py run_intake`).

It is no job of the queue: jobs have rows and events with exact times, from which the moment of a report could be read.
Neither does it wait for notifications, which every role of the database hears. It looks every few seconds, and what it
writes besides a report's own rows has times of the clock: its heartbeat, and its log. Several processes share the work,
because each skips what another has locked.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from analysts.assessment.intake import run
from analysts.assessment.intake.failures import IntakeFailures
from analysts.models import WorkerHeartbeat, WorkerKind

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5
BEAT = timedelta(seconds=10)
# A report that could not be taken in is tried again a minute later, and logged with the hour.
TRIED_AGAIN = timedelta(minutes=1)
LOGGED = timedelta(hours=1)
# Without a heartbeat of intake for so long, the worker takes reports in. A restart takes seconds.
STAND_IN_AFTER = timedelta(minutes=3)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class IntakeWorker:
    """`wait_for_end(seconds)` waits at most so long, and returns whether the process must end.

    `beats`: whether it is intake's own process, which gives a sign of life.
    """

    def __init__(self, wait_for_end: Callable[[float], bool], *, beats: bool = True) -> None:
        self.wait_for_end = wait_for_end
        self.beats = beats
        self.failures = IntakeFailures()
        self.is_cut_off = False
        # By interval, when it last began.
        self.latest: dict[timedelta, datetime] = {}

    def run(self) -> None:
        """Look for reports until the process must end; the report that is being taken in is finished."""
        while not self.wait_for_end(0):
            self.look()
            self.wait_for_end(LOOK_SECONDS)
        self.failures.log()

    def stand_in(self) -> None:
        """Take in what waits if no process of intake has given a sign of life of late, or ever."""
        is_back = WorkerHeartbeat.objects.filter(pk=WorkerKind.INTAKE, at__gt=timezone.now() - STAND_IN_AFTER).exists()
        if is_back:
            self.failures.log()
        else:
            self.look()

    def look(self) -> None:
        """Take in what waits. Where the database fails, as while it restarts, the next look tries again."""
        try:
            connection.close_if_unusable_or_obsolete()
            while self.may_go_on() and run.take_in(failures=self.failures, may_go_on=self.may_go_on):
                pass
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if not self.is_cut_off:
                extra = {"fact": "intake had an error of the database and tries again"}
                logger.error("%s", extra["fact"], exc_info=error, extra=extra)
            self.is_cut_off = True
        else:
            self.is_cut_off = False

    def may_go_on(self) -> bool:
        """Asked before each report: do what is due by the clock, and return whether the process may take it in."""
        now = timezone.now()
        if self.beats and self._has_begun(BEAT, now):
            WorkerHeartbeat.objects.update_or_create(pk=WorkerKind.INTAKE, defaults={"at": self.latest[BEAT]})
        if self._has_begun(TRIED_AGAIN, now):
            self.failures.receipts.clear()
        if self._has_begun(LOGGED, now):
            self.failures.log()
        return not self.wait_for_end(0)

    def _has_begun(self, interval: timedelta, now: datetime) -> bool:
        """Whether an interval of the clock has begun since the last time. Its beginning is in `latest`."""
        began = now - (now - EPOCH) % interval
        is_new = self.latest.get(interval) != began
        self.latest[interval] = began
        return is_new
