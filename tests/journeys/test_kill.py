"""Intake killed with SIGKILL repeatedly, stopped, or cut off from its database: no report is lost or doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from portal_site.database import roles
from tests.rig.installation import ROOT, Installation

RECEIPTS = 60
PATIENCE_SECONDS = 120
# The name of its connections.
NAME = "intake of a test"
SEND = f"""
import secrets
from countries.public import published
from reports import actions, receipts
from reports.models import SubmissionKind
portal = published.portals_by_slug()["zm"]
for number in range({RECEIPTS}):
    actions.store_submission(
        credentials=receipts.derive_credentials(receipts.code_from_nonce(secrets.token_bytes(16))),
        kind=SubmissionKind.REPORT,
        payload={{"addresses": f"https://kill.example.org/{{number // 2}} and kill.example.net/{{number}}"}},
        portal=portal,
        language="en",
    )
"""
# Envelopes that wait; and of the reports to one portal that name two addresses: reports, sightings, incidents.
COUNTS = """
SELECT (SELECT count(*) FROM reports_arrival),
       count(DISTINCT sighting.report_id), count(*), count(DISTINCT sighting.incident_id)
FROM analysts_sighting AS sighting
JOIN analysts_report AS report ON report.receipt_id = sighting.report_id
JOIN countries_portal AS portal ON portal.id = report.portal_id
JOIN analysts_incident AS incident ON incident.id = sighting.incident_id
WHERE report.receipt_id IN (
    SELECT receipt_id FROM reports_submission WHERE portal_id = portal.id AND portal.slug = 'zm'
)
AND (SELECT count(*) FROM analysts_sighting AS all_of WHERE all_of.report_id = report.receipt_id) = 2
"""


@contextmanager
def intake(installation: Installation, log: Path, *, processes: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """The intake worker as it runs anywhere, in a group of its own that is gone on leaving."""
    environment = {**installation.environment("staff", role=roles.STAFF), "PGAPPNAME": NAME}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_intake", "--processes", str(processes)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def waiting(database: psycopg.Connection) -> int:
    row = database.execute("SELECT count(*) FROM reports_arrival").fetchone()
    assert row is not None
    return int(row[0])


def wait_until_few_wait(database: psycopg.Connection, process: subprocess.Popen[bytes], number: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while waiting(database) > number:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.001)


@contextmanager
def sent_reports(installation: Installation, host: str) -> Iterator[psycopg.Connection]:
    """RECEIPTS of a host that no other test names wait; on leaving each of them is in the queue, once."""
    with installation.connect() as database:
        database.execute("DELETE FROM reports_arrival")
        before = database.execute(COUNTS).fetchone()
        installation.run(SEND.replace("kill.", f"{host}."))
        yield database
        counts = database.execute(COUNTS).fetchone()
    # Two addresses a receipt; every second receipt shares its first address with the one before.
    assert counts
    assert before
    new = tuple(now - was for now, was in zip(counts, before, strict=True))
    assert new == (0, RECEIPTS, 2 * RECEIPTS, RECEIPTS // 2 + RECEIPTS)


def test_killed_intake_loses_and_doubles_nothing(installation: Installation, tmp_path: Path) -> None:
    chance = random.Random(1)
    with sent_reports(installation, "kill") as database:
        left = RECEIPTS
        for number in range(6):
            # Killed in mid-work: some of the receipts are taken in, others not.
            with intake(installation, tmp_path / "log", processes=1 + number % 2) as process:
                wait_until_few_wait(database, process, left - chance.randrange(1, 9))
            left = waiting(database)
        assert 0 < left < RECEIPTS

        with intake(installation, tmp_path / "log", processes=2) as process:
            wait_until_few_wait(database, process, 0)
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0


def test_intake_that_is_stopped_finishes_its_report_and_leaves_the_others(
    installation: Installation, tmp_path: Path
) -> None:
    with sent_reports(installation, "stop") as database:
        with intake(installation, tmp_path / "log") as process:
            wait_until_few_wait(database, process, RECEIPTS - 5)
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0
        assert 0 < waiting(database) < RECEIPTS
        assert (tmp_path / "log").read_text() == ""
        with intake(installation, tmp_path / "log") as process:
            wait_until_few_wait(database, process, 0)


def test_intake_survives_the_loss_of_its_connections(installation: Installation, tmp_path: Path) -> None:
    with sent_reports(installation, "cut") as database:
        with intake(installation, tmp_path / "log", processes=2) as process:
            wait_until_few_wait(database, process, RECEIPTS - 5)
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [NAME]
            )
            wait_until_few_wait(database, process, 0)
            assert process.poll() is None
        # At most one line a process, and none a report.
        assert len((tmp_path / "log").read_text().splitlines()) <= 2


def test_process_that_dies_alone_ends_the_others(installation: Installation, tmp_path: Path) -> None:
    """The system's service manager starts all of them again."""
    with intake(installation, tmp_path / "log", processes=2) as process:
        end = time.monotonic() + PATIENCE_SECONDS
        while len(children := psutil.Process(process.pid).children()) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        children[0].kill()
        assert process.wait(PATIENCE_SECONDS) == 1
        assert not children[1].is_running()
