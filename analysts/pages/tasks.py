"""The worker's jobs and their schedules. Job arguments contain no report content; finished jobs are deleted.

Reports are taken in by a worker of its own, which waits for none of these (`analysts.assessment.intake.worker`); the
job `take_in_reports` takes them in while that one is away.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from procrastinate.contrib.django import app

from analysts.accounts import account_mails, alarms, coverage, modes, operator_mails
from analysts.accounts.sign_in import delays
from analysts.assessment import actions, publishing
from analysts.assessment.intake.worker import IntakeWorker
from analysts.exports import writing
from analysts.exports.actions import QUEUE as FILES
from analysts.exports.actions import WRITE_TASK
from analysts.figures import gauges, public_figures, rollups
from analysts.figures.providers import precision
from analysts.handoff import batch_ends
from analysts.imports import working as imports
from analysts.incidents import daily_cleanup, danger_alert, danger_grants, volume_alert
from analysts.incidents.contents import masking
from analysts.models import AlarmKind, WorkerHeartbeat, WorkerKind
from analysts.operations import host_readings, jobs, keyring_look, mail_check, setting_ends
from analysts.pages import approval_mails, held_work
from analysts.pages.approvals import KIND_BY_CODE
from analysts.pages.list_exports import TABLES
from analysts.retention import anchoring, forgetting, public_transactions
from analysts.search import limits as search_limits
from analysts.sources import standing
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.notices import outbox, sending
from analysts.takedown.notices.replies import intake as answers
from analysts.welfare import unusual_reading
from audit import stream
from countries.staff.requests import approvals
from countries.staff.workspace import lifecycle

# No job uses `lock`: a worker that dies during a job would hold it forever. Jobs use row locks instead, so that two
# runs of the same job can overlap.
# The sixth field is seconds.
EVERY_TEN_SECONDS = "* * * * * */10"
EVERY_MINUTE = "* * * * *"
EVERY_FEW_MINUTES = "*/5 * * * *"
# Not on the full hour, when many other jobs run.
HOURLY = "7 * * * *"
DAILY = "17 2 * * *"
TAKE_IN_SECONDS = 45
# One for this process: it keeps what could not be taken in, to be logged by the hour.
STAND_IN = IntakeWorker(lambda _seconds: False, beats=False)
# Alarms and the heartbeat do not wait for other jobs that are due.
BEFORE_OTHERS = 10


def every[Job: Callable[..., None]](cron: str, queueing_lock: str, **options: Any) -> Callable[[Job], Job]:
    """Run the job by the clock. `queueing_lock`: its name in the queue, where one waits at most."""

    def register(job: Job) -> Job:
        task: Any = app.task(queueing_lock=queueing_lock, **options)
        return cast("Job", app.periodic(cron=cron)(task(job)))

    return register


@every(EVERY_MINUTE, "reports")
def take_in_reports(timestamp: int) -> None:
    """Take in reports while no process of intake does, until none are left or TAKE_IN_SECONDS have passed."""
    end = monotonic() + TAKE_IN_SECONDS
    STAND_IN.wait_for_end = lambda _seconds: monotonic() >= end
    STAND_IN.stand_in()


@every(EVERY_MINUTE, "replies")
def take_in_replies(timestamp: int) -> None:
    """Take in replies from recipients, until none are left or TAKE_IN_SECONDS have passed."""
    end = monotonic() + TAKE_IN_SECONDS
    while answers.take_in() and monotonic() < end:
        pass


@every(EVERY_FEW_MINUTES, "masks")
def seal_masks(timestamp: int) -> None:
    """Seal the masks of addresses from before masks were stored, until none are left or TAKE_IN_SECONDS have passed."""
    end = monotonic() + TAKE_IN_SECONDS
    while masking.seal_missing_masks() and monotonic() < end:
        pass


@every(EVERY_MINUTE, "expire")
def expire_claims(timestamp: int) -> None:
    """Return incidents with expired claims, and the work of accounts that are switched off, to the queue."""
    actions.expire_claims()
    held_work.return_stranded_work()


@every(EVERY_MINUTE, "batches")
def end_late_batches(timestamp: int) -> None:
    """Return the incidents of batches that are late to the queue."""
    batch_ends.end_late_batches()


# Hourly: the time of an event must not reveal the minute of a report's arrival.
@every(HOURLY, "batch_exits")
def record_batch_exits(timestamp: int) -> None:
    """Record which incidents left their batches because a child may be in danger."""
    actions.record_batch_exits()


@every(HOURLY, "reopen")
def reopen_incidents(timestamp: int) -> None:
    """Reopen closed incidents that were reported again after their verdict and had to wait (REOPEN_DAYS)."""
    actions.reopen_due()


@every(HOURLY, "failed_sign_ins")
def record_failed_sign_ins(timestamp: int) -> None:
    """Record the number of failed sign-ins per account."""
    delays.record_failed_attempts()


@every(HOURLY, "open_portals")
def open_portals(timestamp: int) -> None:
    """Launch scheduled portals that are due and whose checklist is still complete."""
    lifecycle.open_due()


@every(HOURLY, "expire_approvals")
def expire_approvals(timestamp: int) -> None:
    """Expire approval requests that were not decided in time (APPROVAL_DAYS)."""
    approvals.expire_requests(KIND_BY_CODE)


@every(EVERY_FEW_MINUTES, "announce_approvals")
def announce_approvals(timestamp: int) -> None:
    """Mail those who can decide approval requests that no mail has announced."""
    approval_mails.announce_approvals()


@every(HOURLY, "anchor")
def keep_anchor(timestamp: int) -> None:
    """Verify the audit log, and store its newest hash outside the database."""
    anchoring.run_check()


@every(EVERY_MINUTE, "audit_stream")
def stream_audit(timestamp: int) -> None:
    """Send new audit events to the SIEM, if there is one (AUDIT_STREAM)."""
    stream.send_new_events()


@every(EVERY_FEW_MINUTES, "chase")
def chase(timestamp: int) -> None:
    """Plan first notices and reminders that are due."""
    plan_due_notices()


@every(HOURLY, "old_sessions")
def delete_old_sessions(timestamp: int) -> None:
    """Delete expired sessions."""
    SessionStore.clear_expired()


@every(HOURLY, "host_readings")
def delete_old_readings(timestamp: int) -> None:
    """Delete readings of the machine that newer ones have replaced, and failed jobs that no one tried again."""
    host_readings.delete_old_readings(timezone.now())
    jobs.delete_old_failures(timezone.now())


@every(EVERY_MINUTE, "mail_server")
def check_mail_server(timestamp: int) -> None:
    """Note whether the mail server takes the worker's sign-in."""
    mail_check.check_mail_server(timezone.now())


