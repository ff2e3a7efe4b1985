"""The hourly anchor: one line per hour, none if the audit log has a fault, and mails and dashboard warnings."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts.alarms import SEND_TASK
from analysts.handoff.signing import public_half
from analysts.models import User
from analysts.pages import tasks
from analysts.retention import anchoring
from audit import anchors, chain
from audit.actions import record_event
from audit.models import AuditEvent
from reports import installation_keys
from tests.proofs import certificates
from tests.proofs.mail import MailServer
from tests.rig.fixtures import client_of

NOON = datetime(2026, 11, 24, 12, 7, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    """The configured anchor file."""
    settings.ANCHOR_FILE = str(tmp_path / "anchors")
    return tmp_path / "anchors"


@pytest.fixture
def mail_recipients(settings: Any) -> None:
    """Recipients of mail: the keeper of the anchors and the staff on duty."""
    settings.ANCHOR_EMAILS = ["keeper@example.org"]
    settings.ALERT_EMAILS = ["duty@example.org"]


def act(*, at: datetime) -> AuditEvent:
    with transaction.atomic():
        return record_event(by=None, action="portal.tested", at=at)


def work(at: datetime) -> None:
    """Run the worker's hourly job."""
    with time_machine.travel(at, tick=False):
        tasks.keep_anchor(timestamp=int(at.timestamp()))


