"""`deploy/rollback`: back to the release before the last upgrade, with everything that was stored since.

The database and the keys stay in place: nothing is restored, so no report, reply, key, letter or line of the audit log
since the upgrade is lost, sent twice or brought back. Migrations of the newer release are undone, in one transaction.
Where that would lose something, or cannot be done, it says what and how much, and changes nothing.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from deploy.steps import comparison, surfaces
from deploy.steps.machine import (
    CURRENT,
    StepRefused,
    create_database_roles,
    install_units,
    link_release,
    manage,
    read_version,
    remove_newer_units,
)
from deploy.steps.roles import MachineRole, read_role
from deploy.steps.upgrade import back_up, change_code, verify


def refuse_loss(comparison_result: comparison.ReleaseComparison, before: Path) -> None:
    """Raises StepRefused with what would be lost or cannot be done."""
    if comparison_result.obstacles or comparison_result.losses:
        raise StepRefused(
            f"There is no way back to {before.name}; nothing was changed.\n"
            + "".join(f"  cannot be undone: {obstacle}\n" for obstacle in comparison_result.obstacles)
            + "".join(f"  would be lost: {loss}\n" for loss in comparison_result.losses)
            + "Stay on this release. The backup made before the upgrade is the last resort: it loses all since."
        )


def check_way_back() -> tuple[Path, Path, comparison.ReleaseComparison]:
    """The release in use, the one before, and the comparison. Raises StepRefused where there is no way back."""
    if os.geteuid() != 0:
        raise StepRefused("Only root can do this.")
    in_use = CURRENT.resolve()
    before, description, loaded = find_before(in_use)
    if comparison.describe(before) != description:
        raise StepRefused(f"{before} is not the release that was in use before the upgrade.")
    result = comparison.compare(in_use, description, loaded)
    refuse_loss(result, before)
    return in_use, before, result


def find_before(in_use: Path) -> tuple[Path, dict[str, object], dict[str, str]]:
    """The record of the last upgrade. Raises StepRefused where the release before it cannot be used."""
    before, description, loaded = comparison.read_record()
    if before == in_use or not (before / ".built").exists():
        raise StepRefused(f"{before} is in use already, or was removed.")
    return before, description, loaded


def roll_back_code(role: MachineRole) -> None:
    """A machine without tables goes back before the staff's machine does. Raises StepRefused."""
    before, _description, _loaded = find_before(CURRENT.resolve())
    seconds = change_code(before, role)
    verify(before, role)
    comparison.RECORD.unlink()
    print(f"Back on {read_version(before)}; requests waited for {seconds:.1f} s at most. Nothing was lost.")
    print("Now the staff's machine, if it is to go back too.")


def roll_back() -> None:
    """Raises StepRefused."""
    role = read_role()
    if not role.has_database:
        roll_back_code(role)
        return
    in_use, before, result = check_way_back()
    _before, description, loaded = comparison.read_record()
    print(f"From {read_version(in_use)} back to {read_version(before)}: {len(result.undone)} migrations are undone.")
    back_up()
    with surfaces.stopped_workers(role.workers):
        began = time.monotonic()
        with surfaces.held_requests(role.surfaces):
            # Asked again in the same transaction, now that nothing more can be stored.
            comparison.compare(in_use, description, loaded, undo=True)
            link_release(CURRENT, before)
            install_units(before)
            remove_newer_units(in_use, before)
            create_database_roles(before)
            manage(before, "owner", "grant_roles")
        seconds = time.monotonic() - began
    verify(before, role)
    comparison.RECORD.unlink()
    print(f"Back on {read_version(before)}; requests waited for {seconds:.1f} s at most. Nothing was lost.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="say whether there is a way back, and change nothing")
    options = parser.parse_args()
    try:
        if options.check and not read_role().has_database:
            before, _description, _loaded = find_before(CURRENT.resolve())
            print(f"There is a way back to {read_version(before)}: this machine has no tables.")
        elif options.check:
            _in_use, before, result = check_way_back()
            print(f"There is a way back to {read_version(before)}: {len(result.undone)} migrations, nothing lost.")
        else:
            roll_back()
    except StepRefused as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0
