"""The systemd units: systemd's own analysis, and which users can read which key."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.steps.units import JOURNAL
from portal_site.environment import PROJECT

DEPLOY = PROJECT / "deploy"
SERVICES = sorted(
    (*DEPLOY.glob("systemd/portals-*.service"), *DEPLOY.glob("two-machines/portals-*.service")),
    key=lambda path: path.name,
)
# systemd's exposure level of a sandbox, out of 10.
MOST_EXPOSED = 2.0


def setting(path: Path, name: str) -> list[str]:
    """The words of every line `name=`."""
    return " ".join(re.findall(rf"(?m)^{name}=(.*)$", path.read_text())).split()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A system's folders with the units installed, and stand-ins for the programs they start."""
    if shutil.which("systemd-analyze") is None or not Path("/usr/lib/systemd/system").is_dir():
        pytest.skip("systemd-analyze is not here: what systemd thinks of the units is not tested")
    root = tmp_path_factory.mktemp("system")
    units = root / "etc" / "systemd" / "system"
    shutil.copytree("/usr/lib/systemd/system", root / "usr" / "lib" / "systemd" / "system", symlinks=True)
    shutil.copytree(DEPLOY / "systemd", units)
    for path in (*DEPLOY.glob("two-machines/*.service"), *DEPLOY.glob("two-machines/*.timer")):
        shutil.copy(path, units)
    for path in SERVICES:
        program = root / setting(path, "ExecStart")[0].removeprefix("/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(0o755)
    return root


def analyze(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", f"--root={root}", *arguments]
    folder = root / "etc" / "systemd" / "system"
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_systemd_has_nothing_to_say_about_the_units(root: Path) -> None:
    units = sorted(path.name for path in (root / "etc" / "systemd" / "system").glob("portals-*.*") if path.is_file())
    assert len(units) == len(SERVICES) + 9
    # An instance of the template that mails, too.
    units.append("failed-portals@portals-worker.service")
    done = analyze("verify", "--man=no", "--recursive-errors=no", *units, root=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", [path.name for path in SERVICES])
def test_sandboxes_leave_little_open(root: Path, name: str) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", name, root=root)
    assert done.returncode == 0, done.stdout


def test_a_unit_without_the_sandbox_would_be_found(root: Path) -> None:
    shutil.copy(DEPLOY / "systemd" / "portals-worker.service", root / "etc" / "systemd" / "system" / "bare.service")
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", "bare.service", root=root)
    assert done.returncode == 1


def test_only_one_unit_writes_the_keyring_and_the_public_surface_sees_no_private_half() -> None:
    seen = {path.stem: (setting(path, "BindReadOnlyPaths"), setting(path, "BindPaths")) for path in SERVICES}
    keyring = "/var/lib/portals/keyring"
    assert [name for name, (_, writes) in seen.items() if keyring in writes] == ["portals-keys"]
    readers = [name for name, (reads, _) in seen.items() if keyring in reads]
    assert readers == ["portals-intake", "portals-keyring-backup", "portals-staff", "portals-worker"]
    assert seen["portals-public"] == seen["portals-sources"] == ([f"{keyring}/public"], [])
    # First everything is hidden; the paths above are bound back. Nothing is for the unit that mails.
    sandbox = DEPLOY / "systemd" / "portals-.service.d" / "sandbox.conf"
    mail = DEPLOY / "systemd" / "failed-portals@.service"
    for path in (sandbox, mail):
        assert setting(path, "TemporaryFileSystem") == ["/var/lib/portals:ro", "/var/backups:ro", "/etc/portals:ro"]
        assert not {"BindReadOnlyPaths", "BindPaths"} & set(re.findall(r"(?m)^(\w+)=", path.read_text()))


def test_only_what_mails_and_the_mirror_have_a_network() -> None:
    reaching = [path.stem for path in SERVICES if setting(path, "PrivateNetwork") != ["yes"]]
    assert reaching == ["portals-mirror", "portals-watch", "portals-worker"]
    # And no address until an administrator adds one.
    sandbox = DEPLOY / "systemd" / "portals-.service.d" / "sandbox.conf"
    assert setting(sandbox, "IPAddressDeny") == ["any"]
    assert [path.stem for path in SERVICES if setting(path, "IPAddressAllow")] == []


def test_every_process_has_a_user_of_its_own_that_is_made() -> None:
    # Root reads the machine: it has no user of its own.
    users = {path.stem: setting(path, "User") for path in SERVICES if path.stem != "portals-host-readings"}
    own = ("public", "sources", "staff", "intake", "worker", "keys", "backup")
    assert [users[f"portals-{name}"] for name in own] == [[f"portals-{name}"] for name in own]
    files = (DEPLOY / "systemd" / "sysusers.conf", DEPLOY / "two-machines" / "sysusers.conf")
    made = set(re.findall(r"(?m)^u (\S+)", "".join(path.read_text() for path in files)))
    assert {user for [user] in users.values()} | {"portals-owner"} == made
    # The group that reads private keys, and the database's list of users, name no other user.
    members = re.findall(r"(?m)^m (\S+) +portals-keyring", files[0].read_text())
    assert members == ["portals-staff", "portals-intake", "portals-worker"]
    known = re.findall(r"(?m)^portals +(\S+) +(\S+)", (DEPLOY / "postgresql" / "pg_ident.conf").read_text())
    assert dict(known) == {
        "portals-owner": "portals_owner",
        "portals-staff": "portals_staff",
        "portals-intake": "portals_staff",
        "portals-worker": "portals_staff",
        "portals-keys": "portals_staff",
        "portals-public": "portals_public",
        "portals-sources": "portals_sources",
        "portals-backup": "portals_backup",
        "root": "portals_host",
    }


def test_each_unit_reads_its_own_settings() -> None:
    read = {path.stem: setting(path, "EnvironmentFile") for path in SERVICES}
    folder = "/etc/portals"
    assert read == {
        "portals-anchor": [f"{folder}/backup.env"],
        "portals-backup": [f"{folder}/backup.env"],
        "portals-host-readings": [f"{folder}/host.env"],
        "portals-intake": [f"{folder}/staff.env"],
        "portals-keyring-backup": [f"{folder}/backup.env"],
        "portals-keys": [f"{folder}/staff.env"],
        "portals-metrics": [f"{folder}/staff.env"],
        "portals-mirror": [f"{folder}/mirror.env"],
        "portals-public": [f"{folder}/public.env"],
        "portals-sources": [f"{folder}/sources.env"],
        "portals-staff": [f"{folder}/staff.env"],
        "portals-watch": [f"{folder}/staff.env", f"-{folder}/worker.env"],
        "portals-worker": [f"{folder}/staff.env", f"-{folder}/worker.env"],
    }
    shipped = {path.name for path in (*DEPLOY.glob("settings/*.env"), *DEPLOY.glob("two-machines/*.env"))}
    assert {Path(file).name for files in read.values() for file in files} | {"owner.env"} == shipped


def test_surfaces_end_requests_before_they_stop() -> None:
    """With PrivatePIDs= and KillMode=mixed, systemd kills the first process where it takes it for none of its children.

    `--bind` would take the socket for gunicorn's own: deploy/gunicorn.py makes it take what systemd hands over.
    """
    surfaces = [path for path in SERVICES if setting(path, "Type") == ["notify"]]
    assert [path.stem for path in surfaces] == ["portals-public", "portals-sources", "portals-staff"]
    for path in surfaces:
        assert setting(path, "KillMode") == ["control-group"]
        assert "--bind" not in setting(path, "ExecStart")


def test_gunicorn_leaves_the_socket_of_systemd_in_place(tmp_path: Path) -> None:
    """In a process namespace the number in LISTEN_PID is not the process's own."""
    place = tmp_path / "gunicorn.sock"
    started = """
import os, sys
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID="1")
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "--config", sys.argv[2], "wsgiref.simple_server:demo_app"])
"""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        with subprocess.Popen(
            [sys.executable, "-c", started, str(listener.fileno()), str(DEPLOY / "gunicorn.py")],
            pass_fds=[listener.fileno()],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "WEB_CONCURRENCY": "1"},
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                with socket.socket(socket.AF_UNIX) as visitor:
                    visitor.settimeout(30)
                    visitor.connect(str(place))
                    visitor.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    assert visitor.recv(100).startswith(b"HTTP/1.0 200 OK")
            finally:
                process.terminate()
            assert process.stderr
            assert (process.stderr.read(), process.wait(timeout=30)) == ("", 0)
    assert place.is_socket()


def test_every_service_mails_when_it_fails_and_the_mail_does_not_start_itself() -> None:
    sandbox = DEPLOY / "systemd" / "portals-.service.d" / "sandbox.conf"
    assert setting(sandbox, "OnFailure") == ["failed-portals@%n.service"]
    # Its drop-in holds by name: for each of them, and not for the unit that mails.
    assert all(path.name.startswith("portals-") for path in SERVICES)
    assert (DEPLOY / "systemd" / "failed-portals@.service").is_file()


def test_journal_that_every_unit_needs_is_not_stopped_between_two_of_them() -> None:
    [namespace] = setting(DEPLOY / "systemd" / "portals-.service.d" / "sandbox.conf", "LogNamespace")
    assert f"systemd-journald-sync@{namespace}" == JOURNAL
    assert setting(DEPLOY / "systemd" / f"{JOURNAL}.service.d" / "portals.conf", "StopWhenUnneeded") == ["no"]


@pytest.mark.parametrize("unit", sorted((PROJECT / "deploy").glob("*/portals-*.service")), ids=lambda path: path.name)
def test_start_of_a_unit_waits_for_its_program(unit: Path) -> None:
    """Without a type it ends before the program is there, and the process has none of the settings yet."""
    assert re.findall(r"(?m)^Type=(\w+)$", unit.read_text()) in (["notify"], ["exec"], ["oneshot"])
