"""What `check --deploy` refuses about the database: a real server, with one wrong setting at a time."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from analysts.management.commands import run_intake
from audit import advisory_locks
from portal_site import checks
from portal_site.database import embedded, roles
from tests.rig.installation import Installation


@contextmanager
def connected(installation: Installation, role: str) -> Iterator[BaseDatabaseWrapper]:
    """A new connection of Django's under `role`, so that new settings apply."""
    wrapper = wrapper_for(installation.database, role, installation.server["host"], installation.server["port"])
    try:
        yield wrapper
    finally:
        wrapper.close()


def wrapper_for(database: str, role: str, host: str, port: str) -> BaseDatabaseWrapper:
    wrapper = connections["default"].copy()
    wrapper.settings_dict["NAME"] = database
    wrapper.settings_dict["USER"] = role
    wrapper.settings_dict["OPTIONS"] = {**wrapper.settings_dict["OPTIONS"], "host": host, "port": port}
    return wrapper


def database_ids(installation: Installation, role: str = roles.PUBLIC) -> list[str | None]:
    with connected(installation, role) as connection:
        return [message.id for message in checks.database.connection_problems(connection)]


@pytest.fixture
def public_settings(settings: Any) -> None:
    """The public surface's settings and database role."""
    settings.STAFF = False


# Settings of the role: all are removed when the role is reset.
WRONG_FOR_THE_ROLE = {
    "synchronous_commit": ("off", "portal_site.E024"),
    "log_statement": ("all", "portal_site.E025"),
    "log_min_error_statement": ("error", "portal_site.E025"),
    "log_parameter_max_length": ("-1", "portal_site.E025"),
    "log_parameter_max_length_on_error": ("1kB", "portal_site.E025"),
    "log_min_duration_statement": ("250ms", "portal_site.E025"),
    "log_min_duration_sample": ("0", "portal_site.E025"),
    "log_transaction_sample_rate": ("0.5", "portal_site.E025"),
    "log_min_messages": ("debug2", "portal_site.E025"),
    "debug_print_parse": ("on", "portal_site.E025"),
    "debug_print_rewritten": ("on", "portal_site.E025"),
    "debug_print_plan": ("on", "portal_site.E025"),
    "log_error_verbosity": ("default", "portal_site.E025"),
    "log_duration": ("on", "portal_site.E025"),
    "log_lock_waits": ("on", "portal_site.E025"),
    "log_temp_files": ("0", "portal_site.E025"),
    "log_replication_commands": ("on", "portal_site.E025"),
    "trace_notify": ("on", "portal_site.E025"),
    "trace_sort": ("on", "portal_site.E025"),
    "log_parser_stats": ("on", "portal_site.E025"),
    "log_planner_stats": ("on", "portal_site.E025"),
    "log_executor_stats": ("on", "portal_site.E025"),
    "log_statement_stats": ("on", "portal_site.E025"),
    "auto_explain.log_min_duration": ("0", "portal_site.E025"),
    "pg_stat_statements.track": ("top", "portal_site.E025"),
    "pgaudit.log": ("write", "portal_site.E025"),
}
# Settings of the whole server: written to its files, read again without a restart.
WRONG_FOR_THE_SERVER = {
    "fsync": ("off", "portal_site.E024"),
    "full_page_writes": ("off", "portal_site.E024"),
    "log_connections": ("on", "portal_site.E025"),
    "log_disconnections": ("on", "portal_site.E025"),
    "log_hostname": ("on", "portal_site.E025"),
    "log_line_prefix": ("%m %h ", "portal_site.E025"),
    "log_autovacuum_min_duration": ("0", "portal_site.E025"),
    "log_checkpoints": ("on", "portal_site.E025"),
    "log_recovery_conflict_waits": ("on", "portal_site.E025"),
    "log_destination": ("csvlog", "portal_site.E025"),
}
# Settings that only a start of the server changes.
WRONG_AT_THE_START = {
    "track_commit_timestamp": ("on", "portal_site.E029"),
    "trace_connection_negotiation": ("on", "portal_site.E025"),
}
# Settings of any value: where the log is and when its files begin, and a part of a setting that is refused.
ACCEPTED = {
    *("log_directory", "log_file_mode", "log_filename", "log_rotation_age", "log_rotation_size", "log_timezone"),
    *("log_truncate_on_rotation", "log_startup_progress_interval", "log_statement_sample_rate"),
}
# Known to PostgreSQL 18 and not to 17: set with all switches at once, below.
LATER = {"log_lock_failures"}


