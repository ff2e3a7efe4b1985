"""The public surface: code it does not contain, data it cannot read, and keys it refuses to start with."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from analysts.operations.editable_settings import EDITABLE
from countries.words.sources import is_public_place
from portal_site.database import roles
from reports import privacy
from tests.rig.installation import ROOT, Installation

NOT_ON_PUBLIC = (
    "django.contrib.auth",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "procrastinate",
    "analysts",
    "audit",
    "countries.staff",
    "countries.admin",
)

LOADED = """
import sys
from portal_site.wsgi import application
from django.urls import get_resolver
from django.test import RequestFactory
visitor = RequestFactory(SERVER_NAME="localhost")
pages = ("", "report/", "status/", "privacy/", "about/")
for path in ("/", "/bz/", *(f"/bz/en/{page}" for page in pages), "/nowhere/"):
    b"".join(application(visitor.get(path).environ, lambda status, headers: print(status, path)))
print("LOADED", *sorted(sys.modules))
"""


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture(scope="module")
def loaded(installation: Installation) -> list[str]:
    """The modules that the public surface has loaded once it has answered a request for every kind of page."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=installation.environment("public", role=roles.PUBLIC),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *answers, modules = done.stdout.strip().splitlines()
    assert [answer.split()[0] for answer in answers] == ["200", "302", *["200"] * 5, "404"]
    return modules.split()


def test_public_surface_loads_no_module_of_the_staff_side(loaded: list[str]) -> None:
    assert "countries.public.views" in loaded
    assert [name for name in loaded if name.startswith(NOT_ON_PUBLIC)] == []


# Names of models, shown by the admin site only; and the reasons why two addresses are one, shown to analysts.
STAFF_WORDS = re.compile(
    r"^(countries|reports)/(apps|models|models/\w+|states|addresses/\w+)\.py$|^countries/figures\.py$"
)


def test_every_word_of_the_public_surface_is_a_public_word(loaded: list[str]) -> None:
    """If a module moves, its texts must stay in the catalogues' public part."""
    ours = [ROOT / f"{name.replace('.', '/')}.py" for name in loaded if name.startswith(("countries.", "reports."))]
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for path in ours if path.exists()}
    with_words = {name for name, source in sources.items() if "django.utils.translation import" in source}
    wordless = {name for name in with_words if not re.search(r"\b(_|gettext|ngettext|gettext_lazy)\(", sources[name])}
    words = {name for name in with_words - wordless if not STAFF_WORDS.match(name)}
    assert len(words) > 8
    assert sorted(name for name in words if not is_public_place(name)) == []


def test_every_template_of_the_public_surface_is_public(loaded: list[str]) -> None:
    """All templates that public modules name, and those that they extend and include."""
    named = re.compile(r"[\"'](\w[\w/]*\.html)[\"']")
    ours = [ROOT / f"{name.replace('.', '/')}.py" for name in loaded if name.startswith(("countries.", "reports."))]
    waiting = {found for path in ours if path.exists() for found in named.findall(path.read_text())}
    seen: set[str] = set()
    while waiting:
        template = waiting.pop()
        path = ROOT / "templates" / template
        if template in seen or not path.exists():
            continue
        seen.add(template)
        waiting |= set(named.findall(path.read_text()))
    assert "reports/report.html" in seen
    assert sorted(name for name in seen if not is_public_place(f"templates/{name}")) == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/queue/", "/accounts/login/"])
def test_staff_urls_do_not_resolve_on_the_public_surface(public_url: str, staff_url: str, path: str) -> None:
    assert status(public_url + path) == 404
    assert status(staff_url + path) == 200


@pytest.mark.parametrize("path", ["/bz/en/", "/bz/en/report/", "/bz/en/status/"])
def test_public_urls_do_not_resolve_on_the_staff_surface(public_url: str, staff_url: str, path: str) -> None:
    assert status(public_url + path) == 200
    assert status(staff_url + path) == 404


