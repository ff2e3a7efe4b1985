"""The web server: its configuration, its certificates, and asking it."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.steps import processes
from deploy.steps.machine import CURRENT, SETTINGS, StepRefused, copy_files, run, succeeds, write_file
from deploy.steps.roles import MachineRole

TLS = SETTINGS / "tls"
NGINX = Path("/etc/nginx")
LOGS = Path("/var/log/nginx")
# Of nginx.conf, for requests that are too long for memory: RuntimeDirectory= of the unit.
TEMPORARY = "/run/portals-nginx"
# The distribution's own, while ours is in its place.
DISTRIBUTION = NGINX / "nginx.conf.distribution"
OURS = "/etc/nginx/portals/"
REINSTALL = (
    *("apt-get", "install", "--reinstall", "--yes"),
    *("--option", "Dpkg::Options::=--force-confmiss", "nginx", "nginx-common"),
)
CHALLENGES = Path("/var/lib/portals-acme")
RENEWALS = Path("/etc/letsencrypt/renewal")
ACME_HOOK = Path("/etc/letsencrypt/renewal-hooks/deploy/portals")
# By certificate: the answer with its host, and the file with its server.
SERVERS = {
    "public": ("PUBLIC_HOST", "public.conf", "report.example.org"),
    "staff": ("STAFF_HOST", "staff.conf", "staff.example.org"),
    "list": ("MEMBERS_HOST", "members.conf", "list.example.org"),
}


def find_hosts(answers: Mapping[str, str], role: MachineRole) -> dict[str, str]:
    """The host of each certificate that is needed."""
    names = {name: SERVERS[name][0] for name in role.servers}
    return {name: answers[answer] for name, answer in names.items() if answers.get(answer)}


def surface_hosts(answers: Mapping[str, str], role: MachineRole) -> list[str]:
    """The hosts behind which this machine's surfaces answer."""
    return [host for name, host in find_hosts(answers, role).items() if name != "list"]


def find_missing_certificates(answers: Mapping[str, str], role: MachineRole) -> Iterator[str]:
    """A sentence for each file that the administrator was to put in place and did not."""
    if answers["CERTIFICATES"] == "own":
        for name, host in find_hosts(answers, role).items():
            for kind in ("crt", "key"):
                if not (TLS / f"{name}.{kind}").is_file():
                    yield f"{TLS}/{name}.{kind} is missing, of the certificate of {host} (with CERTIFICATES=own)."


def provide_certificates(answers: Mapping[str, str], role: MachineRole) -> bool:
    """A certificate for each host, so that the web server starts: self-signed where `fetch_certificates` brings one."""
    run("install", "-d", "-m", "750", "-g", "www-data", TLS)
    missing = {name: host for name, host in find_hosts(answers, role).items() if not (TLS / f"{name}.crt").exists()}
    for name, host in missing.items():
        if answers["CERTIFICATES"] != "own":
            _sign_certificate(name, host)
    for key in TLS.glob("*.key"):
        key.chmod(0o600)
    return bool(missing)


def fetch_certificates(answers: Mapping[str, str], role: MachineRole) -> bool:
    """Have certbot fetch and renew them. The running web server answers the authority's question, from CHALLENGES."""
    if answers["CERTIFICATES"] != "acme":
        return False
    run("install", "-d", "-m", "755", CHALLENGES)
    hosts = find_hosts(answers, role)
    changed = write_file(ACME_HOOK, _write_hook(hosts).encode(), 0o755)
    for name, host in hosts.items():
        renewal = RENEWALS / f"{name}.conf"
        if renewal.exists():
            changed |= write_file(renewal, _renew_without_stop(renewal.read_text(encoding="utf-8"), host).encode())
        else:
            options = ("--agree-tos", "--no-eff-email", "--email", answers["ACME_MAIL"], "--cert-name", name)
            place = ("--webroot", "--webroot-path", CHALLENGES, "--domain", host)
            run("certbot", "certonly", "--non-interactive", *options, *place)
            changed = True
    if changed:
        run(ACME_HOOK)
    return changed


def _renew_without_stop(text: str, host: str) -> str:
    """Certbot's file for a renewal; that of release 0.1.0 stops the web server."""
    if "authenticator = standalone" not in text:
        return text
    kept = [line for line in text.splitlines() if not line.startswith(("pre_hook", "post_hook"))]
    lines = "\n".join(kept).replace("authenticator = standalone", "authenticator = webroot").splitlines()
    place = lines.index("authenticator = webroot") + 1
    lines.insert(place, f"webroot_path = {CHALLENGES},")
    return "\n".join([*lines, "[[webroot_map]]", f"{host} = {CHALLENGES}"]) + "\n"


def _sign_certificate(name: str, host: str) -> None:
    names = ("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}")
    files = ("-keyout", str(TLS / f"{name}.key"), "-out", str(TLS / f"{name}.crt"))
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90")
    run("openssl", "req", *kind, *names, *files)