def test_every_setting_that_logs_is_set_wrong_here(installation: Installation) -> None:
    with installation.connect() as owner:
        rows = owner.execute("SELECT name FROM pg_settings WHERE name ~ '^(log|trace)_'").fetchall()
    wrong = {*WRONG_FOR_THE_ROLE, *WRONG_FOR_THE_SERVER, *WRONG_AT_THE_START}
    assert {name for (name,) in rows} - wrong - LATER == ACCEPTED
    assert wrong >= checks.server_settings.CHECKED
    assert set(checks.server_settings.LEFT_OUT) == ACCEPTED


@pytest.mark.usefixtures("db", "public_settings")
def test_every_switch_that_logs_is_refused_while_it_is_on(installation: Installation) -> None:
    with installation.connect() as owner:
        rows = owner.execute(
            "SELECT name FROM pg_settings WHERE name ~ '^(log|trace)_' AND vartype = 'bool'"
            " AND context IN ('superuser', 'user') ORDER BY name"
        ).fetchall()
        # One at a time: some exclude each other.
        for (name,) in rows:
            owner.execute(f"ALTER ROLE {roles.PUBLIC} SET {name} = on")
            try:
                with connected(installation, roles.PUBLIC) as connection:
                    [message] = checks.server_settings.find_setting_problems(connection)
            finally:
                owner.execute(f"ALTER ROLE {roles.PUBLIC} RESET {name}")
            assert f" {name} = 'on'" in message.msg


@pytest.mark.parametrize(
    ("prefix", "accepted"),
    [
        ("%p ", True),
        ("%-5p %q%u@%d %l %e %i %% ", True),
        *((f"%{letter} %p ", False) for letter in "acmnrhstvx"),
        ("%-20m ", False),
    ],
)
def test_prefix_has_no_time_address_or_transaction(prefix: str, accepted: bool) -> None:
    assert checks.server_settings.SILENT["log_line_prefix"](prefix) is accepted


@pytest.mark.usefixtures("db")
def test_settings_of_the_start_are_refused() -> None:
    """A server of its own: the one that all tests share is not started again."""
    with tempfile.TemporaryDirectory(prefix="portals-tests-") as name:
        folder = Path(name)
        url = embedded.acquire_server(folder)
        with psycopg.connect(url, autocommit=True) as owner:
            assert refused_on(owner) == []
            for name in WRONG_AT_THE_START:
                owner.execute(f"ALTER SYSTEM SET {name} = on")
        embedded.release_server(folder)
        try:
            with psycopg.connect(embedded.acquire_server(folder), autocommit=True) as owner:
                assert dict(refused_on(owner)) == {name: id for name, (_on, id) in WRONG_AT_THE_START.items()}
        finally:
            embedded.release_server(folder)


def refused_on(owner: psycopg.Connection) -> list[tuple[str, str | None]]:
    """The settings that the server of this connection is refused for, with the number of the error."""
    info = owner.info
    wrapper = wrapper_for(info.dbname, info.user, info.host, str(info.port))
    try:
        problems = checks.server_settings.find_setting_problems(wrapper)
        return [(message.msg.split()[2], message.id) for message in problems]
    finally:
        wrapper.close()


@pytest.mark.parametrize("name", WRONG_FOR_THE_ROLE)
@pytest.mark.usefixtures("db", "public_settings")
def test_setting_of_the_role_is_refused(installation: Installation, name: str) -> None:
    value, expected = WRONG_FOR_THE_ROLE[name]
    with installation.connect() as owner:
        owner.execute(f"ALTER ROLE {roles.PUBLIC} SET {name} = '{value}'")
        try:
            assert database_ids(installation) == [expected]
        finally:
            owner.execute(f"ALTER ROLE {roles.PUBLIC} RESET {name}")


