"""The worker's jobs: how many wait, which have failed and why, and how one is tried again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from analysts.accounts import alarms
from analysts.incidents.table import age_label
from analysts.models import HostReading, JobFailure, Notice, NoticeState, User
from analysts.operations.health_item import HealthItem, hourly_item
from analysts.operations.permissions import check_can_operate
from analysts.takedown.notices import outbox
from audit.actions import record_event
from audit.permissions import Late
from reports.models import the_hour

TEST_MESSAGE_TASK = "analysts.send_test_message"
# Jobs that intake of a single report may order: their number would tell the minute of its arrival.
MOVED_BY_REPORTS = (alarms.SEND_TASK, outbox.SEND_TASK)
# Failed jobs are kept for an administrator to try again.
FAILURES_KEPT = timedelta(days=30)
MOST_LISTED = 20
# A mail server may refuse a notice for a moment (greylisting); the third attempt is minutes later.
MAIL_ATTEMPTS = 3
# The worker tries the mail server each minute.
TRY_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """The jobs of one kind that wait or run. `oldest`: since when the first has been due; None if none is. `age`: how
    long that is, as exactly as it is known; "" without.
    """

    task: str
    waiting: int
    running: int
    oldest: datetime | None
    age: str = ""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed. `error`: the type of the error, "" if a killed worker could not note it."""

    job_id: int
    task: str
    error: str
    at: datetime | None


def note_outcome(call_next: Callable[[], Any], context: JobContext, _worker: Worker) -> Any:
    """Task middleware of the worker: note why a job failed, and forget failures of a schedule that works again."""
    try:
        result = call_next()
    except Exception as error:
        # Without the database the failure is in the worker's log only.
        with suppress(DatabaseError):
            if connection.errors_occurred:
                connection.close_if_unusable_or_obsolete()
            note_failure(context.job, error)
        raise
    forget_failures(context.job)
    return result


def note_failure(job: Job, error: Exception, now: datetime | None = None) -> None:
    if job.id is None:
        return
    cause = error.__cause__ if isinstance(error.__cause__, DatabaseError) else error
    JobFailure.objects.update_or_create(
        job_id=job.id,
        defaults={"task": job.task_name, "error": type(cause).__name__, "at": now or timezone.now()},
    )


def forget_failures(job: Job) -> None:
    """Delete failed jobs that this successful one replaces: those of the same task, if it runs to a schedule.

    One query, and a second one if there is a failure.
    """
    if job.queueing_lock and JobFailure.objects.filter(task=job.task_name).exists():
        _delete_failed_jobs("job.task_name = %s", [job.task_name])


def delete_old_failures(now: datetime) -> None:
    _delete_failed_jobs("failure.at < %s", [now - FAILURES_KEPT])


@transaction.atomic
def _delete_failed_jobs(condition: str, values: Sequence[str | datetime]) -> None:
    """Delete failed jobs with their failures. `condition`: SQL of ours over `job` and `failure`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH gone AS (
                DELETE FROM procrastinate_jobs AS job USING analysts_jobfailure AS failure
                WHERE failure.job_id = job.id AND job.status = 'failed' AND {condition}
                RETURNING job.id
            )
            DELETE FROM analysts_jobfailure WHERE job_id IN (SELECT id FROM gone)
            """,  # noqa: S608 # the condition is one of two above
            values,
        )


def list_waiting_jobs(now: datetime) -> list[WaitingJobs]:
    """Jobs that wait or run, by kind. One query. Jobs of MOVED_BY_REPORTS as they were when this hour began."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT task_name,
                count(*) FILTER (WHERE status = 'todo'),
                count(*) FILTER (WHERE status = 'doing'),
                min(coalesce(scheduled_at, ordered.at)) FILTER (
                    WHERE status = 'todo' AND coalesce(scheduled_at, ordered.at) <= %s
                )
            FROM procrastinate_jobs AS job
            CROSS JOIN LATERAL (
                SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
            ) AS ordered
            WHERE status IN ('todo', 'doing') AND (task_name <> ALL(%s) OR ordered.at < %s)
            GROUP BY task_name ORDER BY task_name
            """,
            [now, list(MOVED_BY_REPORTS), the_hour(now)],
        )
        return [with_age(WaitingJobs(*row), now) for row in cursor.fetchall()]


