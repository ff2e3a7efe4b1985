"""An installation of its own, in a folder of its own: never the demo's."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from portal_site.database import embedded
from tests.benchmarks.circumstances import note_circumstances
from tests.benchmarks.incidents.results import SizeResult


def measure_installation(folder: Path, incidents: int, waiting: float, hold: int) -> SizeResult:
    """Measure one size, in a process of its own, as a process can read the settings of one installation only."""
    circumstances = note_circumstances()
    with running_installation(folder):
        from tests.benchmarks.incidents import size  # noqa: PLC0415 - imports models, which need the installation

        measured = size.measure_size(incidents, waiting=waiting, folder=folder, hold=hold, tell=_print_line)
        return {**circumstances, **measured}


def _print_line(line: str) -> None:
    print(line, flush=True)


@contextmanager
def running_installation(folder: Path) -> Iterator[None]:
    """Django on an embedded PostgreSQL in the folder, with tables and without a row; stopped at the end.

    Models can only be imported within it.
    """
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portal_site.settings",
        "DATA_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "KEYRING": str(folder / "keyring"),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SURFACE": "all",
        "DEMO": "0",
        "REQUIRE_MFA": "0",
        # The host that the test client sends.
        "ALLOWED_HOSTS": "testserver",
        # Measured at any time of day, and for longer than a claim lasts.
        "CUT_OFF": "",
        "CLAIM_MINUTES": "480",
        # A second review is drawn at random, and cannot be undone.
        "SECOND_REVIEW_PERCENT": "0",
        "DATABASE_URL": embedded.acquire_server(folder),
    }
    django.setup()
    try:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield
    finally:
        connection.close()
        embedded.release_server(folder)