def _write_hook(hosts: Mapping[str, str]) -> str:
    """The script that certbot runs after each renewal: it copies the files to where the web server reads them."""
    return (
        "#!/bin/sh\n# Written by deploy/install: renewed certificates to where nginx.conf expects them.\nset -eu\n"
        f"for name in {' '.join(hosts)}; do\n"
        "    live=/etc/letsencrypt/live/$name\n"
        '    [ -e "$live" ] || continue\n'
        f'    install -m 644 "$live/fullchain.pem" "{TLS}/$name.crt"\n'
        f'    install -m 600 "$live/privkey.pem" "{TLS}/$name.key"\n'
        "done\n"
        "! systemctl is-active --quiet nginx || systemctl reload nginx\n"
    )


def configure_web_server(answers: Mapping[str, str], role: MachineRole) -> bool:
    """Raises StepRefused where nginx does not take its configuration."""
    shipped = CURRENT / "deploy" / "nginx"
    parts = ["pass-public.conf", "pages.conf", *(["pass-staff.conf"] if "staff" in role.servers else [])]
    if answers["MEMBERS_HOST"]:
        parts.append("pass-members.conf")
    changed = copy_files([shipped / part for part in parts], NGINX / "portals")
    for page in sorted((shipped / "pages").iterdir()):
        # Pages written since, in the languages opened here, stay.
        if not (NGINX / "portals" / "pages" / page.name).exists():
            changed |= write_file(NGINX / "portals" / "pages" / page.name, page.read_bytes())
    for name, host in find_hosts(answers, role).items():
        _answer, file, example = SERVERS[name]
        text = (shipped / file).read_text(encoding="utf-8").replace(example, host)
        changed |= write_file(NGINX / "portals" / file, text.encode())
    keep_config()
    changed |= write_file(NGINX / "nginx.conf", _main_config(shipped, answers, role).encode())
    for log in LOGS.glob("*"):
        log.unlink()
    run("systemctl", "enable", "--quiet", "nginx")
    # Made by the unit too, but a web server that Debian's packages started runs without it until its restart.
    run("install", "-d", TEMPORARY)
    run("nginx", "-t", "-q")
    if not succeeds("systemctl", "is-active", "--quiet", "nginx") or processes.find_outdated(["nginx"]):
        run("systemctl", "restart", "nginx")
    else:
        # Also where nothing changed: a run that was cut off may have come no further.
        run("systemctl", "reload", "nginx")
    return changed


def keep_config() -> None:
    """Keep the distribution's nginx.conf, as far as it is still there, for deploy/uninstall."""
    present = NGINX / "nginx.conf"
    if present.exists() and not DISTRIBUTION.exists() and OURS not in present.read_text(encoding="utf-8"):
        write_file(DISTRIBUTION, present.read_bytes())


def bring_back_config() -> bool:
    """Put the distribution's nginx.conf in place of ours; False where it cannot be had."""
    present = NGINX / "nginx.conf"
    if present.exists() and OURS not in present.read_text(encoding="utf-8"):
        return True
    if DISTRIBUTION.exists():
        DISTRIBUTION.replace(present)
        return True
    # Installed by release 0.1.0, which kept none.
    present.unlink(missing_ok=True)
    succeeds(*REINSTALL)
    return present.exists()


def _main_config(shipped: Path, answers: Mapping[str, str], role: MachineRole) -> str:
    """`nginx.conf` with an include for each server of this machine."""
    text = (shipped / "nginx.conf").read_text(encoding="utf-8")
    for surface in ("public", "staff"):
        if surface not in role.servers:
            text = text.replace(f"    include /etc/nginx/portals/{surface}.conf;\n", "")
    first = f"    include /etc/nginx/portals/{role.servers[0]}.conf;\n"
    for file, is_used in {"members": bool(answers["MEMBERS_HOST"]), "onion": _has_onion()}.items():
        if is_used:
            text = text.replace(first, f"{first}    include /etc/nginx/portals/{file}.conf;\n")
    return text


def _has_onion() -> bool:
    return (NGINX / "portals" / "onion.conf").exists()


def check_surfaces(answers: Mapping[str, str], role: MachineRole) -> None:
    """Raises StepRefused where one of this machine's surfaces is not ready."""
    for host in surface_hosts(answers, role):
        if (answer := ask_ready(host)) != "ok":
            raise StepRefused(f"https://{host}/health/ready/ does not answer ok: {answer[:200]}")


def ask_ready(host: str) -> str:
    """The answer of the surface behind this host of this machine; waits up to half a minute for its start."""
    url = f"https://{host}/health/ready/"
    patience = ("--retry", "15", "--retry-all-errors", "--retry-delay", "2", "--max-time", "60")
    command = ["curl", "--silent", "--insecure", *patience, "--resolve", f"{host}:443:127.0.0.1", url]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
