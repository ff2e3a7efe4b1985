"""The alarm about a portal that one operator suspended: at once, then each hour, to staff on duty and operators."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from analysts.accounts import alarms, operator_mails
from analysts.codes import Role
from analysts.models import Alarm, User
from analysts.pages.tasks import ALARMS
from countries.models import Portal
from countries.staff.workspace import emergency
from tests.rig.fixtures import create_person


def test_alarm_is_sent_every_hour_until_a_second_operator_decides(belize: Portal, olga: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@hotline.example"]
    User.objects.filter(pk=olga.pk).update(email="olga@hotline.example")
    otto = create_person("otto", Role.OPERATOR)
    now = timezone.now()
    suspension = emergency.suspend_at_once(by=olga, portal=belize, reason="A wrong number.", now=now)

    raised = []
    for minutes in (0, 1, 59, 60, 61, 120):
        at = now + timedelta(minutes=minutes)
        raised.append(operator_mails.raise_emergency_alarm(now=at))
        alarms.send_due_alarms(ALARMS, now=at)
    assert raised == [1, 0, 0, 1, 0, 1]
    assert [message.to for message in mail.outbox] == [["duty@hotline.example", "olga@hotline.example"]] * 3
    assert "1 portal was suspended by one operator" in str(mail.outbox[0].body)
    assert not any(words in str(mail.outbox[0].message()) for words in ("Belize", "A wrong number."))

    at = now + timedelta(hours=3)
    operator_mails.raise_emergency_alarm(now=at)
    emergency.decide_suspension(by=otto, suspension=suspension, outcome="confirmed", now=at)
    # The one that waits is moot.
    assert alarms.send_due_alarms(ALARMS, now=at) == 1
    assert operator_mails.raise_emergency_alarm(now=at + timedelta(hours=2)) == 0
    assert (len(mail.outbox), Alarm.objects.count()) == (3, 0)


@pytest.mark.parametrize("addresses", [[], ["duty@hotline.example"]])
def test_alarm_needs_an_address(belize: Portal, olga: User, settings: Any, addresses: list[str]) -> None:
    settings.ALERT_EMAILS = addresses
    User.objects.update(email="")
    emergency.suspend_at_once(by=olga, portal=belize, reason="A wrong number.")
    operator_mails.raise_emergency_alarm()
    assert Alarm.objects.exists() == bool(addresses)
