"""`deploy/uninstall`: removes the program, its units and its part of the web server.

Data, keys, settings and backups stay, so that deploy/install finds them again. `--data --data` destroys them too; with
one `--data`, it only says what would be destroyed. Nothing is removed that the scripts did not make: units, drop-ins,
folders, certificates and backups of other origin stay, and are named.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.steps import web
from deploy.steps.answers import read_saved_answers
from deploy.steps.machine import BEFORE, CURRENT, KEYRING, SETTINGS, UNITS, StepRefused, run, succeeds
from deploy.steps.roles import read_role
from deploy.steps.script import run_script

RELEASES = Path("/srv")
SYSTEM = Path("/etc")
RELEASE_NAME = re.compile(r"portals-\d+\.\d+\.\d+(rc\d+)?(\.new)?")
# Drop-ins that the scripts write beside those that a release ships.
DROP_INS = ("mail.conf", "database.conf", "servers.conf")
STATE = tuple(Path("/var/lib") / name for name in ("portals-anchors", "portals-watch", "failed-portals"))
BACKUPS = Path("/var/backups/portals")
# By folder: the files and folders in it that the product makes.
MADE = {
    BACKUPS: (
        "database/portals-*.dump.age*",
        "database/portals-*.digest",
        "database/anchors",
        "keyring/keyring.tar.age*",
        "rehearsed",
    ),
    KEYRING.parent: ("keyring/*", "mirror/*", "mirror/.ssh", "upgrade.json"),
    SETTINGS: ("*.env", "answers", "release-signers", "backup-*.recipients", "authority", "database-tls"),
}


def find_releases(folder: Path) -> tuple[list[Path], list[Path]]:
    """Folders named as a release: those that deploy/install or deploy/upgrade made, and a clone or another thing."""
    named = [path for path in sorted(folder.glob("portals-*")) if RELEASE_NAME.fullmatch(path.name)]
    made = [path for path in named if not path.is_symlink() and not (path / ".git").exists() and _is_release(path)]
    return made, [path for path in named if path not in made]


def _is_release(path: Path) -> bool:
    return path.name.endswith(".new") or (path / ".built").exists() or (path / "deploy" / "steps").is_dir()


def find_shipped(releases: Iterable[Path]) -> set[str]:
    """The units and drop-ins that these releases ship, by their path in /etc/systemd/system."""
    shipped: set[str] = set()
    for release in releases:
        units = release / "deploy" / "systemd"
        shipped |= {path.name for kind in ("service", "socket", "timer") for path in units.glob(f"*.{kind}")}
        shipped |= {str(path.relative_to(units)) for path in units.glob("*.service.d/*")}
        shipped |= {
            path.name
            for path in (release / "deploy" / "two-machines").glob("portals-mirror.*")
            if path.suffix != ".env"
        }
    return shipped


def find_units(releases: Iterable[Path]) -> list[Path]:
    """Unit files and drop-ins in /etc/systemd/system that the scripts put there."""
    own = [UNITS / name for name in find_shipped(releases)]
    own += [
        path
        for name in DROP_INS
        for kind in ("portals-*", "failed-portals@*")
        for path in UNITS.glob(f"{kind}.d/{name}")
    ]
    own.append(UNITS / "postgresql@17-main.service.d" / "network.conf")
    return sorted(path for path in own if path.is_file() and not path.is_symlink())


def remove_units(releases: Iterable[Path]) -> None:
    files = find_units(releases)
    startable = [path.name for path in files if path.parent == UNITS and "@" not in path.name]
    # Sockets and timers first: they start services again.
    for kind in (".timer", ".socket", ".service"):
        chosen = [name for name in startable if name.endswith(kind)]
        if chosen:
            run("systemctl", "disable", "--quiet", "--now", *chosen)
    for path in files:
        path.unlink()
        _remove_empty(path.parent)
    (SYSTEM / "systemd" / "journald@portals.conf").unlink(missing_ok=True)
    for folder in ("sysusers.d", "tmpfiles.d"):
        for name in ("portals.conf", "portals-mirror.conf"):
            (SYSTEM / folder / name).unlink(missing_ok=True)
    run("systemctl", "daemon-reload")


def _remove_empty(folder: Path) -> None:
    if folder != UNITS and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def remove_web_server(releases: Iterable[Path]) -> bool:
    """The web server stops: it served nothing else. False where the distribution's nginx.conf could not be had back."""
    if succeeds("systemctl", "cat", "nginx"):
        run("systemctl", "disable", "--quiet", "--now", "nginx")
    parts = web.NGINX / "portals"
    shipped = {path.name for release in releases for path in (release / "deploy" / "nginx").glob("*.conf")}
    for path in [*(parts / name for name in shipped), *(parts / "pages").glob("*"), web.ACME_HOOK]:
        _remove(path)
    for folder in (parts / "pages", parts):
        _remove_empty(folder)
    return web.bring_back_config()


