"""`deploy/install` on one side of several machines: what it asks, puts in place and refuses beforehand.

The walk on whole machines is the proof `guides`.
"""

import re
import shutil
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest

from deploy.steps import (
    answers,
    comparison,
    install,
    machine,
    processes,
    roles,
    settings_files,
    several_machines,
    surfaces,
    units,
    upgrade,
    web,
)
from deploy.steps.questions import QUESTIONS
from deploy.steps.roles import ROLES, MachineRole
from portal_site.environment import PROJECT

KEY = f"ssh-ed25519 {'A' * 68} portals-mirror@back"
STAFF = {
    "ROLE": "staff",
    "HOTLINE_NAME": "Example Hotline",
    "PUBLIC_HOST": "report.example.org",
    "STAFF_HOST": "staff.example.org",
    "OWN_ADDRESS": "10.1.0.2",
    "PUBLIC_ADDRESSES": "10.1.0.1, fd00::11",
    "WORK_TIME_ZONE": "Europe/London",
    "MAIL_FROM": "portals@example.org",
    "CERTIFICATES": "trial",
}
PUBLIC = {
    "ROLE": "public",
    "HOTLINE_NAME": "Example Hotline",
    "PUBLIC_HOST": "report.example.org",
    "OWN_ADDRESS": "10.1.0.1",
    "DATABASE_ADDRESSES": "10.1.0.2",
    "MIRROR_KEY": KEY,
    "CERTIFICATES": "trial",
}


@pytest.fixture
def settings_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """/etc/portals in a folder of the test, with the program of this source."""
    for module in (settings_files, several_machines):
        monkeypatch.setattr(module, "SETTINGS", tmp_path)
        monkeypatch.setattr(module, "CURRENT", PROJECT)
    monkeypatch.setattr(answers, "SAVED", tmp_path / "answers")
    return tmp_path


def asked_of(role: str) -> set[str]:
    return {each.name for each in QUESTIONS if answers.is_asked(each, {"ROLE": role})}