@pytest.mark.parametrize("name", WRONG_FOR_THE_SERVER)
@pytest.mark.usefixtures("db", "public_settings")
def test_setting_of_the_server_is_refused(installation: Installation, name: str) -> None:
    value, expected = WRONG_FOR_THE_SERVER[name]
    with installation.connect() as owner:
        before = _value(owner, name)
        try:
            _set_for_the_server(owner, name, value, f"'{value}'")
            assert database_ids(installation) == [expected]
        finally:
            _set_for_the_server(owner, name, before, None)


def _value(owner: psycopg.Connection, name: str) -> str:
    [(value,)] = owner.execute("SELECT current_setting(%s)", [name]).fetchall()
    return str(value)


def _set_for_the_server(owner: psycopg.Connection, name: str, shown: str, written: str | None) -> None:
    """Change the server's files (None: as before), reload them, and wait until a new session has the value."""
    owner.execute(f"ALTER SYSTEM RESET {name}" if written is None else f"ALTER SYSTEM SET {name} = {written}")
    owner.execute("SELECT pg_reload_conf()")
    for _ in range(200):
        with psycopg.connect(owner.info.dsn) as other:
            if _value(other, name) == shown:
                return
    raise AssertionError(f"the server did not take {name} = {shown}")


@pytest.mark.parametrize("privilege", ["SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS"])
@pytest.mark.usefixtures("db", "public_settings")
def test_role_with_more_than_it_needs_is_refused(installation: Installation, privilege: str) -> None:
    with installation.connect() as owner:
        owner.execute(f"ALTER ROLE {roles.PUBLIC} {privilege}")
        try:
            # A superuser is a member of every role, and so an owner.
            expected = ["portal_site.E021", "portal_site.E022"] if privilege == "SUPERUSER" else ["portal_site.E021"]
            assert database_ids(installation) == expected
        finally:
            owner.execute(f"ALTER ROLE {roles.PUBLIC} NO{privilege}")


@pytest.mark.usefixtures("db", "public_settings")
def test_role_in_a_powerful_group_is_refused(installation: Installation) -> None:
    with installation.connect() as owner:
        owner.execute(f"GRANT pg_read_all_data TO {roles.PUBLIC}")
        try:
            assert database_ids(installation) == ["portal_site.E021"]
        finally:
            owner.execute(f"REVOKE pg_read_all_data FROM {roles.PUBLIC}")


@pytest.mark.usefixtures("db", "public_settings")
def test_owner_of_a_table_is_refused(installation: Installation) -> None:
    with installation.connect() as owner:
        owner.execute(f"CREATE TABLE for_this_test (); ALTER TABLE for_this_test OWNER TO {roles.PUBLIC}")
        try:
            assert database_ids(installation) == ["portal_site.E022"]
        finally:
            owner.execute("DROP TABLE for_this_test")


@pytest.mark.usefixtures("db", "public_settings")
def test_owner_of_the_database_is_refused(installation: Installation) -> None:
    assert database_ids(installation, "postgres") == ["portal_site.E021", "portal_site.E022"]


@pytest.mark.usefixtures("db", "public_settings")
def test_public_surface_under_the_staffs_role_is_refused(installation: Installation) -> None:
    assert database_ids(installation, roles.STAFF) == ["portal_site.E023"]


@pytest.mark.usefixtures("db", "public_settings")
@pytest.mark.parametrize("privilege", ["SELECT (sealed)", "UPDATE", "DELETE", "TRUNCATE"])
def test_public_role_with_one_privilege_more_is_refused(installation: Installation, privilege: str) -> None:
    with installation.connect() as owner:
        owner.execute(f"GRANT {privilege} ON reports_submission TO {roles.PUBLIC}")
        try:
            assert database_ids(installation) == ["portal_site.E023"]
        finally:
            owner.execute(f"REVOKE {privilege} ON reports_submission FROM {roles.PUBLIC}")


@pytest.mark.usefixtures("db", "public_settings")
def test_public_role_that_could_invent_an_outcome_is_refused(installation: Installation) -> None:
    with installation.connect() as owner:
        owner.execute(f"GRANT INSERT (outcomes) ON reports_receipt TO {roles.PUBLIC}")
        try:
            assert database_ids(installation) == ["portal_site.E023"]
        finally:
            owner.execute(f"REVOKE INSERT (outcomes) ON reports_receipt FROM {roles.PUBLIC}")


