"""The release in use compared with another one (`describe_release`, `way_back`)."""

import json
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class UpgradeRecord:
    """The last upgrade: `description` and `loaded` for the way back; `is_finished`: all of its steps were done."""

    before: Path
    release: Path
    description: dict[str, object]
    loaded: dict[str, str]
    is_finished: bool = False

    def write(self) -> None:
        values = asdict(self) | {"before": str(self.before), "release": str(self.release)}
        write_file(RECORD, json.dumps(values).encode(), 0o600)


def read_record() -> UpgradeRecord:
    """Raises StepRefused where there is none."""
    try:
        values = json.loads(RECORD.read_text(encoding="utf-8"))
        return UpgradeRecord(**values | {"before": Path(values["before"]), "release": Path(values["release"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StepRefused(
            f"{RECORD} names no release before: nothing was upgraded here with deploy/upgrade."
        ) from error
