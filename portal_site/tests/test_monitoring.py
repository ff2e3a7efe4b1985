"""The programs of deploy/monitoring: readings of the machine, and mails that need neither worker nor database."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from socketserver import UnixStreamServer
from threading import Thread
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.db.utils import ProgrammingError
from django.utils import timezone

from analysts.models import HostReading, UnitState
from analysts.operations.health_item import GRADES, HealthGrade
from analysts.operations.host_readings import ANSWER_BANDS
from analysts.operations.metrics import build_metrics
from analysts.operations.step_times import STEPS
from portal_site.database.roles import HOST
from portal_site.environment import PROJECT

MONITORING = PROJECT / "deploy" / "monitoring"


def load_program(name: str) -> ModuleType:
    """A program without `.py` as a module. Nothing is compiled beside it."""
    loader = SourceFileLoader(name.replace("-", "_"), str(MONITORING / name))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


@pytest.fixture
def readings() -> ModuleType:
    return load_program("host-readings")


@pytest.fixture
def troubles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[ModuleType, list[tuple[str, str]]]:
    module = load_program("mail-trouble")
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(module, "send_mail", lambda subject, text: sent.append((subject, text)))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    return module, sent


def write_certificate(path: Path, end: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=90))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM))


def test_readings_of_files(readings: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    end = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    write_certificate(tmp_path / "public.crt", end)
    for number in (1, 2):
        (tmp_path / f"portals-{number}.dump.age").touch()
        os.utime(tmp_path / f"portals-{number}.dump.age", (number, number))
    (tmp_path / "reporting-portals-0.2.0.tar.gz").touch()
    monkeypatch.setenv("HOST_DISKS", f"database={tmp_path}")
    monkeypatch.setenv("HOST_CERTIFICATES", f"public={tmp_path}/public.crt")
    monkeypatch.setenv("HOST_BACKUPS", f"database={tmp_path}/portals-*.dump.age keyring={tmp_path}/none")
    monkeypatch.setenv("HOST_REHEARSED", f"{tmp_path}/rehearsed")
    monkeypatch.setenv("HOST_RELEASES", str(tmp_path))
    [(kind, name, free, total, _moment)] = readings.read_disks()
    assert (kind, name) == ("disk", "database")
    assert 0 < free <= total
    assert list(readings.read_certificates()) == [("certificate", "public", None, None, end)]
    assert list(readings.read_backups()) == [
        ("backup", "database", 2, None, datetime.fromtimestamp(2, UTC)),
        ("backup", "keyring", 0, None, None),
    ]
    assert list(readings.read_rehearsal()) == [("restore", "rehearsal", 0, None, None)]
    assert list(readings.read_releases()) == [("release", "0.2.0", None, None, None)]


def test_what_cannot_be_read_is_an_empty_reading(
    readings: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.crt").write_text("no certificate")
    write_certificate(tmp_path / "good.crt", datetime(2027, 1, 1, tzinfo=UTC))
    monkeypatch.setenv("HOST_DISKS", f"gone={tmp_path}/gone")
    monkeypatch.setenv("HOST_CERTIFICATES", f"broken={tmp_path}/broken.crt good={tmp_path}/good.crt")
    monkeypatch.setenv("HOST_BACKUPS", f"database={tmp_path}/gone/portals-*")
    monkeypatch.setenv("HOST_REHEARSED", f"{tmp_path}/gone/rehearsed")
    monkeypatch.setenv("HOST_UNITS", "portals-worker.service")
    monkeypatch.setenv("HOST_TIMERS", "portals-watch.timer=0.2 portals-keys.timer=often")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(readings.read_disks()) == [("disk", "gone", None, None, None)]
    assert [(name, end is None) for _, name, _, _, end in readings.read_certificates()] == [
        ("broken", True),
        ("good", False),
    ]
    assert list(readings.read_backups()) == [("backup", "database", None, None, None)]
    assert list(readings.read_rehearsal()) == [("restore", "rehearsal", None, None, None)]
    # Without busctl, and with one that fails or says nothing, as in a sandbox that systemd does not answer.
    empty = "\n".join(["echo 's \"\"'"] * len(readings.UNIT_PROPERTIES))
    for program in (None, "exit 1", "true", empty):
        if program:
            (tmp_path / "busctl").write_text(f"#!/bin/sh\n{program}\n")
            (tmp_path / "busctl").chmod(0o755)
        assert list(readings.read_units()) == [("unit", "portals-worker.service", None, None, None)]
        assert [row[1:] for row in readings.read_timers()] == [
            ("portals-watch.timer", None, None, None),
            ("portals-keys.timer", None, None, None),
        ]


# By cause, what systemd 257 shows of a service that runs always. test_watched_units.py has the same from systemd.
SHOWN = {
    "runs": ("loaded", "active", "running", "enabled", UnitState.RUNS),
    "reloads": ("loaded", "reloading", "running", "enabled", UnitState.RUNS),
    "stopped": ("loaded", "inactive", "running", "enabled", UnitState.STOPPED),
    "killed": ("loaded", "activating", "running", "enabled", UnitState.FAILED),
    "given up": ("loaded", "failed", "running", "enabled", UnitState.FAILED),
    "frozen": ("loaded", "active", "frozen", "enabled", UnitState.FROZEN),
    "disabled": ("loaded", "active", "running", "disabled", UnitState.DISABLED),
    "masked": ("masked", "inactive", "running", "masked", UnitState.MISSING),
    "missing": ("not-found", "inactive", "running", "", UnitState.MISSING),
}


@pytest.mark.parametrize("cause", SHOWN)
def test_service_by_what_systemd_shows(readings: ModuleType, cause: str) -> None:
    *values, state = SHOWN[cause]
    properties = dict(zip(("LoadState", "ActiveState", "FreezerState", "UnitFileState"), values, strict=True))
    assert readings.find_trouble(properties, runs_always=True) == state
    # One that a timer starts is inactive between its runs, and cannot be enabled.
    rests = {UnitState.STOPPED, UnitState.DISABLED} | ({UnitState.FAILED} if cause == "killed" else set())
    assert readings.find_trouble(properties, runs_always=False) == (UnitState.RUNS if state in rests else state)


def test_numbers_are_those_of_the_models(readings: ModuleType) -> None:
    assert {name: getattr(readings, name) for name in UnitState.names} == {row.name: row.value for row in UnitState}
    assert readings.ANSWER_BANDS == ANSWER_BANDS


def test_timers_by_when_they_last_ran(readings: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stand-in for busctl that prints what systemd 257 answers."""
    now = int(datetime.now(UTC).timestamp())
    (tmp_path / "busctl").write_text(f"""#!/bin/sh
case "$*" in
    *off_2etimer*) state=inactive; began={now} ;;
    *new_2etimer*) state=active; began={now - 3000} ;;
    *) state=active; began=9 ;;
esac
case "$*" in
    *unknown_2etimer*) ;;
    *Timer*slow*|*slow*Timer*) echo t {now - 4000}000000 ;;
    *new_2etimer*.Timer*) echo t 0 ;;
    *.Timer*) echo t {now - 3000}000000 ;;
    *) printf 's "loaded"\\ns "%s"\\ns "running"\\ns "enabled"\\nt %s000000\\n' $state $began ;;
esac
""")
    (tmp_path / "busctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HOST_TIMERS", "on.timer=1 new.timer=1 slow.timer=1 off.timer=1 unknown.timer=1")
    states = [state for _, _, state, _, _ in readings.read_timers()]
    assert states == [UnitState.RUNS, UnitState.RUNS, UnitState.MISSED, UnitState.STOPPED, None]


