"""The commands of compose.yaml and the Dockerfile, run outside an engine, in folders of the test."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal_site.environment import PROJECT

COMPOSE = PROJECT / "deploy" / "compose"
# Says what it was started with, instead of the program of that name.
RECORD = """#!/bin/sh
printf '%s\\n' "$0" "$@" >"$RECORDED"
"""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    return loaded


def make_program(folder: Path, name: str, text: str = RECORD) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def run_shell(script: Path, folder: Path, *arguments: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a container's script with the folder's programs before the machine's."""
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "RECORDED": f"{folder}/recorded", **variables}
    command: list[str | Path] = ["sh", script, *arguments]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


# --- The web server ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("partners", ["", "partner.example.net"])
def test_web_server_gets_the_hosts_and_ends_tls(compose: dict[str, Any], tmp_path: Path, partners: str) -> None:
    shipped, made = tmp_path / "nginx", tmp_path / "made"
    for mount in compose["services"]["web"]["volumes"]:
        source, place, _mode = mount.split(":")
        if place.startswith("/etc/nginx") and (PROJECT / source).is_file():
            target = shipped / Path(place).relative_to("/etc/nginx")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / source, target)
    make_program(tmp_path / "bin", "nginx")
    hosts = {"PUBLIC_HOST": "meldung.example.net", "STAFF_HOST": "intern.example.net", "PARTNERS_HOST": partners}
    done = run_shell(COMPOSE / "serve", tmp_path, **hosts, SHIPPED=str(shipped), MADE=str(made))
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "recorded").read_text().splitlines()[1:] == ["-c", f"{made}/nginx.conf", "-g", "daemon off;"]
    main = (made / "nginx.conf").read_text()
    assert re.findall(r"include (\S+);", main) == [
        *(f"{made}/public.conf", f"{made}/staff.conf"),
        *([f"{made}/sources.conf"] if partners else []),
    ]
    assert (made / "sources.conf").exists() == bool(partners)
    if partners:
        text = (made / "sources.conf").read_text()
        assert "example.org" not in text
        assert re.findall(r" server_name (\S+);", text) == [partners]
        assert re.findall(r"listen ([^;]+);", text) == ["8443 ssl"]
        assert "ssl_certificate /etc/portals/tls/partners.crt;" in text
    for name, host in (("public", "meldung.example.net"), ("staff", "intern.example.net")):
        text = (made / f"{name}.conf").read_text()
        assert "example.org" not in text
        assert re.findall(r"server_name (\S+);", text) == [host, host]
        assert re.findall(r"listen ([^;]+);", text) == ["8080", "8443 ssl"]
        assert f"return 301 https://{host}$request_uri;" in text
        assert f"ssl_certificate /etc/portals/tls/{name}.crt;" in text


# --- Mail -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "place"), [("192.0.2.25", "192.0.2.25:587"), ("2001:db8::25", "[2001:db8::25]:587")]
)
def test_mail_leads_to_one_address_and_port(tmp_path: Path, address: str, place: str) -> None:
    make_program(tmp_path / "bin", "nginx")
    done = run_shell(COMPOSE / "pass-mail", tmp_path, MAIL_ADDRESS=address, MAIL_PORT="587", MADE=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "mail.conf").read_text()
    assert re.findall(r"(listen|proxy_pass) (\S+);", text) == [("listen", "587"), ("proxy_pass", place)]
    # It reads nothing, asks no name server and keeps no trace.
    assert re.findall(r"\b(ssl|http|resolver|server_name)\b", text) == []
    assert "access_log off;" in text


def test_mail_leads_nowhere_without_an_address_and_takes_no_name(tmp_path: Path) -> None:
    for program in ("nginx", "sleep"):
        make_program(tmp_path / "bin", program)
    refused = run_shell(COMPOSE / "pass-mail", tmp_path, MAIL_ADDRESS="mail.example.org;", MAIL_PORT="465")
    assert (refused.returncode, "must be an IP address" in refused.stderr) == (1, True)
    assert not (tmp_path / "recorded").exists()
    assert run_shell(COMPOSE / "pass-mail", tmp_path, MAIL_ADDRESS="", MAIL_PORT="465").returncode == 0
    assert (tmp_path / "recorded").read_text().splitlines() == [str(tmp_path / "bin" / "sleep"), "infinity"]


def test_worker_reaches_the_mail_server_by_its_name_only_through_mail(compose: dict[str, Any]) -> None:
    mail, worker = compose["services"]["mail"], compose["services"]["worker"]
    assert mail["networks"]["mail-side"] == {"aliases": ["${MAIL_HOST:-mail.invalid}"]}
    assert worker["environment"]["MAIL_HOST"] == "${MAIL_HOST:-}"
    assert mail["environment"]["MAIL_PORT"] == worker["environment"]["MAIL_PORT"]
    assert "secrets" not in mail


