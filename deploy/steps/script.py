"""The frame of each script: one at a time on a machine, ended by signals without harm, errors as sentences.

A script that was cut off is typed again and goes on.
"""

import fcntl
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from deploy.steps.machine import StepRefused

LOCK = Path("/run/portals-scripts.lock")
# For the commands of a script that was killed, which run on to their end.
WAIT_SECONDS = 900
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class ScriptEnded(BaseException):
    """A signal ended the script, as when a connection drops. The units that it had stopped start on the way out."""


class ContinueWith(BaseException):
    """Another release's script of the same name goes on, with the same options."""

    def __init__(self, script: Path) -> None:
        super().__init__(script)
        self.script = script


def run_script(work: Callable[[], None]) -> int:
    """The exit status. Refusals and missing files are printed as sentences."""
    for number in SIGNALS:
        signal.signal(number, _end_script)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Each line at once, also into a file or a pipe.
        sys.stdout.reconfigure(line_buffering=True)
    try:
        with hold_machine(LOCK):
            work()
    except ContinueWith as other:
        os.execv(other.script, [str(other.script), *sys.argv[1:]])  # noqa: S606 - of a release that was checked
    except StepRefused as reason:
        print(reason, file=sys.stderr)
    except OSError as error:
        # The terminal may be gone.
        with suppress(OSError):
            print(f"{error.filename or 'Output'}: {error.strerror}.", file=sys.stderr)
    except ScriptEnded as reason:
        with suppress(OSError):
            print(reason, file=sys.stderr)
    else:
        return 0
    return 1


def _end_script(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise ScriptEnded(f"Ended by {signal.Signals(number).name}. Type the command again: it goes on.")


@contextmanager
def hold_machine(lock: Path) -> Iterator[None]:
    """No other script runs meanwhile, nor a command that one left behind: commands inherit the lock.

    Raises:
        StepRefused: another one still ran after WAIT_SECONDS.
    """
    if os.geteuid() != 0:
        # Refused by each script.
        yield
        return
    with lock.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        end = time.monotonic() + WAIT_SECONDS
        while not _take(file.fileno()):
            if time.monotonic() > end:
                raise StepRefused(f"Another script holds {lock}: `fuser {lock}` names its process.")
            time.sleep(0.2)
        yield


def _take(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
