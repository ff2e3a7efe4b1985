"""`deploy/install`: a whole installation on one machine with Debian 13, from the archive of a release.

Every step can be run again: it says `done` where it changed something, `already` where it found all in place, and
`not set up` where an answer is missing.
"""

import argparse
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.steps import answers as answer_file
from deploy.steps import archive, processes, settings_files, several_machines, surfaces, units, web
from deploy.steps.machine import (
    CLUSTER,
    CURRENT,
    KEYRING,
    PATRONI,
    SETTINGS,
    UNITS,
    StepRefused,
    ask_database,
    copy_files,
    create_database_roles,
    find_obstacles,
    link_release,
    manage,
    name_host,
    restart_database,
    run,
    succeeds,
    write_file,
)
from deploy.steps.questions import QUESTIONS
from deploy.steps.roles import ROLES, MachineRole
from deploy.steps.script import run_script

PACKAGES_BY_ANSWER = {"acme": ("certbot",)}
# In this order, after `migrate`; test_release.py compares them with the commands that exist.
LOADS = (
    ("owner", "load_catalogue"),
    ("owner", "load_recipients"),
    ("owner", "load_routing"),
    ("owner", "load_notice_texts"),
    ("owner", "grant_roles"),
    ("keys", "create_keys"),
)

READ_MARK = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'portals'"
BACKUP_TIMERS = units.BACKUPS
OUTCOMES = {True: "done", False: "already", None: "not set up"}


@dataclass(frozen=True, slots=True)
class InstallRun:
    """The input of the steps. `advice`: their notes to the administrator at the end."""

    answers: dict[str, str]
    archive: Path
    signers: Path | None
    advice: list[str] = field(default_factory=list)

    @property
    def role(self) -> MachineRole:
        return ROLES[self.answers["ROLE"]]


def install_packages(installation: InstallRun) -> bool:
    packages = [*installation.role.packages, *PACKAGES_BY_ANSWER.get(installation.answers["CERTIFICATES"], ())]
    if not Path("/usr/sbin/chronyd").exists():
        packages.append("systemd-timesyncd")
    installed = run("dpkg-query", "--show", "--showformat=${Package} ${Status}\n").splitlines()
    missing = [name for name in packages if f"{name} install ok installed" not in installed]
    if missing:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        # A run that was cut off leaves packages unpacked, and nothing else can be installed.
        run("dpkg", "--configure", "--pending", environment=quiet)
        run("apt-get", "update", environment=quiet)
        run("apt-get", "install", "--yes", "--no-install-recommends", *missing, environment=quiet)
    return bool(missing)


def install_program(installation: InstallRun) -> bool:
    folder, is_new = archive.unpack_release(installation.archive, installation.role.code)
    if installation.signers is not None:
        write_file(archive.SIGNERS, installation.signers.read_bytes())
    if CURRENT.is_symlink() and CURRENT.resolve() != folder:
        raise StepRefused(f"{CURRENT.resolve()} is installed: use deploy/upgrade to change to {folder}.")
    return link_release(CURRENT, folder) | is_new


def install_users_and_units(installation: InstallRun) -> bool:
    only_public = installation.role.code == "public"
    changed = units.install_units(CURRENT, only_public=only_public)
    if only_public:
        shipped = CURRENT / "deploy" / "two-machines" / "portals-public.service.d.conf"
        places = " ".join(several_machines.split_list(installation.answers["DATABASE_ADDRESSES"]))
        text = shipped.read_text(encoding="utf-8").replace(several_machines.BACK, places)
        if write_file(UNITS / "portals-public.service.d" / "database.conf", text.encode()):
            changed = True
            run("systemctl", "daemon-reload")
    return changed


def write_settings(installation: InstallRun) -> bool:
    changed = settings_files.write_settings(installation.answers, installation.role)
    return (
        several_machines.reach_database(installation.answers) | changed
        if installation.role.name == "public"
        else changed
    )


def prepare_database(installation: InstallRun) -> bool:
    files = CURRENT / "deploy" / "postgresql"
    changed = copy_files([files / "portals.conf"], CLUSTER / "conf.d")
    if installation.role.has_all:
        changed |= copy_files([files / "one-machine.conf"], CLUSTER / "conf.d")
    else:
        changed |= several_machines.open_database(installation.answers)
        (CLUSTER / "conf.d" / "one-machine.conf").unlink(missing_ok=True)
    present = (CLUSTER / "pg_hba.conf").read_text(encoding="utf-8")
    access = (files / "pg_hba.conf").read_bytes() + several_machines.access_rules(
        installation.answers, present
    ).encode()
    for name, content in (("pg_hba.conf", access), ("pg_ident.conf", (files / "pg_ident.conf").read_bytes())):
        changed |= write_file(CLUSTER / name, content, 0o640)
        run("chown", "postgres:postgres", CLUSTER / name)
    put_database_in_force()
    create_database_roles(CURRENT)
    return changed


