"""`deploy/uninstall`: removes the program, its units and its part of the web server.

Data, keys, settings and backups stay, so that deploy/install finds them again. `--data --data` destroys them too; with
one `--data`, it only says what would be destroyed.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from deploy.steps.machine import BEFORE, CURRENT, KEYRING, SETTINGS, UNITS, StepRefused, run, succeeds
from deploy.steps.roles import read_role
from deploy.steps.units import JOURNAL
from deploy.steps.web import ACME_HOOK, NGINX

DATA = (KEYRING.parent, Path("/var/lib/portals-anchors"), Path("/var/lib/portals-watch"), Path("/var/backups/portals"))


def find_units() -> list[Path]:
    """Unit files and folders of this product in /etc/systemd/system, besides links that systemd made."""
    return sorted(
        path for kind in ("portals-*", "failed-portals@*") for path in UNITS.glob(kind) if not path.is_symlink()
    )


def remove_units() -> None:
    startable = [path.name for path in find_units() if path.is_file() and "@" not in path.name]
    # Sockets and timers first: they start services again.
    for kind in (".timer", ".socket", ".service"):
        chosen = [name for name in startable if name.endswith(kind)]
        if chosen:
            run("systemctl", "disable", "--quiet", "--now", *chosen)
    for path in find_units():
        _remove(path)
    for unit in ("nginx", JOURNAL):
        (UNITS / f"{unit}.service.d" / "portals.conf").unlink(missing_ok=True)
    Path("/etc/systemd/journald@portals.conf").unlink(missing_ok=True)
    for folder in ("sysusers.d", "tmpfiles.d"):
        for name in ("portals.conf", "portals-mirror.conf"):
            Path("/etc", folder, name).unlink(missing_ok=True)
    run("systemctl", "daemon-reload")


def remove_web_server() -> None:
    """The web server stops: it served nothing else."""
    if succeeds("systemctl", "cat", "nginx"):
        run("systemctl", "disable", "--quiet", "--now", "nginx")
    for path in (NGINX / "portals", NGINX / "nginx.conf", ACME_HOOK):
        _remove(path)


def remove_program() -> list[str]:
    removed = sorted(path for path in Path("/srv").glob("portals-*") if path not in (BEFORE,))
    for path in [CURRENT, BEFORE, *removed]:
        _remove(path)
    return [path.name for path in removed]


def remove_data(*, has_database: bool) -> None:
    """Nothing brings these back but the backups on the other machines."""
    if has_database:
        run("runuser", "-u", "postgres", "--", "dropdb", "--if-exists", "--force", "portals")
        for role in ("owner", "staff", "public", "sources", "backup", "host"):
            run("runuser", "-u", "postgres", "--", "dropuser", "--if-exists", f"portals_{role}")
    for key in KEYRING.rglob("*"):
        if key.is_file():
            run("shred", "--remove", key)
    for path in (*DATA, SETTINGS):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="count", default=0, help="given twice: destroy data and keys as well")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("Only root can uninstall.", file=sys.stderr)
        return 1
    if options.data == 1:
        print("This would destroy the database portals with every report, and:", *DATA, SETTINGS, sep="\n    ")
        print("Nothing was changed. To do it: deploy/uninstall --data --data")
        return 1
    try:
        # Its own folder is among what is removed.
        os.chdir("/")
        has_database = read_role().has_database
        remove_units()
        remove_web_server()
        removed = remove_program()
        if options.data:
            remove_data(has_database=has_database)
    except StepRefused as reason:
        print(reason, file=sys.stderr)
        return 1
    print(f"Removed: units, the web server's configuration, {', '.join(removed)}.")
    summary = "Destroyed: database, keys, settings and backups of this machine."
    print(
        summary if options.data else f"Left: the database portals, {KEYRING}, {SETTINGS}, /var/backups/portals, users."
    )
    return 0
