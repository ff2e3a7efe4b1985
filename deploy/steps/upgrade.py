"""`deploy/upgrade ARCHIVE`: from the release in use to a newer one; the one before is kept for deploy/rollback.

It checks first, and says whether a way back will exist. Reports are accepted throughout: where the code in use bears
the new tables they are made beside it, otherwise requests wait at the sockets meanwhile. A migration that fails is
undone, with those before it, and the release in use continues.
"""

import argparse
import sys
import time
from pathlib import Path

from deploy.steps import archive, comparison, surfaces, web
from deploy.steps.answers import read_saved_answers
from deploy.steps.install import load_release
from deploy.steps.machine import (
    BEFORE,
    CURRENT,
    StepRefused,
    create_database_roles,
    find_obstacles,
    install_units,
    link_release,
    manage,
    read_version,
    run,
)
from deploy.steps.roles import MachineRole, read_role

LOCKS = {"LOCK_SECONDS": "5"}
TRIES = 3
# The keys to open a backup are with people elsewhere; without them none can be made.
RECIPIENTS = Path("/etc/portals/backup-database.recipients")


def check_machine(packed: Path, role: MachineRole) -> Path:
    """The release in use. Raises StepRefused with everything that is wrong."""
    if obstacles := list(find_obstacles(installed=True)):
        raise StepRefused("\n".join(obstacles))
    if not CURRENT.is_symlink():
        raise StepRefused(f"{CURRENT} is no link to a release: use deploy/install.")
    signers = archive.SIGNERS if archive.SIGNERS.exists() else None
    print(f"Archive: {archive.check_archive(packed, signers)}")
    in_use = CURRENT.resolve()
    numbers = [_split_version(version) for version in (archive.read_archive_version(packed), read_version(in_use))]
    if numbers[0] <= numbers[1]:
        raise StepRefused(f"{in_use} is in use: {packed.name} is not newer. To go back use deploy/rollback.")
    if role.has_database:
        manage(in_use, "owner", "compare_migrations")
    return in_use


def _split_version(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def say_way_back(result: comparison.ReleaseComparison) -> None:
    """The truth about going back, before anything is changed."""
    print(f"Migrations: {len(result.undone)} new.")
    if result.obstacles:
        print("There will be NO way back but the backup, which loses all reports since:")
        print(*(f"  {obstacle}" for obstacle in result.obstacles), sep="\n")
    elif result.undone:
        print("A way back will exist while nothing is stored that only the new release knows.")
    else:
        print("A way back will exist.")


def check_backup(*, without: bool) -> None:
    """Raises StepRefused where no backup can be made unless an upgrade without one was asked for."""
    if not RECIPIENTS.exists() and not without:
        raise StepRefused(
            f"No backup can be made: {RECIPIENTS} is missing. Run deploy/install again to name those who can open "
            "backups, or add --without-backup."
        )


def back_up() -> None:
    if not RECIPIENTS.exists():
        print("Backup: NONE.")
        return
    began = time.monotonic()
    run("systemctl", "start", "portals-backup")
    print(f"Backup: done ({time.monotonic() - began:.0f} s)")


def migrate(release: Path, before: dict[str, object]) -> None:
    """With a short lock time-out, so that no visitor waits behind a waiting migration; tried again when one passes."""
    for number in range(1, TRIES + 1):
        try:
            manage(release, "owner", "migrate", "--verbosity", "0", environment=LOCKS)
            break
        except StepRefused as reason:
            if number < TRIES and "lock timeout" in str(reason):
                time.sleep(2)
                continue
            comparison.compare(release, before, {}, undo=True)
            raise StepRefused(f"{reason}\nWhat had been migrated is undone; the release in use goes on.") from reason
    create_database_roles(release)
    manage(release, "owner", "grant_roles")


def change_release(
    release: Path, in_use: Path, before: dict[str, object], *, role: MachineRole, migrating: bool
) -> float:
    """Switch to the new release with requests held; the seconds that they waited at most."""
    began = time.monotonic()
    with surfaces.held_requests(role.surfaces):
        if migrating:
            migrate(release, before)
        comparison.write_record(in_use, before, {})
        link_release(CURRENT, release)
        link_release(BEFORE, in_use)
        install_units(release, only_public=role.code == "public")
    return time.monotonic() - began


def verify(release: Path, role: MachineRole) -> None:
    """The surfaces answer, and a report that the public one stores is opened by staff's code. Raises StepRefused."""
    if role.has_database:
        manage(release, "owner", "compare_migrations")
    web.check_surfaces(read_saved_answers(), role)
    if role.has_all:
        stored = manage(release, "public", "test_report")
        opened = run(release / "deploy" / "manage", "staff", "test_report", "--open", typed=stored)
        print(f"Test report: {opened.strip()}")


def upgrade(packed: Path, *, check_only: bool, without_backup: bool) -> None:
    """Raises StepRefused."""
    role = read_role()
    in_use = check_machine(packed, role)
    release, _is_new = archive.unpack_release(packed, role.code)
    if not role.has_database:
        upgrade_code(release, in_use, role, check_only=check_only)
        return
    before = comparison.describe(in_use)
    result = comparison.compare(release, before, {})
    say_way_back(result)
    check_backup(without=without_backup)
    if check_only:
        print("Nothing was changed.")
        return
    back_up()
    began = time.monotonic()
    with surfaces.stopped_workers(role.workers):
        if result.is_beside:
            migrate(release, before)
        seconds = change_release(release, in_use, before, role=role, migrating=not result.is_beside)
        load_release(release)
        after = comparison.compare(release, before, {})
        comparison.write_record(in_use, before, after.contents)
    print(f"Changed to {read_version(release)}; requests waited for {seconds:.1f} s at most.")
    verify(release, role)
    print(f"Done after {time.monotonic() - began:.0f} s.")
    print(f"Back, if need be: {release}/deploy/rollback --check")


def upgrade_code(release: Path, in_use: Path, role: MachineRole, *, check_only: bool) -> None:
    """A public machine or a standby has no tables of its own to change: code only, and back where it is not ready.

    Raises:
        StepRefused: it was not ready, as with a database that was not upgraded before; the release in use goes on.
    """
    print("The staff's machine is upgraded first: its tables serve this release and the one before.")
    if check_only:
        print("Nothing was changed.")
        return
    seconds = change_release(release, in_use, {}, role=role, migrating=False)
    try:
        verify(release, role)
    except StepRefused as reason:
        change_code(in_use, role)
        comparison.RECORD.unlink(missing_ok=True)
        raise StepRefused(f"{reason}\nThe release before goes on.") from reason
    print(f"Changed to {read_version(release)}; requests waited for {seconds:.1f} s at most.")
    print(f"Back, if need be: {release}/deploy/rollback")


def change_code(release: Path, role: MachineRole) -> float:
    """Switch a machine without tables to a release; the seconds that requests waited at most."""
    began = time.monotonic()
    with surfaces.held_requests(role.surfaces):
        link_release(CURRENT, release)
        install_units(release, only_public=role.code == "public")
    return time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="the newer release, with its checksum and signature beside it")
    parser.add_argument("--check", action="store_true", help="check, say whether a way back will exist, change nothing")
    parser.add_argument("--without-backup", action="store_true", help="go on where no backup can be made")
    options = parser.parse_args()
    try:
        upgrade(options.archive, check_only=options.check, without_backup=options.without_backup)
    except StepRefused as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0