def test_each_machine_is_asked_what_it_needs() -> None:
    assert asked_of("public") == {*PUBLIC, "SOURCE_URL"}
    assert {"OWN_ADDRESS", "PUBLIC_ADDRESSES", "HOST_KEYS"} == asked_of("staff") - asked_of("one")
    assert asked_of("one") < asked_of("staff")
    assert {name for name, role in ROLES.items() if role.has_database} == {"one", "staff"}


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        (STAFF, "ROLE", "front"),
        (STAFF, "PUBLIC_ADDRESSES", ""),
        (STAFF, "PUBLIC_ADDRESSES", "10.1.0.1; rm"),
        (STAFF, "OWN_ADDRESS", "back"),
        (STAFF, "HOST_KEYS", KEY),
        (PUBLIC, "DATABASE_ADDRESSES", ""),
        (PUBLIC, "DATABASE_ADDRESSES", "10.1.0.2,10.1.0.3,10.1.0.4,10.1.0.5"),
        (PUBLIC, "MIRROR_KEY", ""),
        (PUBLIC, "MIRROR_KEY", 'command="sh" ssh-ed25519 AAAA'),
    ],
)
def test_answer_about_another_machine_is_checked(given: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(machine.StepRefused, match=f"{name} must be"):
        answers.complete_answers({**given, name: value})


def test_standby_takes_the_settings_of_the_primary(settings_folder: Path) -> None:
    given = answers.complete_answers({"ROLE": "standby"})
    assert asked_of("standby") == {"ROLE"}
    assert ["staff.env is missing" in each for each in several_machines.find_missing_files(given)] == [True]
    (settings_folder / "staff.env").write_text('SECRET_KEY="of the primary"\n')
    assert list(several_machines.find_missing_files(given)) == []
    settings_files.write_settings(given, ROLES["standby"])
    assert (settings_folder / "staff.env").read_text() == 'SECRET_KEY="of the primary"\n'
    assert steps_of("standby") == ["Debian's packages", "The program", "Users, folders, units", "Settings"]
    with surfaces.held_requests(ROLES["standby"].surfaces):
        assert not surfaces.HELD.exists()


def test_answer_of_another_machine_is_not_kept() -> None:
    complete = answers.complete_answers({**PUBLIC, "STAFF_HOST": "staff.example.org", "MAIL_HOST": "mail.example.org"})
    assert (complete["STAFF_HOST"], complete["MAIL_HOST"], complete["CUT_OFF"]) == ("", "", "")


def test_public_machine_without_its_certificate_is_refused_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(several_machines, "DATABASE_TLS", tmp_path)
    given = answers.complete_answers(PUBLIC)
    assert len(list(several_machines.find_missing_files(given))) == 3
    for name in several_machines.CARRIED:
        (tmp_path / name).touch()
    assert list(several_machines.find_missing_files(given)) == []
    assert list(several_machines.find_missing_files(answers.complete_answers(STAFF))) == []


OUTER_ROLES = "portals_public,portals_sources"


def test_database_lets_in_the_public_machines_and_no_other(settings_folder: Path) -> None:
    kept = [
        "hostssl replication,postgres portals_replication 10.1.0.3/32 cert",
        "hostssl portals portals_staff,portals_owner 10.1.0.2/32 cert",
        "local   replication postgres peer",
    ]
    # As an earlier release and this one wrote it.
    before = [f"hostssl portals {role} 10.9.0.1/32 cert" for role in ("portals_public", OUTER_ROLES)]
    present = "\n".join([*kept, *before, "# A remark.", ""])
    rules = several_machines.access_rules(answers.complete_answers(STAFF), present)
    lines = [line.split() for line in rules.splitlines() if not line.startswith("#")]
    assert lines == [
        *(["hostssl", "portals", OUTER_ROLES, place, "cert"] for place in ("10.1.0.1/32", "fd00::11/128")),
        # Added by docs/guides/deploy-many.md.
        *(line.split() for line in kept),
    ]
    assert several_machines.access_rules({"ROLE": "one"}, present) == ""


def files_of(role: str, given: dict[str, str], folder: Path) -> set[str]:
    settings_files.write_settings(answers.complete_answers(given), ROLES[role])
    return {path.name for path in folder.glob("*.env")}


def test_settings_are_those_of_the_machine(settings_folder: Path, tmp_path: Path) -> None:
    assert files_of("staff", STAFF, settings_folder) == {
        "staff.env", "worker.env", "owner.env", "backup.env", "host.env", "sources.env"
    }  # fmt: skip
    assert "public" not in settings_files.read_setting("host.env", "HOST_CERTIFICATES")
    assert "portals-public" not in settings_files.read_setting("host.env", "HOST_UNITS")
    assert settings_files.read_setting("host.env", "HOST_SURFACES") == "staff=staff.example.org"
    assert settings_files.read_setting("staff.env", "PUBLIC_URL") == "https://report.example.org"
    assert roles.read_role().name == "staff"
    for path in settings_folder.iterdir():
        path.unlink()

    assert files_of("public", PUBLIC, settings_folder) == {"public.env"}
    assert len(settings_files.read_setting("public.env", "SECRET_KEY")) == 64
    assert roles.read_role().name == "public"


def test_readings_of_an_older_release_get_what_they_lack(settings_folder: Path) -> None:
    """Release 0.1.0 knew no intake and asked no surface. An administrator's own choice stays."""
    given = {"PUBLIC_HOST": "report.example.org", "STAFF_HOST": "staff.example.org"}
    file = settings_folder / "host.env"
    file.write_text('HOST_UNITS="portals-public.service portals-staff.service portals-worker.service own.service"\n')
    assert settings_files.complete_readings(given, ROLES["one"])
    assert (
        settings_files.read_setting("host.env", "HOST_SURFACES") == "public=report.example.org staff=staff.example.org"
    )
    units = settings_files.read_setting("host.env", "HOST_UNITS").split()
    assert units[3:] == ["own.service", "portals-intake.service"]
    before = file.read_text()
    assert not settings_files.complete_readings({**given, "PUBLIC_HOST": "other.example.org"}, ROLES["one"])
    assert file.read_text() == before
    file.write_text('HOST_SURFACES="staff=own.example.org"\n')
    assert not settings_files.complete_readings(given, ROLES["one"])


def test_public_machine_reaches_the_database_by_its_certificate(
    settings_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = settings_folder / "database-tls"
    tls.mkdir()
    for name in several_machines.CARRIED:
        (tls / name).touch()
    monkeypatch.setattr(several_machines, "DATABASE_TLS", tls)
    named: list[tuple[str, str]] = []

    def name_host(host: str, address: str) -> bool:
        named.append((host, address))
        return True

    monkeypatch.setattr(several_machines, "name_host", name_host)
    monkeypatch.setattr(shutil, "chown", lambda path, user: None)
    shutil.copy(PROJECT / "deploy/settings/public.env", settings_folder)

    assert several_machines.reach_database(answers.complete_answers(PUBLIC))

    assert named == [("database", "10.1.0.2")]
    assert (tls / "portals_public.key").stat().st_mode & 0o777 == 0o600
    url = settings_files.read_setting("public.env", "DATABASE_URL")
    assert url.startswith("postgres://portals_public@database:5432/portals?sslmode=verify-full&sslrootcert=")

    addresses = "10.1.0.2, 10.1.0.3, 10.1.0.4"
    several_machines.reach_database(answers.complete_answers({**PUBLIC, "DATABASE_ADDRESSES": addresses}))
    assert named[1:] == [("database", "10.1.0.2"), ("database2", "10.1.0.3"), ("database3", "10.1.0.4")]
    url = settings_files.read_setting("public.env", "DATABASE_URL")
    hosts = "database:5432,database2:5432,database3:5432"
    assert url.startswith(f"postgres://portals_public@{hosts}/portals?target_session_attrs=read-write&")


@pytest.mark.parametrize(("file", "setting"), [("staff", "DATABASE_URL"), ("host", "HOST_DATABASE")])
def test_processes_of_the_staff_find_the_database_on_any_machine(
    settings_folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, setting: str
) -> None:
    monkeypatch.setattr(several_machines, "DATABASE_TLS", settings_folder)
    owners: list[tuple[str, str]] = []
    monkeypatch.setattr(shutil, "chown", lambda path, user, group: owners.append((user, group)))
    (settings_folder / "portals_x.key").touch()
    shutil.copy(PROJECT / f"deploy/settings/{file}.env", settings_folder)
    for attribute in ("read-write", "prefer-standby"):
        several_machines.reach_cluster(file, "portals_x", "portals-x", attribute)
        assert (settings_folder / f"{file}.env").read_text().count(f"\n{setting}=") == 1
        url = psycopg.conninfo.conninfo_to_dict(settings_files.read_setting(f"{file}.env", setting))
        assert (url["host"], url["user"], url["dbname"]) == ("database,database2,database3", "portals_x", "portals")
        assert (url["target_session_attrs"], url["sslmode"]) == (attribute, "verify-full")
        # A key that others can read is refused by libpq.
        assert url["sslkey"] == str(settings_folder / "portals_x.key")
        assert (settings_folder / "portals_x.key").stat().st_mode & 0o777 == 0o640
    assert owners == [("root", "portals-x")] * 2


@pytest.mark.parametrize(("answer", "is_refused"), [("f\n", False), ("t\n", True)])
def test_tables_are_changed_on_the_primary_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, is_refused: bool
) -> None:
    commands: list[tuple[str | Path, ...]] = []

    def run(*command: str | Path) -> str:
        commands.append(command)
        return answer

    monkeypatch.setattr(machine, "run", run)
    monkeypatch.setattr(machine, "PATRONI", tmp_path / "config.yml")
    machine.restart_database()
    assert commands.pop() == ("systemctl", "restart", "postgresql@17-main")
    machine.PATRONI.touch()
    machine.restart_database()
    # Patroni alone starts and stops it.
    assert "systemctl" not in commands.pop()
    with pytest.raises(machine.StepRefused, match="switchover") if is_refused else nullcontext():
        machine.create_database_roles(tmp_path)
    assert any("--file" in command for command in commands) is not is_refused


@pytest.mark.parametrize("name", ["etcd.env", "patroni.yml"])
def test_file_of_a_database_machine_has_the_places_that_are_filled_in(name: str) -> None:
    text = (PROJECT / "deploy/many" / name).read_text()
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert {*re.findall(r"\b(NAME|HOST|ADDRESS)\b", body)} == {"NAME", "HOST", "ADDRESS"}
    filled = re.sub(r"\bNAME\b", "twin", re.sub(r"\bHOST\b", "database2", re.sub(r"\bADDRESS\b", "10.0.0.3", body)))
    assert not re.search(r"\b(NAME|HOST|ADDRESS)\b", filled)


def test_database_machines_never_acknowledge_alone() -> None:
    text = (PROJECT / "deploy/many/patroni.yml").read_text()
    settings = dict(re.findall(r"(?m)^ +(\w+): (\S+)$", text))
    assert settings["synchronous_mode"] == "quorum"
    assert (settings["synchronous_mode_strict"], settings["failsafe_mode"]) == ("true", "false")
    assert (settings["mode"], settings["use_pg_rewind"]) == ("required", "false")
    # One that is there before back would begin with an empty database, and back could not join.
    assert (settings["method"], settings["command"]) == ("refuse", "/bin/false")
    lease, loop, retry = (int(settings[name]) for name in ("ttl", "loop_wait", "retry_timeout"))
    # Patroni would lengthen the others; and the watchdog must fire before the lease ends.
    assert loop + 2 * retry <= lease <= 20
    assert int(settings["safety_margin"]) + loop < lease


def steps_of(role: str) -> list[str]:
    return [title for title, names, _step in install.STEPS if role in names]


def test_steps_are_those_of_the_machine() -> None:
    assert "The other machines" not in steps_of("one")
    assert {*steps_of("one")} < {*steps_of("staff")}
    assert {"Database", "Tables, keys, texts, rules", "Mail", "Backups"} == {*steps_of("staff")} - {*steps_of("public")}


@pytest.mark.parametrize(("role", "hosts"), [("one", 2), ("staff", 1), ("public", 1)])
def test_certificates_are_those_of_the_machine(role: str, hosts: int) -> None:
    found = web.surface_hosts({"PUBLIC_HOST": "report.example.org", "STAFF_HOST": "staff.example.org"}, ROLES[role])
    assert len(found) == hosts


@pytest.mark.parametrize("role", [each for each in ROLES.values() if each.servers])
def test_web_server_includes_what_the_machine_serves(
    role: MachineRole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "NGINX", tmp_path)
    monkeypatch.setattr(web, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(web, "CURRENT", PROJECT)
    monkeypatch.setattr(web, "succeeds", lambda *command: True)
    monkeypatch.setattr(web, "run", lambda *command, **more: "")
    monkeypatch.setattr(processes, "find_outdated", lambda services: {})
    given = answers.complete_answers({**STAFF, "ROLE": "one", "MEMBERS_HOST": "list.example.org"})
    web.configure_web_server(given | ({"MEMBERS_HOST": ""} if role.name == "public" else {}), role)
    included = {
        line.split("/")[-1]
        for line in (tmp_path / "nginx.conf").read_text().splitlines()
        if "include /etc/nginx/portals/" in line
    }
    expected = {"public": "public.conf;", "staff": "staff.conf;", "list": "members.conf;"}
    assert included == {expected[name] for name in role.servers}
    assert all((tmp_path / "portals" / each.rstrip(";")).exists() for each in included)


def test_configuration_is_tried_where_a_web_server_of_debian_still_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of its temporary files comes with the unit's next start, and `nginx -t` wants it before."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(web, "NGINX", tmp_path)
    monkeypatch.setattr(web, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(web, "CURRENT", PROJECT)
    monkeypatch.setattr(web, "succeeds", lambda *command: True)
    monkeypatch.setattr(web, "run", lambda *command, **more: commands.append(command))
    monkeypatch.setattr(processes, "find_outdated", lambda services: {})
    web.configure_web_server(answers.complete_answers({**STAFF, "ROLE": "one"}), ROLES["one"])
    folders = {
        str(Path(place).parent) for place in re.findall(r"_temp_path (\S+);", (tmp_path / "nginx.conf").read_text())
    }
    assert len(folders) == 1
    assert folders <= {command[-1] for command in commands[: commands.index(("nginx", "-t", "-q"))]}


# --- Upgrade ----------------------------------------------------------------------------------------------------------


def test_public_machine_goes_back_where_the_new_release_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a database that was not upgraded before."""
    old, new, current = tmp_path / "portals-1.0.0", tmp_path / "portals-1.0.1", tmp_path / "portals"
    for folder in (old, new):
        folder.mkdir()
        (folder / "pyproject.toml").write_text(f'version = "{folder.name.removeprefix("portals-")}"\n')
    machine.link_release(current, old)
    held: list[str] = []

    class Held:
        def __init__(self, names: Iterable[str]) -> None:
            held.extend(names)

        def __enter__(self) -> None:
            return None

        def __exit__(self, *args: object) -> None:
            return None

    monkeypatch.setattr(surfaces, "held_requests", Held)
    monkeypatch.setattr(upgrade, "CURRENT", current)
    monkeypatch.setattr(upgrade, "BEFORE", tmp_path / "before")
    monkeypatch.setattr(units, "install_units", lambda release, only_public: False)
    monkeypatch.setattr(units, "start_units", lambda names: False)
    monkeypatch.setattr(comparison, "RECORD", tmp_path / "record")
    monkeypatch.setattr(answers, "SAVED", tmp_path / "answers")
    answers.save_answers(PUBLIC, tmp_path / "answers")

    start = comparison.UpgradeRecord(old, new, {}, {})
    monkeypatch.setattr(web, "ask_ready", lambda host: "no tables")
    with pytest.raises(machine.StepRefused, match="The release before goes on"):
        upgrade.upgrade_code(start, ROLES["public"], check_only=False)
    assert (current.resolve(), (tmp_path / "record").exists()) == (old, False)

    monkeypatch.setattr(web, "ask_ready", lambda host: "ok")
    upgrade.upgrade_code(start, ROLES["public"], check_only=True)
    assert current.resolve() == old
    upgrade.upgrade_code(start, ROLES["public"], check_only=False)
    assert (current.resolve(), (tmp_path / "record").exists()) == (new, True)
    assert {*held} == {"portals-public"}


def make_release(folder: Path, *units: str) -> Path:
    shipped = folder / "deploy" / "systemd"
    shipped.mkdir(parents=True)
    for unit in units:
        (shipped / f"{unit}.service").touch()
    return folder


def test_service_that_only_the_newer_release_has_is_gone_on_the_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would start code that is not there, again and again."""
    old = make_release(tmp_path / "old", "portals-worker")
    new = make_release(tmp_path / "new", "portals-worker", "portals-intake")
    unit_folder = tmp_path / "units"
    unit_folder.mkdir()
    for name in ("portals-worker", "portals-intake"):
        (unit_folder / f"{name}.service").touch()
    commands: list[tuple[str, ...]] = []

    def run(*command: str) -> str:
        commands.append(command)
        return ""

    monkeypatch.setattr(units, "UNITS", unit_folder)
    monkeypatch.setattr(units, "run", run)
    for _again in range(2):
        units.remove_newer_units(new, old)
    units.remove_newer_units(old, old)
    assert [path.name for path in unit_folder.iterdir()] == ["portals-worker.service"]
    assert commands == [
        ("systemctl", "disable", "--quiet", "--now", "portals-intake.service"),
        ("systemctl", "daemon-reload"),
        ("systemctl", "daemon-reload"),
    ]


def test_every_service_that_runs_always_is_started_stopped_and_watched() -> None:
    shipped = PROJECT / "deploy" / "systemd"
    always = {
        path.stem
        for path in shipped.glob("portals-*.service")
        if "\nRestart=always\n" in path.read_text() and path.stem not in ("portals-metrics", "portals-sources")
    }
    assert always == {*ROLES["one"].surfaces, "portals-intake", "portals-worker"}
    assert always <= {*ROLES["one"].surfaces, *ROLES["one"].workers}
    of_staff = always - {"portals-public"}
    watched = settings_files.STAFF_ONLY["HOST_UNITS"].split()
    assert {f"{unit}.service" for unit in of_staff} <= {*watched}
    line = next(
        line
        for line in (PROJECT / "deploy/settings/host.env").read_text().splitlines()
        if line.startswith("HOST_UNITS=")
    )
    assert {f"{unit}.service" for unit in always} <= {*line.split('"')[1].split()}
