"""The demo's place on the machine: which address it serves, and which processes belong to it.

Whether a process is still running is read from locks on files, which the kernel releases when their holder ends:
`demo.lock` is held by the demo itself, `demo.children` by each process it starts. So a killed demo can be
distinguished from a running one, and the processes it left behind can be ended, without trusting process
ids alone.
"""

import fcntl
import ipaddress
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from portal_site import environment
from portal_site.database import embedded
from portal_site.database.programs import EmbeddedServerError

LEAVE_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LEAVE_SECONDS = 30
CHILD_SECONDS = 8
# Exists in the data folder while the demo's reports are being loaded, and after that was interrupted: the file that
# settings call DEMO_LOADING.
LOADING = "loading"

# Kept open for as long as this process is the demo.
_locks: dict[str, IO[str]] = {}


class DemoError(Exception):
    """The demo will not start here. The text says why and what to do, for a person to read."""


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where the demo listens."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """How a browser on this machine reaches it."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with an address, not bound
        return f"http://{ListenAddress(everywhere.get(self.host, self.host), self.port).bind}"

    @property
    def beyond_loopback(self) -> bool:
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True


def read_listen_address() -> ListenAddress:
    """BIND and PORT from the environment. Raises DemoError."""
    host = os.environ.get("BIND") or "127.0.0.1"
    text = os.environ.get("PORT") or "8000"
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= port <= 65535:
        raise DemoError(f"PORT={text} is not a port number: choose one from 1024 to 65535, such as PORT=8001.")
    chosen = ListenAddress(host, port)
    if chosen.beyond_loopback and os.environ.get("DEMO_BEYOND_LOOPBACK") != "1":
        raise DemoError(
            f"BIND={host} would show the demo to other machines. Its passwords are in a file, second factors "
            "are off and its traffic is not encrypted. To do it anyway, also set DEMO_BEYOND_LOOPBACK=1."
        )
    return chosen


def prepare_demo() -> None:
    """Prepare everything that settings need: a free address, a lock on the folder, a database.

    Raises DemoError or EmbeddedServerError.
    """
    _leave_when_asked()
    chosen = read_listen_address()
    folder = environment.data_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _become_the_demo(folder, chosen)
    if _end_children(folder):
        print("Ended processes that an earlier, killed demo had left running.", flush=True)
    _check_free(chosen)
    if (folder / LOADING).exists():
        _start_over(folder)
    # Overrides the shell's environment: one process serves both surfaces, and every page says it is a demo.
    os.environ.update(SURFACE="all", DEMO="1")
    # Its posters lead to the demo itself.
    os.environ.setdefault("PUBLIC_URL", f"http://{chosen.bind}")
    if chosen.beyond_loopback:
        os.environ.setdefault("ALLOWED_HOSTS", "*")
    if not environment.names_database():
        print("Starting PostgreSQL ...", flush=True)
    environment.complete_environment()


def child_lock() -> IO[str]:
    """The lock to hand to a child process (`pass_fds`) and to write its process id to, one a line."""
    return _locks["children"]


def reset_demo() -> str:
    """Stop all processes of DATA_DIR and remove the folder. Return a message. Raises DemoError."""
    folder = environment.data_dir()
    if not folder.exists():
        return f"Nothing to reset: {folder} does not exist."
    _check_ours(folder)
    _stop_the_demo(folder)
    _end_children(folder)
    embedded.stop_server(folder)
    shutil.rmtree(folder)
    return f"Stopped what ran from {folder} and removed it."


def _leave_when_asked() -> None:
    """On Ctrl-C, SIGTERM and the like, end this process with exit code 0 and let its cleanup finish."""

    def leave(*_: object) -> NoReturn:
        for name in LEAVE_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        sys.exit(0)

    for name in LEAVE_SIGNALS:
        signal.signal(name, leave)


def _become_the_demo(folder: Path, chosen: ListenAddress) -> None:
    lock = (folder / "demo.lock").open("a+")
    if not _try_lock(lock):
        lock.seek(0)
        pid, url = (*lock.read().split(), "?", "?")[:2]
        raise DemoError(
            f"A demo is running from {folder} at {url} (process {pid}). Stop it with Ctrl-C, or start "
            "another one beside it with a PORT and a DATA_DIR of its own."
        )
    lock.truncate(0)
    lock.write(f"{os.getpid()} {chosen.url}\n")
    lock.flush()
    _locks["demo"] = lock


def _stop_the_demo(folder: Path) -> None:
    with (folder / "demo.lock").open("a+") as lock:
        if _try_lock(lock):
            return
        lock.seek(0)
        pid = int(lock.read().split()[0])
        os.kill(pid, signal.SIGTERM)
        if not _wait_until(LEAVE_SECONDS, lambda: _try_lock(lock)):
            raise DemoError(f"The demo (process {pid}) did not stop.")


def _end_children(folder: Path) -> bool:
    """End the processes of a demo that was killed; True when there were any. Takes the lock for new ones."""
    lock = (folder / "demo.children").open("a+")
    left_behind = not _try_lock(lock)
    if left_behind:
        lock.seek(0)
        # Each child leads a process group of its own.
        groups = [int(line) for line in lock.read().split()]
        for name in (signal.SIGTERM, signal.SIGKILL):
            for group in groups:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, name)
            if _wait_until(CHILD_SECONDS, lambda: _try_lock(lock)):
                break
        else:
            raise DemoError(f"Processes of an earlier demo did not end: {', '.join(map(str, groups))}.")
    lock.truncate(0)
    _locks["children"] = lock
    return left_behind


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_until(seconds: float, happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _check_free(chosen: ListenAddress) -> None:
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the web server does: an address may be bound while its last connections are still closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            raise DemoError(
                f"Cannot listen on {chosen.bind}: {error.strerror}. Choose another port, such as "
                f"PORT={_next_port(chosen.port)}."
            ) from None


def _next_port(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8000


def _start_over(folder: Path) -> None:
    """Remove what an interrupted first start has loaded. Raises DemoError where its data is not in this folder."""
    if environment.names_database():
        raise DemoError(
            f"Loading the demo was interrupted. Empty the database that DATABASE_URL names, remove {folder}, and "
            "start again."
        )
    print("The first start was interrupted; starting from nothing.", flush=True)
    embedded.stop_server(folder)
    for name in ("postgres", "keyring"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / LOADING).unlink()


def _check_ours(folder: Path) -> None:
    """Refuse to remove a folder that is clearly not a data folder, or that contains other files."""
    above = {environment.PROJECT, *environment.PROJECT.parents, Path.home(), *Path.home().parents}
    marks = ("secret-key", "postgres.lock", "demo.lock")
    if folder in above or (any(folder.iterdir()) and not any((folder / mark).exists() for mark in marks)):
        raise DemoError(f"DATA_DIR={folder} does not look like a data folder of this project; nothing was removed.")


if __name__ == "__main__":
    # `make reset` uses this and not a management command: settings would need the very files to be removed.
    try:
        print(reset_demo())
    except (DemoError, EmbeddedServerError) as error:
        sys.exit(str(error))
