"""The operations page: what is watched on the machine, failed jobs, the test message, settings; for administrators."""

import json
import re
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from smtplib import SMTPAuthenticationError
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.job_context import JobContext
from procrastinate.worker import Worker

from analysts.models import HostReading, JobFailure, ReadingKind, UnitState, User
from analysts.operations import jobs, keyring_look, mail_check
from analysts.operations.database_signs import NORMALISED, list_slow_statements
from analysts.operations.health_item import HealthItem, HealthState
from analysts.operations.host_readings import OF_THE_MACHINE, delete_old_readings, host_items, read_newest
from analysts.operations.operations_items import all_items, read_state
from analysts.operations.product_version import version_key
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from reports.models import KeyClass, SealingKey
from tests.rig.fixtures import client_of

NOW = timezone.now()
GIB = 1024**3
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SEND = "analysts.send_notice"
HEARTBEAT = "analysts.pages.tasks.note_heartbeat"


def read(kind: ReadingKind, name: str = "a", **values: Any) -> HostReading:
    return HostReading.objects.create(kind=kind, name=name, **{"read_at": NOW, **values})


def late() -> list[str]:
    return [item.name for item in host_items(read_newest(), NOW) if item.is_late]


def unknown(now: datetime = NOW) -> list[str]:
    return [item.name for item in host_items(read_newest(), now) if item.state is HealthState.UNKNOWN]


# By kind of what can be unread, one that is in trouble.
TROUBLES: dict[ReadingKind, dict[str, Any]] = {
    ReadingKind.DISK: {"number": GIB, "total": 4 * GIB},
    ReadingKind.CERTIFICATE: {"moment": NOW},
    ReadingKind.BACKUP: {"number": 0},
    ReadingKind.UNIT: {"number": UnitState.STOPPED},
    ReadingKind.SURFACE: {"number": 503, "total": 100},
}


def fail_job(task: str = SEND, queueing_lock: str | None = None) -> int:
    """A failed job whose error said something that must not be kept."""
    arguments = {"notice_id": "x"} if task == SEND else {"timestamp": 0}
    job_id = app.configure_task(task, queueing_lock=queueing_lock).defer(**arguments)
    with pytest.raises(ConnectionError):
        run_job(job_id, ConnectionError("to the mail server of placeholder.example"))
    ProcrastinateJob.objects.filter(pk=job_id).update(status="failed")
    return job_id


def run_job(job_id: int, error: Exception | None = None) -> None:
    def call_next() -> None:
        if error:
            raise error

    job = ProcrastinateJob.objects.get(pk=job_id).procrastinate_job
    context = JobContext(app=app, job=job, start_timestamp=0, abort_reason=lambda: None)
    jobs.note_outcome(call_next, context, cast("Worker", None))


def test_healthy_machine_is_in_order(db: None) -> None:
    read(ReadingKind.DISK, number=50 * GIB, total=100 * GIB)
    read(ReadingKind.CERTIFICATE, moment=NOW + 60 * DAY)
    read(ReadingKind.BACKUP, moment=NOW - 8 * HOUR)
    read(ReadingKind.RESTORE, moment=NOW - 30 * DAY)
    read(ReadingKind.UNIT, number=UnitState.RUNS)
    read(ReadingKind.SURFACE, number=200, total=100)
    read(ReadingKind.RELEASE, name="0.0.1")
    assert late() == unknown() == []


# By kind, values that cannot be read.
UNREAD = {
    ReadingKind.DISK: "disk",
    ReadingKind.CERTIFICATE: "certificate",
    ReadingKind.BACKUP: "backup",
    ReadingKind.RESTORE: "restore",
    ReadingKind.UNIT: "units",
    ReadingKind.SURFACE: "surfaces",
}


@pytest.mark.parametrize("kind", UNREAD)
def test_unread_value_is_unknown_and_hides_no_trouble(adam: User, kind: ReadingKind) -> None:
    read(kind, "unread")
    assert (late(), unknown()) == ([], [UNREAD[kind]])
    page = client_of(adam).get("/admin/operations/").content.decode()
    assert re.search(
        r'<li class="is-unknown">\s*<strong>[^<]+</strong>\s*<span class="unknown-mark">unknown</span>', page
    )
    assert "journalctl --namespace=portals --unit=portals-host-readings" in page
    # Another one is known to be in trouble: it stays so.
    if kind is not ReadingKind.RESTORE:
        read(kind, "bad", **TROUBLES[kind])
        assert (late(), unknown()) == ([UNREAD[kind]], [])