# Abilities that a superuser takes from the public role, given back and taken again.
GIVEN_BACK = {
    "advisory locks": (
        "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_advisory_lock(bigint) FROM PUBLIC",
    ),
    "large objects": (
        "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC",
    ),
    "write-ahead log": (
        "GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) FROM PUBLIC",
    ),
    "ending sessions": (
        "GRANT EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint) FROM PUBLIC",
    ),
    "sizes": (
        "GRANT EXECUTE ON FUNCTION pg_total_relation_size(regclass) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_total_relation_size(regclass) FROM PUBLIC",
    ),
    "row counts": (
        "GRANT EXECUTE ON FUNCTION pg_stat_get_live_tuples(oid) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_stat_get_live_tuples(oid) FROM PUBLIC",
    ),
    "temporary tables": (
        f"GRANT TEMPORARY ON DATABASE portals TO {roles.PUBLIC}",
        f"REVOKE TEMPORARY ON DATABASE portals FROM {roles.PUBLIC}",
    ),
    "tables": (
        f"GRANT CREATE ON SCHEMA public TO {roles.PUBLIC}",
        f"REVOKE CREATE ON SCHEMA public FROM {roles.PUBLIC}",
    ),
    "code": (
        f"GRANT USAGE ON LANGUAGE plpgsql TO {roles.PUBLIC}",
        f"REVOKE USAGE ON LANGUAGE plpgsql FROM {roles.PUBLIC}",
    ),
    "locks on any table": (
        "ALTER EVENT TRIGGER portals_guard DISABLE",
        "ALTER EVENT TRIGGER portals_guard ENABLE",
    ),
    "other databases": (
        f"GRANT CONNECT ON DATABASE postgres TO {roles.PUBLIC}",
        f"REVOKE CONNECT ON DATABASE postgres FROM {roles.PUBLIC}",
    ),
    "connections": (
        f"ALTER ROLE {roles.PUBLIC} CONNECTION LIMIT -1",
        f"ALTER ROLE {roles.PUBLIC} CONNECTION LIMIT 60",
    ),
    "time-out": (
        f"ALTER ROLE {roles.PUBLIC} RESET idle_in_transaction_session_timeout",
        f"ALTER ROLE {roles.PUBLIC} SET idle_in_transaction_session_timeout = '10s'",
    ),
    "setting left behind": (
        f"ALTER ROLE {roles.PUBLIC} SET search_path = 'pg_temp'",
        f"ALTER ROLE {roles.PUBLIC} RESET search_path",
    ),
}


@pytest.mark.usefixtures("db", "public_settings")
@pytest.mark.parametrize("given", GIVEN_BACK)
def test_public_role_that_could_reach_staff_is_refused(installation: Installation, given: str) -> None:
    give, take = GIVEN_BACK[given]
    assert database_ids(installation) == []
    with installation.connect() as owner:
        owner.execute(give)
        try:
            assert database_ids(installation) == ["portal_site.E027"]
        finally:
            owner.execute(take)


def test_staff_role_that_cannot_end_public_transactions_is_refused(db: None, installation: Installation) -> None:
    with installation.connect() as owner:
        owner.execute(f"REVOKE {roles.PUBLIC} FROM {roles.STAFF}")
        try:
            assert database_ids(installation, roles.STAFF) == ["portal_site.E028"]
        finally:
            owner.execute(f"GRANT {roles.PUBLIC} TO {roles.STAFF}")


def test_staff_role_that_may_rewrite_the_record_is_refused(db: None, installation: Installation) -> None:
    assert database_ids(installation, roles.STAFF) == []
    with installation.connect() as owner:
        for privilege in ("INSERT", "UPDATE", "DELETE"):
            owner.execute(f"GRANT {privilege} ON audit_auditevent TO {roles.STAFF}")
            try:
                assert database_ids(installation, roles.STAFF) == ["portal_site.E023"]
            finally:
                owner.execute(f"REVOKE {privilege} ON audit_auditevent FROM {roles.STAFF}")


