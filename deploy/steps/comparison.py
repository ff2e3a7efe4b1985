"""The release in use compared with another one (`describe_release`, `way_back`)."""

import json
from dataclasses import dataclass
from pathlib import Path

from deploy.steps.machine import StepRefused, run, write_file

# The rows that the upgrade found and loaded, for the way back.
RECORD = Path("/var/lib/portals/upgrade.json")


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """`undone`: migrations that only the newer has. `is_beside`: the older code bears them while it runs."""

    undone: list[str]
    obstacles: list[str]
    losses: list[str]
    contents: dict[str, str]
    is_beside: bool


def describe(release: Path) -> dict[str, object]:
    """Raises StepRefused, also where the release has no such command."""
    described: dict[str, object] = json.loads(run(release / "deploy" / "manage", "owner", "describe_release"))
    return described


def compare(newer: Path, before: dict[str, object], loaded: dict[str, str], *, undo: bool = False) -> ReleaseComparison:
    """Ask the newer release about the way back; with `undo`, it undoes its migrations. Raises StepRefused."""
    command = [str(newer / "deploy" / "manage"), "owner", "way_back", *(["--undo"] if undo else [])]
    result = json.loads(run(*command, typed=json.dumps({"before": before, "loaded": loaded})))
    return ReleaseComparison(**result)


def write_record(before: Path, description: dict[str, object], loaded: dict[str, str]) -> None:
    record = {"before": str(before), "description": description, "loaded": loaded}
    write_file(RECORD, json.dumps(record).encode(), 0o600)


def read_record() -> tuple[Path, dict[str, object], dict[str, str]]:
    """The release before, its description and what the upgrade loaded. Raises StepRefused where there is none."""
    try:
        record = json.loads(RECORD.read_text(encoding="utf-8"))
        return Path(record["before"]), record["description"], record["loaded"]
    except (OSError, ValueError, KeyError) as error:
        raise StepRefused(
            f"{RECORD} names no release before: nothing was upgraded here with deploy/upgrade."
        ) from error
