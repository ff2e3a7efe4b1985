"""The public surface's database role in an attacker's hands, while reporters send and staff work."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import LiteralString, cast

from portal_site.database import roles
from tests.proofs import hostile_commands, hostile_functions, hostile_inserts
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.hostile_session import Attacker
from tests.proofs.ledger import Ledger
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import ROOT, Stack

SHOWS = "The public surface's database role cannot touch staff's work by what it stores, sends or holds"
PROMISES = (2, 4, 6)
COVERS = INSTALLATION

PORTAL = "bz"
# The worker ends a transaction after ten seconds and looks every ten; the rest is a busy machine.
LONGEST_ACT = 60.0
# The worker's heartbeat is noted each minute.
JOB_SECONDS = 120
# The rights and rules before this proof: it must find what was wrong with them.
FORMER: tuple[LiteralString, ...] = (
    "GRANT INSERT ON reports_receipt, reports_submission, reports_noticeanswer TO portals_public",
    "DROP TRIGGER receipt_day ON reports_receipt",
    "DROP TRIGGER submission_hour ON reports_submission",
    "DROP TRIGGER noticeanswer_minute ON reports_noticeanswer",
    "ALTER TABLE reports_submission DROP CONSTRAINT submission_size",
    """
    CREATE OR REPLACE FUNCTION reports_refuse_closed_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        PERFORM 1 FROM public.reports_sealingkey WHERE id = NEW.key_id AND state = 'open' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'sealing_key_open';
        END IF;
        RETURN NEW;
    END $$
    """,
    "ALTER TABLE procrastinate_jobs ENABLE TRIGGER ALL",
    "GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) TO PUBLIC",
    "GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) TO PUBLIC",
    "GRANT TEMPORARY ON DATABASE portals TO PUBLIC",
    "ALTER ROLE portals_public CONNECTION LIMIT -1",
    "DROP EVENT TRIGGER portals_guard",
)
FORMER_SURPRISES = {
    "invents a published outcome",
    "stores a reply that staff never see",
    "dates an envelope 2099",
    "stores 20 MB in one envelope",
    "invents a language",
    "keeps a large object",
    "makes a temporary table",
    "writes to the write-ahead log",
    "holds up a key",
    "ends the worker",
    "hears of staff's jobs",
}


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    ledger = Ledger()
    with Stack(folder).running(["public"]) as stack:
        hostile_inserts.prepare_link(stack)
        reporters = Reporters(stack, ledger, count=4, portal=PORTAL)
        surprises: list[str] = []
        with reporters.at_work(), hostile_inserts.holding(stack), _staff_at_work(stack) as work:
            yield from _try_everything(stack, surprises, full=full)
            surprises += hostile_inserts.forge(stack) + hostile_inserts.keep_resources(stack)
            surprises += ["holds up a key"] if hostile_inserts.holds_up_key(stack) else []
            surprises += _attack_worker(stack)
            taken = work.finish(at_least=20 if full else 5)
        connections = hostile_inserts.take_connections(stack)
        surprises += ["keeps staff from connecting"] if connections < 0 else []
        yield plain_figure("connections that the role can open, staff still getting in", connections)
        yield from _work_figures(taken)
        yield from _report_figures(stack, reporters, ledger)
        yield equal_to("exit code of verify_audit", stack.run_manage("verify_audit").returncode, 0)
        yield equal_to("surprises", "; ".join(sorted(set(surprises))) or "none", "none")
        found = _attack_former_rights(stack)
        missed = ", ".join(sorted(FORMER_SURPRISES - found)) or "none"
        yield equal_to("control: weaknesses of the former rights that are not found", missed, "none")


def _try_everything(stack: Stack, surprises: list[str], *, full: bool) -> Iterator[Figure]:
    attacker = Attacker(stack)
    missing = hostile_commands.missing_commands(attacker)
    yield equal_to("commands of the server that are not tried", ", ".join(missing) or "none", "none")
    done = [each for each in hostile_commands.REFUSED if _succeeds(attacker, each)]
    surprises += [f"does: {statement}" for statement in done]
    yield plain_figure("statements refused", len(hostile_commands.REFUSED) - len(done))
    kept = sum(_succeeds(attacker, each) for each in hostile_commands.ALLOWED)
    yield plain_figure("statements that no role can be refused, each with its reason", kept)
    tried, done = _try_tables(attacker)
    surprises += [f"does: {statement}" for statement in done]
    yield plain_figure("reads, writes and locks of each table tried", tried)
    surprises += hostile_functions.examine_privileges(attacker) + hostile_functions.examine_activity(attacker)
    before = _server_state(stack)
    found = hostile_functions.examine_functions(attacker, every=full)
    surprises += found.surprises
    surprises += ["changed the server"] if _server_state(stack) != before else []
    yield at_least("functions that the role may execute, by the catalogue", found.listed, 1000)
    yield plain_figure("of them called", found.called)
    yield plain_figure("calls that were answered", found.answered)
    yield plain_figure("times that staff ended its session meanwhile", attacker.ended)
    attacker.close()


def _succeeds(attacker: Attacker, statement: str) -> bool:
    return attacker.error_of(statement, alone=statement.startswith(hostile_commands.ALONE)) is None


def _try_tables(attacker: Attacker) -> tuple[int, list[str]]:
    """Each kind of access to each table of the product: how many were tried, and those that must not succeed."""
    names = attacker.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
    )
    reads = ("TABLE {}", "LOCK TABLE {} IN ACCESS SHARE MODE")
    writes = ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}", "VACUUM {}", "ANALYZE {}")
    locks = ("ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "ACCESS EXCLUSIVE")
    tries = [*reads, *writes, *(f"LOCK TABLE {{}} IN {mode} MODE" for mode in locks)]
    statements = [(str(name), each.format(name), each in reads) for (name,) in names for each in tries]
    done = [
        statement
        for name, statement, is_read in statements
        if _succeeds(attacker, statement) and not (is_read and name in roles.PUBLIC_READS)
    ]
    return len(statements), done


# Calls of functions must not change these: roles, rights, settings, objects, locks that stay.
STATE: LiteralString = """
SELECT (SELECT md5(string_agg(r::text, ',' ORDER BY rolname)) FROM pg_roles AS r),
    (SELECT md5(string_agg(oid::text || coalesce(relacl::text, ''), ',' ORDER BY oid)) FROM pg_class
     WHERE relnamespace <> 'pg_toast'::regnamespace),
    (SELECT md5(string_agg(oid::text || coalesce(proacl::text, ''), ',' ORDER BY oid)) FROM pg_proc),
    (SELECT md5(string_agg(d::text, ',' ORDER BY setdatabase, setrole)) FROM pg_db_role_setting AS d),
    (SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_namespace),
    (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_prepared_xacts),
    (SELECT count(*) FROM pg_file_settings)