class Ready(BaseHTTPRequestHandler):
    """A surface that answers with `status`."""

    status = 200

    def do_GET(self) -> None:
        assert (self.path, self.headers["Host"]) == ("/health/ready/", "report.example.org")
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("status", "seconds", "answer"),
    [
        (200, 0.09, (200, 100)),
        (200, 0.1, (200, 1000)),
        (503, 0.09, (503, 100)),
        (400, 4.9, (400, 5000)),
        (200, 5, (200, 10_000)),
        # Neither a frozen process nor one that has ended answers.
        (None, 0.5, (0, 10_000)),
        ("ended", 0, (0, 10_000)),
    ],
)
def test_surfaces_by_their_answer_to_the_watch(
    readings: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    status: int | str | None,
    seconds: float,
    answer: tuple[int, int],
) -> None:
    monkeypatch.setenv("HOST_SOCKETS", str(tmp_path))
    monkeypatch.setenv("HOST_SURFACES", "public=report.example.org")
    clock = [0.0, 0.0, 0.0, seconds]
    monkeypatch.setattr(readings, "time", SimpleNamespace(monotonic=lambda: clock.pop(0)))
    assert list(readings.read_surfaces()) == [("surface", "public", 0, 10_000, None)]
    (tmp_path / "portals-public").mkdir()
    handler = type("Handler", (Ready,), {"status": status, "client_address": ("", 0)})
    with UnixStreamServer(str(tmp_path / "portals-public" / "gunicorn.sock"), cast("Any", handler)) as server:
        if status == "ended":
            server.server_close()
        elif status is None:
            monkeypatch.setattr(readings, "PATIENCE", 0.2)
        else:
            Thread(target=server.handle_request, daemon=True).start()
        assert list(readings.read_surfaces()) == [("surface", "public", *answer, None)]


@pytest.mark.django_db(transaction=True)
def test_role_of_the_machine_adds_readings_and_reads_nothing(readings: ModuleType) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {HOST}")
        try:
            cursor.execute(readings.INSERT, ("disk", "database", 1, 2, None))
            for refused in (
                "SELECT * FROM analysts_hostreading",
                "INSERT INTO analysts_hostreading (kind, name, read_at) VALUES ('disk', 'x', now())",
                "DELETE FROM analysts_hostreading",
                "SELECT * FROM reports_submission",
            ):
                with pytest.raises(ProgrammingError):
                    cursor.execute(refused)
        finally:
            cursor.execute("RESET ROLE")
    assert HostReading.objects.get().number == 1


