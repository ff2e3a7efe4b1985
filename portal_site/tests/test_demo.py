"""`make run` and `make reset` by their own processes: refusals, service, and cleaning up."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from portal_site import demo
from portal_site.database import embedded
from portal_site.environment import PROJECT
from portal_site.management.commands.run_demo import check_history
from tests.rig import data_folders
from tests.rig.locked import lock_environment

PATIENCE = 180
# The packages that `make run` installs.
LOCK = PROJECT / "requirements-demo.txt"


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The shell's environment without the variables that tests set for themselves."""
    own = {"DATABASE_URL", "SECRET_KEY", "SURFACE", "DEMO", "DATA_DIR", "BIND", "PORT", "REQUIRE_MFA"}
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return {**kept, "DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


class Demo:
    """A demo that was started, has printed its address, and has loaded its year if it is the first of its folder."""

    def __init__(self, folder: Path, port: int) -> None:
        is_first = not (folder / "demo-accounts.txt").exists()
        self.url = f"http://127.0.0.1:{port}"
        # A file and no pipe: the children of a killed demo would hold a pipe open.
        with tempfile.TemporaryFile("w+", dir=folder.parent) as output:
            self.output = os.fdopen(os.dup(output.fileno()))
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_demo", "--reports", "5"],
                cwd=PROJECT,
                env=environment(folder, PORT=str(port), SURFACE="public", DEMO="0", **lock_environment(LOCK)),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE
        while ("The demo is complete." if is_first else f"Demo accounts       {folder}") not in "\n".join(self.lines):
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.1)

    @property
    def lines(self) -> list[str]:
        """All lines printed so far."""
        return os.pread(self.output.fileno(), 100_000, 0).decode().splitlines()

    def get(self, path: str) -> int:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}{path}", timeout=30) as answer:
            status: int = answer.status
            return status

    def end(self, by: signal.Signals | None = None) -> int:
        """Wait for its end, after a signal or otherwise; returns its exit code."""
        if by is not None:
            self.process.send_signal(by)
        self.output.close()
        return self.process.wait(timeout=PATIENCE)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder, removed by `make reset` even if the test left processes running.

    Not pytest's: each start of pytest shuts that to other users, root's server among them.
    """
    with tempfile.TemporaryDirectory(prefix="portals-tests-") as name:
        path = Path(name) / "data"
        yield path
        run("-m", "portal_site.demo", **environment(path))
        assert not path.exists()


def children_live(folder: Path) -> bool:
    """Whether a process that a demo started still holds its lock; a zombie process does not."""
    with (folder / "demo.children").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def make_tables(folder: Path) -> None:
    """The longest step of a first start; that it begins with this: `test_interrupted_first_start_is_begun_again`."""
    folder.mkdir()
    data_folders.start_migrated_server(folder)
    embedded.release_server(folder)


def test_demo_serves_survives_a_kill_and_ends_cleanly(folder: Path) -> None:
    make_tables(folder)
    port = free_port()
    first = Demo(folder, port)
    steps = [re.sub(r" \.\.\..*", "", line) for line in first.lines if " ..." in line]
    assert [step for step in steps if step != "Compiling translations"] == [
        "Starting PostgreSQL",
        "Checking sealing keys and the catalogue of portals",
        "Creating accounts, recipients and routes",
        "Collecting static files",
        "Starting the web server",
        "Loading a year of reports (only the first time; pages show what is there so far)",
    ]
    announced = first.lines[first.lines.index("The demo is serving. Ctrl-C stops it.") :]
    assert [line for line in announced if line.startswith("  ")] == [
        f"  Network of portals  {first.url}/",
        f"  Belize's portal     {first.url}/bz/",
        f"  Staff sign-in       {first.url}/accounts/login/",
        f"  Demo accounts       {folder}/demo-accounts.txt",
    ]
    assert [first.get(path) for path in ("/", "/bz/", "/accounts/login/", "/health/ready/")] == [200] * 4
    assert (folder / "demo-accounts.txt").exists()

    refused = run("manage.py", "run_demo", **environment(folder, PORT=str(free_port())))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"A demo is running from {folder} at {first.url} (process {first.process.pid}). Stop it with Ctrl-C, or "
        "start another one beside it with a PORT and a DATA_DIR of its own.\n"
    )

    # Ctrl-C twice, as impatient people do.
    first.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert first.end(by=signal.SIGINT) == 0
    assert not children_live(folder)
    assert not (folder / "postgres" / "postmaster.pid").exists()

    second = Demo(folder, port)
    done_once = ("Making", "Loading", "Collecting")
    assert [line for line in second.lines if line.startswith(done_once)] == []
    second.end(by=signal.SIGKILL)
    assert children_live(folder)

    third = Demo(folder, port)
    assert third.lines[:2] == [
        "Ended processes that an earlier, killed demo had left running.",
        "Starting PostgreSQL ...",
    ]
    assert third.get("/bz/") == 200
    web_server = int((folder / "demo.children").read_text().split()[0])
    os.killpg(web_server, signal.SIGKILL)
    third.process.wait(timeout=PATIENCE)
    assert third.lines[-1] == ("CommandError: The web server stopped unexpectedly (exit code -9); the demo stops too.")
    assert third.end() == 1
    assert not children_live(folder)

    fourth = Demo(folder, port)
    reset = run("-m", "portal_site.demo", **environment(folder))
    assert (reset.returncode, reset.stdout) == (0, f"Stopped what ran from {folder} and removed it.\n")
    assert fourth.end() == 0
    assert not folder.exists()


def start_and_read(folder: Path, beginning: str) -> subprocess.Popen[str]:
    """A demo that has printed this, and is busy with the step that it ends with."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_demo"],
        cwd=PROJECT,
        env=environment(folder, PORT=str(free_port())),
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(len(beginning)) == beginning
    return process


