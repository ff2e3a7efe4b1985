"""Claims a second: as SQL alone, and through the action with its audit event; and whether any was made twice."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from django.db import connection, transaction
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from analysts.assessment.actions.claims import CLAIMS_PER_ADVANCE
from analysts.assessment.queue import dispatch
from analysts.models import Incident, User
from analysts.models.queue_head import advance_queue_heads
from analysts.states import State
from portal_site.database.programs import program_folder
from tests.benchmarks.incidents import claimer
from tests.rig.manage import loaded_context

# The changes that `actions.claim_next` makes to the row that it has found and locked.
TAKE = """
    WITH best AS MATERIALIZED ({best})
    UPDATE analysts_incident SET state = 'claimed', claimed_by_id = {user}, claimed_until = '{until:%Y-%m-%d %H:%M}Z',
        fence = fence + 1, unpublished = true
    FROM best WHERE analysts_incident.id = best.id;
"""
# As the action does after about every so many claims.
ADVANCE = rf"""
\set number random(1, {CLAIMS_PER_ADVANCE})
\if :number = 1
SELECT analysts_advance_queue_heads();
\endif
"""


@dataclass(frozen=True, slots=True)
class Claims:
    """`doubles`: claims of incidents that another claimer held, by the number that grows with each claim."""

    how: str
    claimers: int
    number: int
    a_second: float
    doubles: int


def in_sql(people: Sequence[User], folder: Path, *, claimers: int, number: int, how: str = "statement") -> Claims:
    """Claims by concurrent pgbench connections, each time for another analyst; planned once each.

    The statement combines the action's query for the next incident with its update.
    """
    before = _count_claimed()
    scripts = []
    for person in people:
        path = folder / f"claim-{person.pk}.sql"
        until = timezone.now() + timedelta(hours=8)
        take = TAKE.format(best=_next_claim_query(person), user=person.pk, until=until)
        path.write_text(" ".join(take.split()) + ADVANCE)
        scripts.append(f"--file={path}")
    a_second = run_pgbench(*scripts, "--protocol=prepared", clients=claimers, number=number)
    # A statement that finds the queue empty, as in a small table, claims nothing.
    return Claims(how, claimers, _count_claimed() - before, a_second, _count_repeat_claims())


def _next_claim_query(person: User) -> str:
    """The action's query for the next incident, with its values filled in."""
    now = timezone.now()
    with transaction.atomic():
        sql, params = dispatch.write_search(dispatch.next_candidates(person, now=now).only("pk"), person)
        connection.ensure_connection()
        return psycopg.ClientCursor(connection.connection).mogrify(sql, params)


def run_pgbench(*options: str, clients: int, number: int) -> float:
    """Transactions a second. Raises RuntimeError where one fails."""
    given = connection.get_connection_params()
    where = {"PGHOST": given["host"], "PGPORT": str(given["port"]), "PGUSER": given["user"]}
    done = subprocess.run(
        [
            str(program_folder() / "pgbench"),
            *("--no-vacuum", f"--client={clients}", "--jobs=2", f"--transactions={number // clients}", *options),
            given["dbname"],
        ],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        check=False,
    )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode != 0 or rate is None:
        raise RuntimeError(f"pgbench said: {done.stdout} {done.stderr}")
    return round(float(rate[1]), 1)


def end_danger() -> None:
    """Let no incident say that a child is in danger: a person who holds such a one claims no other."""
    Incident.objects.in_danger().update(child_in_danger=False)


def through_verb(people: Sequence[User], *, claimers: int, seconds: float, how: str = "verb") -> Claims:
    """Claims by concurrent processes, each as another analyst, for some seconds."""
    end_danger()
    before = _count_claimed()
    apart = loaded_context()
    # A claimer that does not start, or dies, is not waited for.
    gate, counts = apart.Barrier(claimers, timeout=120), apart.SimpleQueue()
    database = connection.settings_dict["NAME"]
    processes = [
        apart.Process(
            target=claimer.claim_repeatedly, args=(database, people[each % len(people)].pk, seconds, gate, counts)
        )
        for each in range(claimers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError("A claimer ended before it could tell what it claimed.")
    found: list[tuple[int, float]] = [counts.get() for _ in processes]
    number = sum(claimed for claimed, _ in found)
    took = max(took for _, took in found)
    return Claims(
        how,
        claimers,
        number,
        round(number / took, 1),
        max(number - (_count_claimed() - before), _count_repeat_claims()),
    )


@contextmanager
def export_in_background() -> Iterator[None]:
    """Repeat what an export of all incidents does: batches by key, without a transaction over several."""
    over = threading.Event()

    def read() -> None:
        after = b""
        with psycopg.connect(_connection_text(), autocommit=True) as other:
            while not over.is_set():
                batch = other.execute(
                    "SELECT fingerprint, * FROM analysts_incident WHERE fingerprint > %s ORDER BY 1 LIMIT 5000", [after]
                ).fetchall()
                after = bytes(batch[-1][0]) if batch else b""

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        over.set()
        reader.join()


@contextmanager
def open_snapshot() -> Iterator[None]:
    """The contrast: a transaction that keeps seeing everything as it was when it began."""
    with psycopg.connect(_connection_text()) as other:
        other.execute("SET idle_in_transaction_session_timeout = 0")
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute("SELECT count(*) FROM analysts_user")
        yield
        other.rollback()


def _connection_text() -> str:
    names = ("host", "port", "user", "dbname")
    given = {name: value for name, value in connection.get_connection_params().items() if name in names}
    return make_conninfo(**given)


def reset_claims() -> None:
    """Return all claimed incidents to the queue, and vacuum the tables as autovacuum would.

    Thousands at once are no part of anybody's work: their returns are counted and gone before anything is measured.
    """
    Incident.objects.filter(state=State.CLAIMED).update(
        state=State.WAITING, claimed_by=None, claimed_until=None, fence=0, unpublished=False
    )
    advance_queue_heads()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) analysts_incident, analysts_queuereturn")


def _count_claimed() -> int:
    return Incident.objects.filter(state=State.CLAIMED).count()


def _count_repeat_claims() -> int:
    """Claims of an incident beyond its first: in this run no claim expires, so there should be none."""
    return Incident.objects.filter(state=State.CLAIMED, fence__gt=1).count()
