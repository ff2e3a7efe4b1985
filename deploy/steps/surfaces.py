"""Holding requests while tables or code change: they wait at the sockets of systemd, and none is refused.

A drop-in lets the start of a surface wait for a file to go. A restart then ends the old processes, which answer what
they have, and visitors who come meanwhile wait for the new ones: the web server waits for up to a minute.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.steps.machine import StepRefused, run, succeeds
from deploy.steps.units import start_units

HELD = Path("/run/portals-held")
DROP_IN = "held.conf"
WAIT = f"[Service]\nExecStartPre=/bin/sh -c 'while [ -e {HELD} ]; do sleep 0.1; done'\nTimeoutStartSec=15min\n"
END_SECONDS = 60
START_SECONDS = 120


@contextmanager
def held_requests(surfaces: Sequence[str]) -> Iterator[None]:
    """The surfaces stopped, with visitors waiting; on leaving they start, with the release of /srv/portals by then."""
    if not surfaces:
        yield
        return
    HELD.touch()
    for surface in surfaces:
        folder = Path(f"/run/systemd/system/{surface}.service.d")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DROP_IN).write_text(WAIT)
    run("systemctl", "daemon-reload")
    try:
        # Many starts in a row would be refused.
        succeeds("systemctl", "reset-failed", *surfaces)
        run("systemctl", "restart", "--no-block", *surfaces)
        _await(surfaces, "start-pre", END_SECONDS)
        yield
    finally:
        release_requests()
    _await(surfaces, "running", START_SECONDS)


def release_requests() -> None:
    """Let the surfaces start, also those that a script held which was killed."""
    HELD.unlink(missing_ok=True)
    drop_ins = [*Path("/run/systemd/system").glob(f"portals-*.service.d/{DROP_IN}")]
    for drop_in in drop_ins:
        drop_in.unlink()
    if drop_ins:
        run("systemctl", "daemon-reload")


def _await(surfaces: Sequence[str], state: str, seconds: int) -> None:
    end = time.monotonic() + seconds
    while True:
        states = [run("systemctl", "show", "--value", "--property=SubState", surface).strip() for surface in surfaces]
        if states == [state] * len(surfaces):
            return
        if time.monotonic() > end:
            raise StepRefused(f"{' and '.join(surfaces)} are {' and '.join(states)}, not {state}, after {seconds} s.")
        time.sleep(0.1)


@contextmanager
def stopped_workers(workers: Sequence[str]) -> Iterator[None]:
    """Intake, jobs and keys wait meanwhile. All start on leaving, also after a failure, and those that did not run.

    Surfaces that the release in use by then does not have are left out.
    """
    if present := [unit for unit in workers if succeeds("systemctl", "cat", unit)]:
        run("systemctl", "stop", *present)
    try:
        yield
    finally:
        start_units([*reversed(workers)])
