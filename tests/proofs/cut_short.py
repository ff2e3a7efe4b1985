"""Cuts a script of `deploy/` off before one of its steps, inside a machine of the proof `interruptions`.

Python reads the file as `sitecustomize` where it lies in PYTHONPATH. A step is a command that the script starts, or a
file that it puts in place; commands that only read do not count. Its name has the lines of the script from which it is
reached. CUT_STEPS is a file of names: a step that is not among them is added and, with a signal or `reboot` in CUT_BY,
cut off; beside the file appears another once that happened.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCRIPTS = ("install", "upgrade", "rollback")
READING = (
    *("systemctl is-active", "systemctl cat", "systemctl show", "dpkg-query", "ssh-keygen -Y", "curl"),
    # A setting, by a shell.
    "sh -c",
)
# By the beginning of a command, how many of its words name it: units that happen to be stopped and new secrets do not.
NAMING_WORDS = {"systemctl": 2, "set-value": 3}
# A time in nanoseconds.
CLOCK = re.compile(r"\b\d{15,}\b")
ONE_AT_A_TIME = threading.Lock()


def name_step(action: str) -> str:
    """The action, and the lines of `deploy/steps` on the way to it."""
    frames = [frame for frame in traceback.extract_stack() if "/deploy/steps/" in frame.filename]
    lines = [f"{Path(frame.filename).stem}:{frame.lineno}" for frame in frames if frame.name != "run_script"]
    # The first is `main`, and the last the function that starts every command.
    return " ".join([*lines[1:-1], action])


def name_command(command: Any) -> str:
    """Empty for one that only reads."""
    parts = [str(part) for part in command] if isinstance(command, list | tuple) else str(command).split()
    text = " ".join([Path(parts[0]).name, *parts[1:]]).split("\n")[0]
    if text.startswith(READING) or " --command SELECT count(" in text:
        return ""
    words = CLOCK.sub("TIME", text).split()
    return " ".join(words[: NAMING_WORDS.get(words[0], 20)])


def meet_step(action: str) -> None:
    """Return where the step is to run."""
    steps, name = Path(os.environ["CUT_STEPS"]), name_step(action)
    with ONE_AT_A_TIME:
        if name in steps.read_text().splitlines():
            return
        with steps.open("a") as file:
            file.write(f"{name}\n")
        cut_by = os.environ["CUT_BY"]
        if not cut_by:
            return
        Path(f"{steps}.now").touch()
        if cut_by == "reboot":
            # Nothing of it goes on meanwhile.
            time.sleep(3600)
        os.kill(os.getpid(), signal.Signals[f"SIG{cut_by}"])


def meet_before(put: Callable[..., None]) -> Callable[..., None]:
    def put_met(source: Any, target: Any, **options: Any) -> None:
        meet_step(f"put {target}")
        put(source, target, **options)

    return put_met


def watch_steps() -> None:
    start, puts = subprocess.Popen.__init__, (os.replace, os.rename)

    def start_met(self: Any, command: Any, *arguments: Any, **options: Any) -> None:
        if action := name_command(command):
            meet_step(action)
        start(self, command, *arguments, **options)

    subprocess.Popen.__init__ = start_met  # type: ignore[assignment]
    os.replace, os.rename = map(meet_before, puts)


if "CUT_STEPS" in os.environ and any(part.split("/")[-1] in SCRIPTS for part in sys.orig_argv[1:3]):
    watch_steps()
