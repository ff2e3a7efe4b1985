"""The release: its migrations against the database's, what it loads, its number, and the guides that follow it."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.checks import CheckMessage
from django.core.management import CommandError, call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from countries.table_marks import LockdownPart
from deploy.steps import install
from portal_site import checks, lockdown
from portal_site.database.way_back import NoWayBack, find_way_back
from portal_site.environment import PROJECT
from portal_site.release_description import describe_release
from reports import installation_keys
from tests.proofs.archives import find_following

GUIDES = PROJECT / "docs" / "guides"
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]


def ids(messages: Iterable[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


# --- Migrations -------------------------------------------------------------------------------------------------------


def compared() -> tuple[str, str]:
    """What `compare_migrations` printed, and its error."""
    out = StringIO()
    try:
        call_command("compare_migrations", stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_tables_of_this_release_are_recognised(db: None) -> None:
    output, error = compared()
    assert (output, error) == ("The tables are those of this release.\n", "")
    assert list(checks.release.check_tables(None)) == []


def test_migration_of_a_newer_release_is_named_with_the_way_back(db: None) -> None:
    """`migrate --check` of the release before is silent about it."""
    newest = sorted(path.stem for path in (PROJECT / "analysts" / "migrations").glob("0*.py"))[-1]
    MigrationRecorder(connection).record_applied("analysts", "9999_of_a_newer_release")
    MigrationRecorder(connection).record_applied("unheard_of", "0001_initial")
    call_command("migrate", "--check", verbosity=0)

    output, error = compared()

    assert "unknown to this release: analysts.9999_of_a_newer_release, unheard_of.0001_initial.\n" in output
    assert f"  deploy/manage owner migrate analysts {newest}\n" in output
    assert "  deploy/manage owner migrate unheard_of zero\n" in output
    assert error == "The tables are not those of this release: do not run it with this database."
    assert ids(checks.release.check_tables(None)) == ["portal_site.E090"]


def test_migration_that_was_not_applied_is_named(db: None) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")

    output, error = compared()

    assert "not applied: sessions.0001_initial.\n" in output
    assert error


def test_database_with_some_of_the_replaced_migrations_is_named(db: None) -> None:
    """`migrate` has nothing to do there."""
    MigrationRecorder(connection).record_unapplied("audit", "0004_log_ids")
    call_command("migrate", "--check", verbosity=0)

    output, error = compared()

    assert "not applied: audit.0002_functions_and_triggers.\nThe tables are of a release before 0.2.0." in output
    assert error
    with pytest.raises(NoWayBack, match=r"Upgrade to 0\.2\.0 first"):
        find_way_back(describe_release(), {})


def replaced_migrations() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """By the migration that replaces them."""
    migrations = MigrationLoader(None).disk_migrations
    return {key: [*migration.replaces] for key, migration in migrations.items() if migration.replaces}


def test_no_migration_has_the_name_of_one_that_was_replaced() -> None:
    """A new database has a record of each that was replaced: one of the same name would never be applied."""
    replaced = [key for keys in replaced_migrations().values() for key in keys]
    assert {app for app, _name in replaced} == {"analysts", "audit", "countries", "reports"}
    names = Counter([*replaced, *MigrationLoader(None).disk_migrations])
    assert [name for name, number in names.items() if number > 1] == []


def test_database_of_the_replaced_migrations_continues_without_a_step(db: None) -> None:
    for key in replaced_migrations():
        MigrationRecorder(connection).record_unapplied(*key)

    assert compared() == ("The tables are those of this release.\n", "")
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    call_command("migrate", verbosity=0)
    assert replaced_migrations().keys() <= MigrationRecorder(connection).applied_migrations().keys()


# --- What a release loads ---------------------------------------------------------------------------------------------

LOADS = {name for name in get_commands() if name.startswith("load_")} - {"load_demo"} | {"create_keys", "grant_roles"}


def test_scripts_and_containers_load_all_that_a_release_brings() -> None:
    """`deploy/install` and `deploy/upgrade` migrate before `load_release`: test_install_script.py."""
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]["migrate"]["command"][-1]
    in_containers = re.findall(r"manage\.py (\w+)", compose)
    assert len(LOADS) >= 6
    assert {command for _user, command in install.LOADS} == LOADS
    assert {*in_containers} - {"write_error_pages"} == {*LOADS, "migrate", "compare_migrations"}
    assert in_containers[:2] == ["migrate", "compare_migrations"]


def test_check_names_each_load_command_that_was_left_out(db: None, settings: Any, tmp_path: Path) -> None:
    settings.KEYRING = tmp_path

    def left_out() -> set[str]:
        return {str(message.hint).split()[2].rstrip(".") for message in checks.release.check_loaded(None)}

    assert left_out() == LOADS - {"grant_roles"}
    for name in ("load_catalogue", "load_recipients", "load_routing", "load_notice_texts", "create_keys"):
        call_command(name, stdout=StringIO())
        assert name not in left_out()
    assert left_out() == set()
    assert installation_keys.fingerprint_key()
    again = StringIO()
    call_command("create_keys", stdout=again)
    assert again.getvalue() == "Made 0 sealing keys.\n"


def test_check_warns_of_a_lockdown(db: None) -> None:
    assert list(checks.release.check_lockdown(None)) == []
    list(lockdown.start_lockdown(parts=LockdownPart, now=timezone.now()))
    assert ids(checks.release.check_lockdown(None)) == ["portal_site.W092"] * len(LockdownPart)


# --- Settings that belong in every installation -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ALERT_EMAILS", "WORK_TIME_ZONE", "CUT_OFF"])
def test_settings_of_the_staff_are_in_the_files_that_are_filled_in(name: str) -> None:
    files = "".join(path.read_text() for path in (PROJECT / "deploy" / "settings").glob("*.env"))
    assert len(re.findall(rf"(?m)^{name}=\"", files)) == 1
    worker = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]["worker"]["environment"]
    assert re.match(rf"\$\{{{name}:?-", worker[name])


@pytest.mark.parametrize(
    ("zone", "cut_off", "expected"),
    [
        ("UTC", "16:00", ["portal_site.W080"]),
        ("UTC", "", ["portal_site.W080"]),
        ("Africa/Accra", "16:00", []),
        ("Europe/London", "16:00", []),
    ],
)
def test_working_day_in_utc_is_warned_of(settings: Any, zone: str, cut_off: str, expected: list[str]) -> None:
    settings.DEMO, settings.WORK_TIME_ZONE, settings.CUT_OFF = False, zone, cut_off
    assert ids(checks.surface.check_work_time_zone(None)) == expected


# --- The number -------------------------------------------------------------------------------------------------------


def test_guides_name_the_release_of_the_version_file() -> None:
    archives = {
        path.name: re.findall(r"portals-(\d+\.\d+\.\d+(?:rc\d+)?)", path.read_text())
        for path in sorted(GUIDES.glob("*.md"))
    }
    named = {name: {*versions} for name, versions in archives.items() if versions}
    following = find_following(VERSION)
    assert {name: versions - {following} for name, versions in named.items()} == {
        name: {VERSION}
        for name in ("backup.md", "deploy-many.md", "deploy-one-machine.md", "deploy-two-machines.md", "releases.md")
    }
    assert sorted(name for name, versions in named.items() if following in versions) == [
        "deploy-one-machine.md",
        "deploy-two-machines.md",
        "releases.md",
    ]


def test_changelog_has_a_dated_part_for_the_release() -> None:
    headings = re.findall(r"(?m)^## (.*)$", (PROJECT / "CHANGELOG.md").read_text())
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(VERSION)}, \d{{4}}-\d\d-\d\d", headings[1])
