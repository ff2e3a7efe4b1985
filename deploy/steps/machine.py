"""The machine that is installed on: running programs, putting files in place, and what is asked of it beforehand."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

# This release: the folder that the running script is in.
RELEASE = Path(__file__).resolve().parent.parent.parent
# The link to the release in use; the release before it has a link of its own.
CURRENT = Path("/srv/portals")
BEFORE = Path("/srv/portals-before")
SETTINGS = Path("/etc/portals")
UNITS = Path("/etc/systemd/system")
KEYRING = Path("/var/lib/portals/keyring")
# PostgreSQL's own settings.
CLUSTER = Path("/etc/postgresql/17/main")
# Where the database is on several machines (deploy/many), Patroni's configuration, and how a primary moves to this one.
PATRONI = Path("/etc/patroni/config.yml")
SWITCH_OVER = "patronictl --config-file /etc/patroni/config.yml switchover --candidate $(hostname) --force"
DEBIAN = "13"
FREE_BYTES = 3_000_000_000
PORTS = (80, 443)


class StepRefused(Exception):
    """A check or a step failed; the message says what and what to do."""


def run(
    *command: str | Path, typed: str = "", environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> str:
    """The output of the program. Raises StepRefused, with its last lines, where it fails.

    It inherits the lock of the script, so that a command left behind by a script that was killed is waited for.
    """
    process = subprocess.run(
        [str(part) for part in command],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        close_fds=False,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    )
    if process.returncode:
        output = "\n".join((process.stdout + process.stderr).strip().splitlines()[-12:])
        raise StepRefused(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output}")
    return process.stdout


def succeeds(*command: str | Path) -> bool:
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0


def manage(release: Path, user: str, *command: str, environment: Mapping[str, str] | None = None) -> str:
    """`deploy/manage` of a release. Raises StepRefused."""
    return run(release / "deploy" / "manage", user, *command, environment=environment)


def restart_database() -> None:
    """With new files. One of several machines goes on: Patroni alone starts and stops PostgreSQL there."""
    if PATRONI.exists():
        run("runuser", "-u", "postgres", "--", "psql", "--quiet", "--command", "SELECT pg_reload_conf()")
    else:
        run("systemctl", "restart", "postgresql@17-main")


def create_database_roles(release: Path) -> None:
    """Raises StepRefused."""
    ask = ("psql", "--no-align", "--tuples-only", "--command", "SELECT pg_is_in_recovery()")
    if PATRONI.exists() and run("runuser", "-u", "postgres", "--", *ask).strip() != "f":
        raise StepRefused(f"The database's primary is on another machine. First run here: {SWITCH_OVER}")
    file = release / "deploy" / "postgresql" / "roles.sql"
    run("runuser", "-u", "postgres", "--", "psql", "--quiet", "--file", file)


def ask_database(command: str, database: str = "portals") -> str:
    """The answer to the superuser's question, as text. Raises StepRefused."""
    asked = ("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", command, database)
    return run("runuser", "-u", "postgres", "--", *asked).strip()


def read_version(release: Path) -> str:
    """The number in pyproject.toml. Raises StepRefused where the folder is no release."""
    try:
        text = (release / "pyproject.toml").read_text(encoding="utf-8")
    except OSError as error:
        raise StepRefused(f"{release} is no release: {error.strerror}.") from error
    match = re.search(r'^version = "(.*)"$', text, re.MULTILINE)
    if match is None:
        raise StepRefused(f"{release}/pyproject.toml names no version.")
    split_version(match[1])
    return match[1]


def split_version(version: str) -> tuple[float, ...]:
    """For comparing: 0.2.0rc1 comes before 0.2.0. Raises StepRefused."""
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:rc(\d+))?", version)
    if match is None:
        raise StepRefused(f"{version!r} is not a version such as 0.2.0 or 0.2.0rc1.")
    *numbers, candidate = match.groups()
    return (*map(int, numbers), float(candidate or "inf"))


def write_file(path: Path, content: bytes, mode: int = 0o644) -> bool:
    """Write a file whole or not at all; False where it was so already."""
    if path.exists() and path.read_bytes() == content and path.stat().st_mode & 0o777 == mode:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(content)
    draft.chmod(mode)
    draft.replace(path)
    return True


def copy_files(sources: Sequence[Path], to: Path, mode: int = 0o644) -> bool:
    """Copy files and whole folders into `to`; False where all were there already."""
    changed = False
    for source in sources:
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if file.is_file():
                changed |= write_file(to / file.relative_to(source.parent), file.read_bytes(), mode)
    return changed


def link_release(link: Path, release: Path) -> bool:
    """Point a link of /srv at a release, in one step; False where it was so already."""
    if link.is_symlink() and link.resolve() == release:
        return False
    draft = link.with_name(f"{link.name}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(release)
    draft.replace(link)
    return True


def name_host(host: str, address: str) -> bool:
    """A line of /etc/hosts, so that no name server is asked; False where it was there."""
    hosts = Path("/etc/hosts")
    lines = [line for line in hosts.read_text().splitlines() if line.split()[1:] != [host]]
    content = "\n".join([*lines, f"{address} {host}"]) + "\n"
    if hosts.read_text() == content:
        return False
    # In place: in containers and some images the file is mounted and cannot be replaced.
    hosts.write_text(content)
    return True


# --- Checks: nothing is changed by them -------------------------------------------------------------------------------


def find_obstacles(*, installed: bool, system: Path = Path("/etc/os-release")) -> Iterator[str]:
    """The obstacles to installing on this machine, a sentence each. `installed`: the product is on it already."""
    if os.geteuid() != 0:
        yield "Only root can install: run this with sudo or as root."
        return
    release = read_os_release(system)
    if (release.get("ID"), release.get("VERSION_ID")) != ("debian", DEBIAN):
        yield f"This is {release.get('PRETTY_NAME', 'an unknown system')}; Debian {DEBIAN} is needed."
    if Path("/proc/1/comm").read_text().strip() != "systemd":
        yield "The first process is not systemd, which runs and confines every part of the product."
    free = shutil.disk_usage("/srv").free
    if free < FREE_BYTES:
        yield f"/srv has {free // 1_000_000} MB free; at least {FREE_BYTES // 1_000_000} are needed."
    if installed:
        return
    for port in PORTS:
        if is_port_taken(port):
            yield f"Another program listens on port {port}: `ss --listening --tcp --processes` names it."
    sites = Path("/etc/nginx/sites-enabled")
    foreign = sorted(path.name for path in sites.glob("*") if path.name != "default") if sites.exists() else []
    if foreign:
        yield f"This web server has other sites ({', '.join(foreign)}): the product needs one of its own."


def read_os_release(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines) if value}


def is_port_taken(port: int) -> bool:
    """Whether something listens on the port; the web server of Debian, not yet configured, does not count."""
    with socket.socket(socket.AF_INET6) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("::", port))
        except OSError:
            return not succeeds("systemctl", "is-active", "--quiet", "nginx")
    return False
