"""The container files keep the promises: the public surface has no staff code, keys or way out."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal_site import settings
from portal_site.database import embedded
from portal_site.environment import PROJECT

OURS = ("intake", "keys", "migrate", "public", "sources", "staff", "worker")
OUTER = ("public", "sources")
DEPLOY = PROJECT / "deploy"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def stages() -> list[list[str]]:
    """The Dockerfile's instructions, continuation lines joined and comments dropped, stage by stage."""
    lines = [line for line in (PROJECT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    instructions = [" ".join(text.split()) for text in "\n".join(lines).replace("\\\n", " ").split("\n") if text]
    stages: list[list[str]] = []
    for instruction in instructions:
        if instruction.startswith("FROM "):
            stages.append([])
        elif not stages:
            continue  # arguments of FROM
        stages[-1].append(instruction)
    return stages


def test_services_are_these(compose: dict[str, Any]) -> None:
    assert sorted(compose["services"]) == [
        "database", "intake", "keys", "mail", "migrate", "public", "sources", "staff", "web", "worker"
    ]  # fmt: skip


def test_every_service_is_hardened(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        hardening = {name: service[name] for name in ("read_only", "cap_drop", "security_opt")}
        assert hardening == {
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
        }
        assert service["tmpfs"][0] == "/tmp"  # noqa: S108 - in the container
        # As deploy/systemd/portals-.service.d/sandbox.conf: no core, no swap, bounded memory and processes.
        assert (service["ulimits"], service["ipc"]) == ({"core": 0}, "private")
        assert service["mem_limit"] == service["memswap_limit"]
        assert service["pids_limit"] <= 400
        assert not {"privileged", "cap_add", "pid", "network_mode"} & set(service)


def test_private_keys_are_where_staff_are_and_nowhere_else(compose: dict[str, Any]) -> None:
    mounted = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    volumes = {name: [volume for volume in found if volume[0] != "."] for name, found in mounted.items()}
    assert volumes == {
        "database": ["database:/var/lib/postgresql"],
        "intake": ["keyring-public:/keyring/public:ro", "keyring-private:/keyring/private:ro"],
        "keys": ["keyring-public:/keyring/public", "keyring-private:/keyring/private"],
        "migrate": ["keyring-public:/keyring/public", "keyring-private:/keyring/private"],
        "public": ["keyring-public:/keyring/public:ro"],
        "sources": ["keyring-public:/keyring/public:ro"],
        "staff": ["keyring-public:/keyring/public:ro", "keyring-private:/keyring/private:ro"],
        "worker": ["keyring-public:/keyring/public:ro", "keyring-private:/keyring/private:ro", "anchors:/anchors"],
        "mail": [],
        "web": [],
    }


def test_each_service_gets_its_own_secrets_only(compose: dict[str, Any]) -> None:
    secrets = {name: sorted(service.get("secrets", [])) for name, service in compose["services"].items()}
    assert secrets == {
        "database": ["owner-db-password"],
        "intake": ["staff-database-url", "staff-secret-key"],
        "keys": ["staff-database-url", "staff-secret-key"],
        "migrate": [
            *("owner-database-url", "public-db-password", "sources-db-password", "staff-db-password"),
            "staff-secret-key",
        ],
        "public": ["public-database-url", "public-secret-key"],
        "sources": ["sources-database-url", "sources-secret-key"],
        "staff": ["staff-database-url", "staff-secret-key"],
        "worker": ["mail-password", "staff-database-url", "staff-secret-key"],
        "mail": [],
        "web": [],
    }


def test_secrets_come_from_files_and_every_file_is_read(compose: dict[str, Any]) -> None:
    assert compose["secrets"] == {name: {"file": f"secrets/{name}"} for name in compose["secrets"]}
    for service in compose["services"].values():
        environment = service.get("environment", {})
        named = sorted(Path(value).name for value in environment.values() if value.startswith("/run/secrets/"))
        assert named == sorted(service.get("secrets", []))
        assert [name for name in environment if re.search(r"(PASSWORD|SECRET_KEY|DATABASE_URL)$", name)] == []


def test_make_secrets_makes_each_secret_once(compose: dict[str, Any], tmp_path: Path) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    before: dict[str, str] = {}
    for _ in range(3):
        subprocess.run(["make", "secrets"], cwd=tmp_path, check=True, capture_output=True)
        made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        assert sorted(made) == sorted(compose["secrets"])
        assert made | before == made
        # What a later release reads is added, and what is there stays.
        for name in [name for name in made if name.startswith("sources-")]:
            (tmp_path / "secrets" / name).unlink()
            del made[name]
        before = made
        assert len(set(made.values())) == len(made)
        assert len(made["staff-secret-key"]) == 64
        password = made["public-db-password"]
        assert made["public-database-url"] == f"postgres://portals_public:{password}@database/portals"


def test_every_retention_setting_can_be_chosen_and_has_its_default(compose: dict[str, Any]) -> None:
    environment = compose["services"]["staff"]["environment"]
    days = [name for name in vars(settings) if "_DAYS_" in name]
    assert {name: environment[name] for name in days} == {
        name: f"${{{name}:-{getattr(settings, name)}}}" for name in days
    }
    assert len(days) == 9
    # The process that destroys keys and the one that shows when must have the same days.
    assert compose["services"]["keys"]["environment"] == environment


def test_public_and_staff_have_no_way_out(compose: dict[str, Any]) -> None:
    inner = {name for name, network in compose["networks"].items() if network.get("internal")}
    assert inner == {"public-side", "staff-side", "mail-side"}
    networks = {name: [*service["networks"]] for name, service in compose["services"].items()}
    assert networks == {
        "database": ["public-side", "staff-side"],
        "intake": ["staff-side"],
        "keys": ["staff-side"],
        "migrate": ["staff-side"],
        "public": ["public-side"],
        "sources": ["public-side"],
        "staff": ["staff-side"],
        "worker": ["staff-side", "mail-side"],
        # It reaches no database and sees no key: tests/test_containers.py has where it leads.
        "mail": ["mail-side", "outside"],
        "web": ["public-side", "staff-side", "outside"],
    }
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["80:8080", "443:8443"]}


def files_of(service: dict[str, Any]) -> dict[str, Path]:
    """The project's files mounted into a service, by their path in its container; each exists and is read-only."""
    mounts = [volume.split(":") for volume in service["volumes"] if volume.startswith("./")]
    assert [mode for _, _, mode in mounts] == ["ro"] * len(mounts)
    # Certificates are the installation's own.
    files = {place: PROJECT / source for source, place, _ in mounts if source != "./tls"}
    assert [path for path in files.values() if not path.exists()] == []
    return files


def test_database_reads_the_shipped_settings(compose: dict[str, Any]) -> None:
    database = compose["services"]["database"]
    files = files_of(database)
    assert database["command"] == ["postgres", "-c", "config_file=/etc/portals/postgresql.conf"]
    lines = files["/etc/portals/postgresql.conf"].read_text().splitlines()
    # Any further line could override the shipped file.
    assert [line for line in lines if line and line[0] != "#"] == [
        "listen_addresses = '*'",
        "include '/etc/portals/portals.conf'",
    ]
    assert files["/etc/portals/portals.conf"] == embedded.SHIPPED


def test_embedded_server_takes_the_shipped_settings_and_none_back() -> None:
    assert set(embedded.SETTINGS) == {"listen_addresses", "port", "max_connections"}
    assert not set(embedded.SETTINGS) & set(embedded.read_server_settings())


def test_web_server_reads_the_shipped_files(compose: dict[str, Any]) -> None:
    web = compose["services"]["web"]
    files = files_of(web)
    assert web["entrypoint"] == ["sh", "/etc/portals/serve"]
    assert files.pop("/etc/portals/serve") == DEPLOY / "compose" / "serve"
    hosts = {name: files.pop(f"/etc/nginx/portals/{name}.conf") for name in ("public", "staff", "sources")}
    assert hosts == {name: DEPLOY / "compose" / f"{name}.conf" for name in hosts}
    assert files.pop("/etc/nginx/nginx.conf") == DEPLOY / "nginx" / "nginx.conf"
    assert files == {f"/etc/nginx/portals/{path.name}": path for path in files.values()}
    for name, path in hosts.items():
        assert f"include /etc/nginx/portals/pass-{name}.conf;" in path.read_text()
        assert re.findall(r"proxy_set_header (\S+)", path.read_text()) == ["X-Forwarded-Proto"]


def test_web_server_keeps_no_trace_and_passes_headers_by_name() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx" / "nginx.conf").read_text())
    for directive in (
        "access_log off;",
        "error_log /dev/null emerg;",
        "client_max_body_size 512k;",
        "client_body_buffer_size 520k;",
        "proxy_max_temp_file_size 0;",
        "proxy_pass_request_headers off;",
    ):
        assert text.count(directive) == 1
    public, staff, of_members, of_sources = (
        re.findall(r"proxy_set_header (\S+)", (DEPLOY / "nginx" / f"pass-{surface}.conf").read_text())
        for surface in ("public", "staff", "members", "sources")
    )
    assert public == ["Host", "Connection", "Content-Type", "Accept-Encoding", "Origin", "Sec-Fetch-Site"]
    assert staff == ["Cookie", "If-None-Match", "Authorization"]
    assert of_members == ["If-None-Match", "Authorization"]
    assert of_sources == ["Host", "Connection", "Content-Type", "Authorization", "Idempotency-Key"]
    # No file overrides the main one, or passes on the visitor's address.
    for path in sorted((*DEPLOY.glob("nginx/*.conf"), *DEPLOY.glob("compose/*.conf"))):
        words = re.sub(r"#.*", "", path.read_text())
        assert "remote_addr" not in words
        assert "forwarded_for" not in words
        if path.name != "nginx.conf":
            assert re.findall(r"access_log|error_log|client_|proxy_pass_request|proxy_max_temp", words) == []


def test_onion_service_is_the_public_host_without_its_certificate() -> None:
    """Same headers and pages; nothing of TLS, which tor brings itself."""
    public, onion = ((DEPLOY / "nginx" / f"{name}.conf").read_text() for name in ("public", "onion"))
    assert "X-Forwarded-Proto http;" in onion
    assert re.findall(r"ssl|return 301|Strict", re.sub(r"#.*", "", onion)) == []
    includes = re.compile(r"include (\S+);|proxy_pass (\S+);")
    assert includes.findall(onion) == includes.findall(public)


def test_images_of_the_surfaces_differ(compose: dict[str, Any]) -> None:
    surfaces = {name: compose["services"][name]["build"]["args"]["SURFACE"] for name in OURS}
    assert surfaces == {name: name if name in OUTER else "staff" for name in OURS}
    # It starts where it is asked for.
    profiles = {name: service["profiles"] for name, service in compose["services"].items() if "profiles" in service}
    assert profiles == {"sources": ["sources"]}


def test_final_stage_runs_as_unprivileged_user_and_installs_nothing(stages: list[list[str]]) -> None:
    build, last = stages
    assert build[0].removesuffix(" AS build") == last[0]
    assert [text for text in last if text.startswith("USER ")] == ["USER 10001:10001"]
    assert [text for text in last if re.search(r"(pip|apt-get|apk) install|COPY \.", text)] == []
    assert [text for text in build if "pip" in text and "--require-hashes" in text and "requirements.txt" in text] != []
    [command] = [text.removeprefix("CMD ") for text in last if text.startswith("CMD ")]
    arguments = json.loads(command)
    assert arguments == ["gunicorn", "--config", "deploy/gunicorn.py", "--bind", "0.0.0.0:8000"]
    config = runpy.run_path(str(PROJECT / "deploy" / "gunicorn.py"))
    assert config["control_socket_disable"]
    assert config["accesslog"] is None
    assert config["logger_class"] == "portal_site.logging.GunicornLogger"


def test_base_images_are_named_by_digests_that_the_builder_supplies(compose: dict[str, Any]) -> None:
    """No digest is in the source, and without one neither a build nor a start begins."""
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert set(re.findall(r"(?m)^FROM (\S+)", dockerfile)) == {"python:3.13-slim-trixie@${PYTHON_DIGEST}"}
    assert re.findall(r"(?m)^ARG (PYTHON_DIGEST.*)$", dockerfile.split("FROM ")[0]) == ["PYTHON_DIGEST"]
    required = r"\$\{(\w+_DIGEST):\?set it in \.env\}"
    services = compose["services"]
    built = {name for name in services if "build" in services[name]}
    assert built == {*OURS}
    assert [name for name in OURS if not re.fullmatch(required, services[name]["build"]["args"]["PYTHON_DIGEST"])] == []
    fetched = [services[name]["image"] for name in services if name not in built]
    assert len(fetched) == 3
    # The guide names each image with the variable of its digest.
    guide = (PROJECT / "docs" / "guides" / "deploy-containers.md").read_text()
    for reference in [*fetched, "python:3.13-slim-trixie@${PYTHON_DIGEST:?set it in .env}"]:
        found = re.fullmatch(rf"([a-z]+:[\w.-]+)@{required}", reference)
        assert found, reference
        assert f"{found[2]} {found[1]}\n" in guide
    assert re.findall(r"sha256:[0-9a-f]{8}", dockerfile + (PROJECT / "compose.yaml").read_text() + guide) == []


def test_build_sees_listed_folders_only() -> None:
    patterns = [line for line in (PROJECT / ".dockerignore").read_text().split("\n") if line and line[0] != "#"]
    assert patterns == [
        "*", "!manage.py", "!requirements.txt", "!wheels", "!pyproject.toml", "!portal_site", "!audit", "!countries",
        "!reports", "!analysts", "!templates", "!static", "!locale", "!deploy/gunicorn.py", "!deploy/keep", "**/tests",
        "**/__pycache__", "**/*.mo",
    ]  # fmt: skip


@pytest.mark.parametrize("surface", OUTER)
def test_outer_image_runs_without_the_staffs_code(stages: list[list[str]], tmp_path: Path, surface: str) -> None:
    for name in ("manage.py", "portal_site", "audit", "countries", "reports", "analysts", "templates", "static"):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    assert 'RUN deploy/keep "$SURFACE"' in stages[0]
    keep = tmp_path / "deploy" / "keep"
    keep.parent.mkdir()
    shutil.copy(DEPLOY / "keep", keep)
    assert subprocess.run([keep, "all"], check=False, capture_output=True).returncode == 1
    subprocess.run([keep, surface], check=True)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("*") if path.is_dir())
    assert left == ["countries", "deploy", "portal_site", "reports", "static", "templates"]
    inner = [path.name for folder in ("templates", "static") for path in sorted((tmp_path / folder).iterdir())]
    assert inner == ["countries", "reports", "public"]
    assert [path for path in tmp_path.rglob("*") if path.name in ("staff", "analysts", "audit")] == []
    # DATABASE_URL names a database that does not exist: loading the site must not need one.
    environment = {
        "PATH": os.environ["PATH"],
        "SURFACE": surface,
        "SECRET_KEY": "for one test only, long enough and known to everybody",
        "DATABASE_URL": "postgres:///nobody",
        "DATA_DIR": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_continuous_integration_runs_what_everybody_runs() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-demo.txt", "requirements-dev.txt"])
def test_locks_hold_versions_and_hashes_and_no_address(name: str) -> None:
    text = (PROJECT / name).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    assert [entry for entry in entries if "==" not in entry.split("\n")[0] or "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?:|--index|--find-links| @ |\s/\w", text) == []