def interrupt(process: subprocess.Popen[str]) -> int:
    process.terminate()
    process.communicate(timeout=PATIENCE)
    return process.returncode


def test_interrupted_first_start_is_begun_again(folder: Path) -> None:
    make_tables(folder)
    process = start_and_read(folder, "Starting PostgreSQL ...\n")
    while not (folder / demo.LOADING).exists():
        assert process.poll() is None
        time.sleep(0.05)
    assert interrupt(process) == 0
    assert (folder / demo.LOADING).exists()

    own = {"PORT": str(free_port()), "DATABASE_URL": "postgres://postgres@db.example/own"}
    refused = run("manage.py", "run_demo", **environment(folder, **own))
    assert (refused.returncode, refused.stderr) == (
        1,
        f"Loading the demo was interrupted. Empty the database that DATABASE_URL names, remove {folder}, and start "
        "again.\n",
    )

    # Tables take most of a first start: it is ended in the middle of them.
    process = start_and_read(
        folder,
        "The first start was interrupted; starting from nothing.\nStarting PostgreSQL ...\n"
        "Making the database's tables ...",
    )
    assert interrupt(process) == 0


def test_demo_reports_a_port_in_use_before_starting_anything(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run("manage.py", "run_demo", **environment(folder, PORT=str(port)))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port, such as PORT={port + 1}.\n"
    )
    assert not (folder / "postgres").exists()


def test_any_command_finds_a_database_and_leaves_none_running(folder: Path) -> None:
    done = run("manage.py", "migrate", "--plan", **environment(folder))
    assert done.returncode == 0
    assert done.stdout.startswith("Planned operations:\n")
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_terminated_command_leaves_no_database_running(folder: Path) -> None:
    waits = "import time; print('here', flush=True); time.sleep(600)"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", waits],
        cwd=PROJECT,
        env=environment(folder),
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    assert not (folder / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("variables", "bind", "url"),
    [
        ({}, "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ({"PORT": "8001"}, "127.0.0.1:8001", "http://127.0.0.1:8001"),
        ({"BIND": "localhost"}, "localhost:8000", "http://localhost:8000"),
        ({"BIND": "::1"}, "[::1]:8000", "http://[::1]:8000"),
        ({"BIND": "0.0.0.0", "DEMO_BEYOND_LOOPBACK": "1"}, "0.0.0.0:8000", "http://127.0.0.1:8000"),  # noqa: S104 - as asked
        ({"BIND": "::", "DEMO_BEYOND_LOOPBACK": "1"}, "[::]:8000", "http://[::1]:8000"),
    ],
)
def test_address_follows_the_environment(
    variables: dict[str, str], bind: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BIND", "PORT", "DEMO_BEYOND_LOOPBACK"):
        monkeypatch.setenv(name, variables.get(name, ""))
    chosen = demo.read_listen_address()
    assert (chosen.bind, chosen.url) == (bind, url)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "portal.example.org"])  # noqa: S104 - refused
@pytest.mark.parametrize("said", ["", "0", "yes"])
def test_address_beyond_loopback_requires_a_second_setting(
    host: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIND", host)
    monkeypatch.setenv("DEMO_BEYOND_LOOPBACK", said)
    with pytest.raises(demo.DemoError) as caught:
        demo.read_listen_address()
    assert str(caught.value) == (
        f"BIND={host} would show the demo to other machines. Its passwords are in a file, second factors are off and "
        "its traffic is not encrypted. To do it anyway, also set DEMO_BEYOND_LOOPBACK=1."
    )


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "8000.5", "８０００"])
def test_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(demo.DemoError) as caught:
        demo.read_listen_address()
    assert str(caught.value) == (f"PORT={port} is not a port number: choose one from 1024 to 65535, such as PORT=8001.")


def test_reset_leaves_a_folder_alone_that_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "letters.txt").write_text("Ana's")
    for folder in (tmp_path, PROJECT, Path.home(), Path("/")):
        monkeypatch.setenv("DATA_DIR", str(folder))
        with pytest.raises(demo.DemoError) as caught:
            demo.reset_demo()
        assert (
            str(caught.value)
            == f"DATA_DIR={folder} does not look like a data folder of this project; nothing was removed."
        )
    assert (tmp_path / "letters.txt").read_text() == "Ana's"


def test_reset_of_nothing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "none"))
    assert demo.reset_demo() == f"Nothing to reset: {tmp_path}/none does not exist."


@pytest.mark.django_db
def test_data_of_an_older_version_is_refused_with_what_to_do() -> None:
    check_history()
    MigrationRecorder(connection).record_applied("analysts", "0025_approval_requests")
    with pytest.raises(CommandError, match="`make reset`"):
        check_history()


@pytest.mark.django_db
def test_data_of_the_migrations_that_were_squashed_is_used() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("analysts", "0003_functions_and_triggers")
    check_history()
    recorder.record_unapplied("analysts", "0045_characters_read")
    with pytest.raises(CommandError, match="`make reset`"):
        check_history()
