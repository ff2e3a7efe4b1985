"""Acknowledged means stored: workers are killed and the database crashes while people report."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.proofs.covered_code import PUBLIC_SURFACE
from tests.proofs.ledger import Comparison, Ledger
from tests.proofs.reporters import Reporters
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import Stack

SHOWS = "What a reporter saw acknowledged is stored, though workers are killed and PostgreSQL crashes meanwhile"
PROMISES = (2,)
COVERS = PUBLIC_SURFACE


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    crashes = 10 if full else 1
    ledger = Ledger()
    with Stack(folder).running(["public"], worker=False) as stack:
        reporters = Reporters(stack, ledger)
        killed = _run_rounds(stack, reporters, crashes=crashes, kills=6 if full else 3)
        found = ledger.compare(stack)
        yield plain_figure("workers killed", killed)
        yield plain_figure("crashes of PostgreSQL", crashes)
        yield plain_figure("answers 503 with the text kept, sent again", reporters.refused[503])
        yield plain_figure(
            "answers of the web server alone, sent again", reporters.refused.total() - reporters.refused[503]
        )
        yield plain_figure("connections that broke, sent again", reporters.broken)
        yield equal_to("refusals that lost what was typed", reporters.text_lost, 0)
        yield equal_to("texts that were never acknowledged within a minute", reporters.unsure, 0)
        yield at_least("envelopes acknowledged", found.acknowledged, 1000 if full else 50)
        yield from _comparison_figures(found)
        lost_without = _run_control(stack, max(crashes, 2))
        yield at_least("control with synchronous_commit=off: acknowledged and lost", lost_without, 1)


def _comparison_figures(found: Comparison) -> Iterator[Figure]:
    yield equal_to("acknowledged and lost", found.lost, 0)
    yield equal_to("stored twice", found.doubled, 0)
    yield equal_to("stored with another text", found.altered, 0)


def _run_rounds(stack: Stack, reporters: Reporters, *, crashes: int, kills: int) -> int:
    """Kill workers and crash the server under load; how many workers were killed."""
    chance = random.Random(20)
    killed = 0
    with reporters.at_work():
        for _ in range(crashes):
            for _ in range(kills):
                # Counted in reports and not in seconds, so that the load is the same on slow and fast machines.
                reporters.ledger.wait_for_more(chance.randrange(8, 28))
                killed += _kill_a_worker(stack, chance)
            # Only a crash amid acknowledgements can lose one.
            reporters.ledger.wait_for_more(5)
            stack.crash_postgres()
            stack.start_postgres()
    return killed


def _kill_a_worker(stack: Stack, chance: random.Random) -> int:
    master = stack.processes["public"].pid
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if not workers:
        return 0
    with suppress(ProcessLookupError):
        os.kill(int(chance.choice(workers)), signal.SIGKILL)
    return 1


def _run_control(stack: Stack, crashes: int) -> int:
    """The control: the same crashes on a server that answers before it has written must show a loss."""
    lost = 0
    for _ in range(crashes):
        with stack.connect() as database:
            database.execute("ALTER SYSTEM SET synchronous_commit = off")
            database.execute("SELECT pg_reload_conf()")
        ledger = Ledger()
        # Details of a report that was lost are refused for as long as they are sent.
        reporters = Reporters(stack, ledger, patience=5)
        with reporters.at_work():
            ledger.wait_for_more(20)
            stack.crash_postgres()
            stack.start_postgres()
        lost += ledger.compare(stack).lost
        if lost:
            break
    with stack.connect() as database:
        database.execute("ALTER SYSTEM RESET synchronous_commit")
    return lost
