"""One scheduled run in a fresh process: its seconds, statements and peak memory."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import perf_counter

import django
from django.db import connection

from tests.benchmarks.chasing.results import ChasingRun


def measure_run(now: datetime) -> ChasingRun:
    """`peak_mb`: of the whole process; `grown_mb`: above its memory before the run."""
    django.setup()
    from analysts.takedown.chasing.run import plan_due_notices  # noqa: PLC0415 - imports models, which need the set-up

    statements = 0

    def counted[**P, R](execute: Callable[P, R], *asked: P.args, **named: P.kwargs) -> R:
        nonlocal statements
        statements += 1
        return execute(*asked, **named)

    # Connects, and does the imports that are made on first use.
    plan_due_notices(now=datetime.min.replace(tzinfo=now.tzinfo))
    before = _peak_mb()
    with connection.execute_wrapper(counted):
        began = perf_counter()
        planned = plan_due_notices(now=now)
        seconds = perf_counter() - began
    peak = _peak_mb()
    return {
        "planned": planned,
        "seconds": round(seconds, 2),
        "statements": statements,
        "peak_mb": round(peak),
        "grown_mb": round(peak - before, 1),
    }


def _peak_mb() -> float:
    """Peak memory of this program: the process's own counter includes the program that it was forked from."""
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
    return int(peak.split()[0]) / 1024
