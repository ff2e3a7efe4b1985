"""The web server: its configuration, its certificates, and asking it."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.steps.machine import CURRENT, SETTINGS, StepRefused, copy_files, run, succeeds, write_file
from deploy.steps.roles import MachineRole

TLS = SETTINGS / "tls"
NGINX = Path("/etc/nginx")
LOGS = Path("/var/log/nginx")
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
    run("install", "-d", "-m", "750", "-g", "www-data", TLS)
    hosts = find_hosts(answers, role)
    missing = {name: host for name, host in hosts.items() if not (TLS / f"{name}.crt").exists()}
    for name, host in missing.items():
        if answers["CERTIFICATES"] == "trial":
            _sign_certificate(name, host)
    changed = bool(missing)
    if answers["CERTIFICATES"] == "acme":
        changed |= write_file(ACME_HOOK, _write_hook(hosts).encode(), 0o755)
        for name, host in missing.items():
            _fetch_certificate(name, host, answers["ACME_MAIL"])
    for key in TLS.glob("*.key"):
        key.chmod(0o600)
    return changed


def _sign_certificate(name: str, host: str) -> None:
    names = ("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}")
    files = ("-keyout", str(TLS / f"{name}.key"), "-out", str(TLS / f"{name}.crt"))
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90")
    run("openssl", "req", *kind, *names, *files)


def _fetch_certificate(name: str, host: str, mail: str) -> None:
    """Certbot answers on port 80 itself; the web server is stopped for these seconds, here and at each renewal."""
    hooks = ("--pre-hook", "systemctl stop nginx", "--post-hook", "systemctl start nginx")
    options = ("--agree-tos", "--no-eff-email", "--email", mail, "--cert-name", name, "--domain", host)
    run("certbot", "certonly", "--non-interactive", "--standalone", *hooks, *options)
    run(ACME_HOOK, typed="")


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
    changed |= write_file(NGINX / "nginx.conf", _main_config(shipped, answers, role).encode())
    if changed or not succeeds("systemctl", "is-active", "--quiet", "nginx"):
        for log in LOGS.glob("*"):
            log.unlink()
        run("systemctl", "enable", "--quiet", "nginx")
        run("systemctl", "restart", "nginx")
    return changed


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
