"""The alert mail about children in danger."""

from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.assessment.intake import run as intake
from analysts.models import Alarm, Incident, User
from analysts.pages import tasks
from analysts.states import State
from analysts.tests.factories import assessed_not_found, claimed, incident_of
from countries.models import Portal
from reports.models import Arrival
from tests.rig.fixtures import Sender

IN_DANGER = {"description": "secretwords", "facts": ["child_in_danger"]}


@pytest.fixture(autouse=True)
def _somebody_is_told(settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]


def raised() -> list[tuple[str, int]]:
    return list(Alarm.objects.values_list("kind", "raised"))


def test_reports_of_danger_put_one_mail_into_the_outbox(belize: Portal) -> None:
    incident_of(belize, "example.org/a")
    assert raised() == []
    incident_of(belize, "example.org/b", details=IN_DANGER)
    incident_of(belize, "example.org/c", details=IN_DANGER)

    assert raised() == [("danger", 2)]
    # A job's event would tell when the report arrived.
    assert not ProcrastinateJob.objects.exists()


def test_no_danger_mail_is_sent_without_recipients(belize: Portal, settings: Any) -> None:
    settings.ALERT_EMAILS = []
    incident_of(belize, details=IN_DANGER)
    tasks.send_alarms(timestamp=0)

    assert (mail.outbox, raised()) == ([], [])


def test_mail_is_not_raised_when_intake_fails(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    send(belize, "example.org/a", details=IN_DANGER)

    find = Arrival.objects.filter

    def fail(**lookups: Any) -> Any:
        """As the arrivals are deleted, which comes last."""
        if "pk__in" in lookups:
            raise OSError
        return find(**lookups)

    monkeypatch.setattr(Arrival.objects, "filter", fail)
    assert intake.take_in() == 0
    assert raised() == []


@pytest.mark.parametrize("count", [1, 3])
def test_mail_carries_a_count_and_nothing_else(belize: Portal, count: int) -> None:
    for number in range(count):
        incident_of(belize, f"https://secret.example.org/{number}", details=IN_DANGER)
    tasks.send_alarms(timestamp=0)

    (message,) = mail.outbox
    assert message.to == ["duty@example.org"]
    assert f": {count} incident" in message.body
    text = f"{message.subject} {message.body}"
    assert "secret" not in text
    assert "example" not in text
    assert "Belize" not in text


def test_no_mail_when_everything_was_looked_at_meanwhile(belize: Portal, ana: User) -> None:
    assessed_not_found(incident_of(belize, details=IN_DANGER), ana)
    tasks.send_alarms(timestamp=0)

    assert mail.outbox == []


def test_jobs_do_what_the_worker_is_for(belize: Portal, ana: User, send: Sender, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    send(belize, "example.org/a")
    intake.take_in()
    incident = Incident.objects.get()
    claimed(incident, ana)
    Incident.objects.update(claimed_until=incident.first_sighted)
    tasks.expire_claims(timestamp=0)
    tasks.publish(timestamp=0)

    incident.refresh_from_db()
    assert incident.state == State.WAITING
    assert incident.sightings.get().report.receipt.outcomes == [["received", "", 1]]


def test_no_job_holds_a_lock_that_a_dead_worker_would_keep() -> None:
    own = [task for name, task in app.tasks.items() if name.startswith("analysts.")]

    assert len(own) == 38
    assert [task.lock for task in own] == [None] * 38