def test_kinds_that_can_be_unread_are_those_of_the_machine() -> None:
    assert UNREAD.keys() == OF_THE_MACHINE - {ReadingKind.RELEASE}


@pytest.mark.parametrize("state", set(UnitState) - {UnitState.RUNS})
def test_service_in_trouble_is_named_with_its_cause(db: None, state: UnitState) -> None:
    read(ReadingKind.UNIT, "portals-worker.service", number=state)
    read(ReadingKind.UNIT, "portals-intake.service", number=UnitState.RUNS)
    [item] = [item for item in host_items(read_newest(), NOW) if item.name == "units"]
    assert (item.is_late, item.details) == (True, (f"portals-worker.service: {state.label}",))


def test_readings_that_are_old_are_unknown(db: None) -> None:
    for kind, values in TROUBLES.items():
        read(kind, **values)
    read(ReadingKind.RESTORE, moment=NOW)
    assert set(late()) == set(UNREAD.values()) - {"restore"}
    later = NOW + 10 * MINUTE
    assert [item.name for item in host_items(read_newest(), later) if item.is_late] == ["host_readings"]
    assert set(unknown(later)) == set(UNREAD.values())


@pytest.mark.parametrize(
    ("kind", "values", "name"),
    [
        (ReadingKind.DISK, {"number": 9 * GIB, "total": 100 * GIB}, "disk"),
        (ReadingKind.DISK, {"number": GIB, "total": 4 * GIB}, "disk"),
        (ReadingKind.CERTIFICATE, {"moment": NOW + 13 * DAY}, "certificate"),
        (ReadingKind.CERTIFICATE, {"moment": NOW - DAY}, "certificate"),
        (ReadingKind.BACKUP, {"number": 1, "moment": NOW - 31 * HOUR}, "backup"),
        (ReadingKind.BACKUP, {"number": 0, "moment": None}, "backup"),
        (ReadingKind.UNIT, {"number": UnitState.FAILED}, "units"),
        # A later release may know further states.
        (ReadingKind.UNIT, {"number": 99}, "units"),
        (ReadingKind.SURFACE, {"number": 503, "total": 100}, "surfaces"),
        (ReadingKind.SURFACE, {"number": 0, "total": 10_000}, "surfaces"),
        (ReadingKind.SURFACE, {"number": 200, "total": 10_000}, "surfaces"),
    ],
)
def test_each_trouble_of_the_machine_is_seen(db: None, kind: ReadingKind, values: dict[str, Any], name: str) -> None:
    read(ReadingKind.RESTORE, moment=NOW - DAY)
    read(kind, **values)
    assert late() == [name]
    # A newer reading replaces it.
    order: dict[ReadingKind, dict[str, Any]] = {
        ReadingKind.UNIT: {"number": UnitState.RUNS},
        ReadingKind.SURFACE: {"number": 200, "total": 1000},
    }
    newer = order.get(kind, {"number": 99 * GIB, "total": 100 * GIB})
    read(kind, moment=NOW + 30 * DAY if kind is ReadingKind.CERTIFICATE else NOW, **newer)
    assert late() == []


def test_readings_that_stop_are_late_and_the_newest_is_kept(db: None) -> None:
    assert (late(), unknown()[0]) == ([], "host_readings")
    old = read(ReadingKind.RESTORE, moment=NOW, read_at=NOW - 5 * HOUR)
    assert late() == ["host_readings"]
    delete_old_readings(NOW)
    assert HostReading.objects.get() == old
    read(ReadingKind.RESTORE, moment=NOW)
    delete_old_readings(NOW)
    assert old not in HostReading.objects.all()
    assert late() == []


def test_what_is_no_longer_named_is_no_longer_watched(db: None) -> None:
    read(ReadingKind.RESTORE, moment=NOW)
    read(ReadingKind.CERTIFICATE, "removed", moment=NOW - DAY, read_at=NOW - HOUR)
    assert late() == []
    items = {item.name: item.details for item in host_items(read_newest(), NOW)}
    assert items["certificate"] == ("not watched: /etc/portals/host.env names none",)


