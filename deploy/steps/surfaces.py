"""Holding requests while tables or code change: they wait at the sockets of systemd, and none is refused.

A drop-in lets the start of a surface wait for a file to go. A restart then ends the old processes, which answer what
they have, and visitors who come meanwhile wait for the new ones: the web server waits for up to a minute.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.steps.machine import StepRefused, run, succeeds

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
        run("systemctl", "restart", "--no-block", *surfaces)
        _await(surfaces, "start-pre", END_SECONDS)
        yield
    finally:
        HELD.unlink(missing_ok=True)
        for surface in surfaces:
            Path(f"/run/systemd/system/{surface}.service.d/{DROP_IN}").unlink(missing_ok=True)
        run("systemctl", "daemon-reload")
    _await(surfaces, "running", START_SECONDS)


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
    """Intake, jobs and keys wait meanwhile. Units that were running are started again, also after a failure.

    One that the release in use by then does not have is left out.
    """
    running = [unit for unit in workers if succeeds("systemctl", "is-active", "--quiet", unit)]
    if running:
        run("systemctl", "stop", *running)
    try:
        yield
    finally:
        if present := [unit for unit in reversed(running) if succeeds("systemctl", "cat", unit)]:
            run("systemctl", "start", *present)