def put_database_in_force() -> None:
    """Let the server read its files, and restart it for what needs that. Raises StepRefused."""
    if PATRONI.exists():
        restart_database()
        return
    cluster = "postgresql@17-main"
    needs_start = "SELECT count(*) FROM pg_settings WHERE pending_restart"
    faults = "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL AND error NOT LIKE '%restart%'"
    if not succeeds("systemctl", "is-active", "--quiet", cluster):
        run("systemctl", "start", cluster)
    ask_database("SELECT pg_reload_conf(), pg_sleep(0.5)", "postgres")
    if ask_database(needs_start, "postgres") != "0" or processes.find_outdated([cluster]):
        restart_database()
    if (number := ask_database(faults, "postgres")) != "0":
        raise StepRefused(f"{number} lines of PostgreSQL's settings are not in force: see pg_file_settings.")


def load_release(release: Path) -> None:
    """Keys, and what a release brings. Rows that operators changed stay as they are. Raises StepRefused."""
    for user, command in LOADS:
        manage(release, user, command)


def fill_database(_installation: InstallRun) -> bool:
    """Nothing to do where this release has loaded all before: the database says so, as a remark about it."""
    built = CURRENT.resolve() / ".built"
    mark = f"loaded by {built.parent.name}, {built.stat().st_mtime_ns}" if built.exists() else ""
    if mark and ask_database(READ_MARK, "postgres") == mark:
        return False
    manage(CURRENT, "owner", "migrate", "--verbosity", "0")
    load_release(CURRENT)
    if mark:
        ask_database(f"COMMENT ON DATABASE portals IS '{mark}'", "postgres")
    return True


def allow_mail(installation: InstallRun) -> bool:
    """The worker and the watch may reach the mail server's address and no other; no name server is asked."""
    host, address = installation.answers.get("MAIL_HOST", ""), installation.answers.get("MAIL_ADDRESS", "")
    if not host:
        return False
    changed = name_host(host, address)
    allowed = f"[Service]\nIPAddressAllow={address}\n".encode()
    for unit in ("portals-worker", "portals-watch", "failed-portals@"):
        changed |= write_file(UNITS / f"{unit}.service.d" / "mail.conf", allowed)
    if changed:
        run("systemctl", "daemon-reload")
    return changed


def start_units(installation: InstallRun) -> bool:
    surfaces.release_requests()
    has_started = units.start_units(units.find_wished_units(installation.role))
    return processes.restart_outdated(processes.find_services()) | has_started


def set_up_backups(installation: InstallRun) -> bool | None:
    """None without both keys: there are no backups yet, the operations page says so, and this step is run again."""
    recipients = {
        "database": installation.answers.get("DATABASE_RECIPIENT"),
        "keyring": installation.answers.get("KEYRING_RECIPIENT"),
    }
    changed = False
    for kind, key in recipients.items():
        if key:
            changed |= write_file(SETTINGS / f"backup-{kind}.recipients", f"{key}\n".encode())
    if not all((SETTINGS / f"backup-{kind}.recipients").exists() for kind in recipients):
        return None
    if changed or not all(succeeds("systemctl", "is-active", "--quiet", timer) for timer in BACKUP_TIMERS):
        run("systemctl", "enable", "--quiet", "--now", *BACKUP_TIMERS)
        run("systemctl", "start", "portals-backup", "portals-keyring-backup", "portals-anchor")
        return True
    return False


def check_installation(installation: InstallRun) -> bool:
    """Raises StepRefused where the installation is not fit for deployment or does not answer."""
    if installation.role.name == "public" and not several_machines.has_keys():
        # Said by `take_keys`.
        return False
    with ThreadPoolExecutor() as pool:
        warnings = pool.map(find_warnings, installation.role.checked)
        installation.advice.extend(sorted({line for lines in warnings for line in lines}))
    web.check_surfaces(installation.answers, installation.role)
    return True