# --- Backups ----------------------------------------------------------------------------------------------------------

# `docker compose exec|run ... SERVICE COMMAND`: what the command would print, or a failure.
DOCKER = """#!/bin/sh
case " $* " in
    *" pg_dump "*) echo dump; exit "${DUMP_ENDS:-0}" ;;
    *" tar "*) echo keys ;;
    *" cat "*) echo anchor ;;
esac
"""
AGE = """#!/bin/sh
while [ "$1" != --recipients-file ]; do shift; done
recipients=$2
while [ "$1" != --output ]; do shift; done
{ echo "to $(cat "$recipients")"; cat; } >"$2"
"""


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    make_program(tmp_path / "bin", "docker", DOCKER)
    make_program(tmp_path / "bin", "age", AGE)
    folder = tmp_path / "backups"
    folder.mkdir()
    for kind in ("database", "keyring"):
        (folder / f"{kind}.recipients").write_text(f"age1{kind}\n")
    return folder


def test_backup_goes_to_two_people_and_takes_the_anchors(backups: Path, tmp_path: Path) -> None:
    for _ in range(2):
        done = run_shell(COMPOSE / "backup", tmp_path, backups)
        assert (done.returncode, done.stderr) == (0, "")
    [*dumps] = (backups / "database").glob("portals-*.dump.age")
    assert {path.read_text() for path in dumps} == {"to age1database\ndump\n"}
    assert (backups / "keyring" / "keyring.tar.age").read_text() == "to age1keyring\nkeys\n"
    assert (backups / "database" / "anchors").read_text() == "anchor\n"
    assert list(backups.rglob("*.new")) == []


def test_backup_that_failed_keeps_the_last_good_one(backups: Path, tmp_path: Path) -> None:
    (backups / "database").mkdir()
    old = backups / "database" / "portals-20200101T000000Z.dump.age"
    old.touch()
    os.utime(old, (0, 0))
    done = run_shell(COMPOSE / "backup", tmp_path, backups, DUMP_ENDS="1")
    assert (done.returncode, "no backup was made" in done.stderr) == (1, True)
    assert [path.name for path in (backups / "database").iterdir()] == [old.name]

    assert run_shell(COMPOSE / "backup", tmp_path, backups).returncode == 0
    assert not old.exists()


def test_one_person_does_not_get_both_backups(backups: Path, tmp_path: Path) -> None:
    (backups / "keyring.recipients").write_text("age1database\n")
    refused = run_shell(COMPOSE / "backup", tmp_path, backups)
    assert (refused.returncode, "two people" in refused.stderr) == (1, True)
    (backups / "keyring.recipients").unlink()
    assert "is missing" in run_shell(COMPOSE / "backup", tmp_path, backups).stderr


def test_backup_asks_services_that_can_answer(compose: dict[str, Any]) -> None:
    """The one that holds the keyring reaches no mail; the dump is made where the database is."""
    text = (COMPOSE / "backup").read_text()
    named = re.findall(r"docker compose (?:exec|run)(?: --[\w-]+)* (\w+)", text)
    assert named == ["database", "keys", "worker"]
    assert compose["services"]["worker"]["environment"]["ANCHOR_FILE"] == "/anchors/anchors"
    assert "/anchors" in (PROJECT / "Dockerfile").read_text()


# --- Settings ---------------------------------------------------------------------------------------------------------


