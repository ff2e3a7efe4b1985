"""Planted leaks that only a comparison finds: each value may stand where it is, and the reporter's address chose it."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import psycopg

from tests.proofs.privacy import difference
from tests.proofs.privacy.noisy import __file__ as place_in_code
from tests.proofs.privacy.scene import Scene

# The first reporter's and the second's.
ADDRESSES = ("192.0.2.7", "192.0.2.161")
type Leak = Callable[[psycopg.Connection, Path, str], object]

# Not one of the two that another seed gives one digest.
ONE = """id = (
    SELECT id FROM reports_submission AS one WHERE digest IS NOT NULL AND NOT EXISTS (
        SELECT FROM reports_submission AS other WHERE other.digest = one.digest AND other.id <> one.id
    ) ORDER BY id LIMIT 1
)"""
QUEUED = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
VALUES ('default', 'analysts.pages.tasks.take_in_replies', jsonb_build_object('timestamp', 0, 'limit', %s::int),
    'infinity')
"""


def _last_number(address: str) -> int:
    return int(address.rpartition(".")[2])


def _leak_rows(owner: psycopg.Connection, _folder: Path, address: str) -> None:
    """As many receipts as the address says, all alike."""
    owner.execute("DELETE FROM reports_receipt WHERE changed_on = '2000-01-01'")
    owner.execute(
        "INSERT INTO reports_receipt (id, changed_on, mailbox_key)"
        " SELECT gen_random_uuid(), '2000-01-01', decode(repeat('00', 1216), 'hex') FROM generate_series(1, %s)",
        [_last_number(address) % 5],
    )


def _leak_job(owner: psycopg.Connection, _folder: Path, address: str) -> None:
    owner.execute("DELETE FROM procrastinate_jobs WHERE scheduled_at = 'infinity'")
    owner.execute(QUEUED, [_last_number(address)])


def _leak_line(_owner: psycopg.Connection, folder: Path, address: str) -> None:
    status = 400 + _last_number(address) % 100
    line = f"2026-11-27T18:00 ERROR django.request status={status} {place_in_code}:1\n"
    (folder / "logs" / "chosen.log").write_text(line)


def _leak_mail(_owner: psycopg.Connection, folder: Path, address: str) -> None:
    text = f"Child in danger now, according to reports: {_last_number(address)} incidents."
    head = "From <portals@localhost>\nTo <duty@example.org>\n\nSubject: Reporting portals: please check the queue"
    (folder / "mail" / "9999.eml").write_text(f"{head}\n\n{text}\n")


def _update(statement: str, value: Callable[[str], object]) -> Leak:
    return lambda owner, _folder, address: owner.execute(statement.encode(), [value(address)])


# By name: how it leaks, and what the comparison says.
LEAKS: Mapping[str, tuple[Leak, str]] = {
    "digest of an address without a key, in place of one with": (
        _update(
            f"UPDATE reports_submission SET digest = %s WHERE {ONE}",
            lambda address: hashlib.sha256(address.encode()).digest(),
        ),
        "is the same for the same reporters: reports_submission.digest",
    ),
    "digest of a partner's report without its key": (
        _update(
            "UPDATE reports_sourceitem SET digest = %s WHERE receipt_id"
            " = (SELECT receipt_id FROM reports_sourceitem ORDER BY 1 LIMIT 1)",
            lambda address: hashlib.sha256(address.encode()).digest(),
        ),
        "is the same for the same reporters: reports_sourceitem.digest",
    ),
    "id made of an address": (
        _update(
            "UPDATE analysts_sighting SET id = %s WHERE (incident_id, report_id)"
            " = (SELECT incident_id, report_id FROM analysts_sighting ORDER BY 1, 2 LIMIT 1)",
            lambda address: uuid.uuid5(uuid.NAMESPACE_URL, address),
        ),
        "is the same for the same reporters: analysts_sighting.id",
    ),
    "hour chosen by an address": (
        _update(
            "UPDATE reports_submission SET received_hour = timestamptz '2026-01-01 00:00Z' + %s * interval '1 hour'"
            f" WHERE {ONE}",
            _last_number,
        ),
        "differs with the reporters: reports_submission.received_hour",
    ),
    "number in the detail of an event": (
        _update(
            "UPDATE audit_auditevent SET details = details || jsonb_build_object('limit', %s::int)"
            " WHERE number = (SELECT max(number) FROM audit_auditevent)",
            _last_number,
        ),
        "differs with the reporters: audit_auditevent.details",
    ),
    "number in a job's arguments": (_leak_job, "differs with the reporters: procrastinate_jobs.args"),
    "number of rows": (_leak_rows, "differs with the reporters: reports_receipt.number"),
    "status of a line in a log": (_leak_line, "differs with the reporters: chosen.log.line"),
    "number in a line of a mail": (_leak_mail, "differs with the reporters: numbers of mails.largest"),
}


def plant_differences(scene: Scene, since: datetime) -> list[str]:
    """Read the installation three times as if three runs had written it: for one reporter, another, and the first."""
    records = []
    with scene.stack.connect() as owner:
        # Past the triggers that refuse it.
        owner.execute("SET session_replication_role = replica")
        for address in (*ADDRESSES, ADDRESSES[0]):
            for leak, _finding in LEAKS.values():
                leak(owner, scene.stack.folder, address)
            records.append(difference.read_run(scene.stack.folder, owner, since))
    first, other, control = records
    return difference.judge_runs(first, other, control)
