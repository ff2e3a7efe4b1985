"""Intake killed with SIGKILL repeatedly: no report is lost or doubled."""

import random
import signal
import subprocess
import sys
import time

import psycopg

from portal_site.database import roles
from tests.rig.installation import ROOT, Installation

RECEIPTS = 60
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
TAKE_IN = """
import django
django.setup()
from analysts.assessment.intake import run as intake
print("ready", flush=True)
intake.take_in()
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


def start_intake(installation: Installation) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_IN],
        cwd=ROOT,
        env={**installation.environment("staff", role=roles.STAFF), "DJANGO_SETTINGS_MODULE": "portal_site.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def waiting(database: psycopg.Connection) -> int:
    row = database.execute("SELECT count(*) FROM reports_arrival").fetchone()
    assert row is not None
    return int(row[0])


def test_killed_intake_loses_and_doubles_nothing(installation: Installation) -> None:
    chance = random.Random(1)
    with installation.connect() as database:
        database.execute("DELETE FROM reports_arrival")
        before = database.execute(COUNTS).fetchone()
        installation.run(SEND)
        left = RECEIPTS
        for _ in range(6):
            process = start_intake(installation)
            # Killed in mid-work: some of the receipts are taken in, others not.
            wanted = left - chance.randrange(1, 9)
            while waiting(database) > wanted and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            left = waiting(database)
        assert 0 < left < RECEIPTS

        process = start_intake(installation)
        process.communicate()
        assert process.returncode == 0
        counts = database.execute(COUNTS).fetchone()
    # Two addresses a receipt; every second receipt shares its first address with the one before.
    assert counts
    assert before
    new = tuple(now - was for now, was in zip(counts, before, strict=True))
    assert new == (0, RECEIPTS, 2 * RECEIPTS, RECEIPTS // 2 + RECEIPTS)
