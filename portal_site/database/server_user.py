"""The system user that root's embedded PostgreSQL runs as, since PostgreSQL refuses to run as root."""

import os
import pwd
import stat
import subprocess
import tempfile
from pathlib import Path

from portal_site.database.programs import EmbeddedServerError, wheel_folder

# Made when missing.
SYSTEM_USER = "pgserver"


def server_user(cluster: Path, programs: Path) -> pwd.struct_passwd | None:
    """The system user for root's server, able to reach its files; None where the caller's own user will do."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        # Root's PATH lacks /usr/sbin after a plain `su`.
        programs_path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
        process = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": programs_path},
        )
        try:
            user = pwd.getpwnam(SYSTEM_USER)  # made just now, by this process or by another
        except KeyError:
            raise EmbeddedServerError(f"Cannot create the system user {SYSTEM_USER}: {process.stderr}") from None
    for path in (cluster, programs):
        _let_pass(path)
    # Only files installed for this project are opened; a PostgreSQL of the machine is left as it is.
    if programs == wheel_folder() and (programs / "postgres").stat().st_mode & 0o005 != 0o005:
        open_to_all(programs.parent)
    return user


def run_as(
    user: pwd.struct_passwd | None, program: Path, *args: str, cluster: Path
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs on `cluster`, away from Ctrl-C and the caller's PG* variables."""
    # The server inherits standard output and keeps it open: a pipe would wait for its end, a file does not.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.run(
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
        return subprocess.CompletedProcess(process.args, process.returncode, output.read(), "")


def open_to_all(installed: Path) -> None:
    """Let other users read and run files that were installed under a strict umask."""
    for path in (installed, *installed.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def _let_pass(path: Path) -> None:
    """Let other users pass through the folders above `path`, not look into them."""
    for folder in path.parents:
        if not (mode := folder.stat().st_mode) & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
