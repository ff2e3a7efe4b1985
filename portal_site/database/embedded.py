"""The embedded PostgreSQL: a real server of our own, for demo and tests, where no DATABASE_URL is given.

Many processes may use one server: the first one starts it, the last one to leave stops it. Each user holds a
shared lock on a file. The kernel drops the lock whenever a process ends, so a killed process is never counted, and
there is no list of process ids that the system may have reused. A server that a killed process left running is
joined, never stopped.

Its programs come from a wheel, or from a PostgreSQL that the machine has (`programs`). The
wheel's Python side is not used: it counts process ids, opens every folder above its files to everyone's
eyes, and breaks on a path with a space.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import re
import shlex
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from portal_site.database.programs import EmbeddedServerError, major_version, program_folder
from portal_site.database.server_user import run_as, server_user

DATABASE = "portals"
PORT = 5432
# Seconds: enough to recover from a crash, few enough to wait for.
START_SECONDS = 60
STOP_SECONDS = 30
# The system's limit for a socket's whole path is 104 (macOS) or 108 bytes (Linux).
LONGEST_SOCKET_PATH = 100

# The configuration file of every installation: logs without statements or values, commits that reach the disk.
SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "postgresql" / "portals.conf"
# Settings of the embedded server only. Written into postgresql.conf once, when the cluster is created.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
}

_handles: dict[Path, IO[str]] = {}
# A forked child shares its parent's lock but must not stop its parent's server.
os.register_at_fork(after_in_child=_handles.clear)


def acquire_server(data_dir: Path) -> str:
    """Start or join the server of `data_dir`, made when missing; return the DATABASE_URL of its database.

    The server stops when the last process that called this ends or calls `release_server`. Raises EmbeddedServerError.
    """
    data_dir = data_dir.resolve()
    cluster = data_dir / "postgres"
    programs = program_folder(cluster)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _exclusive_lock(data_dir):
        if data_dir not in _handles:
            # Counted before the server starts, so that an interrupted start is tidied up like any other.
            _handles[data_dir] = (data_dir / "postgres.users").open("a")
            fcntl.flock(_handles[data_dir], fcntl.LOCK_SH)
            atexit.register(release_server, data_dir)
        user = server_user(cluster, programs)
        if not cluster.exists():
            _make_cluster(cluster, programs, user)
        socket_folder = _await_server(cluster, programs, user)
    return _database_url(socket_folder, DATABASE)


def release_server(data_dir: Path) -> None:
    """Give up the server that this process got from `acquire_server`, and stop it unless another process uses it."""
    data_dir = data_dir.resolve()
    if (handle := _handles.pop(data_dir, None)) is None:
        return
    with handle:
        if not data_dir.exists():
            return  # the folder was removed; PostgreSQL notices that and exits
        with _exclusive_lock(data_dir):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            stop_server(data_dir)


def stop_server(data_dir: Path) -> bool:
    """Stop the server of `data_dir` even while processes use it; True when one was running."""
    cluster = data_dir.resolve() / "postgres"
    if not _is_running(cluster):
        return False
    programs = program_folder(cluster)
    socket_folder = _socket_folder_in_use(cluster)
    user = server_user(cluster, programs)
    # Fast: roll back what is open, write everything, end. Immediate: end, and recover at the next start.
    for mode in ("fast", "immediate"):
        wait = ("-w", "-t", str(STOP_SECONDS), "-m", mode)
        if run_as(user, programs / "pg_ctl", "stop", *wait, cluster=cluster).returncode == 0:
            break
    if socket_folder not in (None, cluster):
        with suppress(OSError):
            socket_folder.rmdir()
    return True


def run_program(name: str, *args: str, cluster: Path) -> str:
    """Run one of PostgreSQL's programs on a cluster (or an empty folder) as the server's user; returns its output.

    Raises EmbeddedServerError with its output where it fails.
    """
    programs = program_folder(cluster)
    process = run_as(server_user(cluster, programs), programs / name, *args, cluster=cluster)
    if process.returncode != 0:
        raise EmbeddedServerError(f"{name}: {process.stdout}")
    return process.stdout


def give_to_server(folder: Path) -> None:
    """Make the server's user the owner of a folder that it is to write in."""
    if user := server_user(folder, program_folder()):
        os.chown(folder, user.pw_uid, user.pw_gid)