@every(EVERY_MINUTE, "keyring")
def look_at_keyring(timestamp: int) -> None:
    """Note which keys the keyring lacks, for processes that do not see it."""
    keyring_look.look_at_keyring(timezone.now())


@app.task(name=jobs.TEST_MESSAGE_TASK)
def send_test_message(user_id: int) -> None:
    """Mail a test message to the administrator who ordered it."""
    mail_check.send_test_message(user_id=user_id)


@every(DAILY, "desks")
def clear_desks(timestamp: int) -> None:
    """Delete old drafts and skips, and what leads from ids in the audit log to people who left long ago."""
    daily_cleanup.delete_old_drafts_and_skips()
    forgetting.forget_accounts()


@every(DAILY, "sources")
def count_sources(timestamp: int) -> None:
    """Count how much of what each source reported was illegal, and delete what only repeated requests need."""
    standing.count_sources(now=timezone.now())
    standing.forget_requests(now=timezone.now())


@every(DAILY, "contact_reminders")
def remind_operators(timestamp: int) -> None:
    """Remind operators of contacts that are due for a check, once a month."""
    operator_mails.remind_operators()


@every(EVERY_FEW_MINUTES, "figures")
def count_figures(timestamp: int) -> None:
    """Count the days whose rows changed, and the open work. The first count goes on in the next runs."""
    end = monotonic() + TAKE_IN_SECONDS
    rollups.count_changes(now=timezone.now(), may_go_on=lambda: monotonic() < end)
    gauges.count_open_work(now=timezone.now())


@every(DAILY, "recent_figures")
def recount_figures(timestamp: int) -> None:
    """Count recent days again, for changes that no column dates, and watch how many notices providers refuse."""
    rollups.recount_recent_days(now=timezone.now())
    precision.note_imprecise_providers()


@every(DAILY, "publish_figures")
def publish_figures(timestamp: int) -> None:
    """Publish the figures of closed periods that ended 30 days ago."""
    public_figures.publish_due_periods(today=timezone.now().date())


# No `retry` option: `tend_exports` takes up an export whose worker died.
@app.task(name=WRITE_TASK, queue=FILES)
def write_export(export_id: str) -> None:
    """Write the file of an export, if it is still waited for."""
    writing.write_export(export_id=UUID(export_id), tables=TABLES)