def test_newer_releases_of_the_archive_are_named(db: None) -> None:
    for version in ("0.0.9", "99.1.0", "99.0.10", "99.0.9"):
        read(ReadingKind.RELEASE, name=version)
    item = next(item for item in host_items(read_newest(), NOW) if item.name == "version")
    assert [detail.rpartition(" ")[2] for detail in item.details[1:]] == ["99.0.9", "99.0.10", "99.1.0"]
    assert version_key("0.10.0") > version_key("0.9.1")


def test_failed_job_is_shown_with_the_type_of_its_error_and_tried_again(adam: User) -> None:
    job_id = fail_job()
    assert JobFailure.objects.get().error == "ConnectionError"
    client = client_of(adam)
    page = client.get("/admin/operations/").content.decode()
    assert "analysts.send_notice" in page
    assert "ConnectionError" in page
    assert "placeholder.example" not in page
    answer = client.post(f"/admin/operations/jobs/{job_id}/retry/", follow=True)
    assert "The worker runs the job again within seconds." in answer.content.decode()
    assert ProcrastinateJob.objects.get(pk=job_id).status == "todo"
    assert not JobFailure.objects.exists()
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.details) == ("job.retry", {"job": job_id, "task": SEND})
    with pytest.raises(Late):
        jobs.retry_job(by=adam, job_id=job_id)


def test_job_whose_next_run_waits_is_not_doubled(adam: User) -> None:
    job_id = fail_job(HEARTBEAT, "heartbeat")
    app.configure_task(HEARTBEAT, queueing_lock="heartbeat").defer(timestamp=0)
    with pytest.raises(Late, match="next run"):
        jobs.retry_job(by=adam, job_id=job_id)


def test_success_of_a_schedule_clears_its_failures_and_no_other(db: None) -> None:
    scheduled, single = fail_job(HEARTBEAT, "heartbeat"), fail_job()
    run_job(app.configure_task(HEARTBEAT, queueing_lock="heartbeat").defer(timestamp=0))
    assert list(ProcrastinateJob.objects.filter(status="failed").values_list("id", flat=True)) == [single]
    assert scheduled not in JobFailure.objects.values_list("job_id", flat=True)
    jobs.delete_old_failures(NOW + timedelta(days=31))
    assert not JobFailure.objects.exists()
    assert not ProcrastinateJob.objects.filter(status="failed").exists()


def test_administrator_orders_a_test_message(adam: User) -> None:
    client = client_of(adam)
    adam.email = ""
    adam.save()
    assert "no mail address" in client.post("/admin/operations/test-message/", follow=True).content.decode()
    adam.email = "adam@example.org"
    adam.save()
    answer = client.post("/admin/operations/test-message/", follow=True)
    assert "mails a test message to adam@example.org" in answer.content.decode()
    job = ProcrastinateJob.objects.get(task_name=jobs.TEST_MESSAGE_TASK)
    mail_check.send_test_message(**job.args)
    assert [message.to for message in mail.outbox] == [["adam@example.org"]]


def test_only_administrators_operate(ana: User) -> None:
    with pytest.raises(Denied):
        jobs.retry_job(by=ana, job_id=1)
    with pytest.raises(Denied):
        jobs.order_test_message(by=ana)


def test_settings_show_their_source_and_no_secret(adam: User, settings: Any) -> None:
    page = client_of(adam).get("/admin/operations/settings/").content.decode()
    assert "SECRET_KEY" in page
    assert settings.SECRET_KEY not in page
    assert "DATABASE_URL" in page
    assert "postgres" not in page.lower().replace("/var/run/postgresql", "")
    assert "set, not shown" in page
    shown = {name for name, setting in settings.SETTINGS_IN_FORCE.items() if setting.value is not None}
    assert shown & {"DATABASE_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "MAIL_PASSWORD", "STAFF_DB_PASSWORD"} == set()
    assert shown >= {"KEYRING", "KEY_GRACE_DAYS", "KEY_REST_DAYS", "PASSWORD_CHECKS", "PASSWORD_QUEUE"}


def test_deployment_checks_are_shown(adam: User) -> None:
    page = client_of(adam).get("/admin/operations/checks/").content.decode()
    assert "security." in page
    assert "manage.py check --deploy" in page


def test_statements_that_may_hold_values_are_left_out(db: None) -> None:
    assert list_slow_statements() is None
    assert NORMALISED.match("\n SELECT $1")
    assert not NORMALISED.match("ALTER ROLE x PASSWORD 'y'")


def test_health_names_the_machine_too(db: None) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="host_readings"):
        call_command("health", "--json", stdout=out)
    names = [check["name"] for check in json.loads(out.getvalue())["checks"]]
    assert {"failed_jobs", "mail", "host_readings", "database", "proofs"} <= set(names)


