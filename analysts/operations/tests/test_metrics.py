"""The metrics: what they hold and what they never hold, and the servers that give them out."""

import socket
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest, make_wsgi_app

from analysts.accounts.alarms import AlarmMail, send_due_alarms
from analysts.assessment.intake.run import take_in
from analysts.codes import Fact
from analysts.management.commands.serve_metrics import build_server
from analysts.models import Chase, HostReading, ReadingKind, UnitState, User
from analysts.operations.health_item import count_hours
from analysts.operations.host_readings import ANSWER_BANDS
from analysts.operations.jobs import list_waiting_jobs
from analysts.operations.keyring_look import look_at_keyring
from analysts.operations.metrics import OperationsCollector, build_metrics
from analysts.operations.operations_items import all_items, read_state
from analysts.operations.step_times import count_steps
from analysts.pages.tasks import ALARMS
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal
from reports.models import the_hour
from reports.sealing import JSON
from tests.rig.fixtures import send_report

HOUR = timedelta(hours=1)


def read_metrics() -> dict[str, float]:
    """By name and labels, without the grade."""
    return {
        f"{sample.name}{[value for label, value in sorted(sample.labels.items()) if label != 'grade']}": sample.value
        for family in build_metrics(timezone.now())
        for sample in family.samples
    }


def test_metrics_hold_the_checks_and_the_machine(belize: Portal) -> None:
    HostReading.objects.create(kind=ReadingKind.DISK, name="database", number=25, total=100)
    HostReading.objects.create(kind=ReadingKind.UNIT, name="portals-staff.service", number=UnitState.FROZEN)
    HostReading.objects.create(kind=ReadingKind.SURFACE, name="public", number=503, total=100)
    HostReading.objects.create(kind=ReadingKind.SURFACE, name="staff", number=0, total=ANSWER_BANDS[-1])
    found = read_metrics()
    assert found["portals_in_order['worker']"] == found["portals_in_order['intake']"] == 0
    assert found["portals_in_order['alarms']"] == 1
    assert found["portals_disk_free_percent['database']"] == 25
    assert found["portals_unit_failed['portals-staff.service']"] == 1
    # By class, surface and seconds.
    assert found["portals_surface_answer['5xx', 'public', '0.1']"] == 1
    assert found["portals_surface_answer['none', 'staff', 'more']"] == 1
    assert found["portals_in_order['surfaces']"] == 0


def test_unknown_value_is_neither_in_order_nor_failed(belize: Portal) -> None:
    for kind in (ReadingKind.DISK, ReadingKind.CERTIFICATE, ReadingKind.BACKUP, ReadingKind.UNIT, ReadingKind.SURFACE):
        HostReading.objects.create(kind=kind, name="unread")
    found = read_metrics()
    for check in ("disk", "certificate", "backup", "units", "surfaces", "keys", "mail"):
        assert f"portals_in_order['{check}']" not in found
        assert found[f"portals_unknown['{check}']"] == 1
    assert not [name for name in found if "'unread'" in name]
    # An unwatched item is neither, too.
    assert not {"portals_in_order['audit']", "portals_unknown['audit']", "portals_in_order['proofs']"} & found.keys()
    assert found["portals_unknown['worker']"] == 0
    text = generate_latest(_registry(OperationsCollector())).decode()
    assert 'portals_in_order{check="worker",grade="page"} 0.0' in text


def test_steps_are_counted_in_bands_until_the_hour_began(belize: Portal, ana: User) -> None:
    now = timezone.now()
    assessed_illegal(incident_of(belize), ana)

    def counted(moment: datetime) -> set[tuple[str, str]]:
        counts = count_steps(moment)
        return {(step, band) for step, numbers in counts.items() for band, number in numbers.items() if number}

    assert counted(now) == set()
    assert counted(now + HOUR) == {("claim to decision", "1"), ("decision to first notice", "1")}
    # Without a notice it goes on.
    assert counted(now + 30 * HOUR) == {("claim to decision", "1"), ("decision to first notice", "72")}
    Chase.objects.update(noticed_at=now + 3 * HOUR)
    assert counted(now + 30 * HOUR) == {("claim to decision", "1"), ("decision to first notice", "4")}
    assert counted(now + timedelta(days=7) + HOUR) == set()


