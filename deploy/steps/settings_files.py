"""The settings of the units, in /etc/portals: what is there keeps every value that was not asked for."""

import secrets
from collections.abc import Mapping

from deploy.steps import answers as answer_file
from deploy.steps.machine import CURRENT, SETTINGS, copy_files, run
from deploy.steps.roles import MachineRole

STAFF_FILES = ("SOURCE_URL", "HOTLINE_NAME", "HOTLINE_COUNTRY", "WORK_TIME_ZONE", "CUT_OFF", "MAIL_FROM")
PUBLIC_FILES = ("SOURCE_URL", "HOTLINE_NAME", "MAIL_FROM")
WORKER_FILES = ("ALERT_EMAILS", "OPERATIONS_EMAILS", "MAIL_HOST", "MAIL_PORT", "MAIL_USER", "MAIL_PASSWORD")
# Readings of a machine without the public surface.
STAFF_ONLY = {
    "HOST_CERTIFICATES": "staff=/etc/portals/tls/staff.crt",
    "HOST_UNITS": (
        "portals-staff.service portals-intake.service portals-worker.service nginx.service portals-backup.service"
        " portals-keys.service portals-keyring-backup.service portals-anchor.service portals-mirror.service"
    ),
}


def write_settings(answers: Mapping[str, str], role: MachineRole) -> bool:
    """False where every file had these values already."""
    if not role.surfaces:
        # They are the primary's.
        return answer_file.save_answers(answers, answer_file.SAVED)
    shipped = CURRENT / "deploy" / "settings"
    names = {path.name for path in shipped.glob("*.env")}
    if not role.has_all:
        names = {"public.env"} if role.code == "public" else names - {"public.env"}
    new = [shipped / name for name in sorted(names) if not (SETTINGS / name).exists()]
    changed = copy_files(new, SETTINGS, 0o640)
    for surface in role.surfaces:
        file = f"{surface.removeprefix('portals-')}.env"
        if not read_setting(file, "SECRET_KEY"):
            changed |= set_value(file, "SECRET_KEY", secrets.token_hex(32))
    if "portals-public" in role.surfaces:
        changed |= _write_public(answers)
    if "portals-staff" in role.surfaces:
        changed |= _write_staff(answers)
        if not role.has_all and shipped / "host.env" in new:
            for name, value in STAFF_ONLY.items():
                changed |= set_value("host.env", name, value)
        changed |= complete_readings(answers, role)
    return answer_file.save_answers(answers, answer_file.SAVED) | changed


def complete_readings(answers: Mapping[str, str], role: MachineRole) -> bool:
    """Have the readings of the machine name the surfaces and units that an older release did not know."""
    changed = False
    hosts = {"portals-public": answers.get("PUBLIC_HOST"), "portals-staff": answers.get("STAFF_HOST")}
    pairs = [f"{name.removeprefix('portals-')}={hosts[name]}" for name in role.surfaces if hosts[name]]
    if pairs and not read_setting("host.env", "HOST_SURFACES"):
        file = SETTINGS / "host.env"
        if "\nHOST_SURFACES=" not in "\n" + file.read_text(encoding="utf-8"):
            with file.open("a", encoding="utf-8") as lines:
                lines.write('HOST_SURFACES=""\n')
        changed |= set_value("host.env", "HOST_SURFACES", " ".join(pairs))
    units = read_setting("host.env", "HOST_UNITS").split()
    services = [f"{name}.service" for name in (*role.surfaces, *role.workers) if "." not in name]
    if units and (missing := [name for name in services if name not in units]):
        changed |= set_value("host.env", "HOST_UNITS", " ".join([*units, *missing]))
    return changed


def _write_public(answers: Mapping[str, str]) -> bool:
    # The onion service of an installation is added by hand and stays.
    present = read_setting("public.env", "ALLOWED_HOSTS").split(",")
    hosts = [*(host for host in present if host.endswith(".onion")), answers["PUBLIC_HOST"]]
    changed = set_value("public.env", "ALLOWED_HOSTS", ",".join(hosts))
    # A machine with the public surface alone is not asked for the sender of mail.
    for name in (name for name in PUBLIC_FILES if name in answers):
        changed |= set_value("public.env", name, answers[name])
    return changed | set_value("public.env", "PUBLIC_URL", f"https://{answers['PUBLIC_HOST']}")


def _write_staff(answers: Mapping[str, str]) -> bool:
    changed = False
    for name in STAFF_FILES:
        changed |= set_value("staff.env", name, answers[name])
    hosts = [answers["STAFF_HOST"], *filter(None, [answers["MEMBERS_HOST"]])]
    changed |= set_value("staff.env", "ALLOWED_HOSTS", ",".join(hosts))
    changed |= set_value("staff.env", "PUBLIC_URL", f"https://{answers['PUBLIC_HOST']}")
    changed |= set_value("worker.env", "STAFF_URL", f"https://{answers['STAFF_HOST']}")
    for name in WORKER_FILES:
        if name in answers and not (name == "MAIL_PASSWORD" and not answers[name]):
            changed |= set_value("worker.env", name, answers[name])
    return changed


def read_setting(file: str, name: str) -> str:
    """A value as deploy/manage reads it: by a shell. "" where there is none."""
    return run("sh", "-c", '. "$0"; eval "printf %s \\"\\${$1-}\\""', SETTINGS / file, name)


def set_value(file: str, name: str, value: str) -> bool:
    """Set a value with any characters; False where it was so already."""
    path = SETTINGS / file
    before = path.read_bytes()
    run(CURRENT / "deploy" / "set-value", path, name, value)
    return path.read_bytes() != before
