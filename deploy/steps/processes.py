"""Running processes compared with the files that they were started from: a changed file is in force once both agree.

`python -m deploy.steps.processes` prints a line for each unit that runs with older values; deploy/manage passes them to
`check --deploy`.
"""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from deploy.steps.machine import StepRefused, run
from deploy.steps.roles import read_role
from deploy.steps.units import OPTIONAL, find_wished_units

PROCESSES = Path("/proc")
ASKED = ("MainPID", "ExecMainStartTimestamp", "EnvironmentFiles", "FragmentPath", "DropInPaths")


def find_services() -> list[str]:
    """The units of this machine that run always; timers and sockets start nothing old."""
    return [unit for unit in find_wished_units(read_role()) if "." not in unit] + [*OPTIONAL]


def restart_outdated(services: Iterable[str]) -> bool:
    """Restart the services that run with older values than their files have; False where none did.

    Raises:
        StepRefused: one still does.
    """
    outdated = find_outdated(services)
    if outdated:
        run("systemctl", "restart", *outdated)
        if still := find_outdated(outdated):
            faults = "; ".join(f"{unit}: {', '.join(names)}" for unit, names in still.items())
            raise StepRefused(f"Restarted, and not in force in {faults}.")
    return bool(outdated)


def find_outdated(services: Iterable[str]) -> dict[str, list[str]]:
    """For each running service the names of settings, or of files of its unit, that are newer than the process."""
    outdated = {service: list(_find_differences(service)) for service in services}
    return {service: names for service, names in outdated.items() if names}


def _find_differences(service: str) -> Iterator[str]:
    shown = run("systemctl", "show", "--timestamp=us+utc", f"--property={','.join(ASKED)}", service)
    values: dict[str, list[str]] = {}
    for name, _, value in (line.partition("=") for line in shown.splitlines()):
        values.setdefault(name, []).append(value)
    process = PROCESSES / values["MainPID"][0]
    if process == PROCESSES / "0":
        return
    began = datetime.strptime(values["ExecMainStartTimestamp"][0], "%a %Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC)
    for path in [Path(path) for name in ("FragmentPath", "DropInPaths") for path in values[name][0].split()]:
        if path.exists() and path.stat().st_mtime > began.timestamp():
            yield path.name
    written: dict[str, str] = {}
    for line in values.get("EnvironmentFiles", []):
        path = Path(line.partition(" (")[0])
        if path.is_file():
            written |= read_environment_file(path.read_text(encoding="utf-8"))
    entries = (process / "environ").read_bytes().decode(errors="replace").split("\0")
    in_force = dict(entry.split("=", 1) for entry in entries if "=" in entry)
    yield from (name for name, value in written.items() if in_force.get(name) != value)


def read_environment_file(text: str) -> dict[str, str]:
    """The values of a file in /etc/portals: in double quotes as deploy/set-value writes them, or as in a shell."""
    values = {}
    for line in text.splitlines():
        match = re.match(r"\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$", line)
        if match is None:
            continue
        name, value = match[1], match[2].strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            values[name] = re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
        else:
            values[name] = " ".join(shlex.split(value))
    return values


def main() -> int:
    for unit, names in find_outdated(find_services()).items():
        print(f"{unit}:{','.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
