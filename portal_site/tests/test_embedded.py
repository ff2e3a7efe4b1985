"""The embedded PostgreSQL, used by separate processes: sharing, and cleaning up after killed ones."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from portal_site.database import embedded, server_user
from portal_site.database import programs as postgres_programs
from portal_site.database.programs import EmbeddedServerError, program_folder
from portal_site.environment import PROJECT

# Starts or joins the server, prints a line, and holds it until its standard input ends.
USER = """
import sys
from pathlib import Path
from portal_site.database import embedded
print(embedded.acquire_server(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""

LEAVES_A_FORKED_CHILD = """
import os, sys
from pathlib import Path
import psycopg
from portal_site.database import embedded
url = embedded.acquire_server(Path(sys.argv[1]))
if (child := os.fork()) == 0:
    sys.exit()
os.waitpid(child, 0)
with psycopg.connect(url) as connection:
    print(connection.execute("SELECT 'still here'").fetchone()[0])
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder. Not pytest's: each start of pytest shuts that to other users, root's server among them."""
    with tempfile.TemporaryDirectory(prefix="portals-tests-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One data folder for the tests that leave its server stopped; making another costs a second."""
    with tempfile.TemporaryDirectory(prefix="portals-tests-") as name:
        yield Path(name)


class User:
    """A process that uses the server of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate(timeout=60)

    def die(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def ask(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return str(row[0])


def runs(folder: Path) -> bool:
    return (folder / "postgres" / "postmaster.pid").exists()


def test_server_runs_with_its_settings_and_ends_with_its_user(folder: Path) -> None:
    user = User(folder)
    with psycopg.connect(user.url) as connection:
        found = {name: value for name, value, _ in connection.execute("SHOW ALL").fetchall()}
    wanted = embedded.read_server_settings() | embedded.SETTINGS
    assert {"fsync", "synchronous_commit", "log_statement", "log_connections"} <= wanted.keys()
    # The server spells one of them in its own way.
    wanted["idle_in_transaction_session_timeout"] = "1min"
    assert {name: found[name] for name in wanted} == {**wanted, "log_connections": found["log_connections"]}
    assert found["log_connections"] in ("", "off")
    assert ask(user.url, "SELECT current_database()") == "portals"
    user.leave()
    assert not runs(folder)


def test_server_keeps_what_was_written(folder: Path) -> None:
    first = User(folder)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first.leave()
    second = User(folder)
    assert ask(second.url, "SELECT number FROM kept") == "7"
    second.leave()


def test_server_outlives_the_first_user_to_leave(folder: Path) -> None:
    first, second = User(folder), User(folder)
    assert first.url == second.url
    first.leave()
    assert ask(second.url, "SELECT 1") == "1"
    second.leave()
    assert not runs(folder)


def test_server_of_a_killed_process_is_joined_and_later_stopped(folder: Path) -> None:
    killed = User(folder)
    started = ask(killed.url, "SELECT pg_postmaster_start_time()")
    killed.die()
    assert runs(folder)
    heir = User(folder)
    assert ask(heir.url, "SELECT pg_postmaster_start_time()") == started
    heir.leave()
    assert not runs(folder)


def test_server_is_not_stopped_by_a_forked_child(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", LEAVES_A_FORKED_CHILD, str(folder)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "still here\n"


def test_server_starts_where_a_stranger_has_the_number_of_a_dead_one(folder: Path) -> None:
    User(folder).leave()
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/\n1\n5432\n/tmp\n\n\nready\n")
    user = User(folder)
    assert ask(user.url, "SELECT 1") == "1"
    user.leave()


def test_server_starts_in_a_folder_whose_name_is_odd_and_long(place: Path) -> None:
    folder = place / 'It\'s a $HOME, "quoted"' / ("long" * 25)
    user = User(folder)
    socket_folder = Path(ask(user.url, "SELECT current_setting('unix_socket_directories')"))
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    user.leave()
    assert not socket_folder.exists()


def test_server_refuses_a_socket_folder_that_others_can_enter(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = place / ("long" * 25)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    embedded.acquire_server(data)
    embedded.release_server(data)
    assert list(place.iterdir()) == [data]
    url = embedded.acquire_server(data)
    [socket_folder] = [path for path in place.iterdir() if path != data]
    assert url == f"postgres://postgres@/portals?host={quote(str(socket_folder), safe='')}&port=5432"
    embedded.release_server(data)
    socket_folder.mkdir(mode=0o755)
    with pytest.raises(EmbeddedServerError) as caught:
        embedded.acquire_server(data)
    embedded.release_server(data)
    assert str(caught.value) == f"{socket_folder} belongs to another user; remove it, or choose a shorter DATA_DIR."


def test_programs_installed_under_a_strict_umask_are_opened(place: Path) -> None:
    for name, mode in (("postgres", 0o700), ("libpq.so", 0o600)):
        (place / name).touch()
        (place / name).chmod(mode)
    (place / "folder").mkdir(mode=0o700)
    (place / "link").symlink_to("postgres")
    server_user.open_to_all(place)
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in place.iterdir() if not path.is_symlink()}
    assert modes == {"postgres": 0o755, "libpq.so": 0o644, "folder": 0o755}


def test_stop_server_stops_it_under_its_user(folder: Path) -> None:
    user = User(folder)
    assert embedded.stop_server(folder)
    assert not embedded.stop_server(folder)
    user.leave()


def test_release_does_not_stop_a_server_used_by_another_process(folder: Path) -> None:
    user = User(folder)
    embedded.release_server(folder)
    assert ask(user.url, "SELECT 1") == "1"
    user.leave()


def test_user_leaves_in_peace_when_the_folder_was_removed(place: Path) -> None:
    user = User(place / "data")
    embedded.stop_server(place / "data")
    (place / "data").rename(place / "gone")
    user.leave()
    assert user.process.returncode == 0


def test_failed_start_reports_the_last_server_log_lines(place: Path) -> None:
    User(place).leave()
    (place / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedServerError) as caught:
        embedded.acquire_server(place)
    embedded.release_server(place)
    first, *last_words = str(caught.value).splitlines()
    assert first == (
        f"The embedded PostgreSQL in {place}/postgres does not start; `make reset` removes it. Its last words:"
    )
    assert [line for line in last_words if "FATAL" in line] != []


# --- PostgreSQL's programs ------------------------------------------------------------------------


@pytest.fixture
def bare_machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No wheel, and no PostgreSQL but what a test puts into folders of `place`, each named for a version."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(postgres_programs, "MACHINE_FOLDERS", (f"{place}/*/bin",))
    monkeypatch.setenv("PATH", "/nowhere")
    return place


def install(folder: Path, version: str, *, programs: tuple[str, ...] = postgres_programs.NEEDED) -> Path:
    """Create programs that print their version and do nothing else."""
    folder.mkdir(parents=True)
    for name in programs:
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def machine_programs(place: Path) -> Path:
    """The PostgreSQL of this machine, or where it has none, links to the wheel's."""
    if found := [path for path in postgres_programs._usable_folders() if path != postgres_programs.wheel_folder()]:
        return found[0]
    links = place / "machine" / "bin"
    links.mkdir(parents=True)
    for program in program_folder().iterdir():
        (links / program.name).symlink_to(program)
    return links


def test_server_runs_with_the_programs_of_the_machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = machine_programs(place)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(postgres_programs, "MACHINE_FOLDERS", (str(programs),))
    url = embedded.acquire_server(place / "data")
    version = postgres_programs.major_version(programs)
    assert ask(url, "SELECT current_setting('server_version_num')::int / 10000") == str(version)
    # As with the wheel: by code point, independent of the machine's language, and with all of Unicode's letters.
    assert ask(url, "SELECT array_agg(word ORDER BY word) FROM unnest('{é,a,Z}'::text[]) AS word") == "['Z', 'a', 'é']"
    assert ask(url, "SELECT upper('é')") == "É"
    embedded.release_server(place / "data")


def test_newest_programs_of_the_machine_are_found(bare_machine: Path) -> None:
    install(bare_machine / "16" / "bin", "16.4")
    newest = install(bare_machine / "17" / "bin", "17.1 (Debian 17.1-1)")
    install(bare_machine / "14" / "bin", "14.9")
    install(bare_machine / "18" / "bin", "18.0", programs=("postgres", "pg_ctl"))
    assert program_folder() == newest


def test_programs_on_the_path_and_those_of_pg_config_are_found(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = install(bare_machine / "own", "16.4")
    (bare_machine / "links").mkdir()
    (bare_machine / "links" / "postgres").symlink_to(on_path / "postgres")
    monkeypatch.setenv("PATH", f"{bare_machine}/links:/bin")
    assert program_folder() == on_path
    elsewhere = install(bare_machine / "elsewhere", "17.1")
    (bare_machine / "links" / "pg_config").write_text(f"#!/bin/sh\necho {elsewhere}\n")
    (bare_machine / "links" / "pg_config").chmod(0o755)
    assert program_folder() == elsewhere


def test_files_are_run_with_programs_of_the_version_that_made_them(bare_machine: Path) -> None:
    older, newer = (install(bare_machine / version / "bin", f"{version}.1") for version in ("16", "17"))
    cluster = bare_machine / "postgres"
    cluster.mkdir()
    assert program_folder(cluster) == newer
    (cluster / "PG_VERSION").write_text("16\n")
    assert program_folder(cluster) == older
    (cluster / "PG_VERSION").write_text("15\n")
    assert program_folder(cluster) == newer


def test_wheel_is_preferred_to_the_machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_programs, "wheel_folder", lambda: place / "wheel")
    assert program_folder() == place / "wheel"


def test_start_says_what_to_do_without_any_programs(bare_machine: Path) -> None:
    install(bare_machine / "14" / "bin", "14.9")
    with pytest.raises(EmbeddedServerError) as caught:
        embedded.acquire_server(bare_machine / "data")
    assert str(caught.value) == (
        "No database. Set DATABASE_URL to a PostgreSQL server, install requirements-demo.txt, which brings an embedded "
        "one, or install PostgreSQL 15 or newer (on Debian: apt-get install postgresql)."
    )
    assert not (bare_machine / "data").exists()
