"""Scripts of `deploy/` that are cut off, and typed again: one at a time, and at the end all runs that ought to.

On a whole machine this is the proof `interruptions`.
"""

import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.steps import archive, comparison, machine, script, surfaces, units, upgrade, web
from deploy.steps.roles import ROLES, MachineRole
from portal_site.environment import PROJECT

# The code of a script, with its lock in the folder that is its argument.
FRAME = """
import sys, time
from pathlib import Path
from deploy.steps import script
script.os.geteuid = lambda: 0
script.LOCK = Path(sys.argv[1]) / "lock"
script.WAIT_SECONDS = float(sys.argv[2])

def work():
{work}

sys.exit(script.run_script(work))
"""


def start_script(folder: Path, work: str, *, wait: float = 60) -> "subprocess.Popen[str]":
    text = FRAME.format(work="\n".join(f"    {line}" for line in work.splitlines()))
    return subprocess.Popen(
        [sys.executable, "-c", text, str(folder), str(wait)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def await_file(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)


STOPPED = """
folder = Path(sys.argv[1])
try:
    (folder / "began").touch()
    time.sleep(60)
finally:
    (folder / "started again").touch()
"""


@pytest.mark.parametrize("number", script.SIGNALS)
def test_signal_ends_a_script_after_what_it_had_stopped_was_started(tmp_path: Path, number: signal.Signals) -> None:
    running = start_script(tmp_path, STOPPED)
    await_file(tmp_path / "began")

    running.send_signal(number)

    _output, errors = running.communicate(timeout=30)
    assert (running.returncode, errors) == (1, f"Ended by {number.name}. Type the command again: it goes on.\n")
    assert (tmp_path / "started again").exists()


LEFT_BEHIND = """
from deploy.steps.machine import run
folder = Path(sys.argv[1])
run("sh", "-c", 'touch "$0/began"; sleep 2; touch "$0/ended"', folder)
"""


def test_command_of_a_killed_script_is_waited_for(tmp_path: Path) -> None:
    killed = start_script(tmp_path, LEFT_BEHIND)
    await_file(tmp_path / "began")
    killed.kill()
    killed.communicate(timeout=30)

    refused = start_script(tmp_path, "print('ran')", wait=0)
    assert f"Another script holds {tmp_path}/lock" in refused.communicate(timeout=30)[1]
    again = start_script(tmp_path, "print((Path(sys.argv[1]) / 'ended').exists())")
    assert again.communicate(timeout=30)[0] == "True\n"


def test_missing_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = start_script(tmp_path, "(Path(sys.argv[1]) / 'signers').read_text()")
    assert done.communicate(timeout=30)[1] == f"{tmp_path}/signers: No such file or directory.\n"
    assert done.returncode == 1


# --- Units ------------------------------------------------------------------------------------------------------------


class Systemd:
    """Units by name, of which some run; `commands` are those that changed something."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, present: set[str], active: set[str]) -> None:
        self.present, self.active = present, active
        self.commands: list[tuple[str, ...]] = []
        self.restarted: set[str] = set()
        for module in (units, surfaces):
            monkeypatch.setattr(module, "run", self.run)
            monkeypatch.setattr(module, "succeeds", self.succeeds)

    def run(self, *command: str) -> str:
        self.commands.append(command)
        names = {name for name in command[2:] if not name.startswith("-")}
        match command[1:2]:
            case ["stop"]:
                self.active -= names
            case ["start"]:
                assert names <= self.present
                self.active |= names
        return ""

    def succeeds(self, *command: str) -> bool:
        match command[1]:
            case "cat":
                return command[-1] in self.present
            case "is-active":
                return command[-1] in self.active
            case "try-restart":
                self.restarted |= {*command[2:]} & self.active
        return True


def test_units_of_the_role_run_after_an_upgrade_whichever_ran_before(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = {*ROLES["one"].workers}
    systemd = Systemd(monkeypatch, present=workers, active={"portals-keys.timer"})

    with surfaces.stopped_workers(ROLES["one"].workers):
        assert systemd.active == set()

    assert systemd.active == workers


def test_units_of_the_role_run_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    systemd = Systemd(monkeypatch, present={*ROLES["one"].workers}, active=set())
    with pytest.raises(machine.StepRefused), surfaces.stopped_workers(ROLES["one"].workers):
        raise machine.StepRefused("no")
    assert systemd.active == {*ROLES["one"].workers}


def test_unit_that_another_release_has_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    older = {*ROLES["one"].workers} - {"portals-intake"}
    systemd = Systemd(monkeypatch, present=set(older), active=set())
    with surfaces.stopped_workers(ROLES["one"].workers):
        pass
    assert systemd.active == older


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_optional_units_take_the_release_in_use_however_a_script_came_to_its_end(
    role: MachineRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was cut off after its last change has only this left to do."""
    systemd = Systemd(monkeypatch, present={*units.OPTIONAL}, active={*units.OPTIONAL})
    monkeypatch.setattr(upgrade, "succeeds", systemd.succeeds)
    monkeypatch.setattr(units, "start_units", lambda _units: False)
    monkeypatch.setattr(upgrade, "read_saved_answers", dict)
    monkeypatch.setattr(web, "check_surfaces", lambda *_of: None)
    monkeypatch.setattr(upgrade, "await_workers", lambda: None)
    for name in ("manage", "run"):
        monkeypatch.setattr(upgrade, name, lambda *_command, **_options: "")

    upgrade.verify(PROJECT, role)

    assert systemd.restarted == {*units.OPTIONAL}


def test_timers_of_backups_ought_to_run_where_both_keys_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipients = (tmp_path / "database", tmp_path / "keyring")
    monkeypatch.setattr(units, "RECIPIENTS", recipients)
    assert not {*units.BACKUPS} & {*units.find_wished_units(ROLES["one"])}
    for path in recipients:
        path.touch()
    assert {*units.BACKUPS} < {*units.find_wished_units(ROLES["one"])}
    assert not {*units.BACKUPS} & {*units.find_wished_units(ROLES["public"])}


def test_users_and_folders_are_made_again_where_a_run_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files were in place, and no user had been made."""
    systemd = Systemd(monkeypatch, present=set(), active=set())
    monkeypatch.setattr(units, "UNITS", tmp_path)
    monkeypatch.setattr(units, "write_file", lambda path, content: False)
    monkeypatch.setattr(units, "copy_files", lambda sources, to: False)
    assert not units.install_units(PROJECT)
    assert [command[0] for command in systemd.commands] == ["systemd-sysusers", "systemd-tmpfiles", "systemctl"]


# --- Upgrade ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An older release in use, and a newer one."""
    older, newer = tmp_path / "portals-1.0.0", tmp_path / "portals-1.0.1"
    for folder in (older, newer):
        folder.mkdir()
    monkeypatch.setattr(comparison, "RECORD", tmp_path / "upgrade.json")
    monkeypatch.setattr(comparison, "describe", lambda release: {"release": release.name})
    return older, newer


def answer_comparison(monkeypatch: pytest.MonkeyPatch, answers: dict[Path, str]) -> None:
    """`compare_migrations` of each release; an empty answer is success."""

    def manage(release: Path, user: str, command: str) -> str:
        if answers[release]:
            raise machine.StepRefused(answers[release])
        return ""

    monkeypatch.setattr(upgrade, "manage", manage)


def test_upgrade_begins_with_the_release_in_use(releases: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = releases
    answer_comparison(monkeypatch, {older: "", newer: f"{upgrade.NOT_APPLIED}: a.0002"})
    start = upgrade.find_start(newer, older)
    assert (start.before, start.release, start.description, start.is_finished) == (
        older, newer, {"release": older.name}, False
    )  # fmt: skip


def test_upgrade_cut_off_between_migrations_goes_on(
    releases: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = releases
    half = {older: f"{upgrade.UNKNOWN}: a.0002", newer: f"{upgrade.NOT_APPLIED}: a.0003"}
    answer_comparison(monkeypatch, half)
    assert upgrade.find_start(newer, older).before == older


@pytest.mark.parametrize(
    ("of_older", "of_newer"),
    [(upgrade.NOT_APPLIED, upgrade.NOT_APPLIED), (upgrade.UNKNOWN, upgrade.UNKNOWN)],
    ids=["older lacks tables", "a third release"],
)
def test_tables_of_neither_release_are_refused(
    releases: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, of_older: str, of_newer: str
) -> None:
    older, newer = releases
    answer_comparison(monkeypatch, {older: f"{of_older}: a.0001", newer: f"{of_newer}: b.0001"})
    with pytest.raises(machine.StepRefused, match=of_older):
        upgrade.find_start(newer, older)


def test_upgrade_cut_off_after_the_switch_goes_on_from_its_record(releases: tuple[Path, Path]) -> None:
    older, newer = releases
    record = comparison.UpgradeRecord(older, newer, {"migrations": []}, {})
    record.write()
    assert upgrade.find_start(newer, newer) == record
    with pytest.raises(machine.StepRefused, match="did not come by"):
        upgrade.find_start(older, older)


def test_new_release_goes_on_with_its_own_steps(releases: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = releases
    monkeypatch.setattr(upgrade, "read_role", lambda: ROLES["one"])
    monkeypatch.setattr(upgrade, "check_machine", lambda packed, signers, without_signature: older)
    monkeypatch.setattr(archive, "unpack_release", lambda packed, code: (newer, True))
    with pytest.raises(script.ContinueWith) as other:
        upgrade.upgrade(Namespace(archive=Path("archive"), signers=None, without_signature=False))
    assert other.value.script == newer / "deploy" / "upgrade"


def test_other_script_gets_the_same_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[tuple[Path, list[str]]] = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: called.append((program, arguments)))
    monkeypatch.setattr(signal, "signal", lambda number, action: None)
    monkeypatch.setattr(script, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(sys, "argv", ["upgrade", "a.tar.gz", "--check"])
    script.run_script(raising(script.ContinueWith(tmp_path / "upgrade")))
    assert called == [(tmp_path / "upgrade", [str(tmp_path / "upgrade"), "a.tar.gz", "--check"])]


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def test_worker_that_gives_no_sign_of_life_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    beats = [time.time() + 60, time.time() + 60]
    monkeypatch.setattr(upgrade, "BEAT_SECONDS", 0)
    monkeypatch.setattr(upgrade, "ask_database", lambda command: "\n".join(map(str, beats)))
    upgrade.await_workers()
    beats[0] -= 90
    with pytest.raises(machine.StepRefused, match="1 of 2 workers"):
        upgrade.await_workers()
