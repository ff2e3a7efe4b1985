"""Analysts who claim the next incident at the same moment."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString, TypedDict

import psycopg

from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.inside import GATE
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import Stack

SHOWS = "Analysts who ask for the next incident at once never get the same one, and none is passed over."
PROMISES = (6,)
COVERS = INSTALLATION

CLAIMERS = 8
CONTROL = 60


class ClaimerReport(TypedDict):
    """The incidents that one claimer got, and the times in seconds of its start and end."""

    claimed: list[str]
    began: float
    ended: float


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    incidents = 10_000 if full else 300
    # The environment makes a claim last longer than the proof.
    stack = Stack(folder, environment={"CLAIM_MINUTES": "480"})
    with stack.running([], web=False, worker=False), stack.connect() as database:
        call_inside(stack, "claims.queue_up", incidents, CLAIMERS, role="postgres")
        found = _claim_at_once(stack, database, locked=True)
        claimed = Counter(pk for each in found for pk in each["claimed"])
        seconds = max(each["ended"] for each in found) - min(each["began"] for each in found)
        yield at_least("incidents claimed", sum(claimed.values()), incidents)
        yield plain_figure("claimers at once, each a process", CLAIMERS)
        yield equal_to("claimed twice", _count_doubled(claimed), 0)
        yield equal_to("still waiting", _count_waiting(database), 0)
        yield equal_to("held by another claimer than the one who got it", _count_misheld(database, found), 0)
        yield equal_to("claimed more than once by their own count", _count_claimed_again(database), 0)
        yield equal_to("claimed by an analyst of another portal", _out_of_reach(database), 0)
        yield equal_to("audit events of claims", _count_claim_events(database), incidents)
        yield equal_to("the audit chain", _verify_audit(stack), "no fault")
        yield plain_figure("claims a second, audit event included", sum(claimed.values()) / seconds)

        database.execute("TRUNCATE analysts_incident, analysts_report, reports_receipt CASCADE")
        call_inside(stack, "claims.queue_up", CONTROL, CLAIMERS, role="postgres")
        control = Counter(pk for each in _claim_at_once(stack, database, locked=False) for pk in each["claimed"])
        yield at_least(f"control: of {CONTROL}, claimed twice where the row is not locked", _count_doubled(control), 1)


def _claim_at_once(stack: Stack, database: psycopg.Connection, *, locked: bool) -> list[ClaimerReport]:
    """Start all claimers at once; returns each one's claims, start and end."""
    database.execute("SELECT pg_advisory_lock(%s)", [GATE])
    with ThreadPoolExecutor(CLAIMERS) as pool:
        claims = [
            pool.submit(call_inside, stack, "claims.claim_all", number, str(stack.folder / "tmp"), locked)
            for number in range(CLAIMERS)
        ]
        try:
            while _at_the_gate(database) < CLAIMERS and not any(claim.done() for claim in claims):
                time.sleep(0.05)
        finally:
            database.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        for claim in claims:
            claim.result()
    files = [stack.folder / "tmp" / f"claimer-{number}.json" for number in range(CLAIMERS)]
    return [json.loads(file.read_text()) for file in files]


def _at_the_gate(database: psycopg.Connection) -> int:
    return _query_count(database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def _count_doubled(claimed: Counter[str]) -> int:
    return sum(times > 1 for times in claimed.values())


def _count_waiting(database: psycopg.Connection) -> int:
    return _query_count(database, "SELECT count(*) FROM analysts_incident WHERE state = 'waiting'")


def _count_claimed_again(database: psycopg.Connection) -> int:
    """Incidents claimed more than once: the fence grows with each claim."""
    return _query_count(database, "SELECT count(*) FROM analysts_incident WHERE fence <> 1")


def _count_misheld(database: psycopg.Connection, found: list[ClaimerReport]) -> int:
    """Incidents whose row names another holder than the claimer who got them."""
    query = """
        SELECT incident.id::text, username FROM analysts_incident AS incident
        JOIN analysts_user AS holder ON holder.id = claimed_by_id
    """
    held: dict[str, str] = dict(database.execute(query).fetchall())
    given = {pk: f"claimer-{number}" for number, each in enumerate(found) for pk in each["claimed"]}
    return len(set(held.items()) ^ set(given.items()))


def _out_of_reach(database: psycopg.Connection) -> int:
    query = """
        SELECT count(*) FROM analysts_incident AS incident WHERE NOT EXISTS (
            SELECT FROM analysts_sighting AS sighting
            JOIN analysts_user_portals AS work ON work.portal_id = sighting.portal_id
            WHERE sighting.incident_id = incident.id AND work.user_id = incident.claimed_by_id
        )
    """
    return _query_count(database, query)


def _count_claim_events(database: psycopg.Connection) -> int:
    return _query_count(
        database, "SELECT count(DISTINCT object_id) FROM audit_auditevent WHERE action = 'incident.claim'"
    )


def _query_count(database: psycopg.Connection, query: LiteralString) -> int:
    rows = database.execute(query).fetchall()
    return int(rows[0][0])


def _verify_audit(stack: Stack) -> str:
    """Raises RuntimeError where the chain has a fault."""
    stack.manage("verify_audit")
    return "no fault"
