"""Backup and restore by the shipped scripts: equal afterwards, encrypted before, and with an error for every fault."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from portal_site.database import roles
from portal_site.database.programs import program_folder
from portal_site.environment import PROJECT
from tests.rig.installation import Installation

SCRIPTS = PROJECT / "deploy"
RESTORED = "restored"


# Where `make tools` puts it if the system has none.
AGE_FOLDER = PROJECT / ".venv" / "tools" / "usr" / "bin"


@pytest.fixture(scope="module", autouse=True)
def _age() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{os.environ['PATH']}:{AGE_FOLDER}")
        assert shutil.which("age"), "age is missing: `make test` fetches it, or says that it is needed."
        yield


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both people's keys, and an empty one for each kind of backup."""
    folder = tmp_path_factory.mktemp("keys")
    for kind in ("database", "keyring"):
        (folder / kind).mkdir()
        identity = folder / f"{kind}.key"
        subprocess.run(["age-keygen", "--output", identity], check=True, capture_output=True)
        public = subprocess.run(["age-keygen", "-y", identity], check=True, capture_output=True, text=True).stdout
        (folder / f"{kind}.recipients").write_text(public)
    return folder


@pytest.fixture(scope="module")
def backup(keys: Path, installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a backup of the database, to be damaged in a copy."""
    folder = tmp_path_factory.mktemp("backup") / "copied"
    shutil.copytree(keys, folder)
    code, output = run("backup", "database", place=folder, installation=installation)
    assert code == 0, output
    return folder / "database"


@pytest.fixture
def place(tmp_path: Path, keys: Path, installation: Installation) -> Iterator[Path]:
    """A folder with both people's keys; beside it, in the installation's server, an empty database."""
    shutil.copytree(keys, tmp_path, dirs_exist_ok=True)
    with installation.connect() as connection:
        connection.execute(f"CREATE DATABASE {RESTORED}")
    yield tmp_path
    with installation.connect() as connection:
        connection.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


def run(script: str, *arguments: object, place: Path, installation: Installation, **changes: str) -> tuple[int, str]:
    """(exit code, output); with the settings of deploy/settings/backup.env, in the test's folders."""
    server = f"host={installation.server['host']}&port={installation.server['port']}"
    restoring = script == "restore"
    environment = {
        "PATH": f"{program_folder()}:{os.environ['PATH']}",
        "HOME": str(place),
        "PYTHON": sys.executable,
        "PYTHONWARNINGS": "ignore",
        "DATABASE_URL": f"postgres://postgres@/{RESTORED if restoring else installation.database}?{server}",
        "BACKUP_DATABASE_TO": str(place / "database"),
        "BACKUP_DATABASE_RECIPIENTS": str(place / "database.recipients"),
        "KEYRING": str(place / "restored-keyring" if restoring else place / "its-keyring"),
        "BACKUP_KEYRING_TO": str(place / "keyring"),
        "BACKUP_KEYRING_RECIPIENTS": str(place / "keyring.recipients"),
        "RESTORE_IDENTITY": str(place / f"{arguments[0]}.key"),
        **changes,
    }
    done = subprocess.run(
        [SCRIPTS / script, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def dump(place: Path) -> Path:
    [made] = (place / "database").glob("*.dump.age")
    return made


def test_what_is_restored_equals_what_was_backed_up(place: Path, installation: Installation) -> None:
    code, said = run("backup", "anchor", place=place, installation=installation)
    assert code == 0, said
    code, said = run("backup", "database", place=place, installation=installation)
    assert code == 0, said
    assert dump(place).read_bytes().startswith(b"age-encryption.org/v1")
    anchor = (place / "database" / "anchors").read_text().strip()
    restore = ("restore", "database", dump(place))
    code, said = run(*restore, place=place, installation=installation, RESTORE_ANCHOR=anchor)
    assert code == 0, said
    assert "No fault; the anchor matches." in said.splitlines()
    assert said.splitlines()[-1] == "Equal to what was backed up."

    # The roles have the same privileges there; a second restore is refused.
    public = psycopg.connect(make_conninfo(dbname=RESTORED, user=roles.PUBLIC, **installation.server))
    with public, pytest.raises(psycopg.errors.InsufficientPrivilege):
        public.execute("SELECT * FROM reports_submission")
    code, said = run(*restore, place=place, installation=installation)
    assert code == 1
    assert said.endswith("tables already; restore into an empty one.\n")


def test_a_changed_row_is_found_by_the_digest(place: Path, backup: Path, installation: Installation) -> None:
    shutil.copytree(backup, place / "database", dirs_exist_ok=True)
    written = dump(place).with_name(dump(place).name.replace(".dump.age", ".digest"))
    written.write_text(written.read_text().replace("sha256:", "sha256:0"))
    code, said = run("restore", "database", dump(place), place=place, installation=installation)
    assert code == 1
    assert "NOT what was backed up" in said


@pytest.mark.parametrize("damage", ["cut off", "for another key"])
def test_a_damaged_backup_restores_nothing(place: Path, backup: Path, installation: Installation, damage: str) -> None:
    shutil.copytree(backup, place / "database", dirs_exist_ok=True)
    changes = {}
    if damage == "cut off":
        dump(place).write_bytes(dump(place).read_bytes()[:-50_000])
    else:
        changes["RESTORE_IDENTITY"] = str(place / "keyring.key")
    code, _ = run("restore", "database", dump(place), place=place, installation=installation, **changes)
    assert code != 0
    with psycopg.connect(make_conninfo(dbname=RESTORED, user="postgres", **installation.server)) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_failed_backup_leaves_the_good_ones_and_no_half_one(place: Path, installation: Installation) -> None:
    old = place / "database" / "portals-20200101T000000Z.dump.age"
    old.write_text("the last good one, long ago")
    os.utime(old, (0, 0))
    # A role that may read nothing: the dump fails after age has started.
    url = installation.database_url(roles.PUBLIC)
    code, said = run("backup", "database", place=place, installation=installation, DATABASE_URL=url)
    assert code == 1
    assert "pg_dump ended with 1; no backup was made." in said
    assert [path.name for path in (place / "database").iterdir()] == [old.name]
    # After a successful backup, those older than BACKUP_DAYS are removed.
    code, said = run("backup", "database", place=place, installation=installation)
    assert code == 0, said
    assert not old.exists()
    assert sorted(path.suffix for path in (place / "database").iterdir()) == [".age", ".digest"]


def test_keyrings_backup_is_a_mirror_and_not_a_history(place: Path, installation: Installation) -> None:
    keyring = place / "its-keyring"
    shutil.copytree(installation.folder / "keyring", keyring)
    run("backup", "keyring", place=place, installation=installation)
    gone = sorted(keyring.rglob("words-*.key"))[0]
    gone.unlink()
    code, said = run("backup", "keyring", place=place, installation=installation)
    assert code == 0, said
    assert [path.name for path in (place / "keyring").iterdir()] == ["keyring.tar.age"]

    (place / "restored-keyring").mkdir()
    restore = ("restore", "keyring", place / "keyring" / "keyring.tar.age")
    code, said = run(*restore, place=place, installation=installation)
    assert code == 0, said
    assert contents(place / "restored-keyring") == contents(keyring)
    code, said = run(*restore, place=place, installation=installation)
    assert code == 1
    assert "holds keys already" in said


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file, by its name below the folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes()) for path in files}


# --- One command each -------------------------------------------------------------------------------------------------

# Answers instead of the machine's programs; what would change the machine is written down.
PRETENDED = """#!/bin/sh
case "$(basename "$0") $*" in
    "id -u") echo 0 ;;
    systemctl*is-active*) exit 1 ;;
    runuser*to_regclass*) echo t ;;
    runuser*reports_submission*) echo "$ROWS" ;;
    *) echo "$(basename "$0") $*" >>"$DONE" ;;
esac
"""
WANTED = ("portals-20261201T033000Z.dump.age", "keyring.tar.age", "database-backup.key", "keyring-backup.key")


def restore_all(folder: Path, rows: int) -> tuple[int, str, str]:
    """`deploy/restore FOLDER` with pretended programs: its status, output, and what would have changed."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("id", "systemctl", "runuser", "chown", "find"):
        (programs / name).write_text(PRETENDED)
        (programs / name).chmod(0o755)
    (programs / "find").write_text(
        f'#!/bin/sh\ncase "$*" in *delete*) exit 1 ;; esac\nexec {shutil.which("find")} "$@"\n'
    )
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "ROWS": str(rows), "DONE": str(folder / "done")}
    done = subprocess.run([SCRIPTS / "restore", folder], env=environment, capture_output=True, text=True, check=False)
    changes = folder / "done"
    return done.returncode, done.stderr, changes.read_text() if changes.exists() else ""


@pytest.mark.parametrize("missing", WANTED)
def test_restoring_all_names_the_file_that_is_missing(tmp_path: Path, missing: str) -> None:
    for name in WANTED:
        if name != missing:
            (tmp_path / name).write_text("x")
    code, errors, changes = restore_all(tmp_path, 0)
    expected = "portals-TIME.dump.age" if missing.startswith("portals-") else missing
    assert (code, errors, changes) == (1, f"{tmp_path}/{expected} is missing.\n", "")


def test_installation_in_use_is_not_replaced(tmp_path: Path) -> None:
    for name in WANTED:
        (tmp_path / name).write_text("x")
    code, errors, changes = restore_all(tmp_path, 7)
    assert (code, changes) == (1, "")
    assert "7 accounts and reports" in errors


def test_tables_of_an_unused_installation_go_before_the_backup_comes(tmp_path: Path) -> None:
    """Up to its keys, which the pretended `find` does not delete."""
    for name in WANTED:
        (tmp_path / name).write_text("x")
    code, _errors, changes = restore_all(tmp_path, 0)
    assert code == 1
    assert [line.split(" -- ")[1].split()[0] for line in changes.splitlines()] == ["dropdb", "psql"]
