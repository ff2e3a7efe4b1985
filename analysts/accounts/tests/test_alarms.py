"""The outbox of alarms: retried with back-off for as long as it takes, once accepted never sent again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts import alarms
from analysts.accounts.alarms import AlarmMail, raise_alarm, retry_delay, send_due_alarms
from analysts.models import Alarm, AlarmKind, User
from countries.models import Portal
from reports.models import the_hour
from tests.rig.fixtures import client_of

NOW = timezone.now()
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _duty(settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]


def write_mail() -> AlarmMail:
    return AlarmMail("1 incident.")


def refuse_mail() -> AlarmMail:
    raise ConnectionRefusedError


def send(write: alarms.WriteAlarm, *, after: timedelta = timedelta(0)) -> int:
    return send_due_alarms({AlarmKind.DANGER: write}, now=NOW + after)


def test_alarm_is_sent_once_and_leaves_the_outbox(db: None) -> None:
    raise_alarm(AlarmKind.DANGER, now=NOW)
    raise_alarm(AlarmKind.DANGER, now=NOW)
    assert (send(write_mail), send(write_mail), len(mail.outbox)) == (1, 0, 1)
    assert not Alarm.objects.exists()


def test_refused_alarm_is_tried_for_days_with_back_off(db: None) -> None:
    raise_alarm(AlarmKind.DANGER, now=NOW)
    tries, elapsed = 0, timedelta(0)
    while elapsed < timedelta(days=3):
        assert send(refuse_mail, after=elapsed) == 0
        tries += 1
        assert Alarm.objects.get().attempts == tries
        # Not before its time.
        elapsed = Alarm.objects.get().next_try_at - NOW
        send(refuse_mail, after=elapsed - MINUTE / 2)
        assert Alarm.objects.get().attempts == tries
    assert [retry_delay(number) // MINUTE for number in (1, 2, 3, 6, 7, 99)] == [1, 2, 4, 32, 60, 60]
    assert 72 < tries < 90
    assert send(write_mail, after=elapsed) == 1


def test_alarm_raised_while_its_mail_is_on_its_way_is_sent_again(db: None) -> None:
    raise_alarm(AlarmKind.DANGER, now=NOW)

    def write_and_raise() -> AlarmMail:
        raise_alarm(AlarmKind.DANGER, now=NOW)
        return write_mail()

    assert send(write_and_raise) == 0
    assert (send(write_mail), len(mail.outbox)) == (1, 2)


def test_new_alarm_does_not_wait_for_the_back_off_of_an_earlier_one(db: None) -> None:
    raise_alarm(AlarmKind.DANGER, now=NOW)
    send(refuse_mail)
    assert send(write_mail) == 0
    raise_alarm(AlarmKind.DANGER, now=NOW)
    assert send(write_mail) == 1


def test_attempt_of_a_killed_worker_is_repeated_after_its_patience(db: None) -> None:
    raise_alarm(AlarmKind.DANGER, now=NOW)

    def die() -> AlarmMail:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(die)
    assert (send(write_mail), send(write_mail, after=alarms.PATIENCE)) == (0, 1)


def test_alarm_commits_with_what_raised_it_and_stores_the_hour_only(db: None) -> None:
    with transaction.atomic():
        raise_alarm(AlarmKind.DANGER, now=NOW)
        transaction.set_rollback(True)
    assert not Alarm.objects.exists()
    raise_alarm(AlarmKind.DANGER, now=NOW)
    assert Alarm.objects.get().raised_at == Alarm.objects.get().next_try_at == the_hour(NOW)


def test_alarm_without_recipients_is_neither_sent_nor_kept(db: None, settings: Any) -> None:
    raise_alarm(AlarmKind.ANCHOR, to=[], now=NOW)
    assert not Alarm.objects.exists()
    # Who is on duty is known to the worker alone: intake and the staff surface do not read its settings.
    settings.ALERT_EMAILS = []
    raise_alarm(AlarmKind.DANGER, now=NOW)
    assert (send(write_mail), mail.outbox, Alarm.objects.exists()) == (1, [], False)


def test_alarm_of_a_report_orders_no_job_and_is_sent_by_the_next_minutes(db: None) -> None:
    raise_alarm(AlarmKind.DANGER, at_once=False, now=NOW)
    assert not ProcrastinateJob.objects.exists()
    assert (send(write_mail), len(mail.outbox)) == (1, 1)
    raise_alarm(AlarmKind.DANGER, now=NOW)
    assert ProcrastinateJob.objects.get().task_name == alarms.SEND_TASK


def test_every_staff_page_shows_an_undelivered_alarm(belize: Portal, ana: User, axel: User) -> None:
    raise_alarm(AlarmKind.DANGER, now=NOW)
    words = "Undelivered alarm"
    assert words not in client_of(ana).get("/admin/queue/").content.decode()
    send(refuse_mail)
    for user, path in ((ana, "/admin/queue/"), (axel, "/admin/audit/auditevent/"), (ana, "/accounts/mfa/")):
        page = client_of(user).get(path).content.decode()
        assert words in page
        assert "(child in danger)" in page
