"""Data folders made once and copied: a migrated PostgreSQL cluster, and the installations that are built on it.

Copying a folder whose server is stopped takes less than a second; running the migrations and loading a demo takes many.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from portal_site.database import embedded
from portal_site.environment import PROJECT

# Names the folder that all processes of one run share; children inherit it.
SHARED = "PORTALS_SHARED_FOLDER"
# Where pytest keeps files for later runs: `--cache-clear` and `make clean` empty it.
CACHE = PROJECT / ".pytest_cache" / "d"
# Files that determine the schema of a migrated database.
MIGRATION_SOURCES = (
    "*/migrations/*.py",
    "*/migrations/*.sql",
    "*/models.py",
    "*/models/*.py",
    "countries/table_creation.py",
    "portal_site/database/embedded.py",
    "portal_site/settings.py",
    "deploy/postgresql/portals.conf",
    "requirements-dev.txt",
)


def start_migrated_server(folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> str:
    """Start a server in `folder` whose database `embedded.DATABASE` is migrated and else empty; return its URL.

    `settings`: what it has besides those of every embedded server, from its first start on.
    """
    if not (folder / "postgres").exists():
        copy_files(prepare_migrated_cluster(), folder / "postgres")
        with (folder / "postgres" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    return embedded.acquire_server(folder)


def copy_data_folder(name: str, make: Callable[[Path], None], into: Path) -> None:
    """Fill `into` with a copy of the data folder that `make(folder)` makes, once a run, and whose server is stopped."""
    original = folder_of_run() / name
    with only_process(original.with_name(f"{name}.lock")):
        if not original.exists():
            unfinished = original.with_name(f"{name}.new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            try:
                make(unfinished)
            finally:
                embedded.release_server(unfinished)
            unfinished.rename(original)
    into.mkdir(parents=True, exist_ok=True)
    for path in original.iterdir():
        copy_files(path, into / path.name)


def folder_of_run() -> Path:
    """The folder of this run, removed when the process ends that asked for it first."""
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="portals-shared-")
        atexit.register(shutil.rmtree, os.environ[SHARED], ignore_errors=True)
    return Path(os.environ[SHARED])


def prepare_migrated_cluster() -> Path:
    """The files of a stopped server with a migrated database; kept for later runs, until a migration changes."""
    cluster = CACHE / f"migrated-{_migrations_fingerprint()}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with only_process(CACHE / "migrated.lock"):
        if not cluster.exists():
            for earlier in CACHE.glob("migrated-*"):
                shutil.rmtree(earlier)
            unfinished = CACHE / "migrated.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            # Not in the cache itself, which the server's user may not be able to reach.
            with tempfile.TemporaryDirectory(prefix="portals-migrated-") as name:
                _migrate_database(Path(name))
                copy_files(Path(name) / "postgres", unfinished)
            unfinished.rename(cluster)
    return cluster


def copy_files(source: Path, target: Path) -> None:
    """Copy a file or a folder with its owners and modes."""
    subprocess.run(["cp", "-Rp", str(source), str(target)], check=True)


@contextmanager
def only_process(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _migrations_fingerprint() -> str:
    # Another user's files could not be read.
    digest = hashlib.sha256(f"{os.geteuid()} {sys.version}".encode())
    for path in sorted(path for pattern in MIGRATION_SOURCES for path in PROJECT.glob(pattern)):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrate_database(folder: Path) -> None:
    url = embedded.acquire_server(folder)
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "SECRET_KEY": "signs nothing: this process does no more than run the migrations",
    }
    try:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    finally:
        embedded.release_server(folder)
