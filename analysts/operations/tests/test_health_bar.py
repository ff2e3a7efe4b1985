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
from analysts.operations.health_signs import read_signs
from analysts.operations.keyring_look import look_at_keyring
from analysts.operations.staff_bar import read_bar, watched_items
from analysts.pages import tasks
from countries.models import Portal
from countries.table_marks import LOCKDOWN_MARKS
from reports.models import the_hour
from tests.rig.fixtures import client_of, send_report

NOW = timezone.now()
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
    HostReading.objects.create(kind=ReadingKind.RESTORE, name="rehearsal", moment=NOW)
    send_report(belize, "https://a.example/1")
    assert late() == []
    assert "late-line" not in client_of(ana).get("/admin/").content.decode()
    out, error = run_health("--json")
    assert (json.loads(out)["ok"], error) == (True, "")


def test_dead_worker_is_late_and_takes_no_page_away(belize: Portal, ana: User, axel: User) -> None:
    assert late() == ["worker", "intake"]
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
    assert "Intake is not running: reports do not reach the queue." in page
    assert "It waits for intake." in page
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
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '40 seconds')")
        assert late() == []
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '50 seconds'")
        assert late() == ["worker"]
        # Another one has started.
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
    assert error == "Not in order: worker, alarms, coverage, host_readings. (1)"
    lines = out.splitlines()
    assert lines[0].startswith("not ok worker (12 minutes): The worker is not running")
    assert lines[1].startswith("ok intake")
    assert lines[2:4] == ["ok envelopes", "ok jobs"]
    # An item that waits only because the worker has stopped says so.
    assert lines[4].endswith(", child in danger): It waits for the worker.")
    assert lines[5:8] == ["ok lockdown", "ok failed_jobs", "ok mail"]
    assert lines[8].startswith("not ok coverage (bz): ")
    found = json.loads(run_health("--json")[0])
    assert found["ok"] is False
    assert [check["name"] for check in found["checks"]] == [
        "worker",
        "intake",
        "envelopes",
        "jobs",
        "alarms",
        "lockdown",
        "failed_jobs",
        "mail",
        "coverage",
        "precision",
        "keys",
        "error_pages",
        "audit",
        "modes",
        "host_readings",
        "database",
        "proofs",
    ]
    assert found["checks"][0]["age_seconds"] >= 12 * 60


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
