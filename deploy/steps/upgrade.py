"""`deploy/upgrade ARCHIVE`: from the release in use to a newer one; the one before is kept for deploy/rollback.

The new release's own script goes on once the archive is unpacked. Cut off, it is typed again and goes on.

It checks first, and says whether a way back will exist. Reports are accepted throughout: where the code in use bears
the new tables they are made beside it, otherwise requests wait at the sockets meanwhile. A migration that fails is
undone, with those before it, and the release in use continues.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from deploy.steps import archive, comparison, settings_files, surfaces, units, web
from deploy.steps.answers import read_saved_answers
from deploy.steps.install import load_release
from deploy.steps.machine import (
    BEFORE,
    CURRENT,
    RELEASE,
    StepRefused,
    ask_database,
    create_database_roles,
    find_obstacles,
    link_release,
    manage,
    read_version,
    run,
    split_version,
    succeeds,
)
from deploy.steps.roles import MachineRole, read_role
from deploy.steps.script import ContinueWith, run_script

# Seconds in which each worker gives a sign of life: jobs do once a minute.
BEAT_SECONDS = 100
# One for jobs, one for intake.
WORKERS = 2
LOCKS = {"LOCK_SECONDS": "5"}
TRIES = 3
# Printed by `compare_migrations`.
NOT_APPLIED, UNKNOWN = "Of this release, but not applied", "Applied, but unknown to this release"
# The keys to open a backup are with people elsewhere; without them none can be made.
RECIPIENTS = Path("/etc/portals/backup-database.recipients")


def check_machine(packed: Path, signers: Path | None, *, without_signature: bool) -> Path:
    """The release in use. Raises StepRefused with everything that is wrong."""
    if obstacles := list(find_obstacles(installed=True)):
        raise StepRefused("\n".join(obstacles))
    if not CURRENT.is_symlink():
        raise StepRefused(f"{CURRENT} is no link to a release: use deploy/install.")
    print(f"Archive: {archive.check_archive(packed, archive.find_signers(signers, without=without_signature))}")
    in_use = CURRENT.resolve()
    numbers = [split_version(version) for version in (archive.read_archive_version(packed), read_version(in_use))]
    if numbers[0] < numbers[1]:
        raise StepRefused(f"{in_use} is in use: {packed.name} is not newer. To go back use deploy/rollback.")
    return in_use


def find_start(release: Path, in_use: Path) -> comparison.UpgradeRecord:
    """Where the upgrade begins, or where one began that was cut off after the new release was in use.

    Raises:
        StepRefused: the release was in use from the start, or its tables are of neither of the two.
    """
    if in_use == release:
        record = comparison.read_record()
        if record.release != release:
            raise StepRefused(f"{release} is in use already, and did not come by deploy/upgrade.")
        return record
    check_tables(release, in_use)
    return comparison.UpgradeRecord(in_use, release, comparison.describe(in_use), {})


def check_tables(release: Path, in_use: Path) -> None:
    """The tables are those of the release in use, or on their way to the new one's. Raises StepRefused."""
    try:
        manage(in_use, "owner", "compare_migrations")
    except StepRefused as reason:
        if NOT_APPLIED in str(reason) or UNKNOWN in _compare_migrations(release):
            raise
        print("An upgrade was cut off; it goes on.")


def _compare_migrations(release: Path) -> str:
    try:
        return manage(release, "owner", "compare_migrations")
    except StepRefused as reason:
        return str(reason)


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
            raise StepRefused(f"{reason}\n{undo_migrations(release, before)}") from reason
    create_database_roles(release)
    manage(release, "owner", "grant_roles")


def undo_migrations(release: Path, before: dict[str, object]) -> str:
    """The outcome, a sentence."""
    try:
        comparison.compare(release, before, {}, undo=True)
    except StepRefused as reason:
        return f"What had been migrated cannot be undone: {reason}\nOnce the cause is gone, type the command again."
    return "What had been migrated is undone; the release in use goes on."


def change_release(start: comparison.UpgradeRecord, *, role: MachineRole, migrating: bool) -> float:
    """Switch to the new release with requests held; the seconds that they waited at most."""
    began = time.monotonic()
    with surfaces.held_requests(role.surfaces):
        if migrating:
            migrate(start.release, start.description)
        start.write()
        units.install_units(start.release, only_public=role.code == "public")
        link_release(BEFORE, start.before)
        link_release(CURRENT, start.release)
    return time.monotonic() - began


def verify(release: Path, role: MachineRole) -> None:
    """Every wished unit runs, and a report that the public surface stores is opened by intake. Raises StepRefused."""
    units.start_units(units.find_wished_units(role))
    # Where these were set up they ran on throughout, with the code that they began with.
    succeeds("systemctl", "try-restart", *units.OPTIONAL)
    if role.has_database:
        manage(release, "owner", "compare_migrations")
    web.check_surfaces(read_saved_answers(), role)
    if role.has_all:
        stored = manage(release, "public", "test_report")
        opened = run(release / "deploy" / "manage", "intake", "test_report", "--open", typed=stored)
        print(f"Test report: {opened.strip()}")
    if role.has_database:
        await_workers()


