"""Sending jobs of notices, committed in the same transaction as the notice. A job holds only the notice's id."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db import transaction
from django.db.models import Max
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import AlreadyEnqueued

from analysts.accounts.modes import is_sending_stopped
from analysts.models import Notice, WorkerHeartbeat, WorkerKind, is_worker_missed
from countries.outgoing_effects import LETTERS, is_held

SEND_TASK = "analysts.send_notice"
# Below jobs that must not wait, such as intake: a hanging mail server occupies the worker until the timeout.
PRIORITY = -10
# Notices overdue for less than this may still have a job that is about to run.
GRACE = timedelta(minutes=2)
MOST_AT_ONCE = 500


def schedule_sending(notice: Notice, at: datetime) -> None:
    """Schedule a sending job for `at`, inside the caller's transaction. Repeated calls create one job.

    A job that finds nothing due does nothing, so a change of the sending time only needs another call.
    """
    try:
        with transaction.atomic():
            app.configure_task(
                name=SEND_TASK, schedule_at=at, priority=PRIORITY, queueing_lock=job_lock_name(notice, at)
            ).defer(notice_id=str(notice.pk))
    except AlreadyEnqueued:
        pass


def job_lock_name(notice: Notice, at: datetime) -> str:
    """The queueing lock of a job, unique for the notice and the time."""
    return f"notice {notice.pk} {at.timestamp():.0f}"


def reschedule_lost_notices(*, now: datetime) -> int:
    """Schedule new jobs for overdue notices that have no waiting job; return how many.

    A job is lost if its worker is killed, or if a backup older than the job is restored. While sending is stopped,
    jobs find nothing to do and none is scheduled: the first run after it finds all that waited.
    """
    if find_sending_stop(now):
        return 0
    late: dict[str, tuple[Notice, datetime]] = {}
    for notice in Notice.objects.due(now - GRACE)[:MOST_AT_ONCE]:
        at = notice.leaves_at or notice.scheduled_at
        late[job_lock_name(notice, at)] = notice, at
    waiting = ProcrastinateJob.objects.filter(status="todo", queueing_lock__in=late)
    lost = late.keys() - set(waiting.values_list("queueing_lock", flat=True))
    for key in lost:
        schedule_sending(*late[key])
    return len(lost)


class HoldUp(Enum):
    """Why no notice leaves at all: a lockdown, an administrator stopped sending, or the worker is not running."""

    LOCKDOWN = auto()
    SENDING_STOPPED = auto()
    WORKER_MISSED = auto()


def find_sending_stop(now: datetime) -> HoldUp | None:
    """The order that holds all letters: a lockdown or a mode; None if they may leave. At most two queries."""
    if is_held(LETTERS):
        return HoldUp.LOCKDOWN
    return HoldUp.SENDING_STOPPED if is_sending_stopped(now) else None


def find_hold_up(notices: Iterable[Notice], now: datetime) -> HoldUp | None:
    """The reason why late notices are held up; None if none is late. At most four queries."""
    if not any(notice.is_late(now) for notice in notices):
        return None
    if stop := find_sending_stop(now):
        return stop
    heartbeat = WorkerHeartbeat.objects.filter(pk=WorkerKind.JOBS).values_list("at", flat=True).first()
    sign = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"))["last"]
    silence = now - sign if sign else None
    return HoldUp.WORKER_MISSED if is_worker_missed(heartbeat, now, silence) else None