def test_every_setting_can_be_chosen(compose: dict[str, Any]) -> None:
    """By name in .env, or in the file of the surface, which a line of compose.yaml must not overrule."""
    files = {name: service.get("env_file") for name, service in compose["services"].items()}
    staff = [{"path": "settings/staff.env", "required": False}]
    assert files == {
        **dict.fromkeys(("migrate", "staff", "intake", "worker", "keys"), staff),
        **{name: [{"path": f"settings/{name}.env", "required": False}] for name in ("public", "sources")},
        **dict.fromkeys(("database", "web", "mail")),
    }
    fixed = {
        name
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if "${" not in value and not value.startswith("/run/secrets/")
    }
    assert fixed == {"HTTPS", "ANCHOR_FILE", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_INITDB_ARGS"}


def test_next_release_finds_the_volumes(compose: dict[str, Any]) -> None:
    """Without a name, `docker compose` takes that of the folder, and each release has its own."""
    assert compose["name"] == "reporting-portals"


# --- The image --------------------------------------------------------------------------------------------------------


def steps_of_dockerfile() -> list[str]:
    text = re.sub(r"(?m)^#.*\n", "", (PROJECT / "Dockerfile").read_text()).replace("\\\n", " ")
    return [line.removeprefix("RUN ") for line in text.splitlines() if line.startswith("RUN ")]


@pytest.mark.parametrize("has_wheels", [True, False])
def test_image_is_built_from_the_packages_of_the_archive(tmp_path: Path, has_wheels: bool) -> None:
    """In an archive nothing is fetched; in a clone, what the lock names."""
    [install] = [step for step in steps_of_dockerfile() if "requirements.txt" in step]
    packages = tmp_path / "packages"
    packages.mkdir()
    if has_wheels:
        (packages / "example-1.0-py3-none-any.whl").touch()
    for program in ("python", "pip"):
        make_program(tmp_path / "bin", program)
    script = tmp_path / "install"
    script.write_text(f"set -e\n{install.replace('/packages', str(packages))}\nenv >{tmp_path}/environment")
    done = run_shell(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    given = (tmp_path / "recorded").read_text().splitlines()[1:]
    environment = (tmp_path / "environment").read_text().splitlines()
    assert {f"PIP_FIND_LINKS={packages}", "PIP_NO_INDEX=1"}.issubset(environment) == has_wheels
    assert {"--require-hashes", "--only-binary", f"{packages}/requirements.txt"} <= {*given}


def unpack_archive(to: Path) -> None:
    """The build's context in an unpacked archive: the files that .dockerignore lets through."""
    packed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True).stdout.decode()
    kept = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in filter(None, packed.split("\0")):
        is_kept = any(name == each or name.startswith(f"{each}/") for each in kept)
        if is_kept and "/tests/" not in f"/{name}" and (PROJECT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, to / name)


def run_as_container(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    # The image holds no compiled modules; all processes share those that are beside it.
    compiled = {"PYTHONPYCACHEPREFIX": f"{folder}-compiled"}
    variables = {"PATH": f"{PROJECT}/.venv/bin:{os.environ['PATH']}", **compiled, **environment}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def values_of(service: Mapping[str, Any], secrets: Path, given: Mapping[str, str]) -> dict[str, str]:
    """A service's environment as `docker compose` completes it, with secrets in a folder of the test."""

    def complete(match: re.Match[str]) -> str:
        return given.get(match["name"], match["default"] or "")

    pattern = re.compile(r"\$\{(?P<name>\w+)(?::?-(?P<default>[^}]*)|:\?[^}]*)?\}")
    found = {name: pattern.sub(complete, str(value)) for name, value in service.get("environment", {}).items()}
    return {name: value.replace("/run/secrets", str(secrets)) for name, value in found.items()}


@pytest.mark.parametrize("surface", ["staff", "public", "sources"])
def test_image_builds_and_its_services_start(compose: dict[str, Any], tmp_path: Path, surface: str) -> None:
    """The build's own steps after the packages, and the settings of each service, in what an archive unpacks to."""
    app = tmp_path / "app"
    unpack_archive(app)
    shutil.copytree(PROJECT / "locale", app / "locale", dirs_exist_ok=True)
    environment = {"SURFACE": surface, "DATABASE_URL": "postgres:///unused"}
    steps = [step for step in steps_of_dockerfile() if "deploy/keep" in step or "collectstatic" in step]
    assert len(steps) == 2
    for step in steps:
        script = step.replace("/venv/bin/python", f"{PROJECT}/.venv/bin/python").replace("/app", str(app))
        done = run_as_container(["sh", "-ec", script], app, environment)
        assert done.returncode == 0, done.stderr[-1500:]
    assert (app / "collected").is_dir()
    assert (app / "analysts").exists() == (surface == "staff")

    secrets = tmp_path / "secrets"
    shutil.copy(PROJECT / "Makefile", tmp_path)
    subprocess.run(["make", "secrets"], cwd=tmp_path, check=True, capture_output=True)
    hosts = {"public": "report.example.org", "staff": "staff.example.org", "sources": "partners.example.org"}
    given = {"PUBLIC_HOST": hosts["public"], "STAFF_HOST": hosts["staff"], "PARTNERS_HOST": hosts["sources"]}
    services = [
        name
        for name, service in compose["services"].items()
        if service.get("build", {}).get("args", {}).get("SURFACE") == surface
    ]
    assert services
    for name in services:
        values = values_of(compose["services"][name], secrets, given)
        started = {
            **values,
            "SURFACE": surface,
            "KEYRING": str(tmp_path / "keyring"),
            "STATIC_ROOT": f"{app}/collected",
        }
        # The first loads everything, which the services of a surface have in common; the others read their settings.
        code = "from django.conf import settings; print(settings.ALLOWED_HOSTS[0])"
        if name == services[0]:
            code = f"import django; django.setup(); {code}"
        module = {"DJANGO_SETTINGS_MODULE": "portal_site.settings"}
        done = run_as_container(["python", "-c", code], app, started | module)
        assert done.stdout.strip() == hosts[surface], f"{name}: {done.stderr[-1500:]}"