def with_age(jobs: WaitingJobs, now: datetime) -> WaitingJobs:
    """Jobs of MOVED_BY_REPORTS get a time and an age in whole hours."""
    if jobs.oldest is None:
        return jobs
    if jobs.task not in MOVED_BY_REPORTS:
        return replace(jobs, age=timesince(jobs.oldest, now))
    hour = the_hour(jobs.oldest)
    return replace(jobs, oldest=hour, age=age_label(hour, the_hour(now)))


def list_failed_jobs() -> list[FailedJob]:
    """The newest MOST_LISTED failed jobs."""
    rows = list(
        ProcrastinateJob.objects.filter(status="failed").order_by("-id").values_list("id", "task_name")[:MOST_LISTED]
    )
    failures = JobFailure.objects.in_bulk([job_id for job_id, _task in rows])
    return [
        FailedJob(job_id, task, failure.error if failure else "", failure.at if failure else None)
        for job_id, task in rows
        for failure in [failures.get(job_id)]
    ]


@transaction.atomic
def retry_job(*, by: User, job_id: int, now: datetime | None = None) -> None:
    """Let the worker run a failed job again. Raises Denied, Late."""
    check_can_operate(by)
    job = ProcrastinateJob.objects.select_for_update().filter(pk=job_id, status="failed").first()
    if job is None:
        raise Late(_("This job has been tried again already, or was deleted."))
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job_id, retry_at=now or timezone.now())
    except UniqueViolation:
        raise Late(_("The next run of this job is waiting already.")) from None
    JobFailure.objects.filter(pk=job_id).delete()
    record_event(by=by, action="job.retry", details={"job": job_id, "task": job.task_name})


@transaction.atomic
def order_test_message(*, by: User) -> None:
    """Have the worker mail a test message to `by`: only the worker reaches the mail server. Raises Denied, Late."""
    check_can_operate(by)
    if not by.email:
        raise Late(_("Your account has no mail address. Another administrator can add it."))
    app.configure_task(TEST_MESSAGE_TASK).defer(user_id=by.pk)
    record_event(by=by, action="mail.test")


def job_items(failed: list[FailedJob], server: HostReading | None, now: datetime) -> Iterator[HealthItem]:
    """`server`: the newest reading of the mail server."""
    since = min((job.at for job in failed if job.at), default=None)
    yield hourly_item(
        "failed_jobs",
        _("Failed jobs"),
        bool(failed),
        since,
        _("Read the reason on the operations page, mend it, then try the job again there."),
        tuple(sorted({f"{job.task} ({job.error})" if job.error else job.task for job in failed})),
        now=now,
    )
    yield _mail_item(server, now)


def _mail_item(server: HostReading | None, now: datetime) -> HealthItem:
    """Late where notices are refused or the worker cannot sign in; unknown where it has not tried of late."""
    refused = Notice.objects.filter(state=NoticeState.READY, next_try_at__isnull=False, attempts__gte=MAIL_ATTEMPTS)
    since = refused.order_by("next_try_at").values_list("tried_at", flat=True).first()
    current = server if server is not None and server.read_at > now - TRY_LATE else None
    if since is None and current is not None and current.number:
        since = current.moment
    item = hourly_item(
        "mail",
        _("Mail"),
        since is not None,
        since,
        _(
            "The mail server does not take mail. Check it and the settings MAIL_HOST, MAIL_USER and MAIL_PASSWORD, "
            "then send a test message from the operations page."
        )
        if since
        else _(
            "The worker has not tried the mail server. Have the server’s administrators run: systemctl status "
            "portals-worker"
        ),
        now=now,
    )
    if current is not None and current.number is None:
        return replace(item, is_watched=False, details=(gettext("no mail server is set"),))
    return replace(item, is_unknown=current is None)
