"""The bar of staff pages and `manage.py health`: a dead worker, late reports, jobs and alarms, a lockdown."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app

from analysts.assessment.intake.worker import IntakeWorker
from analysts.models import Alarm, HostReading, ReadingKind, User, WorkerHeartbeat, WorkerKind
from analysts.operations import jobs
from analysts.operations.health_item import GRADES, HealthState
from analysts.operations.health_signs import read_signs
from analysts.operations.keyring_look import look_at_keyring
from analysts.operations.operations_items import all_items, read_state
from analysts.operations.staff_bar import read_bar, watched_items
from analysts.pages import tasks
from countries.models import Portal
from countries.table_marks import LOCKDOWN_MARKS
from reports.models import the_hour
from tests.rig.fixtures import client_of, send_report

NOW = timezone.now()
OF_THE_MACHINE = ["disk", "certificate", "backup", "restore", "surfaces", "units"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages and the command read the clock: minutes may have passed since this module was imported."""
    monkeypatch.setattr(f"{__name__}.NOW", timezone.now())


def late() -> list[str]:
    return [item.name for item in read_bar(NOW).late]


def beat(before: timedelta = timedelta(0), *, of_intake: timedelta = timedelta(0)) -> None:
    """The signs of life of both workers, so long ago."""
    for kind, age in ((WorkerKind.JOBS, before), (WorkerKind.INTAKE, of_intake)):
        WorkerHeartbeat.objects.update_or_create(pk=kind, defaults={"at": NOW - age})


def register_worker(silence: timedelta = timedelta(0)) -> None:
    """The sign of life of a worker's process, so long ago; a process that was stopped in order leaves none."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')",
            [silence.total_seconds()],
        )


def run_health(*options: str) -> tuple[str, str]:
    """The command's output, and its error; "" where its exit status is 0."""
    out = StringIO()
    try:
        call_command("health", *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), f"{error} ({error.returncode})"
    return out.getvalue(), ""


def test_all_in_order_shows_no_bar(belize: Portal, ana: User) -> None:
    tasks.note_heartbeat(timestamp=0)
    assert IntakeWorker(lambda _seconds: False).may_go_on()
    tasks.look_at_keyring(timestamp=0)
    out, error = run_health("--json")
    assert (json.loads(out)["ok"], error) == (None, f"Unknown: mail, host_readings, {', '.join(OF_THE_MACHINE)}. (3)")
    tasks.check_mail_server(timestamp=0)
    HostReading.objects.create(kind=ReadingKind.RESTORE, name="rehearsal", moment=NOW)
    send_report(belize, "https://a.example/1")
    assert late() == []
    assert "late-line" not in client_of(ana).get("/admin/").content.decode()
    out, error = run_health("--json")
    assert (json.loads(out)["ok"], error) == (True, "")


def test_dead_worker_is_late_and_takes_no_page_away(belize: Portal, ana: User, axel: User) -> None:
    assert late() == ["worker", "intake"]
    # A long job holds up the heartbeat.
    register_worker()
    beat(4 * MINUTE)
    assert late() == []
    beat(12 * MINUTE)
    assert late() == ["worker"]
    for user in (ana, axel):
        page = " ".join(client_of(user).get("/admin/").content.decode().split())
        assert "The worker is not running: no mail leaves" in page
        assert "<strong>Worker last seen:</strong> <bdi>12 minutes</bdi> ago." in page
    # Strangers and the balancer learn nothing of it.
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "late-line" not in Client().get("/accounts/login/").content.decode()


# By cause, whether the last sign of life of the worker's process stays in the database.
CAUSES = {"stopped": False, "killed": True, "frozen": True, "disabled": False, "missing": False}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("kind", WorkerKind)
def test_worker_that_ended_is_seen_within_a_minute_whatever_the_cause(db: None, kind: WorkerKind, cause: str) -> None:
    """The look that mails comes each minute: all in all within two."""
    beat()
    register_worker()
    assert late() == []
    WorkerHeartbeat.objects.filter(pk=kind).update(at=NOW - MINUTE)
    if kind is WorkerKind.JOBS:
        register_worker(MINUTE)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_workers WHERE %s", [not CAUSES[cause]])
    assert late() == [{WorkerKind.JOBS: "worker", WorkerKind.INTAKE: "intake"}[kind]]