def find_warnings(user: str) -> list[str]:
    """The advice of `check --deploy`. Raises StepRefused for an error."""
    process = subprocess.run(
        [str(CURRENT / "deploy" / "manage"), user, "check", "--deploy"], capture_output=True, text=True, check=False
    )
    lines = (process.stdout + process.stderr).splitlines()
    if process.returncode:
        raise StepRefused("\n".join(lines))
    return [line.removeprefix("?: ") for line in lines if line.startswith("?: (")]


def join_machines(installation: InstallRun) -> bool:
    join = several_machines.take_keys if installation.role.code == "public" else several_machines.send_keys
    return join(installation.answers, installation.advice)


ALL = ("one", "staff", "public")
WITH_DATABASE = ("one", "staff")
STEPS: tuple[tuple[str, tuple[str, ...], Callable[[InstallRun], bool | None]], ...] = (
    ("Debian's packages", (*ALL, "standby"), install_packages),
    ("The program", (*ALL, "standby"), install_program),
    ("Users, folders, units", (*ALL, "standby"), install_users_and_units),
    ("Settings", (*ALL, "standby"), write_settings),
    ("Database", WITH_DATABASE, prepare_database),
    ("Tables, keys, texts, rules", WITH_DATABASE, fill_database),
    ("Mail", WITH_DATABASE, allow_mail),
    ("Certificates", ALL, lambda installation: web.provide_certificates(installation.answers, installation.role)),
    ("The other machines", ("staff", "public"), join_machines),
    ("Services", ALL, start_units),
    ("Web server", ALL, lambda installation: web.configure_web_server(installation.answers, installation.role)),
    (
        "Certificates of the authority",
        ALL,
        lambda installation: web.fetch_certificates(installation.answers, installation.role),
    ),
    ("Backups", WITH_DATABASE, set_up_backups),
    ("Check", ALL, check_installation),
)


def collect_answers(file: Path | None) -> dict[str, str]:
    """From the file alone, or asked for in the terminal, with the answers of the last run as defaults."""
    if file is not None:
        return answer_file.complete_answers(answer_file.read_answers(file))
    return answer_file.complete_answers(
        answer_file.ask_all(answer_file.read_saved_answers(), answer_file.ask_in_terminal)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, help="the release; without it the archive beside this folder")
    parser.add_argument("--signers", type=Path, help="who may sign releases: ssh-keygen's allowed signers")
    parser.add_argument("--answers", type=Path, help="a file of answers, NAME=VALUE; without it they are asked for")
    parser.add_argument("--check", action="store_true", help="check machine, archive and answers, and change nothing")
    options = parser.parse_args()
    return run_script(lambda: install(options))


def install(options: argparse.Namespace) -> None:
    """Raises StepRefused."""
    installation = prepare(options)
    chosen = [] if options.check else [step for step in STEPS if installation.role.name in step[1]]
    missing = []
    for title, _roles, step in chosen:
        began = time.monotonic()
        print(f"{title}: ", end="", flush=True)
        outcome = step(installation)
        print(OUTCOMES[outcome], f"({time.monotonic() - began:.0f} s)")
        missing += [title] if outcome is None else []
    print(*installation.advice, sep="\n", end="\n" if installation.advice else "")
    if chosen and installation.role.has_database:
        absent = f"NOT ready, not set up: {', '.join(missing)}. Run deploy/install again for it."
        state = absent if missing else "Ready."
        print(NEXT.format(state=state, host=installation.answers["STAFF_HOST"], keyring=KEYRING))


def prepare(options: argparse.Namespace) -> InstallRun:
    """All checks, before anything is changed. Raises StepRefused with everything that is wrong."""
    if obstacles := list(find_obstacles(installed=CURRENT.exists() or answer_file.SAVED.exists())):
        raise StepRefused("\n".join(obstacles))
    packed = archive.find_archive(options.archive)
    signers = archive.find_signers(options.signers, without=True)
    print(f"Archive: {archive.check_archive(packed, signers)}")
    installation = InstallRun(collect_answers(options.answers), packed, signers)
    answer_file.check_answers(
        [
            *web.find_missing_certificates(installation.answers, installation.role),
            *several_machines.find_missing_files(installation.answers),
        ]
    )
    number = sum(1 for question in QUESTIONS if answer_file.is_asked(question, installation.answers))
    print(f"Answers: {number}, nothing is wrong.")
    return installation


NEXT = """
{state}
The first account, with a password that is asked for:
    /srv/portals/deploy/manage staff create_administrator adam
Sign in at https://{host}/admin/; the dashboard leads through the rest.
Back up {keyring} as docs/guides/deploy-one-machine.md says, "Fetch the backups".
To undo: /srv/portals/deploy/uninstall (it leaves data, keys and settings)."""
