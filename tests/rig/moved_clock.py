"""Runs a program whose clock is moved: `python -m tests.rig.moved_clock HOURS MODULE ARGUMENT...`.

Processes it forks go by the same clock. PostgreSQL goes by its own: what waits for its `now()` has to be moved to it.
"""

import runpy
import sys
from datetime import UTC, datetime, timedelta

import time_machine


def move_clock(hours: float) -> None:
    """Move the clock of this process, until it ends."""
    time_machine.travel(datetime.now(tz=UTC) + timedelta(hours=hours), tick=True).start()


if __name__ == "__main__":
    _, hours, module, *arguments = sys.argv
    move_clock(float(hours))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
