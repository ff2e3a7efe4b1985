"""The outbox: a notice's row and the job that sends it, committed together. Jobs carry the notice's id alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from analysts.models import Notice, NoticeState

SEND_TASK = "analysts.send_notice"
# After what must not wait, such as intake: a mail server that hangs keeps the worker for its whole patience.
PRIORITY = -10
# A job that is just about to run is not lost.
GRACE = timedelta(minutes=2)
MOST_AT_ONCE = 500


def schedule_sending(notice: Notice, at: datetime) -> None:
    """Order that it is sent at `at`, inside the caller's transaction; one job, however often that is ordered.

    A job that comes when nothing is due does nothing: whoever changes when a notice leaves just orders anew.
    """
    try:
        with transaction.atomic():
            app.configure_task(
                name=SEND_TASK, schedule_at=at, priority=PRIORITY, queueing_lock=job_lock_name(notice, at)
            ).defer(notice_id=str(notice.pk))
    except AlreadyEnqueued:
        pass


def job_lock_name(notice: Notice, at: datetime) -> str:
    """What tells a waiting job from others: it is of this notice, and for this time."""
    return f"notice {notice.pk} {at.timestamp():.0f}"


def reschedule_lost_notices(*, now: datetime) -> int:
    """Order anew what should have left some time ago and has no job that waits; returns how many.

    A job ends with the worker that was killed over it, and is lost where a backup is older than it.
    """
    late = {job_lock_name(notice, at): (notice, at) for notice, at in _late_notices(now)}
    waiting = ProcrastinateJob.objects.filter(status="todo", queueing_lock__in=late)
    lost = late.keys() - set(waiting.values_list("queueing_lock", flat=True))
    for key in lost:
        schedule_sending(*late[key])
    return len(lost)


def _late_notices(now: datetime) -> Iterator[tuple[Notice, datetime]]:
    for notice in Notice.objects.due(now - GRACE)[:MOST_AT_ONCE]:
        at = notice.leaves_at if notice.state == NoticeState.GATHERING else notice.next_try_at
        yield notice, at or notice.leaves_at
