"""A second server takes over: the first one dies with its disk, and no acknowledged report is lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from portal_site.database import embedded
from tests.proofs.covered_code import PUBLIC_SURFACE
from tests.proofs.ledger import Comparison, Ledger
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import Stack

SHOWS = "PostgreSQL dies with its disk under load; the synchronous standby takes over with all that was acknowledged"
PROMISES = (2,)
COVERS = PUBLIC_SURFACE
NAME = "standby"


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    wanted = 500 if full else 40
    found, seconds = _fail_over(folder / "synchronous", wanted, synchronous=True)
    yield at_least("envelopes acknowledged", found.acknowledged, wanted)
    yield equal_to("acknowledged and lost", found.lost, 0)
    yield equal_to("stored twice", found.doubled, 0)
    yield equal_to("stored with another text", found.altered, 0)
    yield plain_figure("from the promotion to the next receipt", seconds, "s")
    found, _ = _fail_over(folder / "asynchronous", wanted, synchronous=False)
    yield at_least("control with an asynchronous standby that lags: acknowledged and lost", found.lost, 1)


def _fail_over(folder: Path, wanted: int, *, synchronous: bool) -> tuple[Comparison, float]:
    """The number of lost reports, and how long reporters waited after the standby was promoted."""
    folder.mkdir()
    ledger = Ledger()
    with (
        Stack(folder).running((), worker=False, web=False) as stack,
        _running_standby(stack, folder / "standby") as cluster,
    ):
        with stack.connect() as database:
            names = NAME if synchronous else ""
            database.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            database.execute("SELECT pg_reload_conf()")
        stack.join_standby(cluster)
        stack.start_surface("public")
        stack.start_web()
        with Reporters(stack, ledger).at_work():
            ledger.wait_for_more(wanted // 2)
            if not synchronous:
                _hold_up(cluster)
            ledger.wait_for_more(wanted // 2)
            stack.crash_postgres()
            # Its disk too: nothing can be read from the first server again.
            (folder / "postgres").rename(folder / "lost")
            embedded.run_program("pg_ctl", "promote", "-w", cluster=cluster)
            began = time.monotonic()
            ledger.wait_for_more(1)
            seconds = time.monotonic() - began
        return ledger.compare(stack), round(seconds, 2)


@contextmanager
def _running_standby(stack: Stack, cluster: Path) -> Iterator[Path]:
    """A streaming copy of the server, with its socket in its own folder."""
    cluster.mkdir(mode=0o700)
    embedded.give_to_server(cluster)
    source = f"host={stack.database['host']} port={stack.database['port']} user=postgres application_name={NAME}"
    embedded.run_program("pg_basebackup", "-D", str(cluster), "-d", source, "-R", "-c", "fast", cluster=cluster)
    # The embedded server keeps these beside its data.
    for left_over in (f".s.PGSQL.{embedded.PORT}.lock", "log"):
        (cluster / left_over).unlink(missing_ok=True)
    options = f"-c unix_socket_directories={cluster}"
    embedded.run_program("pg_ctl", "start", "-w", "-l", "log", "-o", options, cluster=cluster)
    try:
        yield cluster
    finally:
        embedded.run_program("pg_ctl", "stop", "-m", "immediate", cluster=cluster)


def _hold_up(cluster: Path) -> None:
    """Cut the standby off from the first server's writes."""
    with psycopg.connect(host=str(cluster), port=embedded.PORT, user="postgres", autocommit=True) as database:
        database.execute("ALTER SYSTEM SET primary_conninfo = ''")
        database.execute("SELECT pg_reload_conf()")
