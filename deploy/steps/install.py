"""`deploy/install`: a whole installation on one machine with Debian 13, from the archive of a release.

Every step can be run again: it says `done` where it changed something and `already` where it found all in place.
"""

import argparse
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.steps import answers as asked
from deploy.steps import archive, web
from deploy.steps.machine import (
    CURRENT,
    KEYRING,
    SETTINGS,
    UNITS,
    StepRefused,
    copy_files,
    find_obstacles,
    install_units,
    link_release,
    manage,
    run,
    succeeds,
    write_file,
)

PACKAGES = ("age", "ca-certificates", "curl", "nginx", "openssl", "postgresql", "python3-venv", "rsync")
PACKAGES_BY_ANSWER = {"acme": ("certbot",)}
CLUSTER = Path("/etc/postgresql/17/main")
# In this order, after `migrate`; test_release.py compares them with the commands that exist.
LOADS = (
    ("owner", "load_catalogue"),
    ("owner", "load_recipients"),
    ("owner", "load_routing"),
    ("owner", "load_notice_texts"),
    ("owner", "grant_roles"),
    ("keys", "create_keys"),
)
SURFACES = ("portals-public", "portals-staff")
STAFF_FILES = {
    "SOURCE_URL": "SOURCE_URL",
    "HOTLINE_NAME": "HOTLINE_NAME",
    "HOTLINE_COUNTRY": "HOTLINE_COUNTRY",
    "WORK_TIME_ZONE": "WORK_TIME_ZONE",
    "CUT_OFF": "CUT_OFF",
    "MAIL_FROM": "MAIL_FROM",
}
WORKER_FILES = ("ALERT_EMAILS", "OPERATIONS_EMAILS", "MAIL_HOST", "MAIL_PORT", "MAIL_USER", "MAIL_PASSWORD")


@dataclass(frozen=True, slots=True)
class Installation:
    """What the steps work with. `advice`: what they say to the administrator at the end."""

    answers: dict[str, str]
    archive: Path
    signers: Path | None
    advice: list[str] = field(default_factory=list)


def install_packages(given: Installation) -> bool:
    wanted = [*PACKAGES, *PACKAGES_BY_ANSWER.get(given.answers["CERTIFICATES"], ())]
    if not Path("/usr/sbin/chronyd").exists():
        wanted.append("systemd-timesyncd")
    missing = [name for name in wanted if "install ok installed" not in _package_state(name)]
    if missing:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "update", environment=quiet)
        run("apt-get", "install", "--yes", "--no-install-recommends", *missing, environment=quiet)
    return bool(missing)


def _package_state(name: str) -> str:
    if not succeeds("dpkg-query", "--show", name):
        return ""
    return run("dpkg-query", "--show", "--showformat=${Status}", name)


def install_program(given: Installation) -> bool:
    folder, is_new = archive.unpack_release(given.archive)
    if given.signers is not None:
        write_file(archive.SIGNERS, given.signers.read_bytes())
    if CURRENT.is_symlink() and CURRENT.resolve() != folder:
        raise StepRefused(f"{CURRENT.resolve()} is installed: use deploy/upgrade to change to {folder}.")
    return link_release(CURRENT, folder) | is_new


def install_users_and_units(_given: Installation) -> bool:
    return install_units(CURRENT)


def write_settings(given: Installation) -> bool:
    """Files that are there keep every value that was not asked for."""
    shipped = CURRENT / "deploy" / "settings"
    new = [path for path in sorted(shipped.glob("*.env")) if not (SETTINGS / path.name).exists()]
    changed = copy_files(new, SETTINGS, 0o640)
    values = given.answers
    for surface in ("public", "staff"):
        if not read_setting(SETTINGS / f"{surface}.env", "SECRET_KEY"):
            changed |= set_value(f"{surface}.env", "SECRET_KEY", secrets.token_hex(32))
    for name in ("SOURCE_URL", "HOTLINE_NAME"):
        changed |= set_value("public.env", name, values[name])
    for name, answer in STAFF_FILES.items():
        changed |= set_value("staff.env", name, values[answer])
    changed |= set_value("public.env", "ALLOWED_HOSTS", _public_hosts(values["PUBLIC_HOST"]))
    staff_hosts = [values["STAFF_HOST"], *filter(None, [values["MEMBERS_HOST"]])]
    changed |= set_value("staff.env", "ALLOWED_HOSTS", ",".join(staff_hosts))
    changed |= set_value("staff.env", "PUBLIC_URL", f"https://{values['PUBLIC_HOST']}")
    changed |= set_value("worker.env", "STAFF_URL", f"https://{values['STAFF_HOST']}")
    for name in WORKER_FILES:
        if name in values and not (name == "MAIL_PASSWORD" and not values[name]):
            changed |= set_value("worker.env", name, values[name])
    return asked.save_answers(values) | changed