def rewrite() -> None:
    """Rewrite the first event and all later hashes."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_append_only")
        before = chain.START.hash
        for event in AuditEvent.objects.order_by("number"):
            event.portal, event.previous_hash = "zz", before
            before = event.hash = chain.event_digest(event)
            event.save()
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_event_append_only")
    assert chain.verify_chain().faults == []


def edit_first_event() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_append_only")
        cursor.execute("UPDATE audit_auditevent SET portal = 'zz' WHERE number = 1")
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_event_append_only")


def ordered() -> list[str]:
    return list(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True))


def test_hour_gets_one_signed_line_however_often_the_worker_runs(db: None, open_keys: Path, file: Path) -> None:
    newest = act(at=NOON)
    for minute in range(3):
        work(NOON + timedelta(minutes=minute))

    [line] = anchors.read_anchors(file)
    assert line.unsigned == f"2026-11-24T12 1:{newest.hash}"
    line.verify_signature(public_half(installation_keys.anchor_key()))
    event = AuditEvent.objects.get(action="audit.anchor")
    assert (event.number, event.actor) == (2, "")
    assert event.details == {"number": 1, "hash": newest.hash, "anchors": 0, "full": True}


def test_first_check_of_a_day_reads_the_whole_log_and_the_others_what_is_new(db: None, file: Path) -> None:
    act(at=NOON)
    work(NOON)
    # Found by the next check of the whole log.
    edit_first_event()
    for hour in (1, 2):
        work(NOON + hour * HOUR)
    assert [line.hour for line in anchors.read_anchors(file)] == [12, 13, 14]
    checks = AuditEvent.objects.filter(action="audit.anchor").order_by("number")
    assert [(event.details["number"], event.details["full"]) for event in checks] == [(1, True), (2, False), (3, False)]
    work(NOON + DAY)
    assert AuditEvent.objects.get(action="audit.fault").details == {"faults": 1, "first": 1, "kind": "edited"}


def test_log_rewritten_after_an_anchor_is_found_within_the_hour(db: None, file: Path) -> None:
    act(at=NOON)
    work(NOON)
    rewrite()
    work(NOON + HOUR)
    assert AuditEvent.objects.get(action="audit.fault").details["kind"] == "rewritten"
    assert len(anchors.read_anchors(file)) == 1


def test_worker_that_was_down_three_days_writes_its_line_as_soon_as_it_is_back(db: None, file: Path) -> None:
    act(at=NOON)
    work(NOON)
    newest = act(at=NOON + DAY)
    work(NOON + 3 * DAY)
    work(NOON + 3 * DAY + timedelta(hours=1))

    # No line for the days in between, whose newest event is not known.
    assert [(line.when, line.anchor) for line in anchors.read_anchors(file)] == [
        ("2026-11-24T12", chain.Anchor(1, AuditEvent.objects.get(number=1).hash)),
        ("2026-11-27T12", chain.Anchor(3, newest.hash)),
        ("2026-11-27T13", chain.Anchor(4, AuditEvent.objects.get(number=4).hash)),
    ]
    checks = AuditEvent.objects.filter(action="audit.anchor").order_by("number")
    assert [event.details["anchors"] for event in checks] == [0, 1, 1]


def test_line_of_a_run_that_ended_before_its_event_counts(db: None, file: Path) -> None:
    first = act(at=NOON)
    anchors.append_anchor(file, anchors.AnchorLine.at(NOON, chain.Anchor(1, first.hash)))
    act(at=NOON)
    work(NOON)

    assert len(anchors.read_anchors(file)) == 1
    assert AuditEvent.objects.get(action="audit.anchor").details["number"] == 1


def test_nothing_is_kept_unless_it_is_wanted(db: None) -> None:
    act(at=NOON)
    work(NOON)

    assert AuditEvent.objects.count() == 1
    assert anchoring.find_trouble(NOON) == ""


def test_rewritten_record_gets_no_anchor_but_an_alarm_once_a_day(
    open_keys: Path, file: Path, mail_recipients: None, caplog: pytest.LogCaptureFixture
) -> None:
    act(at=NOON)
    work(NOON)
    kept = file.read_bytes()
    ProcrastinateJob.objects.all().delete()
    rewrite()
    for hour in range(2):
        work(NOON + DAY + timedelta(hours=hour))

    assert file.read_bytes() == kept
    fault = AuditEvent.objects.get(action="audit.fault")
    assert fault.details == {"faults": 1, "first": 1, "kind": "rewritten"}
    assert [getattr(line, "fact", "") for line in caplog.records] == ["audit log at fault: run verify_audit"]
    assert ordered() == [SEND_TASK]
    tasks.send_alarms(timestamp=0)
    (message,) = mail.outbox
    assert message.to == ["keeper@example.org", "duty@example.org"]
    assert (message.subject, message.body) == (
        "Reporting portals: the audit log is at fault",
        "The audit log does not match itself or an earlier anchor. Run verify_audit --anchors to investigate.",
    )


def test_line_that_is_no_anchor_is_an_alarm(db: None, file: Path) -> None:
    act(at=NOON)
    file.write_text("2026-11-23 1:yes\n")
    work(NOON)

    assert file.read_text() == "2026-11-23 1:yes\n"
    assert AuditEvent.objects.get(action="audit.fault").details == {"line": 1}


def test_file_that_cannot_be_written_fails_and_is_tried_again(db: None, file: Path) -> None:
    act(at=NOON)
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        work(NOON)
    assert AuditEvent.objects.count() == 1
    file.rmdir()
    work(NOON + timedelta(hours=1))
    assert len(anchors.read_anchors(file)) == 1


def test_dashboard_shows_anchoring_faults_to_administrators_and_auditors(
    db: None, file: Path, adam: User, axel: User, olga: User
) -> None:
    def said(user: User) -> bool:
        return "Audit log:" in client_of(user).get("/admin/").text

    act(at=NOON)
    assert anchoring.find_trouble(NOON) == "no anchor has been stored yet; the worker stores one each hour"
    assert (said(adam), said(axel), said(olga)) == (True, True, False)
    work(NOON)
    assert anchoring.find_trouble(NOON + DAY) == ""
    assert anchoring.find_trouble(NOON + 3 * DAY) == "no anchor since 24 Nov 2026"
    rewrite()
    work(NOON + DAY)
    assert anchoring.find_trouble(NOON + DAY) == "does not match an earlier anchor: run verify_audit"


@pytest.fixture
def server(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A real mail server with TLS, which this process sends mail to."""
    certificates.make_certificates(tmp_path / "tls", [])
    (tmp_path / "mail").mkdir()
    server = MailServer(tmp_path / "mail", tmp_path / "tls")
    server.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority_path(tmp_path / "tls")))
    options = {"host": "localhost", "port": server.controller.port, "use_ssl": True, "timeout": 20}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    yield server
    server.stop()


def test_mailed_anchor_proves_that_the_record_was_rewritten(
    db: None, mail_recipients: None, server: MailServer, tmp_path: Path
) -> None:
    """Without a file, the mail alone contains the anchor."""
    newest = act(at=NOON)
    work(NOON)
    assert ordered() == [SEND_TASK]
    tasks.send_alarms(timestamp=0)

    [taken] = [path.read_text() for path in server.keeper.folder.iterdir()]
    envelope, _, text = taken.partition("\n\n")
    message = message_from_string(text, policy=policy.default)
    assert "To <keeper@example.org>" in envelope
    assert "duty@example.org" not in taken
    assert message["Subject"] == "Reporting portals: audit log anchor"
    [line] = [line for line in message.get_content().splitlines() if line.startswith("2026-")]
    assert line == f"2026-11-24T12 1:{newest.hash}"
    (tmp_path / "from-the-mail").write_text(line + os.linesep)
    [kept] = anchors.read_anchors(tmp_path / "from-the-mail")
    rewrite()
    assert [fault.kind for fault in chain.verify_chain(anchors=[kept.anchor]).faults] == [chain.FaultKind.REWRITTEN]
