"""Links between the machines of an installation: the database's network side, and keys for public machines."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from deploy.steps.machine import CLUSTER, CURRENT, SETTINGS, UNITS, copy_files, name_host, run, write_file
from deploy.steps.settings_files import set_value

AUTHORITY = SETTINGS / "authority"
DATABASE_TLS = SETTINGS / "database-tls"
# Certificates that a public machine shows to the database, and knows it by.
CARRIED = ("ca.crt", "portals_public.crt", "portals_public.key")
MIRROR = Path("/var/lib/portals/mirror")
# The addresses that the shipped files have, as examples.
FRONT, BACK = "10.0.0.1", "10.0.0.2"
# Among several database machines, libpq looks for the one that takes writes; a machine that no longer answers, or is
# gone without a word, is given up within seconds.
DATABASE_HOSTS = ("database", "database2", "database3")
OF_SEVERAL = {
    "target_session_attrs": "read-write",
    "connect_timeout": "2",
    "tcp_user_timeout": "5000",
    "keepalives_idle": "3",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}


def split_list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def find_missing_files(answers: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each file that this machine needs from the staff's and that is not there."""
    if answers["ROLE"] == "standby" and not (SETTINGS / "staff.env").is_file():
        yield f"{SETTINGS}/staff.env is missing: copy {SETTINGS}/*.env of the staff's machine, with its keys."
    if answers["ROLE"] == "public":
        for name in CARRIED:
            if not (DATABASE_TLS / name).is_file():
                yield f"{DATABASE_TLS}/{name} is missing: copy it from {AUTHORITY}/ of the staff's machine."


# --- The staff's machine ----------------------------------------------------------------------------------------------


def open_database(answers: Mapping[str, str]) -> bool:
    """Let the outer roles in from the public machines, with a certificate of an authority made here."""
    shipped = CURRENT / "deploy" / "two-machines"
    before = AUTHORITY.exists()
    run(shipped / "certificates", "database", "portals_public")
    changed = not before
    for source, name, mode in (
        ("database.key", "server.key", 0o600),
        ("database.crt", "server.crt", 0o644),
        ("ca.crt", "portals-ca.crt", 0o644),
    ):
        changed |= write_file(CLUSTER / name, (AUTHORITY / source).read_bytes(), mode)
        shutil.chown(CLUSTER / name, "postgres", "postgres")
    text = (shipped / "postgresql.conf").read_text(encoding="utf-8").replace(BACK, answers["OWN_ADDRESS"])
    changed |= write_file(CLUSTER / "conf.d" / "two-machines.conf", text.encode())
    network = (shipped / "postgresql-network.conf").read_bytes()
    if write_file(UNITS / "postgresql@17-main.service.d" / "network.conf", network):
        changed = True
        run("systemctl", "daemon-reload")
    return changed


def access_rules(answers: Mapping[str, str], present: str) -> str:
    """The lines of pg_hba.conf for the public machines; "" where there are none. Lines of other roles stay."""
    if answers["ROLE"] != "staff":
        return ""
    others = r"hostssl +\S+ +(?!portals_public[ ,])|local +replication +"
    lines = [line for line in present.splitlines() if re.match(others, line)]
    shipped = (CURRENT / "deploy" / "two-machines" / "pg_hba.conf").read_text(encoding="utf-8")
    remarks = [line for line in shipped.splitlines() if line.startswith("#")]
    [rule] = [line for line in shipped.splitlines() if line and not line.startswith("#")]
    places = split_list(answers["PUBLIC_ADDRESSES"])
    rules = [rule.replace(f"{FRONT}/32", f"{place}/{128 if ':' in place else 32}") for place in places]
    return "\n".join([*remarks, *rules, *lines]) + "\n"


