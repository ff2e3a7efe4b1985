"""Processes compared with the files that they were started from: who reads a changed value starts again."""

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.steps import machine, processes
from portal_site.environment import PROJECT

NOW = datetime.now(UTC)
VALUES = ("A & B", 'A "B" C', "it's $HOME `id` \\n \\\\ / # é", "", "a;b")


class Machine:
    """One service with a file of settings, a unit and a process."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.unit = folder / "worker.env", folder / "portals-worker.service"
        self.settings.write_text('ALERT_EMAILS="a@example.org"\n')
        self.unit.touch()
        self.process = folder / "7"
        self.process.mkdir()
        self.restarts = 0
        self.reads_anew = True
        self.start()
        monkeypatch.setattr(processes, "PROCESSES", folder)
        monkeypatch.setattr(processes, "run", self.run)

    def start(self) -> None:
        self.began = datetime.now(UTC)
        values = processes.read_environment_file(self.settings.read_text())
        entries = [f"{name}={value}" for name, value in {"PATH": "/usr/bin", **values}.items()]
        (self.process / "environ").write_text("\0".join(entries) + "\0")

    def run(self, *command: str) -> str:
        if command[1] == "restart":
            self.restarts += 1
            if self.reads_anew:
                self.start()
            return ""
        return (
            f"MainPID={self.process.name}\nExecMainStartTimestamp={self.began:%a %Y-%m-%d %H:%M:%S.%f} UTC\n"
            f"EnvironmentFiles={self.settings} (ignore_errors=no)\nEnvironmentFiles=/none.env (ignore_errors=yes)\n"
            f"FragmentPath={self.unit}\nDropInPaths=\n"
        )


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_unchanged_service_is_left_alone(service: Machine) -> None:
    assert not processes.restart_outdated(["portals-worker"])
    assert service.restarts == 0


def test_changed_value_restarts_its_reader_once(service: Machine) -> None:
    service.settings.write_text('ALERT_EMAILS="a@example.org,b@example.org"\n')
    assert processes.find_outdated(["portals-worker"]) == {"portals-worker": ["ALERT_EMAILS"]}
    assert processes.restart_outdated(["portals-worker"])
    assert not processes.restart_outdated(["portals-worker"])
    assert service.restarts == 1


def test_changed_unit_restarts_its_service(service: Machine) -> None:
    later = (service.began + timedelta(seconds=1)).timestamp()
    os.utime(service.unit, (later, later))
    assert processes.find_outdated(["portals-worker"]) == {"portals-worker": ["portals-worker.service"]}


def test_value_that_is_not_in_force_after_the_restart_is_refused(service: Machine) -> None:
    service.settings.write_text('ALERT_EMAILS=""\n')
    service.reads_anew = False
    with pytest.raises(machine.StepRefused, match="not in force in portals-worker: ALERT_EMAILS"):
        processes.restart_outdated(["portals-worker"])


def test_service_that_does_not_run_has_no_older_values(service: Machine) -> None:
    service.settings.write_text('ALERT_EMAILS=""\n')
    service.process.rename(service.process.with_name("0"))
    service.process = service.process.with_name("0")
    assert processes.find_outdated(["portals-worker"]) == {}


@pytest.mark.parametrize("value", VALUES)
def test_value_is_read_as_set_value_writes_it(tmp_path: Path, value: str) -> None:
    file = tmp_path / "a.env"
    file.write_text('NAME=""\n')
    subprocess.run([PROJECT / "deploy" / "set-value", file, "NAME", value], check=True)
    assert processes.read_environment_file(file.read_text()) == {"NAME": value}


@pytest.mark.parametrize(
    ("line", "value"), [("NAME=a b", "a b"), ("NAME='a b'", "a b"), ("  NAME=a  ", "a"), ("NAME=", "")]
)
def test_value_typed_by_hand_is_read(line: str, value: str) -> None:
    assert processes.read_environment_file(f"# OTHER=1\n{line}\nno name\n") == {"NAME": value}


def test_every_file_of_settings_is_read(tmp_path: Path) -> None:
    for file in (PROJECT / "deploy" / "settings").glob("*.env"):
        text = file.read_text()
        names = set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))
        assert names
        assert processes.read_environment_file(text).keys() == names