"""


def _server_state(stack: Stack) -> object:
    with stack.connect() as owner:
        return owner.execute(STATE).fetchone()


@dataclass
class StaffAtWork:
    """Staff's acts in a process of their own (inside/staff_work.py), and the mirror of the keys that they rotate."""

    stack: Stack
    until: Path
    rotated: Path
    taken: Path

    def start(self) -> None:
        files = ", ".join(repr(str(path)) for path in (self.until, self.rotated, self.taken))
        code = f"from tests.proofs.inside import staff_work; staff_work.work({files}, {PORTAL!r})"
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "--command", code]
        self.stack.start_process("work", command, environment=self.stack.environment_of("staff"))

    def finish(self, *, at_least: int) -> dict[str, list[float]]:
        """Seconds of each act, after so many destroyed keys. Raises RuntimeError where the process ends early."""
        self.stack.wait_for("work", lambda: self.rotations() >= at_least, seconds=60 + 30 * at_least)
        self.until.touch()
        # Its last round may have to wait for rows that the worker has locked.
        self.stack.wait_for("work", self.taken.exists, seconds=300)
        return cast(dict[str, list[float]], json.loads(self.taken.read_text()))

    def rotations(self) -> int:
        return self.rotated.read_text().count("again") if self.rotated.exists() else 0

    def mirror_keys(self) -> None:
        """Until the work is over: the public server gets each new key, as a minute's timer would bring it."""
        mirrored = 0
        while not self.until.exists() or mirrored < self.rotations():
            if mirrored < (rotations := self.rotations()):
                self.stack.mirror_keys()
                mirrored = rotations
            time.sleep(0.1)


