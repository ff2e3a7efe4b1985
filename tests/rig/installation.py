"""A real installation on loopback: its own database with both roles, a keyring, gunicorn for each surface."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from portal_site.database import embedded, roles
from portal_site.environment import PROJECT
from tests.rig import data_folders
from tests.rig.manage import run_manage

ROOT = PROJECT
ACCOUNTS = "demo-accounts.txt"
MOVED_SITE = "tests.rig.moved_wsgi"
# Where reporters would find what `poster_url` prints.
POSTED_URL = "https://report.example.org"
# PostgreSQL says when a report was received; its own clock cannot be moved.
MOVED_HOUR = """
CREATE OR REPLACE FUNCTION reports_current_hour() RETURNS timestamp with time zone
    LANGUAGE sql
    SET search_path TO 'pg_catalog'
    AS $$ SELECT date_trunc('hour', clock_timestamp() + make_interval(secs => 3600 * {hours}), 'UTC') $$
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the pieces are; `environment(surface)` is what a process of that surface is started with."""

    folder: Path
    server: dict[str, str]
    database: str = embedded.DATABASE
    # Hours by which the clock of all processes is moved.
    clock: float = 0
    shells: dict[tuple[object, ...], subprocess.Popen[str]] = field(default_factory=dict, repr=False, compare=False)
    # By user name: when a password was typed, by the monotonic clock, and the cookies of the session that it began
    # (`sign_in` in tests/journeys/test_journey.py).
    sessions: dict[str, tuple[float, dict[str, str]]] = field(default_factory=dict, repr=False, compare=False)

    def later(self, hours: float) -> "Installation":
        """The same installation some hours later: for code that runs, and for the servers that are up."""
        moved = replace(self, clock=self.clock + hours)
        moved.clock_file.write_text(str(moved.clock))
        with moved.connect() as owner:
            owner.execute(MOVED_HOUR.format(hours=moved.clock))
        return moved

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    def database_url(self, role: str) -> str:
        host = self.server["host"].replace("/", "%2F")
        return f"postgres://{role}@/{self.database}?host={host}&port={self.server['port']}"

    def environment(self, surface: str, *, role: str = "postgres") -> dict[str, str]:
        keyring = self.folder / ("public-server" if surface in ("public", "sources") else "keyring")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "SURFACE": surface,
            "DATABASE_URL": self.database_url(role),
            "DATA_DIR": str(self.folder),
            "KEYRING": str(keyring),
            "SECRET_KEY": f"{surface} surface of the tests, long enough and known to everybody",
            "DEMO": "1",
            "REQUIRE_MFA": "0",
            # Tests that stop the database do not wait for it.
            "CONNECTION_WAIT_SECONDS": "0",
            # No randomness in tests.
            "SECOND_REVIEW_PERCENT": "0",
            # Tests send faster than any public; those of a flooded portal set their own.
            "PORTAL_REPORTS_AT_ONCE": "1000000",
            "REPORTS_AT_ONCE": "1000000",
            "PYTHONWARNINGS": "ignore",
            # Child processes are measured for coverage too.
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        }

    def manage(self, *arguments: str, surface: str = "staff", role: str = "postgres", **settings: str) -> str:
        """Run `manage.py` with these settings; what it printed. A failure shows its output."""
        done = run_manage(*arguments, environment=self.environment(surface, role=role) | settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, code: str, *, role: str = "postgres", **settings: str) -> str:
        """Run Python code on the staff surface with these settings; what it printed. A failure shows its traceback."""
        key = (role, *sorted(settings.items()))
        if key not in self.shells:
            self.shells[key] = subprocess.Popen(
                [sys.executable, "-m", "tests.rig.shell"],
                cwd=ROOT,
                env=self.environment("staff", role=role)
                | {"DJANGO_SETTINGS_MODULE": "portal_site.settings"}
                | settings,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        process = self.shells[key]
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"code": code, "hours": self.clock}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert not answer["error"], answer["printed"] + answer["error"]
        return str(answer["printed"])

    def close_shells(self) -> None:
        for process in self.shells.values():
            process.communicate(timeout=30)
        self.shells.clear()

    def connect(self, role: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(make_conninfo(dbname=self.database, user=role, **self.server), autocommit=True)

    def accounts(self) -> dict[str, str]:
        """Password of each demonstration account."""
        lines = (self.folder / ACCOUNTS).read_text().splitlines()
        return {user: password for user, _, password in map(str.split, lines)}

    @contextmanager
    def serving(
        self, surface: str, *, role: str, site: str = MOVED_SITE, source: str = str(ROOT), **settings: str
    ) -> Iterator[str]:
        """gunicorn with the surface and these settings; its base URL. Stopped, and its end awaited, on leaving.

        Args:
            site: the module of the WSGI application; the usual one has a clock that `later` moves.
            source: the folder of the code.
        """
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
        # Threads for connections that a browser opens ahead of time and says nothing on.
        options = ["--workers", "1", "--threads", "8", site]
        self.clock_file.write_text(str(self.clock))
        log = (self.folder / f"{surface}.log").open("ab")
        process = subprocess.Popen(
            [*command, *options],
            cwd=source,
            env=self.environment(surface, role=role) | {"CLOCK": str(self.clock_file)} | settings,
            stdout=log,
            stderr=log,
        )
        base = f"http://127.0.0.1:{port}"
        try:
            _wait_for_url(base + "/health/live/", process)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=30)
            log.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_url(url: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=2)
            return
        time.sleep(0.05)
    raise AssertionError(f"{url} did not answer within {seconds} s")


# Catalogue loaded and live, keys made, roles granted, one account a role.
DEMONSTRATION = """
from django.core.management import call_command
call_command("create_keys")
call_command("load_catalogue", live=True)
call_command("load_demo", reports=12)
call_command("grant_roles")
call_command("collectstatic", interactive=False, verbosity=0)
"""


def load_demonstration(folder: Path) -> None:
    """Make the data folder that every installation begins as a copy of."""
    start_installation(folder).manage("shell", "--no-imports", "--command", DEMONSTRATION)
    public_half = folder / "public-server" / "public"
    public_half.mkdir(parents=True)
    for path in (folder / "keyring" / "public").glob("words-*.pub"):
        shutil.copy(path, public_half)


def start_installation(folder: Path) -> Installation:
    """The installation of a data folder, with its server running."""
    url = conninfo_to_dict(data_folders.start_migrated_server(folder))
    return Installation(folder, {"host": str(url["host"]), "port": str(url["port"])})


@contextmanager
def set_up() -> Iterator[Installation]:
    """A demonstration with a server and a data folder of its own."""
    # Not pytest's: each start of pytest shuts that to other users, the server's among them.
    with tempfile.TemporaryDirectory(prefix="portals-installation-") as name:
        folder = Path(name)
        data_folders.copy_data_folder("demonstration", load_demonstration, folder)
        made = start_installation(folder)
        try:
            yield made
        finally:
            made.close_shells()
            embedded.release_server(folder)


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Set up once, for all that leave its clock alone."""
    with set_up() as made:
        yield made


@pytest.fixture(scope="session")
def public_url(installation: Installation) -> Iterator[str]:
    """The public surface as it would stand on a server of its own."""
    with installation.serving("public", role=roles.PUBLIC) as url:
        yield url


@pytest.fixture(scope="session")
def staff_url(installation: Installation) -> Iterator[str]:
    with installation.serving("staff", role=roles.STAFF) as url:
        yield url


@pytest.fixture(scope="session")
def poster_url(installation: Installation) -> Iterator[str]:
    """The staff surface where it knows the public one's address, for what is printed."""
    with installation.serving("staff", role=roles.STAFF, PUBLIC_URL=POSTED_URL) as url:
        yield url