def test_worker_that_has_begun_and_run_no_job_is_unknown(db: None) -> None:
    """As in the first minute of an installation."""
    beat()
    register_worker()
    WorkerHeartbeat.objects.filter(pk=WorkerKind.JOBS).delete()
    states = {item.name: item.state for item in watched_items(read_signs(NOW), NOW)}
    assert states["worker"] is HealthState.UNKNOWN
    assert late() == []


def test_dead_intake_is_late_within_a_minute_whatever_the_worker_does(belize: Portal, ana: User) -> None:
    beat(of_intake=59 * timedelta(seconds=1))
    assert late() == []
    beat(of_intake=MINUTE)
    assert late() == ["intake"]
    send_report(belize, "https://a.example/1", now=NOW - 3 * HOUR)
    beat(of_intake=3 * HOUR)
    assert late() == ["intake", "envelopes"]
    page = " ".join(client_of(ana).get("/admin/").content.decode().split())
    assert "<strong>Intake last seen:</strong> <bdi>3 hours</bdi> ago." in page
    assert "after some minutes the worker takes reports in" in page
    assert "It waits for intake." in page
    beat(12 * MINUTE, of_intake=3 * HOUR)
    assert "Intake is not running: reports do not reach the queue." in client_of(ana).get("/admin/").content.decode()
    # A dead worker keeps no report from the queue.
    beat(12 * MINUTE)
    assert late() == ["worker", "envelopes"]
    page = " ".join(client_of(ana).get("/admin/").content.decode().split())
    assert "check the log of intake and the keys" in page


def test_unopened_report_is_late_after_two_hours(belize: Portal) -> None:
    beat()
    send_report(belize, "https://a.example/1", now=NOW - HOUR)
    assert late() == []
    send_report(belize, "https://b.example/1", now=NOW - 3 * HOUR)
    assert late() == ["envelopes"]
    assert read_signs(NOW).oldest_envelope == the_hour(NOW - 3 * HOUR)


def test_job_that_should_have_run_is_late(db: None) -> None:
    beat()
    task = app.configure_task("analysts.send_notice", schedule_at=NOW + HOUR)
    task.defer(notice_id="x")
    assert late() == []
    app.configure_task("analysts.send_notice", schedule_at=NOW - 20 * MINUTE).defer(notice_id="x")
    assert late() == ["jobs"]


def test_worker_process_without_a_sign_of_life_is_late_within_a_minute(db: None) -> None:
    beat()
    register_worker(timedelta(seconds=40))
    assert late() == []
    register_worker(timedelta(seconds=50))
    assert late() == ["worker"]
    # Another one has started.
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert late() == []


def test_what_reports_move_is_shown_in_whole_hours(belize: Portal) -> None:
    """The time of an alarm, a failed notice or a job may be the minute of a report's arrival."""
    hour = the_hour(NOW)
    Alarm.objects.create(kind="danger", raised_at=hour - HOUR, next_try_at=NOW, failed_at=NOW)
    app.configure_task("analysts.send_notice", schedule_at=hour - 17 * MINUTE).defer(notice_id="x")
    shown = [
        [(item.since, item.age) for item in watched_items(read_signs(now), now) if item.name in ("jobs", "alarms")]
        for now in (hour + MINUTE, hour + 44 * MINUTE, hour + 59 * MINUTE)
    ]
    assert shown[0] == [(hour - HOUR, "1 hour"), (hour - HOUR, "1 hour")]
    assert shown[1:] == [shown[0]] * 2
    # Jobs of the current hour are not counted.
    assert jobs.list_waiting_jobs(NOW) == []
    later = jobs.list_waiting_jobs(NOW + HOUR)
    assert [(row.task, row.waiting, row.oldest) for row in later] == [("analysts.send_notice", 1, hour - HOUR)]


def test_job_without_a_time_counts_from_its_order(db: None) -> None:
    beat()
    app.configure_task("analysts.send_notice").defer(notice_id="x")
    assert late() == []
    assert [item.name for item in read_bar(NOW + 16 * MINUTE).late if item.name == "jobs"] == ["jobs"]


