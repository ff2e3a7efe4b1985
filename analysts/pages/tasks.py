"""What the worker runs, and when. Jobs carry counts and times only; finished jobs are deleted."""

from time import monotonic
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from procrastinate.contrib.django import app

from analysts.accounts import delays
from analysts.assessment import actions, intake, publishing
from analysts.incidents import daily_cleanup, danger_alert, volume_alert
from analysts.retention import anchoring
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.notices import outbox, sending
from analysts.takedown.notices import reply_intake as answers
from countries.staff import lifecycle

# No job holds a lock of the queue: a worker that dies in mid-job would hold it for ever. What each job does is safe
# beside another run of itself, by locks on the rows.
EVERY_MINUTE = "* * * * *"
EVERY_FEW_MINUTES = "*/5 * * * *"
# Off the full hour, when everybody's jobs run.
HOURLY = "7 * * * *"
DAILY = "17 2 * * *"
TAKE_IN_SECONDS = 45


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="intake")
def take_in(timestamp: int) -> None:
    """Envelopes into the queue, and answers of recipients to whoever works on it: until none is left, or until the next
    run is due to begin with what came since."""
    end = monotonic() + TAKE_IN_SECONDS
    while intake.take_in() and monotonic() < end:
        pass
    while answers.take_in() and monotonic() < end:
        pass


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="expire")
def expire_claims(timestamp: int) -> None:
    """Incidents whose claim ran out back into the queue."""
    actions.expire_claims()


@app.periodic(cron=HOURLY)
@app.task(queueing_lock="failed_sign_ins")
def record_failed_sign_ins(timestamp: int) -> None:
    """How many sign-ins failed, by account."""
    delays.record_failed_attempts()


@app.periodic(cron=HOURLY)
@app.task(queueing_lock="open_portals")
def open_portals(timestamp: int) -> None:
    """Scheduled portals whose day has come, unless their checklist is not complete any more."""
    lifecycle.open_due()


# Once a day, asked each hour: a worker that was away at night still writes the day's line.
@app.periodic(cron=HOURLY)
@app.task(queueing_lock="anchor")
def keep_anchor(timestamp: int) -> None:
    """The audit record checked, and its newest event kept outside."""
    anchoring.run_daily_check()


@app.periodic(cron=EVERY_FEW_MINUTES)
@app.task(queueing_lock="chase")
def chase(timestamp: int) -> None:
    """First notices whose time came, and reminders, to those who can take it down."""
    plan_due_notices()


@app.periodic(cron=DAILY)
@app.task(queueing_lock="old_sessions")
def delete_old_sessions(timestamp: int) -> None:
    """Rows of sessions that ended."""
    SessionStore.clear_expired()


@app.periodic(cron=DAILY)
@app.task(queueing_lock="desks")
def clear_desks(timestamp: int) -> None:
    """Drafts that were left, and what was passed over."""
    daily_cleanup.delete_old_drafts_and_skips()


@app.periodic(cron=EVERY_MINUTE if settings.PUBLISH_EVERY == "minute" else DAILY)
@app.task(queueing_lock="publish", retry=5)
def publish(timestamp: int) -> None:
    """Public states to receipts, in one batch."""
    publishing.publish_outcomes()


# No retry of the queue's own: a notice knows when it is tried again, and `find_late_notices` what a worker left behind.
@app.task(name=outbox.SEND_TASK)
def send_notice(notice_id: str) -> None:
    """One letter to the mail server, if it is still to leave."""
    sending.attempt_delivery(notice_id=UUID(notice_id))


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="late_notices")
def find_late_notices(timestamp: int) -> None:
    """Letters that should have left, and have no job any more."""
    outbox.reschedule_lost_notices(now=timezone.now())


@app.task(name=danger_alert.MAIL_TASK, retry=5)
def send_danger_mail() -> None:
    """The count-only mail that `danger.announce` ordered."""
    danger_alert.send_mail_with_count()


@app.task(name=volume_alert.MAIL_TASK, retry=5)
def send_flood_mail() -> None:
    """The count-only mail that `alarm.count` ordered."""
    volume_alert.send_mail_with_count()


@app.task(name=anchoring.MAIL_TASK, retry=5)
def send_anchor_mail() -> None:
    """The anchor, or the alarm, that `anchoring.run_daily_check` ordered."""
    anchoring.send_mail_with_anchor()
