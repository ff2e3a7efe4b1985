"""The audit log rewritten by the database's owner, and what an anchor kept elsewhere shows of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import LiteralString

import psycopg

from portal_site.database import roles
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure, equal_to, plain_figure
from tests.proofs.stack import Stack

SHOWS = "Every change that the database's owner makes to the audit log up to an anchor kept elsewhere is found."
PROMISES = (6,)
COVERS = INSTALLATION

# Names of tests.proofs.inside.forgery. The chain itself detects these,
PLAIN = (
    "edit",
    "edit and rehash",
    "another actor",
    "another time",
    "delete",
    "leave a gap",
    "swap",
    "insert",
)
# and verifies again after these.
WHOLE = ("rehash from there on", "replace all", "cut off the end", "cut off and regrow", "truncate")
# Statements under the roles of the site; the database must refuse each.
TRIED: tuple[LiteralString, ...] = (
    "UPDATE audit_auditevent SET actor = 'ben' WHERE number = 1",
    "UPDATE audit_auditevent SET actor = actor WHERE false",
    "DELETE FROM audit_auditevent WHERE number = 1",
    "DELETE FROM audit_auditevent WHERE false",
    "TRUNCATE audit_auditevent",
    "ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_append_only",
    "ALTER TABLE audit_auditevent OWNER TO CURRENT_USER",
    "DROP TRIGGER audit_event_append_only ON audit_auditevent",
    "DROP TABLE audit_auditevent",
    "CREATE OR REPLACE FUNCTION audit_event_refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "INSERT INTO audit_auditevent SELECT * FROM audit_auditevent LIMIT 1",
    "INSERT INTO audit_auditevent (number, at, actor, role, action, object_type, object_id, portal, details,"
    " previous_hash, hash) VALUES (9223372036854775807, now(), 'ben', 'senior', 'incident.view', '', '', '', '{}',"
    " repeat('0', 64), repeat('f', 64))",
    "SELECT audit_append(9223372036854775807, 'incident.view', '', '', '', '{}', now())",
    # Readers of JSON hold no such number.
    "SELECT audit_append(NULL, 'incident.view', '', '', '', '{\"value\": 1e5000}', now())",
    "COPY audit_auditevent FROM PROGRAM 'true'",
    "SET ROLE postgres",
)
REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UniqueViolation,
    psycopg.errors.RestrictViolation,
    psycopg.errors.CheckViolation,
    # An actor without an account.
    psycopg.errors.ForeignKeyViolation,
)
EVENTS = 40


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    stack = Stack(folder)
    with stack.running([], web=False, worker=False):
        events = call_inside(stack, "forgery.record_some", EVENTS)
        anchor = stack.manage("anchor_audit").strip()
        [as_it_is] = call_inside(stack, "forgery.faults", ["public"], anchor)
        yield equal_to("control: faults of the record as it is", as_it_is or "none", "none")

        places = (2, EVENTS // 2, EVENTS - 1) if full else (EVENTS // 2,)
        forgeries = [(how, place) for how in (*PLAIN, *WHOLE) for place in places]
        call_inside(stack, "forgery.forge", [*forgeries, ("append", events)], "forged_", role="postgres")
        copies = [f"forged_{number}" for number in range(len(forgeries) + 1)]
        by_anchor = call_inside(stack, "forgery.faults", copies, anchor)
        alone = call_inside(stack, "forgery.faults", copies, "")
        found = sum(bool(faults) for faults in by_anchor[:-1])
        yield equal_to("forgeries found with the anchor, of those made", found, len(forgeries))
        seen = {how for (how, _), faults in zip(forgeries, alone[:-1], strict=True) if faults}
        yield equal_to(
            "kinds that the chain shows without an anchor", _join_names(seen & set(PLAIN)), _join_names(PLAIN)
        )
        yield plain_figure("kinds that only the anchor shows", _join_names({how for how, _ in forgeries} - seen))
        # Not promised: an anchor only covers events up to the moment it was taken.
        yield plain_figure(
            "an event invented after the anchor", "found" if by_anchor[-1] else "not found before the next anchor"
        )

        yield from _refusal_figures(stack)
        yield equal_to("events in the record after all that", call_inside(stack, "forgery.number"), events)


def _join_names(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names))


def _refusal_figures(stack: Stack) -> Iterator[Figure]:
    for role in (roles.STAFF, roles.PUBLIC):
        through = []
        with stack.connect(role) as database:
            for statement in TRIED:
                try:
                    database.execute(statement)
                except REFUSALS:
                    continue
                through.append(statement)
        name = f"acts on the record that the database refused to {role}, of those tried"
        yield equal_to(name, len(TRIED) - len(through), len(TRIED))