# By kind of report, what is sent besides its address.
KINDS_OF_REPORT: dict[str, dict[str, JSON] | None] = {
    "address": None,
    "words": {"description": "words"},
    **{fact.value: {"facts": [fact.value]} for fact in Fact},
}


def read_pages_and_metrics(now: datetime) -> dict[str, Any]:
    """All that the operations page, `manage.py health`, the watch's mails and the metrics say, with every label."""
    state = read_state(now)
    items = {item.name: (item.state, item.since, item.age, item.details, str(item.advice)) for item in all_items(state)}
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in build_metrics(now)
        for sample in family.samples
    }
    return {"items": items, "samples": samples, "jobs": list_waiting_jobs(now), "failed": state.failed_jobs}


@pytest.mark.parametrize("mail_server", ["answers", "refuses"])
@pytest.mark.parametrize("kind", KINDS_OF_REPORT)
def test_one_report_moves_nothing_within_its_hour(
    belize: Portal, ana: User, kind: str, mail_server: str, settings: Any
) -> None:
    """Neither its arrival, nor intake, nor the alarm about a child in danger."""
    settings.ALERT_EMAILS = ["duty@example.org"]
    now = timezone.now()
    before = read_pages_and_metrics(now)
    send_report(belize, "https://a.example/1", now=the_hour(now), details=KINDS_OF_REPORT[kind])
    assert read_pages_and_metrics(now) == before
    assert take_in(now=now) == 1
    assert read_pages_and_metrics(now) == before
    send_due_alarms(ALARMS if mail_server == "answers" else dict.fromkeys(ALARMS, refuse_mail), now=now)
    after = read_pages_and_metrics(now)
    moved = {name for name, value in after["items"].items() if value != before["items"][name]}
    moved |= {dict(key[1:])["check"] for key, value in after["samples"].items() if before["samples"].get(key) != value}
    # An alarm that reached no person is a page at once: a child in danger comes before the hour.
    assert moved == ({"alarms"} if (kind, mail_server) == (Fact.CHILD_IN_DANGER, "refuses") else set())
    assert after["samples"].keys() == before["samples"].keys()
    assert (after["jobs"], after["failed"]) == (before["jobs"], before["failed"])


def refuse_mail() -> AlarmMail:
    raise SMTPServerDisconnected


def test_no_portal_is_named(belize: Portal) -> None:
    send_report(belize, "https://a.example/1", now=the_hour(timezone.now()))
    assert read_metrics()["portals_age_hours['envelopes']"] == 0
    text = generate_latest(_registry(OperationsCollector())).decode()
    assert "bz" not in text
    assert "Belize" not in text


def test_metrics_see_no_key(belize: Portal, settings: Any, tmp_path: Path) -> None:
    look_at_keyring(timezone.now())
    before = read_metrics()
    assert before["portals_in_order['keys']"] == 1
    settings.KEYRING = tmp_path
    assert read_metrics() == before


def test_values_are_read_once_in_fifteen_seconds(db: None) -> None:
    now = [0.0]
    collector = OperationsCollector(clock=lambda: now[0])
    first = list(collector.collect())
    assert list(collector.collect()) == first
    now[0] = 15
    assert list(collector.collect()) is not first
    assert collector.read_at == 15


def _registry(collector: OperationsCollector) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry


@pytest.mark.parametrize("kind", ["socket", "port"])
def test_metrics_are_served_locally(tmp_path: Path, kind: str) -> None:
    collector = OperationsCollector(seconds=float("inf"))
    collector.read_at = 0
    path = tmp_path / "metrics.sock" if kind == "socket" else None
    with build_server(path, None if path else 0) as server:
        server.set_app(make_wsgi_app(_registry(collector)))
        Thread(target=server.handle_request, daemon=True).start()
        if path:
            assert path.stat().st_mode & 0o777 == 0o660
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
                client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                answer = b"".join(iter(lambda: client.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.0 200 OK")
        else:
            host, port = server.server_address[:2]
            assert host == "127.0.0.1"
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("minutes", [5, 59])
def test_ages_change_on_the_hour_only(minutes: int) -> None:
    since = the_hour(timezone.now()) + timedelta(minutes=50)
    assert count_hours(since, the_hour(since) + timedelta(minutes=minutes)) == 0
    assert count_hours(since, the_hour(since) + timedelta(minutes=60 + minutes)) == 1
