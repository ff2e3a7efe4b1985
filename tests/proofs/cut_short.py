"""Cuts a script of `deploy/` off before one of its steps, inside a machine of the proof `interruptions`.

Python reads the file as `sitecustomize` where it lies in PYTHONPATH. A step is a command that the script starts, or a
file that it puts in place. CUT_AT is the number of the step, CUT_BY the signal or `reboot`, CUT_COUNT a file that
counts over the scripts of both releases; beside it
appears a file once it was cut.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SCRIPTS = ("install", "upgrade", "rollback")


def count_step() -> None:
    counted = Path(os.environ["CUT_COUNT"])
    number = int(counted.read_text() or 0) + 1 if counted.exists() else 1
    counted.write_text(str(number))
    if number != int(os.environ["CUT_AT"]):
        return
    Path(f"{counted}.now").touch()
    if os.environ["CUT_BY"] == "reboot":
        # Nothing of it goes on meanwhile.
        time.sleep(3600)
    os.kill(os.getpid(), signal.Signals[f"SIG{os.environ['CUT_BY']}"])


def watch_steps() -> None:
    start, put = subprocess.Popen.__init__, os.replace

    def start_counted(self: Any, *arguments: Any, **options: Any) -> None:
        count_step()
        start(self, *arguments, **options)

    def put_counted(*arguments: Any, **options: Any) -> None:
        count_step()
        put(*arguments, **options)

    subprocess.Popen.__init__ = start_counted  # type: ignore[method-assign]
    os.replace = put_counted


if "CUT_AT" in os.environ and any(part.split("/")[-1] in SCRIPTS for part in sys.orig_argv[1:3]):
    watch_steps()
