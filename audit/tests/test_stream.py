"""The stream of audit events to a SIEM: complete, in order, and compared with the log."""

import json
import socket
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from audit.actions import record_event
from audit.models import AuditEvent
from audit.stream import compare_stream, send_new_events


@pytest.fixture
def path(tmp_path: Path, settings: Any) -> Path:
    settings.AUDIT_STREAM = f"file:{tmp_path}/stream"
    return tmp_path / "stream"


def record(number: int) -> None:
    for _each in range(number):
        with transaction.atomic():
            record_event(by=None, action="audit.view", portal="bz", details={"count": 3})


def run_verify(path: Path) -> tuple[str, int | str | None]:
    out = StringIO()
    try:
        call_command("verify_audit", "--stream", str(path), stdout=out)
    except SystemExit as ended:
        return out.getvalue(), ended.code
    return out.getvalue(), 0


def test_each_event_is_sent_once_with_its_hashes(db: None, path: Path) -> None:
    record(3)
    assert send_new_events() == AuditEvent.objects.count()
    assert send_new_events() == 0
    record(1)
    assert send_new_events() == 1
    records = [json.loads(line) for line in path.read_text().splitlines()]
    events = list(AuditEvent.objects.order_by("number"))
    assert [each["event"]["sequence"] for each in records] == [event.number for event in events]
    last = records[-1]
    assert (last["event"]["hash"], last["portals"]["previous_hash"]) == (events[-1].hash, events[-1].previous_hash)
    assert (last["event"]["action"], last["portals"]["portal"], last["user"]) == ("audit.view", "bz", {})
    assert compare_stream(path).is_whole


def test_what_the_siem_lost_or_changed_is_named(db: None, path: Path) -> None:
    record(5)
    send_new_events()
    lines = path.read_text().splitlines(keepends=True)
    first = json.loads(lines[0])["event"]["sequence"]
    changed = lines[3].replace('"hash": "', '"hash": "0', 1)
    # A batch that came twice is no fault.
    path.write_text("".join([*lines[:2], *lines[:2], changed, "no record\n", lines[4]]))
    text, status = run_verify(path)
    assert status == 1
    assert f"Event {first + 2} is missing in the stream." in text
    assert f"Event {first + 3} of the stream is not the one in the log." in text
    assert "Line 6 of the stream is not a record." in text
    path.write_text("".join(lines))
    record(1)
    text, status = run_verify(path)
    assert status == 0
    assert "are not in the stream." in text


def test_failed_delivery_is_repeated(db: None, tmp_path: Path, settings: Any) -> None:
    settings.AUDIT_STREAM = f"socket:{tmp_path}/siem"
    record(2)
    with pytest.raises(OSError, match="No such file"):
        send_new_events()
    received: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/siem")
        server.listen(1)

        def take() -> None:
            client, _address = server.accept()
            with client:
                received.extend(iter(lambda: client.recv(65536), b""))

        thread = Thread(target=take)
        thread.start()
        assert send_new_events() == AuditEvent.objects.count()
        thread.join(10)
    assert b"".join(received).count(b"\n") == AuditEvent.objects.count()


def test_without_the_setting_nothing_is_sent(db: None, settings: Any) -> None:
    settings.AUDIT_STREAM = ""
    record(1)
    assert send_new_events() == 0
