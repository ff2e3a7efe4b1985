"""The database's disk is full: first no table can grow, then the write-ahead log cannot either."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.proofs.covered_code import PUBLIC_SURFACE
from tests.proofs.ledger import Ledger
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.small_disk import SmallDisk, under_postgres
from tests.proofs.stack import Stack

SHOWS = (
    "On a full disk reporters see an error and keep their text; nothing acknowledged is lost, and it goes on with space"
)
PROMISES = (2, 7)
COVERS = PUBLIC_SURFACE

MEGABYTES = 160
# A megabyte of the write-ahead log that belongs to no table.
FILL_LOG = "SELECT pg_logical_emit_message(false, 'proof', repeat('x', 1000000))"
ITSELF_SECONDS = 5


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    ledger = Ledger()
    stack = Stack(folder / "installation")
    with (
        stack.running([], web=False, worker=False),
        under_postgres(stack, folder / "image", megabytes=MEGABYTES) as disk,
    ):
        stack.start_surface("public")
        stack.start_web()
        reporters = Reporters(stack, ledger, count=8 if full else 2)
        with reporters.at_work():
            ledger.wait_for_more(500 if full else 20)
            yield equal_to("control: health with room", _health_status(stack), "200 ok")
            disk.fill()
            _wait_for_refusals(reporters, 100 if full else 20)
            yield equal_to("health when no table can grow", _health_status(stack), "503 disk full")
            yield from _goes_on("no table could grow", stack, ledger, disk)
            disk.fill()
            _wait_for_refusals(reporters, 20)
            _exhaust_the_log(stack)
            _wait_for_refusals(reporters, 20)
            yield equal_to("health when the log cannot grow", _health_status(stack), "503 database")
            yield from _goes_on("the log could not grow", stack, ledger, disk)
        found = ledger.compare(stack)
        yield at_least("answers 503, sent again", reporters.refused[503], 40)
        yield equal_to("other refusals, and connections cut off", _count_other_refusals(reporters), 0)
        yield equal_to("refusals that lost what was typed", reporters.text_lost, 0)
        yield equal_to("texts that were never acknowledged within a minute", reporters.unsure, 0)
        yield at_least("envelopes acknowledged", found.acknowledged, 30)
        yield equal_to("acknowledged and lost", found.lost, 0)
        yield equal_to("stored twice", found.doubled, 0)
        yield equal_to("stored with another text", found.altered, 0)


def _count_other_refusals(reporters: Reporters) -> int:
    return reporters.refused.total() - reporters.refused[503] + reporters.broken


def _health_status(stack: Stack) -> str:
    page = stack.visitor().get("/health/ready/")
    return f"{page.status} {page.text.strip()}"


def _wait_for_refusals(reporters: Reporters, count: int) -> None:
    wanted, end = reporters.refused.total() + count, time.monotonic() + 60
    while reporters.refused.total() < wanted:
        if time.monotonic() > end:
            raise TimeoutError("No report is refused: the disk is not full.")
        time.sleep(0.05)


def _exhaust_the_log(stack: Stack) -> None:
    """Fill the disk until the server stops. It recovers where there is space by then; else it must be started."""
    for _ in range(200):
        try:
            with stack.connect() as database:
                database.execute(FILL_LOG)
        except psycopg.OperationalError:
            return
    raise RuntimeError("The write-ahead log still finds room.")


def _goes_on(when: str, stack: Stack, ledger: Ledger, disk: SmallDisk) -> Iterator[Figure]:
    """With space again: whether it goes on unaided or after PostgreSQL is started, and how long reporters waited."""
    disk.clear()
    began, known = time.monotonic(), len(ledger)
    while len(ledger) == known and time.monotonic() - began < ITSELF_SECONDS:
        time.sleep(0.05)
    itself = len(ledger) > known
    if not itself:
        began = time.monotonic()
        stack.start_postgres()
        ledger.wait_for_more(1)
    yield plain_figure(
        f"after {when}, with room again", "goes on unaided" if itself else "goes on when PostgreSQL is started"
    )
    yield plain_figure("from then to the next receipt", round(time.monotonic() - began, 2), "s")
