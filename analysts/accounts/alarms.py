"""The outbox of alarm mails to the staff on duty: each is retried with back-off until the mail server accepts it.

A row commits with the change that raises the alarm. The mail is written when it is sent, from what is true then, and
contains counts only. The worker, which knows who is on duty, sends what is due every minute, and at once after an alarm
was raised, unless a report raised it: the time of the job would tell when the report arrived.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from analysts.models import Alarm, AlarmKind
from countries.automatic_mail import send_automatic_mail
from reports.models import the_hour

logger = logging.getLogger(__name__)

SEND_TASK = "analysts.send_alarms"
FIRST_WAIT = timedelta(minutes=1)
# It is tried for as long as it takes.
LONGEST_WAIT = timedelta(hours=1)
# How long an attempt reserves its alarm, including when its worker is killed.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AlarmMail:
    """An alarm as written now. `to`: its recipients; None for the staff on duty."""

    message: str
    subject: str = ""
    to: Sequence[str] | None = None


# Writes the mail from what is true now; None if the alarm is moot.
type WriteAlarm = Callable[[], AlarmMail | None]


def raise_alarm(
    kind: AlarmKind, *, to: Sequence[str] | None = None, at_once: bool = True, now: datetime | None = None
) -> None:
    """Put the alarm into the outbox, in the caller's transaction: it is sent if and only if that commits.

    An alarm that waits already is tried again. Does nothing if `to` is empty; `to` defaults to the staff on duty, whom
    other processes than the worker may not know. `at_once`: order a job, instead of leaving it to the next minute's.
    """
    if to is not None and not to:
        return
    hour = the_hour(now or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO analysts_alarm (kind, raised_at, raised, attempts, next_try_at) VALUES (%s, %s, 1, 0, %s)
            ON CONFLICT (kind) DO UPDATE SET raised = analysts_alarm.raised + 1, next_try_at = excluded.next_try_at
            """,
            [kind.value, hour, hour],
        )
    if not at_once:
        return
    try:
        with transaction.atomic():
            app.configure_task(name=SEND_TASK, queueing_lock=SEND_TASK).defer(timestamp=0)
    except AlreadyEnqueued:
        pass


def send_due_alarms(writers: Mapping[AlarmKind, WriteAlarm], *, now: datetime | None = None) -> int:
    """Send the alarms that are due; returns how many left the outbox, delivered or moot."""
    now = now or timezone.now()
    due = Alarm.objects.filter(next_try_at__lte=now).order_by("raised_at")
    return sum(_attempt_delivery(alarm, writers[AlarmKind(alarm.kind)], now) for alarm in due)


def _attempt_delivery(alarm: Alarm, write_alarm: WriteAlarm, now: datetime) -> bool:
    """Try once; True if the alarm left the outbox. The attempt is counted first, so a killed worker tries again."""
    reserved = Alarm.objects.filter(pk=alarm.pk, raised=alarm.raised, attempts=alarm.attempts)
    if not reserved.update(attempts=F("attempts") + 1, next_try_at=now + PATIENCE):
        return False
    ours = Alarm.objects.filter(pk=alarm.pk, attempts=alarm.attempts + 1)
    try:
        mail = write_alarm()
        if mail is not None:
            _send_alarm_mail(mail)
    except Exception:
        # Any error, of the mail server or of its absence: an alarm never fails for good.
        logger.exception("alarm not sent", extra={"fact": "an alarm mail could not be sent and is tried again"})
        # Raised again meanwhile: due at once, as `raise_alarm` has set.
        ours.filter(raised=alarm.raised).update(next_try_at=now + retry_delay(alarm.attempts + 1))
        ours.update(failed_at=now)
        return False
    # Raised again while the mail was on its way: that alarm may not be in it.
    return ours.filter(raised=alarm.raised).delete()[0] > 0


def retry_delay(attempts: int, *, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """The wait before a mail is tried again: one minute after the first attempt, doubled each time, up to `longest`."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), longest)


def _send_alarm_mail(mail: AlarmMail) -> None:
    send_automatic_mail(
        subject=mail.subject or _("Reporting portals: please check the queue"),
        message=mail.message,
        to=list(settings.ALERT_EMAILS if mail.to is None else mail.to),
    )
