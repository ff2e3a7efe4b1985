"""docs/reference/life-model.md: what the model of `tests/life` covers, written from its tables."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

from django.utils import translation

from tests.life.clock import JUMPS
from tests.life.invariants import INVARIANTS
from tests.life.jobs import JOBS
from tests.life.machine import COMPARED_EVERY, KINDS
from tests.life.seeded import BUGS
from tests.life.verbs import AREAS, VERBS
from tests.life.world import MOODS

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/life-model.md"
HEAD = """\
# The model of an incident's life

Written from the tables of `tests/life`; a test fails if the two differ. `make test` runs some hundred steps of the
model. `python -m tests.proofs life` runs at least 100,000 on all cores, and requires that every verb was accepted in
them. A failure prints a line that replays it.

```mermaid
flowchart LR
    steps["a step: people report, use verbs and switch accounts; jobs run; time passes; things fail"]
    product["the product's verbs and jobs on PostgreSQL"]
    holds["everything below must hold"]
    steps --> product --> holds --> steps
    crash["a process ends at any statement, between two transactions, or after the mail server has accepted a letter"]
    crash --> product
```
"""


def build_page() -> str:
    with translation.override("en"):
        return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    yield "## Steps\n"
    yield from _table(("step", "share"), ((_first_line(kind.take), f"{kind.often} %") for kind in KINDS))
    yield f"## Verbs ({len(VERBS)}), jobs and commands ({len(JOBS)})\n"
    yield "Each verb is also tried by people in other roles, and on rows that it is not possible for. `AREAS` in"
    yield "`tests/life/verbs.py` and `JOBS` in `tests/life/jobs.py` name them all.\n"
    yield from _table(("area", "verbs"), ((area, str(len(rows))) for area, rows in AREAS.items()))
    yield "## Time and failures\n"
    yield f"* The clock moves by or to: {', '.join(JUMPS)}.\n* The mail server: {', '.join(MOODS)}."
    yield "* The worker is down at times; what it missed runs later.\n"
    yield f"## What must hold after each step ({len(INVARIANTS)})\n"
    yield "Only what a step has written is asked of the database again. All answers are compared every"
    yield f"{COMPARED_EVERY} steps and at the end of each example.\n"
    yield from (f"{number}. {_first_line(holds)}" for number, holds in enumerate(INVARIANTS, 1))
    yield f"\nThe model finds each of {len(BUGS)} bugs that `python -m tests.life.seeded` seeds.\n"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


def _first_line(function: Callable[..., object]) -> str:
    return (inspect.getdoc(function) or function.__name__).split("\n\n")[0].replace("\n", " ")
