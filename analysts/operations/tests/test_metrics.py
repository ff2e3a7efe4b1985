"""The metrics: what they hold and what they never hold, and the servers that give them out."""

import socket
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest, make_wsgi_app

from analysts.management.commands.serve_metrics import build_server
from analysts.models import HostReading, ReadingKind
from analysts.operations.health_item import count_hours
from analysts.operations.keyring_look import look_at_keyring
from analysts.operations.metrics import OperationsCollector, build_metrics
from countries.models import Portal
from reports.models import the_hour
from tests.rig.fixtures import send_report


def read_metrics() -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in build_metrics(timezone.now())
        for sample in family.samples
    }


def test_metrics_hold_the_checks_and_the_machine(belize: Portal) -> None:
    HostReading.objects.create(kind=ReadingKind.DISK, name="database", number=25, total=100)
    HostReading.objects.create(kind=ReadingKind.UNIT, name="portals-staff.service", number=1)
    found = read_metrics()
    assert found["portals_in_order['worker']"] == found["portals_in_order['intake']"] == 0
    assert found["portals_in_order['alarms']"] == 1
    assert found["portals_disk_free_percent['database']"] == 25
    assert found["portals_unit_failed['portals-staff.service']"] == 1


def test_one_report_moves_no_metric_within_its_hour_and_no_portal_is_named(belize: Portal) -> None:
    before = read_metrics()
    send_report(belize, "https://a.example/1", now=the_hour(timezone.now()))
    after = read_metrics()
    assert after.pop("portals_age_hours['envelopes']") == 0
    assert after == before
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
