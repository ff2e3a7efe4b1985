"""Alerts for portals with unusually many reports: roles, frequency and content."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.assessment.intake import run as intake
from analysts.incidents import volume_alert
from analysts.models import Alarm, AlarmKind, PortalHour, User
from analysts.pages import tasks
from analysts.tests.factories import report_of
from countries.models import Portal
from reports.models import the_hour
from tests.rig.fixtures import client_of, send_report

NOW = the_hour(timezone.now()) + timedelta(minutes=30)
HEADING = "Unusually many reports"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(volume_alert, "LEAST", 4)
    monkeypatch.setattr(volume_alert, "TIMES", 3)
    settings.ALERT_EMAILS = ["duty@example.org"]


def usually(portal: Portal, reports: int) -> None:
    """Create this number of reports in each hour of the week before."""
    PortalHour.objects.bulk_create(
        PortalHour(portal=portal, hour=the_hour(NOW) - timedelta(hours=hours), reports=reports)
        for hours in range(1, 24 * 7 + 2)
    )


def flood(portal: Portal, count: int, *, hours_ago: int = 0) -> None:
    now = NOW - timedelta(hours=hours_ago)
    for number in range(count):
        send_report(portal, f"secretwords https://secret.example/{number}", now=now)
    intake.take_in(now=now)


def is_raised() -> bool:
    """Whether the alarm waits. No job is made for it, whose event would tell when a report arrived."""
    assert not ProcrastinateJob.objects.exists()
    return Alarm.objects.filter(kind=AlarmKind.VOLUME).exists()


def found(portal: Portal) -> list[tuple[str, int, int]]:
    everywhere = volume_alert.unusual_portals(Portal.objects.filter(pk=portal.pk), now=NOW)
    return [(each.portal.slug, each.reports, each.usual) for each in everywhere]


def test_quiet_portal_is_unusual_beyond_the_least(belize: Portal, zambia: Portal) -> None:
    report_of(zambia, now=NOW)
    flood(belize, 4)
    assert (found(belize), is_raised()) == ([], False)
    flood(belize, 1)
    assert (found(belize), found(zambia)) == ([("bz", 5, 0)], [])


def test_busy_portal_is_unusual_beyond_some_times_its_middle_hour(belize: Portal) -> None:
    usually(belize, 2)
    flood(belize, 6)
    assert found(belize) == []
    flood(belize, 1)
    assert found(belize) == [("bz", 7, 2)]


def test_half_of_the_hours_may_be_as_busy_without_becoming_usual(belize: Portal) -> None:
    usually(belize, 9)
    PortalHour.objects.filter(hour__lt=the_hour(NOW) - timedelta(hours=80)).delete()
    flood(belize, 5)
    assert found(belize) == [("bz", 9, 0)]


def test_alarm_lasts_for_the_hour_after_and_ends(belize: Portal) -> None:
    flood(belize, 6, hours_ago=1)
    assert found(belize) == [("bz", 6, 0)]
    PortalHour.objects.update(hour=the_hour(NOW) - timedelta(hours=2))
    assert found(belize) == []


def test_reports_are_counted_once_each_by_portal_and_hour(belize: Portal, zambia: Portal) -> None:
    flood(belize, 3)
    flood(belize, 2, hours_ago=1)
    code = send_report(zambia, "example.org/a", now=NOW)
    intake.take_in(now=NOW)
    send_report(zambia, "example.org/a", now=NOW, code=code, details={"description": "more", "facts": []})
    intake.take_in(now=NOW)

    counted = PortalHour.objects.order_by("portal__slug", "hour").values_list("portal__slug", "reports")
    assert list(counted) == [("bz", 2), ("bz", 3), ("zm", 1)]


def test_mail_is_raised_once_a_day_for_a_portal(belize: Portal, zambia: Portal) -> None:
    flood(belize, 30)
    assert is_raised()
    Alarm.objects.all().delete()
    flood(belize, 30)
    assert not is_raised()
    flood(zambia, 30)
    assert is_raised()
    Alarm.objects.all().delete()
    # A day later.
    PortalHour.objects.update(hour=the_hour(NOW) - timedelta(hours=24))
    flood(belize, 30)
    assert is_raised()


def test_no_volume_mail_is_sent_without_recipients(belize: Portal, settings: Any) -> None:
    settings.ALERT_EMAILS = []
    flood(belize, 10)
    tasks.send_alarms(timestamp=0)
    assert (mail.outbox, is_raised()) == ([], False)


def test_mail_carries_a_count_and_nothing_else(belize: Portal, zambia: Portal) -> None:
    flood(belize, 10)
    flood(zambia, 10)
    tasks.send_alarms(timestamp=0)

    (message,) = mail.outbox
    assert message.to == ["duty@example.org"]
    assert message.body == "2 portals get far more reports than usual."
    assert not re.search("secret|example|Belize|bz", f"{message.subject} {message.body}")


def test_no_mail_when_it_is_over_meanwhile(belize: Portal) -> None:
    flood(belize, 10, hours_ago=5)
    tasks.send_alarms(timestamp=0)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("username", "alerted"),
    [("ana", True), ("sena", True), ("olga", True), ("ben", False), ("petra", False), ("axel", False), ("adam", False)],
)
def test_dashboard_alerts_only_users_who_can_act(
    username: str, alerted: bool, belize: Portal, request: pytest.FixtureRequest
) -> None:
    flood(belize, 10)
    page = client_of(request.getfixturevalue(username)).get("/admin/").content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert (HEADING in words, "Belize : 10 reports within an hour; usually 0" in words) == (alerted, alerted)


def test_calm_dashboard_says_nothing_of_it(belize: Portal, ana: User) -> None:
    report_of(belize)
    assert HEADING not in client_of(ana).get("/admin/").content.decode()