def mail_state() -> HealthState:
    state = read_state(NOW)
    return next(item.state for item in all_items(state) if item.name == "mail")


def test_mail_server_that_takes_no_connection_is_seen_without_any_mail(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mailer:
        is_up = False

        def open(self) -> None:
            if not self.is_up:
                raise SMTPAuthenticationError(535, b"placeholder")

        def close(self) -> None:
            """Nothing is left open."""

    mailer = Mailer()
    monkeypatch.setattr(mail_check, "mailers", SimpleNamespace(default=mailer))
    # Not tried yet, then without a server.
    assert mail_state() is HealthState.UNKNOWN
    settings.MAIL_HOST = ""
    mail_check.check_mail_server(NOW)
    assert mail_state() is HealthState.UNWATCHED
    HostReading.objects.all().delete()
    settings.MAIL_HOST = "mail.example.org"
    for minutes in range(3):
        mail_check.check_mail_server(NOW + timedelta(minutes=minutes))
    assert mail_state() is HealthState.NOT_OK
    # Since the first refusal, and no reading of the machine.
    assert set(HostReading.objects.values_list("number", "moment")) == {(1, NOW)}
    mailer.is_up = True
    mail_check.check_mail_server(NOW + HOUR)
    assert mail_state() is HealthState.OK
    # A dead worker does not try.
    HostReading.objects.update(read_at=NOW - 5 * MINUTE)
    assert mail_state() is HealthState.UNKNOWN


def key_item(now: datetime = NOW) -> HealthItem:
    return next(item for item in all_items(read_state(now)) if item.name == "keys")


def test_missing_private_half_of_a_key_is_seen_by_the_next_look(open_keys: Path) -> None:
    """Envelopes would be late only two hours after the next report."""
    keyring_look.look_at_keyring(NOW)
    assert not key_item().is_late
    assert any(f"{NOW:%B %Y}" in detail for detail in key_item().details)
    half = next((open_keys / "private").glob("words-*.key"))
    content = half.read_text()
    half.unlink()
    try:
        keyring_look.look_at_keyring(NOW + MINUTE)
        assert key_item().is_late
        assert f"private half missing: {half.stem}" in key_item().details
    finally:
        half.write_text(content)
    keyring_look.look_at_keyring(NOW + 2 * MINUTE)
    assert not key_item().is_late
    assert HostReading.objects.count() == len(KeyClass) + SealingKey.objects.exclude(state="destroyed").count()


def test_missing_key_of_this_month_is_seen_by_the_next_look(open_keys: Path, settings: Any, tmp_path: Path) -> None:
    settings.KEYRING = tmp_path
    keyring_look.look_at_keyring(NOW)
    wanting = [f"no key of this month: {key_class.label}" for key_class in KeyClass]
    assert [detail for detail in key_item().details if detail in wanting] == wanting


def test_after_a_look_that_is_old_or_never_took_place_the_keys_are_unknown(open_keys: Path) -> None:
    assert (key_item().state, key_item().details) == (HealthState.UNKNOWN, ("never looked at",))
    keyring_look.look_at_keyring(NOW - 4 * MINUTE)
    assert not key_item().is_late
    # Readings of the machine that are newer do not hide it.
    later = NOW + MINUTE
    read(ReadingKind.DISK, number=50 * GIB, total=100 * GIB, read_at=later)
    item = key_item(later)
    assert (item.state, item.details[0].replace("\xa0", " ")) == (HealthState.UNKNOWN, "not looked at for 5 minutes")
    assert "portals-worker" in str(item.advice)
    assert "host_readings" not in [item.name for item in all_items(read_state(later)) if item.is_late]
