"""Runs the shipped deploy/backup for a stack: under its own database role, encrypted to two people's keys."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal_site.database.programs import program_folder
from tests.proofs.result import NotPossibleHere
from tests.proofs.stack import ROOT, Stack

SCRIPTS = ROOT / "deploy"
# As deploy/postgresql/roles.sql makes it.
ROLE = "portals_backup"
# Where `make tools` puts it if the system has none.
AGE_FOLDER = ROOT / ".venv" / "tools" / "usr" / "bin"


@dataclass
class Backups:
    """`folder`/database and `folder`/keyring hold the backups, `folder`/people the keys that open them."""

    stack: Stack
    folder: Path

    def __post_init__(self) -> None:
        if shutil.which("age", path=self._path()) is None:
            raise NotPossibleHere("age is not installed: make tools")
        (self.folder / "people").mkdir(parents=True)
        for kind in ("database", "keyring"):
            (self.folder / kind).mkdir()
            self._run("age-keygen", "--output", self.identity(kind))
            self._recipients(kind).write_text(self._run("age-keygen", "-y", self.identity(kind)).stdout)
        with self.stack.connect() as database:
            database.execute(f"CREATE ROLE {ROLE} LOGIN")
            database.execute(f"GRANT pg_read_all_data TO {ROLE}")

    def identity(self, kind: str) -> Path:
        return self.folder / "people" / f"{kind}.key"

    def _recipients(self, kind: str) -> Path:
        return self.folder / "people" / f"{kind}.recipients"

    @property
    def keyring(self) -> Path:
        return self.folder / "keyring" / "keyring.tar.age"

    @property
    def dump(self) -> Path:
        """The newest backup of the database."""
        return max((self.folder / "database").glob("*.dump.age"))

    def make(self, kind: str) -> str:
        """Run `backup database`, `keyring` or `anchor`; returns its output."""
        environment = {
            "DATABASE_URL": self.stack.database_url(ROLE),
            "BACKUP_DATABASE_TO": str(self.folder / "database"),
            "BACKUP_DATABASE_RECIPIENTS": str(self._recipients("database")),
            "KEYRING": str(self.stack.folder / "keyring"),
            "BACKUP_KEYRING_TO": str(self.folder / "keyring"),
            "BACKUP_KEYRING_RECIPIENTS": str(self._recipients("keyring")),
        }
        return self._run(SCRIPTS / "backup", kind, environment=environment).stdout

    def restore_database(self, name: str, *, anchor: str) -> str:
        """Restore the newest backup into a new database of the same server; returns the output."""
        with self.stack.connect() as database:
            database.execute(f'CREATE DATABASE "{name}"')
        with self.restored(name):
            environment = {
                "DATABASE_URL": self.stack.database_url("postgres"),
                "RESTORE_IDENTITY": str(self.identity("database")),
                "RESTORE_ANCHOR": anchor,
            }
            return self._run(SCRIPTS / "restore", "database", self.dump, environment=environment).stdout

    def restore_keyring(self, folder: Path) -> None:
        folder.mkdir()
        environment = {"KEYRING": str(folder), "RESTORE_IDENTITY": str(self.identity("keyring"))}
        self._run(SCRIPTS / "restore", "keyring", self.keyring, environment=environment)

    @contextmanager
    def restored(self, name: str) -> Iterator[None]:
        """Within this context the stack uses another database of its server."""
        before = self.stack.database
        self.stack.database = before | {"dbname": name}
        try:
            yield
        finally:
            self.stack.database = before

    def opens(self, backup: Path, kind: str) -> bool:
        """Whether the owner of this kind's key, or of the other kind's, can open it."""
        return self._age(backup, kind).returncode == 0

    def opened(self, backup: Path, kind: str) -> bytes:
        """The decrypted content of a backup."""
        done = self._age(backup, kind)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done.stdout

    def as_text(self) -> bytes:
        """The newest backup of the database as SQL statements: the rows as a thief with its key would read them."""
        dump = self.folder / "people" / "opened.dump"
        dump.write_bytes(self.opened(self.dump, "database"))
        try:
            return self._run("pg_restore", "--file", "-", dump).stdout.encode()
        finally:
            dump.unlink()

    def _age(self, backup: Path, kind: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["age", "--decrypt", "--identity", self.identity(kind), backup],
            env={"PATH": self._path()},
            capture_output=True,
            check=False,
        )

    def _run(
        self, program: str | Path, *arguments: str | Path, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command. Raises RuntimeError with all its output where it fails."""
        path = {"PATH": self._path(), "HOME": str(self.folder), "PYTHON": sys.executable}
        quiet = {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [program, *arguments],
            env={**path, **quiet, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done

    def _path(self) -> str:
        return f"{program_folder()}:{os.environ['PATH']}:{AGE_FOLDER}"
