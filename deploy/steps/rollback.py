"""`deploy/rollback`: back to the release before the last upgrade, with everything that was stored since.

The database and the keys stay in place: nothing is restored, so no report, reply, key, letter or line of the audit log
since the upgrade is lost, sent twice or brought back. Migrations of the newer release are undone, in one transaction.
Where that would lose something, or cannot be done, it says what and how much, and changes nothing. A rollback that was
cut off is typed again and goes on.
"""

import argparse
import os
import time
from pathlib import Path

from deploy.steps import comparison, surfaces, units
from deploy.steps.machine import CURRENT, StepRefused, create_database_roles, link_release, manage, read_version
from deploy.steps.roles import MachineRole, read_role
from deploy.steps.script import run_script
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


def check_way_back() -> tuple[comparison.UpgradeRecord, comparison.ReleaseComparison]:
    """The last upgrade, and the comparison. Raises StepRefused where there is no way back."""
    record = find_upgrade()
    if comparison.describe(record.before) != record.description:
        raise StepRefused(f"{record.before} is not the release that was in use before the upgrade.")
    result = comparison.compare(record.release, record.description, record.loaded)
    refuse_loss(result, record.before)
    return record, result


def find_upgrade() -> comparison.UpgradeRecord:
    """The last upgrade, which may be half undone. Raises StepRefused where the release before it cannot be used."""
    if os.geteuid() != 0:
        raise StepRefused("Only root can do this.")
    record = comparison.read_record()
    if not (record.before / ".built").exists():
        raise StepRefused(f"{record.before} was removed.")
    return record


def roll_back_code(role: MachineRole) -> None:
    """A machine without tables goes back before the staff's machine does. Raises StepRefused."""
    before = find_upgrade().before
    seconds = change_code(before, role)
    finish(before, role, seconds)
    print("Now the staff's machine, if it is to go back too.")


def roll_back() -> None:
    """Raises StepRefused."""
    role = read_role()
    if not role.has_database:
        roll_back_code(role)
        return
    record, result = check_way_back()
    newer, before = record.release, record.before
    print(f"From {read_version(newer)} back to {read_version(before)}: {len(result.undone)} migrations are undone.")
    back_up()
    with surfaces.stopped_workers(role.workers):
        began = time.monotonic()
        with surfaces.held_requests(role.surfaces):
            # Asked again in the same transaction, now that nothing more can be stored.
            comparison.compare(newer, record.description, record.loaded, undo=True)
            units.install_units(before)
            units.remove_newer_units(newer, before)
            create_database_roles(before)
            manage(before, "owner", "grant_roles")
            link_release(CURRENT, before)
        seconds = time.monotonic() - began
    finish(before, role, seconds)


def finish(before: Path, role: MachineRole, seconds: float) -> None:
    """Raises StepRefused."""
    verify(before, role)
    comparison.RECORD.unlink()
    print(f"Back on {read_version(before)}; requests waited for {seconds:.1f} s at most. Nothing was lost.")


def say_way_back() -> None:
    """Raises StepRefused where there is none."""
    if read_role().has_database:
        record, result = check_way_back()
        print(f"There is a way back to {read_version(record.before)}: {len(result.undone)} migrations, nothing lost.")
    else:
        print(f"There is a way back to {read_version(find_upgrade().before)}: this machine has no tables.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="say whether there is a way back, and change nothing")
    options = parser.parse_args()
    return run_script(say_way_back if options.check else roll_back)