@every(EVERY_MINUTE, "exports")
def tend_exports(timestamp: int) -> None:
    """Erase exported files after 24 hours, and take up exports whose worker died."""
    writing.tend_exports()


@every(EVERY_MINUTE, "history", queue=FILES)
def work_on_history(timestamp: int) -> None:
    """Count, import or undo rows of a former system, until none are left or TAKE_IN_SECONDS have passed."""
    imports.erase_old_files()
    end = monotonic() + TAKE_IN_SECONDS
    while imports.work_on_next() and monotonic() < end:
        pass


@every(EVERY_MINUTE if settings.PUBLISH_EVERY == "minute" else DAILY, "publish", retry=5)
def publish(timestamp: int) -> None:
    """Publish the public states of receipts in one batch."""
    publishing.publish_outcomes()


# No `retry` option: a notice stores its next attempt, and `find_late_notices` reschedules those lost by a worker.
@app.task(name=outbox.SEND_TASK)
def send_notice(notice_id: str) -> None:
    """Send a notice to the mail server, if it is still due."""
    sending.attempt_delivery(notice_id=UUID(notice_id))


@every(EVERY_MINUTE, "late_notices")
def find_late_notices(timestamp: int) -> None:
    """Reschedule notices that are overdue and have no job."""
    outbox.reschedule_lost_notices(now=timezone.now())


# Which function writes the mail of each kind of alarm.
ALARMS: dict[AlarmKind, alarms.WriteAlarm] = {
    AlarmKind.DANGER: danger_alert.write_danger_mail,
    AlarmKind.VOLUME: volume_alert.write_volume_mail,
    AlarmKind.ANCHOR: anchoring.write_anchor_mail,
    AlarmKind.COVERAGE: coverage.write_coverage_mail,
    AlarmKind.EMERGENCY: operator_mails.write_emergency_mail,
    AlarmKind.CONTACTS: operator_mails.write_contacts_mail,
    AlarmKind.APPROVAL: approval_mails.write_approval_mail,
    AlarmKind.SEARCH: search_limits.write_search_mail,
    AlarmKind.READING: unusual_reading.write_reading_mail,
    AlarmKind.ACCOUNT: account_mails.write_account_mail,
    AlarmKind.SETTING: setting_ends.write_setting_mail,
    AlarmKind.REFUSALS: precision.write_refusals_mail,
    AlarmKind.RETURNED: danger_alert.write_return_mail,
}


# No `retry` option: the outbox stores the next attempt, which is found by a later run.
@every(EVERY_MINUTE, alarms.SEND_TASK, name=alarms.SEND_TASK, priority=BEFORE_OTHERS)
def send_alarms(timestamp: int) -> None:
    """Send the alarm mails that are due."""
    alarms.send_due_alarms(ALARMS)


@every(EVERY_MINUTE, "heartbeat", priority=BEFORE_OTHERS)
def note_heartbeat(timestamp: int) -> None:
    """Note that the worker runs jobs."""
    WorkerHeartbeat.objects.update_or_create(pk=WorkerKind.JOBS, defaults={"at": timezone.now()})


@every(EVERY_TEN_SECONDS, "public_transactions", priority=BEFORE_OTHERS)
def end_old_public_transactions(timestamp: int) -> None:
    """End transactions that an attacker on the public surface keeps open."""
    public_transactions.end_old_public_transactions()


@every(EVERY_MINUTE, "coverage")
def watch_coverage(timestamp: int) -> None:
    """Record lost and regained coverage, and raise the alarm for portals without analysts."""
    coverage.note_coverage()


@every(EVERY_MINUTE, "emergencies", priority=BEFORE_OTHERS)
def watch_emergencies(timestamp: int) -> None:
    """Raise the hourly alarm for portals that one operator suspended."""
    operator_mails.raise_emergency_alarm()


@every(EVERY_MINUTE, "modes")
def end_modes(timestamp: int) -> None:
    """Record the end of modes whose time has come."""
    modes.end_expired_modes()
    setting_ends.end_tightened_settings()


# Not every minute: the time of a grant must not reveal the minute of a report's arrival.
@every("*/10 * * * *", "danger_grants")
def grant_unattended_danger(timestamp: int) -> None:
    """Open danger reports whose analysts are away to senior analysts, and shorten claims on such reports."""
    danger_grants.grant_unattended_danger()
    actions.shorten_danger_claims()