def _public_hosts(host: str) -> str:
    """The onion service of an installation is added by hand and stays."""
    present = read_setting(SETTINGS / "public.env", "ALLOWED_HOSTS").split(",")
    return ",".join([*(each for each in present if each.endswith(".onion")), host])


def read_setting(file: Path, name: str) -> str:
    """A value as deploy/manage reads it: by a shell. "" where there is none."""
    return run("sh", "-c", '. "$0"; eval "printf %s \\"\\${$1-}\\""', file, name)


def set_value(file: str, name: str, value: str) -> bool:
    """Set a value with any characters; False where it was so already."""
    path = SETTINGS / file
    before = path.read_bytes()
    run(CURRENT / "deploy" / "set-value", path, name, value)
    return path.read_bytes() != before


def prepare_database(_given: Installation) -> bool:
    files = CURRENT / "deploy" / "postgresql"
    changed = copy_files([files / "portals.conf", files / "one-machine.conf"], CLUSTER / "conf.d")
    for name in ("pg_hba.conf", "pg_ident.conf"):
        changed |= write_file(CLUSTER / name, (files / name).read_bytes(), 0o640)
        run("chown", "postgres:postgres", CLUSTER / name)
    if changed:
        run("systemctl", "restart", "postgresql@17-main")
    run("runuser", "-u", "postgres", "--", "psql", "--quiet", "--file", files / "roles.sql")
    return changed


def load_release(_given: Installation) -> bool:
    """Tables, keys, and what a release brings. What operators changed stays as it is."""
    is_new = not succeeds(CURRENT / "deploy" / "manage", "owner", "compare_migrations")
    manage(CURRENT, "owner", "migrate", "--verbosity", "0")
    for user, command in LOADS:
        manage(CURRENT, user, command)
    return is_new


def allow_mail(given: Installation) -> bool:
    """The worker and the watch may reach the mail server's address and no other; no name server is asked."""
    host, address = given.answers.get("MAIL_HOST", ""), given.answers.get("MAIL_ADDRESS", "")
    if not host:
        return False
    hosts = Path("/etc/hosts")
    lines = [line for line in hosts.read_text().splitlines() if line.split()[1:] != [host]]
    wanted = "\n".join([*lines, f"{address} {host}"]) + "\n"
    changed = hosts.read_text() != wanted
    if changed:
        # In place: in containers and some images the file is mounted and cannot be replaced.
        hosts.write_text(wanted)
    allowed = f"[Service]\nIPAddressAllow={address}\n".encode()
    for unit in ("portals-worker", "portals-watch", "failed-portals@"):
        changed |= write_file(UNITS / f"{unit}.service.d" / "mail.conf", allowed)
    if changed:
        run("systemctl", "daemon-reload")
        if succeeds("systemctl", "is-active", "--quiet", "portals-worker"):
            run("systemctl", "restart", "portals-worker")
    return changed


def start_units(_given: Installation) -> bool:
    units = ("portals-public.socket", "portals-staff.socket", *SURFACES, "portals-worker", "portals-keys.timer")
    watched = (*units, "portals-host-readings.timer", "portals-watch.timer")
    stopped = [unit for unit in watched if not succeeds("systemctl", "is-active", "--quiet", unit)]
    run("systemctl", "enable", "--quiet", *watched)
    if stopped:
        run("systemctl", "start", *stopped)
    return bool(stopped)


def set_up_backups(given: Installation) -> bool:
    """Without keys there are no backups yet: the operations page says so, and this step is run again."""
    recipients = {
        "database": given.answers.get("DATABASE_RECIPIENT"),
        "keyring": given.answers.get("KEYRING_RECIPIENT"),
    }
    changed = False
    for kind, key in recipients.items():
        if key:
            changed |= write_file(SETTINGS / f"backup-{kind}.recipients", f"{key}\n".encode())
    if changed and all(recipients.values()):
        run("systemctl", "enable", "--quiet", "--now", "portals-backup.timer", "portals-anchor.timer")
        run("systemctl", "start", "portals-backup", "portals-keyring-backup", "portals-anchor")
    return changed