def test_command_prints_each_check_and_fails_while_one_is_late(belize: Portal, open_keys: Any) -> None:
    beat(12 * MINUTE)
    look_at_keyring(NOW)
    Alarm.objects.create(kind="danger", raised_at=the_hour(NOW - 5 * HOUR), next_try_at=NOW, failed_at=NOW)
    out, error = run_health()
    unknown = ["mail", "host_readings", *OF_THE_MACHINE]
    assert error == f"Not in order: worker, alarms, coverage. Unknown: {', '.join(unknown)}. (1)"
    lines = out.splitlines()
    assert lines[0].startswith("not ok worker (12 minutes): The worker is not running")
    assert lines[1].startswith("ok intake")
    assert lines[2:4] == ["ok envelopes", "ok jobs"]
    # An item that waits only because the worker has stopped says so.
    assert lines[4].endswith(", child in danger): It waits for the worker.")
    assert lines[5:8] == ["ok lockdown", "ok backlog (hardly anything)", "ok failed_jobs"]
    assert lines[8].startswith("unknown mail: The worker has not tried the mail server.")
    assert lines[9].startswith("not ok coverage (bz): ")
    found = json.loads(run_health("--json")[0])
    assert found["ok"] is False
    assert [check["name"] for check in found["checks"]] == [
        "worker",
        "intake",
        "envelopes",
        "jobs",
        "alarms",
        "lockdown",
        "backlog",
        "failed_jobs",
        "mail",
        "coverage",
        "precision",
        "keys",
        "error_pages",
        "audit",
        "modes",
        "host_readings",
        *OF_THE_MACHINE,
        "version",
        "database",
        "proofs",
    ]
    assert found["checks"][0]["age_seconds"] >= 12 * 60
    states = {check["name"]: (check["state"], check["ok"], check["grade"]) for check in found["checks"]}
    assert states["worker"] == ("not ok", False, "page")
    assert states["disk"] == ("unknown", None, "page")
    assert states["envelopes"] == ("ok", True, "page")
    # No anchors are kept, so nothing is known of the audit log.
    assert (states["audit"], states["proofs"]) == (("info", None, "page"), ("info", None, ""))


def test_every_check_has_a_grade(db: None) -> None:
    items = list(all_items(read_state(NOW)))
    assert {item.name for item in items if not item.grade} == {"version", "database", "proofs"}
    assert GRADES.keys() <= {item.name for item in items}


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("public", "The public pages are closed and take no reports. When the incident is over"),
        ("sign-in", "No member of staff can sign in. When the incident is over"),
        ("sending", "each can be cancelled meanwhile. When the incident is over"),
        ("members", "and keep what they have. When the incident is over"),
        ("publishing", "no state of a receipt or statistics are published. When the incident is over"),
    ],
)
def test_lockdown_shows_on_every_page_since_when_and_how_it_ends(ana: User, axel: User, part: str, says: str) -> None:
    beat()
    LOCKDOWN_MARKS[part].write(connection, f"{NOW - 75 * MINUTE:%Y-%m-%dT%H:%MZ}")
    assert late() == ["lockdown"]
    for user in (ana, axel):
        page = " ".join(client_of(user).get("/admin/").content.decode().split())
        assert f"<strong>Lockdown ({part} since {NOW - 75 * MINUTE:%Y-%m-%dT%H:%MZ}):</strong>" in page
        assert "<bdi>1 hour, 15 minutes</bdi> ago." in page
        assert f"{says}, have the server’s administrators run: deploy/manage owner lockdown --lift --{part}" in page
    [check] = [check for check in json.loads(run_health("--json")[0])["checks"] if check["name"] == "lockdown"]
    assert (check["ok"], check["age_seconds"] // 60) == (False, 75)

    # Written by hand: the bar shows it as it is.
    LOCKDOWN_MARKS[part].write(connection, "this morning")
    assert f"({part} since this morning):" in client_of(ana).get("/admin/").content.decode()
    LOCKDOWN_MARKS[part].remove(connection)
    assert "late-line" not in client_of(ana).get("/admin/").content.decode()


def test_bar_costs_one_query(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        read_bar(NOW)


def test_demonstration_that_is_being_loaded_says_how_far_it_is(ana: User, settings: Any, tmp_path: Path) -> None:
    """Jobs and a worker that is not there yet mean nothing meanwhile."""
    settings.DEMO, settings.DEMO_LOADING = True, tmp_path / "loading"
    settings.DEMO_LOADING.write_text("40")
    page = client_of(ana).get("/admin/").content.decode()
    assert "is being loaded into this demonstration: 40 % so far" in page
    assert late() == []

    settings.DEMO_LOADING.unlink()
    assert "into this demonstration" not in client_of(ana).get("/admin/").content.decode()
    assert "worker" in late()