@contextmanager
def _staff_at_work(stack: Stack) -> Iterator[StaffAtWork]:
    folder = stack.folder / "tmp"
    staff = StaffAtWork(stack, folder / "work-is-over", folder / "rotated", folder / "taken")
    staff.start()
    mirror = Thread(target=staff.mirror_keys)
    mirror.start()
    try:
        yield staff
    finally:
        staff.until.touch()
        mirror.join()
        stack.stop_process("work")


def _attack_worker(stack: Stack) -> list[str]:
    """The effect of notifications on the worker, and their content."""
    found = ["hears of staff's jobs"] if hostile_inserts.hears_of_jobs(stack) else []
    hostile_inserts.notify_worker(stack)
    with stack.connect() as owner:
        before = owner.execute("SELECT now()").fetchone()
        end = time.monotonic() + JOB_SECONDS
        while time.monotonic() < end and stack.processes["worker"].poll() is None:
            if owner.execute("SELECT at > %s FROM analysts_workerheartbeat WHERE id = 1", before).fetchone() == (True,):
                return found
            time.sleep(0.2)
    return [*found, "ends the worker"]


def _work_figures(taken: dict[str, list[float]]) -> Iterator[Figure]:
    for name, seconds in taken.items():
        yield at_least(f"staff: {name}, times", len(seconds), 1)
        yield equal_to(f"staff: {name}, failed", seconds.count(-1), 0)
        yield at_most(f"staff: {name}, the longest", max(seconds, default=0), LONGEST_ACT, "s")


def _report_figures(stack: Stack, reporters: Reporters, ledger: Ledger) -> Iterator[Figure]:
    """Every acknowledged report can be read, whichever key was going when it came."""
    compared = ledger.compare(stack)
    yield plain_figure(
        "answers that asked to send again, among them those under a closed key", reporters.refused.total()
    )
    yield at_least("reports and details acknowledged while keys were going", compared.acknowledged, 10)
    yield equal_to("of them lost, or under a destroyed key", compared.lost, 0)
    yield equal_to("refusals that lost what was typed", reporters.text_lost, 0)


def _attack_former_rights(stack: Stack) -> set[str]:
    """The same attacks on the rights, rules and worker of before."""
    with stack.connect() as owner:
        for statement in FORMER:
            owner.execute(statement)
    stack.stop_process("worker")
    worker = [sys.executable, str(ROOT / "manage.py"), "procrastinate", "worker", "--listen-notify"]
    stack.start_process("worker", worker, environment=stack.environment_of("staff"))
    _await_worker(stack)
    found = {*hostile_inserts.forge(stack), *hostile_inserts.keep_resources(stack), *_attack_worker(stack)}
    with hostile_inserts.holding(stack):
        found |= {"holds up a key"} if hostile_inserts.holds_up_key(stack) else set()
    return found


def _await_worker(stack: Stack) -> None:
    """Until it listens."""
    end = time.monotonic() + JOB_SECONDS
    with stack.connect() as owner:
        while time.monotonic() < end:
            rows = owner.execute(
                "SELECT FROM pg_stat_activity WHERE query ILIKE '%%listen%%' AND usename = %s", [roles.STAFF]
            )
            if rows.fetchone() is not None:
                return
            time.sleep(0.2)
    raise TimeoutError("The worker does not listen.")