def check_installation(given: Installation) -> bool:
    """Raises StepRefused where the installation is not fit for deployment or does not answer."""
    given.advice.extend(sorted({line for user in ("public", "worker") for line in find_warnings(user)}))
    for name in ("PUBLIC_HOST", "STAFF_HOST"):
        host = given.answers[name]
        if (said := web.ask_ready(host)) != "ok":
            raise StepRefused(f"https://{host}/health/ready/ does not answer ok: {said[:200]}")
    return True


def find_warnings(user: str) -> list[str]:
    """What `check --deploy` advises. Raises StepRefused for an error."""
    done = subprocess.run(
        [str(CURRENT / "deploy" / "manage"), user, "check", "--deploy"], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).splitlines()
    if done.returncode:
        raise StepRefused("\n".join(said))
    return [line.removeprefix("?: ") for line in said if line.startswith("?: (")]


STEPS: tuple[tuple[str, Callable[[Installation], bool]], ...] = (
    ("Debian's packages", install_packages),
    ("The program", install_program),
    ("Users, folders, units", install_users_and_units),
    ("Settings", write_settings),
    ("Database", prepare_database),
    ("Tables, keys, texts, rules", load_release),
    ("Mail", allow_mail),
    ("Certificates", lambda given: web.provide_certificates(given.answers)),
    ("Services", start_units),
    ("Web server", lambda given: web.configure_web_server(given.answers)),
    ("Backups", set_up_backups),
    ("Check", check_installation),
)


def collect_answers(file: Path | None) -> dict[str, str]:
    """From the file alone, or asked for in the terminal, with the answers of the last run as defaults."""
    if file is not None:
        return asked.complete_answers(asked.read_answers(file))
    known = asked.read_answers(asked.SAVED) if asked.SAVED.exists() else {}
    found = asked.ask_all(known, asked.ask_in_terminal)
    complete = {each.name: found.get(each.name, "") for each in asked.QUESTIONS}
    asked.check_answers(asked.find_faults(complete))
    return complete


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, help="the release; without it the archive beside this folder")
    parser.add_argument("--signers", type=Path, help="who may sign releases: ssh-keygen's allowed signers")
    parser.add_argument("--answers", type=Path, help="a file of answers, NAME=VALUE; without it they are asked for")
    parser.add_argument("--check", action="store_true", help="check machine, archive and answers, and change nothing")
    options = parser.parse_args()
    try:
        given = prepare(options)
        for title, step in [] if options.check else STEPS:
            began = time.monotonic()
            print(f"{title}: ", end="", flush=True)
            print("done" if step(given) else "already", f"({time.monotonic() - began:.0f} s)")
        print(*given.advice, sep="\n", end="\n" if given.advice else "")
    except StepRefused as reason:
        print(reason, file=sys.stderr)
        return 1
    if not options.check:
        print(NEXT.format(host=given.answers["STAFF_HOST"], keyring=KEYRING))
    return 0


def prepare(options: argparse.Namespace) -> Installation:
    """All checks, before anything is changed. Raises StepRefused with everything that is wrong."""
    if obstacles := list(find_obstacles(installed=CURRENT.exists() or asked.SAVED.exists())):
        raise StepRefused("\n".join(obstacles))
    packed = archive.find_archive(options.archive)
    print(f"Archive: {archive.check_archive(packed, options.signers)}")
    given = Installation(collect_answers(options.answers), packed, options.signers)
    asked.check_answers(web.find_missing_certificates(given.answers))
    print(f"Answers: {sum(1 for each in asked.QUESTIONS if asked.is_asked(each, given.answers))}, nothing is wrong.")
    return given


NEXT = """
Ready. The first account, with a password that is asked for:
    /srv/portals/deploy/manage staff create_administrator adam
Sign in at https://{host}/admin/; the dashboard leads through the rest.
Back up {keyring} as docs/guides/deploy-one-machine.md says, step 9.
To undo: /srv/portals/deploy/uninstall (it leaves data, keys and settings)."""