def send_keys(answers: Mapping[str, str], advice: list[str]) -> bool:
    """Carry the public halves of the keys to the public machines each hour; says what those machines need."""
    shipped = CURRENT / "deploy" / "two-machines"
    changed = write_file(Path("/etc/sysusers.d/portals-mirror.conf"), (shipped / "sysusers.conf").read_bytes())
    changed |= write_file(Path("/etc/tmpfiles.d/portals-mirror.conf"), (shipped / "back-tmpfiles.conf").read_bytes())
    run("systemd-sysusers")
    run("systemd-tmpfiles", "--create", "portals-mirror.conf")
    if not (MIRROR / "key").exists():
        make = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", MIRROR / "key")
        run("runuser", "-u", "portals-mirror", "--", *make)
    changed |= (
        copy_files([shipped / "mirror.env"], SETTINGS, 0o640) if not (SETTINGS / "mirror.env").exists() else False
    )
    places = split_list(answers["PUBLIC_ADDRESSES"])
    changed |= set_value("mirror.env", "MIRROR_TO", " ".join(f"portals-mirror@{place}" for place in places))
    changed |= copy_files([shipped / "portals-mirror.service", shipped / "portals-mirror.timer"], UNITS)
    reached = "".join(f"IPAddressAllow={place}\n" for place in places)
    changed |= write_file(UNITS / "portals-mirror.service.d" / "servers.conf", f"[Service]\n{reached}".encode())
    host_keys = "".join(f"{line}\n" for line in split_list(answers["HOST_KEYS"]))
    changed |= write_file(MIRROR / "known_hosts", host_keys.encode())
    if changed:
        run("systemctl", "daemon-reload")
    if host_keys:
        run("systemctl", "enable", "--quiet", "--now", "portals-mirror.timer")
        run("systemctl", "start", "portals-mirror")
    advice.extend(
        (
            f"Move {AUTHORITY}/ca.key off this machine: it can grant access to the database.",
            f"Each public machine needs {', '.join(CARRIED)} of {AUTHORITY} in {DATABASE_TLS}, and the answer",
            f"MIRROR_KEY={(MIRROR / 'key.pub').read_text().strip()}",
        )
    )
    return changed


# --- A public machine -------------------------------------------------------------------------------------------------


def reach_database(answers: Mapping[str, str]) -> bool:
    """The database's name and the certificate that is shown to it."""
    places = dict(zip(DATABASE_HOSTS, split_list(answers["DATABASE_ADDRESSES"]), strict=False))
    changed = False
    for name, address in places.items():
        changed |= name_host(name, address)
    for name in CARRIED:
        shutil.chown(DATABASE_TLS / name, "portals-public")
        (DATABASE_TLS / name).chmod(0o600)
    query = _certificate_query("portals_public")
    if len(places) > 1:
        query = f"{urlencode(OF_SEVERAL)}&{query}"
    return set_value("public.env", "DATABASE_URL", _database_url("portals_public", places, query)) | changed


def reach_cluster(file: str, role: str, group: str, attribute: str = "read-write") -> None:
    """Let processes with the settings of `file`.env find the database on its three machines (deploy/many)."""
    key = DATABASE_TLS / f"{role}.key"
    shutil.chown(key, "root", group)
    key.chmod(0o640)
    query = f"{urlencode({**OF_SEVERAL, 'target_session_attrs': attribute})}&{_certificate_query(role)}"
    name = "HOST_DATABASE" if file == "host" else "DATABASE_URL"
    settings = SETTINGS / f"{file}.env"
    if f"\n{name}=" not in settings.read_text(encoding="utf-8"):
        with settings.open("a", encoding="utf-8") as lines:
            lines.write(f'{name}=""\n')
    set_value(settings.name, name, _database_url(role, DATABASE_HOSTS, query))


def _certificate_query(role: str) -> str:
    files = f"sslrootcert={DATABASE_TLS}/ca.crt&sslcert={DATABASE_TLS}/{role}.crt"
    return f"sslmode=verify-full&{files}&sslkey={DATABASE_TLS}/{role}.key"


def _database_url(role: str, hosts: Iterable[str], query: str) -> str:
    return f"postgres://{role}@{','.join(f'{host}:5432' for host in hosts)}/portals?{query}"


def take_keys(answers: Mapping[str, str], advice: list[str]) -> bool:
    """Let the staff's machine write the public halves of keys, and nothing else."""
    rule = 'restrict,command="/usr/bin/rrsync -wo /var/lib/portals/keyring/public"'
    changed = write_file(MIRROR / ".ssh" / "authorized_keys", f"{rule} {answers['MIRROR_KEY']}\n".encode())
    if not has_keys():
        host_key = " ".join(Path("/etc/ssh/ssh_host_ed25519_key.pub").read_text(encoding="utf-8").split()[:2])
        advice.extend(
            (
                "No keys are here yet. Run deploy/install on the staff's machine again with this answer, then here:",
                f"HOST_KEYS={answers['OWN_ADDRESS']} {host_key}",
            )
        )
    return changed


def has_keys() -> bool:
    return any(Path("/var/lib/portals/keyring/public").glob("*.pub"))