def test_public_surface_refuses_to_start_beside_a_private_key(installation: Installation, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "words-2026-11-00000000.key").write_text("00")
    environment = {**installation.environment("public", role=roles.PUBLIC), "KEYRING": str(tmp_path)}
    start = [sys.executable, "-c", "import portal_site.wsgi"]

    done = subprocess.run(start, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "the keyring holds a private key (words-2026-11-00000000.key)" in done.stderr
    (private / "words-2026-11-00000000.key").unlink()
    done = subprocess.run(start, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("surface", ["public", "staff"])
def test_health_answers(installation: Installation, public_url: str, staff_url: str, surface: str) -> None:
    url = public_url if surface == "public" else staff_url
    for question in ("live", "ready"):
        with urllib.request.urlopen(f"{url}/health/{question}/", timeout=10) as answer:
            assert answer.read() == b"ok\n"


@pytest.fixture
def as_public_role(installation: Installation) -> Iterator[psycopg.Connection]:
    with installation.connect(roles.PUBLIC) as connection:
        yield connection


def test_public_role_can_do_what_is_listed_and_nothing_else(
    installation: Installation, as_public_role: psycopg.Connection
) -> None:
    """Every table x privilege, by the database's own answer."""
    with installation.connect() as owner:
        tables = [
            name
            for (name,) in owner.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p', 'v', 'm')"
            )
        ]
        privileges = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
        held = {
            (table, privilege)
            for table in tables
            for privilege in privileges
            if owner.execute("SELECT has_table_privilege(%s, %s, %s)", [roles.PUBLIC, table, privilege]).fetchone()
            == (True,)
        }
        columns = owner.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND attnum > 0"
            " AND NOT attisdropped AND has_column_privilege(%s, attrelid, attnum, 'INSERT')",
            [roles.PUBLIC],
        ).fetchall()
        functions = {
            name
            for (name,) in owner.execute(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " AND has_function_privilege(%s, oid, 'EXECUTE')",
                [roles.PUBLIC],
            )
        }
    assert held == {(table, "SELECT") for table in roles.PUBLIC_READS}
    assert set(columns) == {(table, column) for table, listed in roles.PUBLIC_INSERTS.items() for column in listed}
    assert functions == {
        *("reports_look_up", "reports_asked_again", "reports_look_up_notice", "reports_key_is_open"),
    }
    for statement in (
        "SELECT * FROM reports_receipt",
        "SELECT sealed FROM reports_submission",
        "TABLE audit_auditevent",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_public_role.execute(statement)


def test_public_role_reads_the_settings_that_public_pages_state(
    installation: Installation, as_public_role: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief of the public server learns nothing of administrators' decisions but what pages state."""
    stated: set[str] = set()

    def note_name(name: str) -> int:
        stated.add(name)
        return 1

    monkeypatch.setattr(privacy, "number_in_force", note_name)
    assert all(str(entry.until) for entry in privacy.KEPT)
    assert stated == {
        f"{data}_DAYS_{outcome}" for data in ("WORDS", "ADDRESSES") for outcome in ("NOT_ACTIONED", "ACTIONED")
    }
    with installation.connect() as owner:
        owner.cursor().executemany(
            "INSERT INTO countries_decidedsetting (name, value, effective_at, previous) VALUES (%s, '30', now(), '')",
            [[name] for name in EDITABLE],
        )
        try:
            rows = as_public_role.execute("SELECT name FROM countries_visiblesetting").fetchall()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                as_public_role.execute("SELECT name FROM countries_decidedsetting")
        finally:
            owner.execute("DELETE FROM countries_decidedsetting")
    # The hours stand beside whom to call in danger.
    assert {name for (name,) in rows} == {*stated, "READING_HOURS"}


# An event with the highest number there is ended the log for good: no event could follow it.
INVENTED_EVENT = """
    INSERT INTO audit_auditevent
        (number, at, actor, role, action, object_type, object_id, portal, details, previous_hash, hash)
    VALUES (9223372036854775807, now(), 'ana', 'analyst', 'incident.view', '', '', '', '{}', repeat('0', 64),
        repeat('f', 64))
"""
APPEND = "SELECT number, actor_id, actor, role FROM audit_append(%s::bigint, 'key.view', '', '', '', '{}', now())"


def test_staff_role_appends_to_the_audit_log_by_its_function_only(installation: Installation) -> None:
    """It can invent neither a number nor a name or role; an actor has an account."""
    with installation.connect(roles.STAFF) as staff:
        staff.execute("BEGIN")
        [newest] = staff.execute("SELECT max(number) FROM audit_auditevent").fetchone() or ()
        [pk, role] = staff.execute("SELECT id, role FROM analysts_user LIMIT 1").fetchone() or ()
        event = staff.execute(APPEND, [pk]).fetchone()
        [log_id] = staff.execute("SELECT value FROM audit_logid WHERE account_id = %s", [pk]).fetchone() or ()
        assert event == (newest + 1, None, log_id, role)
        assert staff.execute(APPEND, [None]).fetchone() == (newest + 2, None, "", "")
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="has an account"):
            staff.execute(APPEND, [2**40])
        staff.execute("ROLLBACK")
    with installation.connect(roles.PUBLIC) as public, pytest.raises(psycopg.errors.InsufficientPrivilege):
        public.execute(APPEND, [None])


def test_staff_role_puts_no_temporary_table_in_front_of_those_that_appending_reads(installation: Installation) -> None:
    """The function runs with the owner's privileges, and its search path names none of the caller's schemas."""
    with installation.connect(roles.STAFF) as staff:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            staff.execute("CREATE TEMP TABLE analysts_user (id bigint, username text, role text)")
        [path] = staff.execute("SELECT proconfig FROM pg_proc WHERE proname = 'audit_append'").fetchone() or ()
        assert path == ["search_path=pg_catalog, pg_temp"]


def test_staff_role_cannot_rewrite_the_audit_record(installation: Installation) -> None:
    with installation.connect(roles.STAFF) as staff:
        assert staff.execute("SELECT count(*) > 0 FROM audit_auditevent").fetchone() == (True,)
        for statement in (
            INVENTED_EVENT,
            "UPDATE audit_auditevent SET actor = 'nobody'",
            "DELETE FROM audit_auditevent",
            "TRUNCATE audit_auditevent",
            "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                staff.execute(statement)
