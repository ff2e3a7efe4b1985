"""Runs a program whose clock is moved: `python -m tests.rig.moved_clock HOURS MODULE ARGUMENT...`.

Processes it forks go by the same clock. PostgreSQL goes by its own: what waits for its `now()` has to be moved to it.
"""

import runpy
import sys
from datetime import UTC, datetime, timedelta

import time_machine

if __name__ == "__main__":
    _, hours, module, *arguments = sys.argv
    time_machine.travel(datetime.now(tz=UTC) + timedelta(hours=float(hours)), tick=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
