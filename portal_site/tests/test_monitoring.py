"""The programs of deploy/monitoring: readings of the machine, and mails that need neither worker nor database."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.db.utils import ProgrammingError

from analysts.models import HostReading
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
        ("backup", "database", None, None, datetime.fromtimestamp(2, UTC)),
        ("backup", "keyring", None, None, None),
    ]
    assert list(readings.read_rehearsal()) == [("restore", "rehearsal", None, None, None)]
    assert list(readings.read_releases()) == [("release", "0.2.0", None, None, None)]


def test_what_cannot_be_read_is_an_empty_reading(
    readings: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.crt").write_text("no certificate")
    write_certificate(tmp_path / "good.crt", datetime(2027, 1, 1, tzinfo=UTC))
    monkeypatch.setenv("HOST_DISKS", f"gone={tmp_path}/gone")
    monkeypatch.setenv("HOST_CERTIFICATES", f"broken={tmp_path}/broken.crt good={tmp_path}/good.crt")
    monkeypatch.setenv("HOST_UNITS", "portals-worker.service")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(readings.read_disks()) == [("disk", "gone", None, None, None)]
    assert [(name, end is None) for _, name, _, _, end in readings.read_certificates()] == [
        ("broken", True),
        ("good", False),
    ]
    assert list(readings.read_units()) == [("unit", "portals-worker.service", None, None, None)]


def test_units_and_timers_as_systemd_shows_them(
    readings: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A stand-in for systemctl that prints what systemd 257 prints."""
    now = int(datetime.now(UTC).timestamp())
    (tmp_path / "systemctl").write_text(f"""#!/bin/sh
case "$*" in
    "is-active nginx.service") echo active ;;
    "is-active portals-worker.service") echo activating; exit 3 ;;
    "is-active portals-backup.service") echo inactive; exit 3 ;;
    "is-active portals-keys.service") echo failed; exit 3 ;;
    "show on.timer "*) printf 'ActiveState=active\nActiveEnterTimestamp=@9\nLastTriggerUSec=@{now - 3000}\n' ;;
    "show new.timer "*) printf 'ActiveState=active\nActiveEnterTimestamp=@{now - 3000}\nLastTriggerUSec=\n' ;;
    "show slow.timer "*) printf 'ActiveState=active\nActiveEnterTimestamp=@9\nLastTriggerUSec=@{now - 4000}\n' ;;
    "show off.timer "*) printf 'ActiveState=inactive\nActiveEnterTimestamp=@{now}\nLastTriggerUSec=@{now}\n' ;;
esac
""")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    units = ("nginx", "portals-worker", "portals-backup", "portals-keys")
    monkeypatch.setenv("HOST_UNITS", " ".join(f"{unit}.service" for unit in units))
    assert [failed for _, _, failed, _, _ in readings.read_units()] == [0, 1, 0, 1]
    monkeypatch.setenv("HOST_TIMERS", "on.timer=1 new.timer=1 slow.timer=1 off.timer=1 unknown.timer=1")
    assert [failed for _, _, failed, _, _ in readings.read_timers()] == [0, 0, 1, 1, 1]


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
    assert sent == [("disk", "NOT in order: disk. Enlarge it.")]
    del found["disk"]
    module.watch()
    assert sent[1:] == [("in order again", "In order again: disk.")]


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
    answers = [json.dumps({"checks": [{"name": "keys", "ok": False, "details": [], "advice": "Run it."}]}), ""]
    monkeypatch.setattr(
        module.subprocess, "run", lambda *_args, **_options: subprocess.CompletedProcess([], 1, answers.pop(0), "")
    )
    assert module.read_health() == {"keys": "Run it."}
    assert list(module.read_health()) == ["health"]


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