@contextmanager
def _exclusive_lock(data_dir: Path) -> Iterator[None]:
    """Hold off every other process that wants to start or stop this folder's server."""
    with (data_dir / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_server_settings() -> dict[str, str]:
    """The settings in SHIPPED, by name."""
    lines = re.findall(r"^(\w+) = ('?)(.*)\2$", SHIPPED.read_text(), re.MULTILINE)
    return {name: value for name, _, value in lines}


def _make_cluster(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> None:
    """Make the cluster beside its place and rename it when complete: an interrupted one is never started."""
    new = cluster.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user:
        os.chown(new, user.pw_uid, user.pw_gid)
    process = run_as(
        user,
        programs / "initdb",
        *("--username=postgres", "--encoding=UTF8"),
        *_locale_options(major_version(programs)),
        # Only the server's user (and root) can enter the socket's folder: no password needed.
        "--auth=trust",
        cluster=new,
    )
    if process.returncode != 0:
        raise EmbeddedServerError(f"The embedded PostgreSQL cannot create its files in {new}:\n{process.stdout}")
    # Written here, because initdb takes settings only since PostgreSQL 16.
    with (new / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in (read_server_settings() | SETTINGS).items())
    new.rename(cluster)


def _locale_options(major: int) -> tuple[str, ...]:
    """Unicode's letters, and the same sort order on every machine, independent of its locales."""
    if major >= 17:
        return ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C", "--lc-ctype=C.UTF-8")


def _await_server(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> Path:
    """Start the server if it does not run, wait until it answers, and return the folder of its socket."""
    deadline = time.monotonic() + START_SECONDS
    launches = 0
    while True:
        if not _is_running(cluster):
            # A server killed a moment ago may leave processes that need this long to end.
            if launches == 3:
                raise EmbeddedServerError(_failure_message(cluster))
            if launches:
                time.sleep(1)
            launches += 1
            _launch_server(cluster, programs, user)
        elif folder := _socket_folder_in_use(cluster):
            try:
                _make_database(folder)
            except psycopg.OperationalError:
                pass  # starting, recovering, or ending after its last user was killed
            else:
                return folder
        if time.monotonic() > deadline:
            raise EmbeddedServerError(_failure_message(cluster))
        time.sleep(0.05)


def _is_running(cluster: Path) -> bool:
    """Whether the main process of this cluster's server is running.

    If it died, and its process id was reused or belongs to a zombie process, the file that names the id is removed:
    PostgreSQL would otherwise refuse to start.
    """
    import psutil  # noqa: PLC0415 - for development only; the image does without

    pid_file = cluster / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        if process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE:
            try:
                ours = process.cwd() == str(cluster)
            except psutil.AccessDenied:
                ours = True  # root in a container may not look; the name must do
            if ours:
                return True
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False
    pid_file.unlink(missing_ok=True)
    return False


def _launch_server(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> None:
    folder = _socket_folder(cluster, user)
    options = shlex.join(["-c", f"unix_socket_directories={folder}"])
    wait = ("-w", "-t", str(START_SECONDS))
    run_as(user, programs / "pg_ctl", "start", "-l", "log", "-o", options, *wait, cluster=cluster)


def _socket_folder(cluster: Path, user: pwd.struct_passwd | None) -> Path:
    """The cluster's own folder; if its path is too long or has special characters, a private one in the temp folder."""
    socket = cluster / f".s.PGSQL.{PORT}.lock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w./@+-]+", str(cluster)):
        return cluster
    name = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()).resolve() / f"portals-{name}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
    uid = user.pw_uid if user else os.geteuid()
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != uid or stat.S_IMODE(status.st_mode) != 0o700:
        raise EmbeddedServerError(f"{folder} belongs to another user; remove it, or choose a shorter DATA_DIR.")
    return folder


def _socket_folder_in_use(cluster: Path) -> Path | None:
    """Where the running server listens, read from its own file; None until that is written."""
    try:
        lines = (cluster / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return None
    return Path(lines[4]) if len(lines) > 5 and lines[4] else None


def _database_url(socket_folder: Path, database: str) -> str:
    # The folder as a parameter: URL parsers would turn a host's name into lower case.
    return f"postgres://postgres@/{database}?host={quote(str(socket_folder), safe='')}&port={PORT}"


def _make_database(socket_folder: Path) -> None:
    with psycopg.connect(_database_url(socket_folder, "postgres"), autocommit=True, connect_timeout=5) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchall():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _failure_message(cluster: Path) -> str:
    log = cluster / "log"
    last = log.read_text(errors="replace").splitlines()[-10:] if log.exists() else []
    first = f"The embedded PostgreSQL in {cluster} does not start; `make reset` removes it. Its last words:"
    return "\n".join([first, *last])