def remove_program(releases: Iterable[Path]) -> list[str]:
    for link in (CURRENT, BEFORE):
        if link.is_symlink():
            link.unlink()
    for path in releases:
        shutil.rmtree(path)
    return [path.name for path in releases]


def remove_data(*, has_database: bool, has_own_certificates: bool) -> None:
    """Nothing brings these back but the backups on the other machines."""
    if has_database:
        run("runuser", "-u", "postgres", "--", "dropdb", "--if-exists", "--force", "portals")
        for role in ("owner", "staff", "public", "sources", "backup", "host"):
            run("runuser", "-u", "postgres", "--", "dropuser", "--if-exists", f"portals_{role}")
    for key in KEYRING.rglob("*"):
        if key.is_file():
            run("shred", "--remove", key)
    for folder, patterns in MADE.items():
        for pattern in (*patterns, *(() if has_own_certificates or folder != SETTINGS else ("tls",))):
            for path in folder.glob(pattern):
                _remove(path)
        for below in sorted(folder.rglob("*/"), reverse=True):
            _remove_empty(below)
        _remove_empty(folder)
    for path in STATE:
        _remove(path)


def find_left(*, others: Iterable[Path], with_data: bool) -> Iterator[Path]:
    """Files that the scripts did not make and left where theirs was."""
    yield from others
    yield from (
        path for kind in ("portals-*", "failed-portals@*") for path in UNITS.glob(kind) if not path.is_symlink()
    )
    if (web.NGINX / "portals").exists():
        yield web.NGINX / "portals"
    if with_data:
        yield from (folder for folder in MADE if folder.exists())


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def uninstall(*, with_data: bool) -> None:
    """Raises StepRefused."""
    # Its own folder is among what is removed.
    os.chdir("/")
    has_database, has_own = read_role().has_database, read_saved_answers().get("CERTIFICATES", "own") == "own"
    releases, others = find_releases(RELEASES)
    if CURRENT.exists() and CURRENT.resolve() not in releases:
        raise StepRefused(
            f"{CURRENT} is no release that deploy/install put there: nothing was removed. Installed by hand, it is "
            "removed by hand."
        )
    remove_units(releases)
    has_config = remove_web_server(releases)
    removed = remove_program(releases)
    if with_data:
        remove_data(has_database=has_database, has_own_certificates=has_own)
    print(f"Removed: units, the web server's configuration, {', '.join(removed)}.")
    if not has_config:
        print(f"{web.NGINX}/nginx.conf of the distribution is missing: {' '.join(web.REINSTALL)}")
    if left := list(find_left(others=others, with_data=with_data)):
        print("Left, as it was not made by these scripts:", *left, sep="\n    ")
    print(
        "Destroyed: database, keys, settings and backups of this machine."
        if with_data
        else f"Left: the database portals, {KEYRING}, {SETTINGS}, {BACKUPS}, users."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="count", default=0, help="given twice: destroy data and keys as well")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("Only root can uninstall.", file=sys.stderr)
        return 1
    if options.data == 1:
        print("This would destroy the database portals with every report, and, of these, what the product made:")
        print("", *MADE, *STATE, sep="\n    ")
        print("Nothing was changed. To do it: deploy/uninstall --data --data")
        return 1
    return run_script(lambda: uninstall(with_data=options.data > 1))
