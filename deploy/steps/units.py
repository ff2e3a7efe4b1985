"""Units in place, and running: those of the machine's role, whichever were running before."""

from collections.abc import Sequence
from pathlib import Path

from deploy.steps.machine import SETTINGS, UNITS, copy_files, run, succeeds, write_file
from deploy.steps.roles import MachineRole

# The unit of systemd's that all units of the portals need, as their lines go to a journal of their own.
JOURNAL = "systemd-journald-sync@portals"
BACKUPS = ("portals-backup.timer", "portals-anchor.timer")
# Set up by hand, and only where they are used.
OPTIONAL = ("portals-metrics", "portals-sources")
RECIPIENTS = tuple(SETTINGS / f"backup-{kind}.recipients" for kind in ("database", "keyring"))


def find_wished_units(role: MachineRole) -> list[str]:
    """The units that ought to run on this machine, in the order of starting."""
    sockets = [f"{surface}.socket" for surface in role.surfaces]
    backups = BACKUPS if role.has_database and all(path.exists() for path in RECIPIENTS) else ()
    return [*sockets, *role.surfaces, *reversed(role.workers), *backups]


def start_units(units: Sequence[str]) -> bool:
    """Enable and start those that the release in use has; False where all ran. Raises StepRefused."""
    present = [unit for unit in units if succeeds("systemctl", "cat", unit)]
    stopped = [unit for unit in present if not succeeds("systemctl", "is-active", "--quiet", unit)]
    if present:
        run("systemctl", "enable", "--quiet", *present)
    if stopped:
        # One that failed too often would not start.
        succeeds("systemctl", "reset-failed", *stopped)
        run("systemctl", "start", *stopped)
    return bool(stopped)


def install_units(release: Path, *, only_public: bool = False) -> bool:
    """Put the units of a release in place; False where they were already. `only_public`: those of a public machine."""
    shipped, units = release / "deploy" / "two-machines", release / "deploy" / "systemd"
    if only_public:
        files = [units / "portals-public.service", units / "portals-public.socket"]
        folders = [units / "portals-.service.d", units / "nginx.service.d", units / f"{JOURNAL}.service.d"]
        users, places = shipped / "front-sysusers.conf", shipped / "front-tmpfiles.conf"
        changed = write_file(Path("/etc/sysusers.d/portals-mirror.conf"), (shipped / "sysusers.conf").read_bytes())
    else:
        files = [path for kind in ("service", "socket", "timer") for path in units.glob(f"*.{kind}")]
        folders = [*units.glob("*.service.d")]
        users, places, changed = units / "sysusers.conf", units / "tmpfiles.conf", False
    changed |= copy_files([*files, *folders], UNITS)
    changed |= write_file(Path("/etc/sysusers.d/portals.conf"), users.read_bytes())
    changed |= write_file(Path("/etc/tmpfiles.d/portals.conf"), places.read_bytes())
    changed |= copy_files([units / "journald@portals.conf"], Path("/etc/systemd"))
    # Also where the files were there: a run that was cut off may have come no further.
    run("systemd-sysusers")
    run("systemd-tmpfiles", "--create", "portals.conf")
    run("systemctl", "daemon-reload")
    return changed


def remove_newer_units(release: Path, before: Path) -> None:
    """Remove the units of a release that the one before does not have. Raises StepRefused."""
    newer, older = (
        {path.name for path in (folder / "deploy" / "systemd").glob("portals-*.*") if path.is_file()}
        for folder in (release, before)
    )
    for name in sorted(newer - older):
        if (UNITS / name).exists():
            run("systemctl", "disable", "--quiet", "--now", name)
            (UNITS / name).unlink()
    if newer - older:
        run("systemctl", "daemon-reload")