def shortages(installation: Installation, threads: int, role: str = roles.PUBLIC) -> list[str | None]:
    with connected(installation, role) as connection:
        return [message.id for message in checks.capacity.connection_shortages(connection, threads)]


@pytest.mark.usefixtures("db")
def test_threads_of_all_processes_fit_the_connections_of_the_server(installation: Installation, settings: Any) -> None:
    """The server of the tests has 100, 3 of them kept for superusers."""
    settings.PUBLIC, settings.STAFF = True, False
    fitting = (97 - checks.capacity.OF_WORKER - settings.INTAKE_PROCESSES - checks.capacity.RESERVE) // 2
    assert shortages(installation, fitting) == []
    assert shortages(installation, fitting + 1) == ["portal_site.E070"]
    settings.SOURCES_MACHINES = 1
    assert shortages(installation, fitting) == ["portal_site.E070"]
    settings.SOURCES_MACHINES, settings.PUBLIC_MACHINES = 0, 2
    # More than the role may have, too.
    assert shortages(installation, fitting) == ["portal_site.E070", "portal_site.E071"]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("role", "staff", "needed"), [(roles.PUBLIC, False, 16), (roles.STAFF, True, 38)])
def test_threads_of_a_surface_fit_the_limit_of_its_role(
    installation: Installation, settings: Any, role: str, staff: bool, needed: int
) -> None:
    settings.PUBLIC, settings.STAFF, settings.INTAKE_PROCESSES = not staff, staff, 2
    with installation.connect() as owner:
        [(before,)] = owner.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = %s", [role]).fetchall()
        try:
            for limit, expected in ((needed, []), (needed - 1, ["portal_site.E071"])):
                owner.execute(f"ALTER ROLE {role} CONNECTION LIMIT {limit}")
                assert shortages(installation, 16, role) == expected
        finally:
            owner.execute(f"ALTER ROLE {role} CONNECTION LIMIT {before}")


@pytest.mark.parametrize(("queue", "ids"), [(3, []), (4, ["portal_site.E072"])])
def test_strangers_who_sign_in_leave_half_of_the_threads(settings: Any, queue: int, ids: list[str]) -> None:
    settings.PASSWORD_QUEUE = queue
    assert [message.id for message in checks.capacity.check_password_lane(None)] == ids


@contextmanager
def ineffective_locks(installation: Installation) -> Iterator[None]:
    """Functions that say yes to every session, found before PostgreSQL's own by the staff's role."""
    with installation.connect() as owner:
        owner.execute("CREATE SCHEMA lookalike")
        try:
            owner.execute(f"GRANT USAGE ON SCHEMA lookalike TO {roles.STAFF}")
            owner.execute("CREATE FUNCTION lookalike.pg_try_advisory_lock(bigint) RETURNS boolean RETURN true")
            owner.execute(f"ALTER ROLE {roles.STAFF} SET search_path = lookalike, pg_catalog, public")
            yield
        finally:
            owner.execute(f"ALTER ROLE {roles.STAFF} RESET search_path")
            owner.execute("DROP SCHEMA lookalike CASCADE")


def test_server_whose_advisory_locks_exclude_nobody_is_refused(db: None, installation: Installation) -> None:
    with connected(installation, roles.STAFF) as connection:
        assert checks.database.lock_problems(connection) == []
        assert advisory_locks.do_advisory_locks_exclude(connection)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            assert cursor.fetchone() == (0,)
    with ineffective_locks(installation):
        assert database_ids(installation, roles.STAFF) == ["portal_site.E110"]


def test_migrations_and_intake_do_not_start_on_such_a_server(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (advisory_locks, run_intake):
        monkeypatch.setattr(module, "do_advisory_locks_exclude", lambda connection: False)
    monkeypatch.setattr(run_intake, "log_uncaught_errors", lambda: None)
    with pytest.raises(SystemCheckError, match="hold one advisory lock"):
        call_command("migrate", verbosity=0, skip_checks=False)
    with pytest.raises(CommandError, match="hold one advisory lock"):
        call_command("run_intake", processes=1)