def await_workers() -> None:
    """Wait for a heartbeat from now on of each kind of worker. Raises StepRefused."""
    since = time.time()
    end = time.monotonic() + BEAT_SECONDS
    while (beating := _count_heartbeats(since)) < WORKERS:
        if time.monotonic() > end:
            raise StepRefused(
                f"{beating} of {WORKERS} workers give a sign of life: `journalctl --namespace=portals` says why."
            )
        time.sleep(1)
    print("Workers: reports are taken in, jobs are done.")


def _count_heartbeats(since: float) -> int:
    beats = ask_database("SELECT extract(epoch FROM at) FROM analysts_workerheartbeat").split()
    return sum(float(beat) >= since for beat in beats)


def upgrade(options: argparse.Namespace) -> None:
    """Raises StepRefused, ContinueWith."""
    packed: Path = options.archive
    role = read_role()
    in_use = check_machine(packed, options.signers, without_signature=options.without_signature)
    release, _is_new = archive.unpack_release(packed, role.code)
    if release != RELEASE:
        raise ContinueWith(release / "deploy" / "upgrade")
    start = find_start(release, in_use) if role.has_database else _find_code_start(release, in_use)
    if in_use == release and start.is_finished:
        surfaces.release_requests()
        verify(release, role)
        print(f"Done before: {release} is in use, from {start.before}.")
    elif role.has_database:
        upgrade_all(start, role, check_only=options.check, without_backup=options.without_backup)
    else:
        upgrade_code(start, role, check_only=options.check)


def _find_code_start(release: Path, in_use: Path) -> comparison.UpgradeRecord:
    """Raises StepRefused."""
    return comparison.read_record() if in_use == release else comparison.UpgradeRecord(in_use, release, {}, {})


def upgrade_all(start: comparison.UpgradeRecord, role: MachineRole, *, check_only: bool, without_backup: bool) -> None:
    """Raises StepRefused."""
    result = comparison.compare(start.release, start.description, {})
    say_way_back(result)
    check_backup(without=without_backup)
    if check_only:
        print("Nothing was changed.")
        return
    back_up()
    began = time.monotonic()
    with surfaces.stopped_workers(role.workers):
        if result.is_beside:
            migrate(start.release, start.description)
        seconds = change_release(start, role=role, migrating=not result.is_beside)
        load_release(start.release)
        settings_files.complete_readings(read_saved_answers(), role)
        after = comparison.compare(start.release, start.description, {})
        replace(start, loaded=after.contents, is_finished=True).write()
    print(f"Changed to {read_version(start.release)}; requests waited for {seconds:.1f} s at most.")
    verify(start.release, role)
    print(f"Done after {time.monotonic() - began:.0f} s.")
    print(f"Back, if need be: {start.release}/deploy/rollback --check")


def upgrade_code(start: comparison.UpgradeRecord, role: MachineRole, *, check_only: bool) -> None:
    """A public machine or a standby has no tables of its own to change: code only, and back where it is not ready.

    Raises:
        StepRefused: it was not ready, as with a database that was not upgraded before; the release in use goes on.
    """
    print("The staff's machine is upgraded first: its tables serve this release and the one before.")
    if check_only:
        print("Nothing was changed.")
        return
    seconds = change_release(start, role=role, migrating=False)
    try:
        verify(start.release, role)
    except StepRefused as reason:
        change_code(start.before, role)
        comparison.RECORD.unlink(missing_ok=True)
        raise StepRefused(f"{reason}\nThe release before goes on.") from reason
    replace(start, is_finished=True).write()
    print(f"Changed to {read_version(start.release)}; requests waited for {seconds:.1f} s at most.")
    print(f"Back, if need be: {start.release}/deploy/rollback")


def change_code(release: Path, role: MachineRole) -> float:
    """Switch a machine without tables to a release; the seconds that requests waited at most."""
    began = time.monotonic()
    with surfaces.held_requests(role.surfaces):
        units.install_units(release, only_public=role.code == "public")
        link_release(CURRENT, release)
    return time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="the newer release, with its checksum and signature beside it")
    parser.add_argument("--check", action="store_true", help="check, say whether a way back will exist, change nothing")
    parser.add_argument("--without-backup", action="store_true", help="go on where no backup can be made")
    parser.add_argument("--signers", type=Path, help=f"who may sign releases, instead of {archive.SIGNERS}")
    parser.add_argument("--without-signature", action="store_true", help="go on where no one is named who may sign")
    options = parser.parse_args()
    return run_script(lambda: upgrade(options))