def test_watch_mails_what_changed_and_nothing_twice(
    troubles: tuple[ModuleType, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, sent = troubles
    found: dict[str, str] = {}
    monkeypatch.setattr(module, "read_health", lambda: found)
    module.watch()
    assert sent == []
    found["disk"] = "Enlarge it."
    module.watch()
    module.watch()
    assert sent == [("disk", "Enlarge it.")]
    # Unknown is neither; and what is unknown is not in order again.
    del found["disk"]
    found["disk?"] = "Unknown: disk."
    module.watch()
    assert sent[1:] == [("disk unknown", "Unknown: disk.")]
    # Without an answer nothing is known: nothing is in order again.
    found["units"] = "Look at them."
    module.watch()
    monkeypatch.setattr(module, "read_health", lambda: None)
    module.watch()
    module.watch()
    assert sent[3:] == [("disk unknown, units, health", module.NO_HEALTH)]
    monkeypatch.setattr(module, "read_health", lambda: found)
    del found["units"]
    module.watch()
    assert sent[4:] == [("disk unknown", "Unknown: disk.\nIn order again: health.\nIn order again: units.")]
    found["disk"] = found.pop("disk?")
    module.watch()
    sent.clear()
    del found["disk"]
    module.watch()
    assert sent == [("in order again", "In order again: disk.")]


def test_mail_that_fails_is_tried_again(
    troubles: tuple[ModuleType, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, sent = troubles
    monkeypatch.setattr(module, "read_health", lambda: {"worker": "Start it."})
    works = module.send_mail

    def refuse(_subject: str, _text: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(module, "send_mail", refuse)
    with pytest.raises(ConnectionError):
        module.watch()
    monkeypatch.setattr(module, "send_mail", works)
    module.watch()
    assert [subject for subject, _text in sent] == ["worker"]


def test_health_without_an_answer_is_trouble_itself(
    troubles: tuple[ModuleType, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _sent = troubles
    rows = [("keys", "not ok", "page"), ("disk", "unknown", "ticket"), ("worker", "ok", "page"), ("proofs", "info", "")]
    checks = [
        {"name": name, "state": state, "grade": grade, "details": ["a: b"], "advice": "Run it."}
        for name, state, grade in rows
    ]
    answers = [json.dumps({"checks": checks}), ""]
    monkeypatch.setattr(
        module.subprocess, "run", lambda *_args, **_options: subprocess.CompletedProcess([], 1, answers.pop(0), "")
    )
    assert module.read_health() == {
        "keys": "NOT in order [page]: keys. (a: b) Run it. docs/guides/operations.md#keys",
        "disk?": "Unknown [ticket]: disk. (a: b) Run it. docs/guides/operations.md#disk",
    }
    assert module.read_health() is None


def test_failed_unit_is_mailed_by_name_once_an_hour(
    troubles: tuple[ModuleType, list[tuple[str, str]]], tmp_path: Path
) -> None:
    module, sent = troubles
    for unit in ("portals-backup", "portals-watch", "portals-watch"):
        assert module.main(["unit", f"{unit}.service"]) == 0
    assert [subject for subject, _text in sent] == ["portals-backup.service failed", "portals-watch.service failed"]
    os.utime(tmp_path / "portals-watch.service", (1, 1))
    module.main(["unit", "portals-watch.service"])
    assert len(sent) == 3
    assert module.main([]) == 2


ALERTS = (MONITORING / "alerts.yml").read_text()
RULES = ALERTS.split("      - alert: ")[1:]
SECTIONS = re.findall(r"(?m)^#+ (.*)$", (PROJECT / "docs" / "guides" / "operations.md").read_text())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.partition("\n")[0])
def test_alert_has_a_grade_and_a_runbook(rule: str) -> None:
    [severity] = re.findall(r"severity: (.*)", rule)
    [section] = re.findall(r'runbook: "docs/guides/operations.md#(.*)"', rule)
    assert severity in HealthGrade
    if section == "{{ $labels.check }}":
        # For every check with this grade.
        assert f'portals_in_order{{grade="{severity}"}} == 0' in rule
    else:
        assert section in SECTIONS


def test_each_check_and_each_grade_has_a_runbook() -> None:
    assert GRADES.keys() <= set(SECTIONS)
    severities = [grade for rule in RULES for grade in re.findall(r'grade="(.*)"', rule)]
    assert severities == list(HealthGrade)


@pytest.mark.django_db
def test_alerts_read_metrics_and_bands_that_exist() -> None:
    families = {family.name: family for family in build_metrics(timezone.now())}
    assert set(re.findall(r"\b(portals_\w+)", ALERTS)) <= families.keys()
    steps = {(sample.labels["step"], sample.labels["under_hours"]) for sample in families["portals_steps"].samples}
    asked = re.findall(r'step="([^"]+)",under_hours=~"([^"]+)"', ALERTS)
    assert {(step, band) for step, bands in asked for band in bands.split("|")} <= steps
    assert {step for step, _bands in asked} == set(STEPS)
    [bands] = re.findall(r'under_seconds=~"([^"]+)"', ALERTS)
    assert set(bands.split("|")) <= {"more", *(f"{band / 1000:g}" for band in ANSWER_BANDS[:-1])}
