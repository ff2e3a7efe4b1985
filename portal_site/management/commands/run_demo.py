"""`make run`: start the demo from any state of the data folder, and end it in order."""

import hashlib
import os
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from analysts.demonstration import loading
from analysts.demonstration.staff import set_passwords_after
from analysts.demonstration.year import REPORTS
from analysts.models import WorkerHeartbeat, WorkerKind
from analysts.retention import anchoring
from portal_site import demo, messages
from portal_site.database.applied_migrations import compare_migrations

OWN_APPS = ("analysts.", "audit.", "countries.", "reports.")
SERVING_SECONDS = 60
# Longer than the children's own patience with a request or a job that is under way.
STOPPING_SECONDS = 6
GRACE_SECONDS = 3


class Command(BaseCommand):
    help = "Prepare the demo where needed and serve it until Ctrl-C. manage.py prepares its environment."
    # `make check` runs the checks; a start should not take longer for them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reports", type=int, help="How many reports the first start makes up.")

    def handle(self, *args: object, reports: int | None, **options: object) -> None:
        is_first = self.prepare()
        connections.close_all()
        children: dict[str, subprocess.Popen[bytes]] = {}
        try:
            with self.step("Starting the web server"):
                children["web server"] = _start_child(_web_server())
                self.await_serving(children)
            if is_first:
                self.announce()
                self.load_year(REPORTS if reports is None else reports)
            # After the rest, because running both at once makes the first visitor wait.
            children["intake"] = _start_child(["manage.py", "run_intake", "--processes", "1"])
            children["worker"] = _start_child(_worker_command())
            if is_first:
                self.await_workers(children)
            else:
                self.announce()
            while True:
                _check_alive(children)
                time.sleep(0.5)
        finally:
            self.stdout.write("\nStopping the demo ...")
            _stop_children(children)

    def prepare(self) -> bool:
        """Everything that the web server needs. Returns whether this is the first start, whose year is not loaded."""
        check_history()
        if _pending_migrations():
            with self.step("Making the database's tables"):
                # One commit a migration; the next start makes those that are missing. Later ones wait for the disk.
                loading.commit_without_waiting()
                call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
                connection.close()
        with self.step("Checking sealing keys and the catalogue of portals"):
            call_command("create_keys", stdout=StringIO())
            # The nightly jobs, once at each start: a demo seldom runs overnight.
            call_command("tend_keys", stdout=StringIO())
            call_command("load_catalogue", live=True, stdout=StringIO())
            call_command("load_notice_texts", stdout=StringIO())
        is_first = not get_user_model().objects.exists()
        if is_first:
            with self.step("Creating accounts, recipients and routes"):
                # From here to the end of the year that is loaded: the next start must see that this one was cut short.
                settings.DEMO_LOADING.touch()
                accounts = loading.load_staff()
            with set_passwords_after(accounts):
                self.prepare_files()
            loading.write_accounts(accounts)
            self.stdout.write(loading.accounts_in_words(accounts))
        else:
            with self.step("Checking the audit log"):
                anchoring.run_check()
            self.prepare_files()
        return is_first

    def prepare_files(self) -> None:
        if stale := messages.stale_catalogues():
            with self.step("Compiling translations"):
                for po in stale:
                    messages.compile_catalogue(po)
        stamp = settings.DATA_DIR / "static.stamp"
        fingerprint = _static_fingerprint()
        if not stamp.exists() or stamp.read_text() != fingerprint:
            with self.step("Collecting static files"):
                call_command("collectstatic", interactive=False, clear=True, verbosity=0, stdout=StringIO())
                stamp.write_text(fingerprint)

    def load_year(self, reports: int) -> None:
        """Load the reports while the web server runs; its staff pages say how far this is."""
        with self.step("Loading a year of reports (only the first time; pages show what is there so far)"):
            loading.load_year(
                reports=reports, tell_percent=lambda percent: settings.DEMO_LOADING.write_text(str(percent))
            )
            anchoring.run_check()

    def await_workers(self, children: dict[str, subprocess.Popen[bytes]]) -> None:
        """End the loading once both workers gave a sign of life: until then staff pages would call them dead."""
        deadline = time.monotonic() + SERVING_SECONDS
        while WorkerHeartbeat.objects.count() < len(WorkerKind) and time.monotonic() < deadline:
            _check_alive(children)
            time.sleep(0.2)
        settings.DEMO_LOADING.unlink()
        self.stdout.write("The demo is complete.")
        self.stdout.flush()

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Print what is about to be done, and how long it took if that was more than a moment."""
        began = time.monotonic()
        self.stdout.write(f"{doing} ...", ending="")
        self.stdout.flush()
        try:
            yield
        finally:
            seconds = time.monotonic() - began
            self.stdout.write(f" {seconds:.1f} s" if seconds > 1 else "")

    def await_serving(self, children: dict[str, subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + SERVING_SECONDS
        # Without any proxy of the environment: the demo runs on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            _check_alive(children)
            try:
                with opener.open(f"{demo.read_listen_address().url}{reverse('health_live')}", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise CommandError(f"The web server does not answer within {SERVING_SECONDS} seconds.")

    def announce(self) -> None:
        url = demo.read_listen_address().url
        lines = {
            "Network of portals": f"{url}/",
            "Belize's portal": f"{url}/bz/",
            "Staff sign-in": f"{url}{reverse(settings.LOGIN_URL)}",
            "Demo accounts": f"{settings.DATA_DIR / loading.ACCOUNTS}",
        }
        self.stdout.write("\nThe demo is serving. Ctrl-C stops it.\n")
        for name, place in lines.items():
            self.stdout.write(f"  {name:<20}{place}")
        self.stdout.flush()


def check_history() -> None:
    """Raises CommandError where the database was made by migrations that are no longer there."""
    difference = compare_migrations()
    if difference.is_too_old or any(name.startswith(OWN_APPS) for name in difference.unknown):
        raise CommandError("The demo's data is from an older version. Remove it with `make reset`, then start again.")


def _pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _static_fingerprint() -> str:
    """Changes when any static file is added, changed or removed, in this project or in a library."""
    digest = hashlib.sha256(os.fsencode(settings.STATIC_ROOT))
    files = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    for path in sorted(files):
        facts = Path(path).stat()
        digest.update(f"{path}\0{facts.st_mtime_ns}\0{facts.st_size}\0".encode())
    return digest.hexdigest()


def _web_server() -> list[str]:
    config = settings.BASE_DIR / "deploy" / "gunicorn.py"
    return [
        *("-m", "gunicorn", "--config", str(config), "--bind", demo.read_listen_address().bind),
        *("--graceful-timeout", str(GRACE_SECONDS)),
    ]


def _worker_command() -> list[str]:
    return [
        *("manage.py", "procrastinate", "worker", "--delete-jobs", "successful"),
        *("--shutdown-graceful-timeout", str(GRACE_SECONDS)),
    ]


def _start_child(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start a child out of reach of the terminal's Ctrl-C: it is stopped once, by the demo."""
    lock = demo.child_lock()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=[lock.fileno()],
    )
    lock.write(f"{child.pid}\n")
    lock.flush()
    return child


def _check_alive(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if (code := child.poll()) is not None:
            raise CommandError(f"The {name} stopped unexpectedly (exit code {code}); the demo stops too.")


def _stop_children(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + STOPPING_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()
