"""The command that grants the database roles."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from portal_site.database import roles
from tests.rig.installation import Installation

# The permissions of each role, by table; with columns where it is not the whole row. A second list on purpose:
# a row that is added to `roles.py` by mistake is compared with something.
WHOLE_ROW = "all columns"
PRIVILEGES: dict[str, dict[str, dict[str, str]]] = {
    roles.HOST: {"analysts_hostreading": {"INSERT": "kind, moment, name, number, total"}},
    roles.SOURCES: {},
    roles.PUBLIC: {
        "reports_receipt": {"INSERT": "changed_on, id, mailbox_key"},
        "reports_submission": {"INSERT": WHOLE_ROW},
        "reports_noticeanswer": {"INSERT": "digest, id, key_id, link_id, received_hour, sealed"},
        **{
            table: {"SELECT": WHOLE_ROW}
            for table in (
                *("countries_approvedtext", "countries_banner", "countries_contact", "countries_contacttext"),
                *("countries_visiblesetting", "countries_helpservice", "countries_language"),
                *("countries_partner", "countries_partnertext", "countries_picture", "countries_portal"),
                *("countries_portaltext", "countries_publishedstatistics", "countries_textreview"),
                "countries_withdrawnitem",
            )
        },
    },
}
# The staff's role works in all tables but these: one that only functions of the owner write, and a view.
ONLY_READ_BY_STAFF = {"audit_auditevent", "countries_visiblesetting"}
CALLS = {
    roles.HOST: set[str](),
    roles.SOURCES: {
        "reports_key_is_open(text)",
        "reports_source_of(bytea)",
        "reports_source_state(bytea,bytea)",
        "reports_store_source_items(bytea,bytea,bytea,jsonb,integer[],integer[],uuid[],bytea[],text[],uuid[],text[],"
        "text[],bytea[],bytea[],bytea[],bytea[],integer[])",
    },
    roles.PUBLIC: {
        "reports_key_is_open(text)",
        "reports_look_up(uuid)",
        "reports_asked_again(uuid)",
        "reports_look_up_notice(uuid,timestamp with time zone)",
    },
}


def privileges_of(role: str) -> dict[str, dict[str, str]]:
    """By the database's own answer, through every way in which a role can have them."""
    statement = """
        WITH tables AS (
            SELECT oid, relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
        )
        SELECT relname, privilege, CASE
            WHEN bool_and(has_column_privilege(%(role)s, oid, attname, privilege)) THEN %(all)s
            ELSE string_agg(attname, ', ' ORDER BY attname)
                FILTER (WHERE has_column_privilege(%(role)s, oid, attname, privilege))
        END FROM tables JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege
        GROUP BY relname, oid, privilege
        UNION ALL
        SELECT relname, privilege, CASE WHEN has_table_privilege(%(role)s, oid, privilege) THEN %(all)s END
        FROM tables, unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER', 'MAINTAIN']) AS privilege
    """
    privileges: dict[str, dict[str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, {"role": role, "all": WHOLE_ROW})
        for table, privilege, columns in cursor.fetchall():
            if columns:
                privileges.setdefault(table, {})[privilege] = columns
    return privileges


def named_roles() -> set[str]:
    return {role for role in vars(roles).values() if isinstance(role, str) and role.startswith("portals_")}


def test_every_role_has_its_lists() -> None:
    assert named_roles() == {*PRIVILEGES, roles.STAFF} == {*CALLS, roles.STAFF}


@pytest.mark.django_db
@pytest.mark.parametrize("role", PRIVILEGES)
def test_role_may_do_to_tables_exactly_what_is_listed(role: str) -> None:
    roles.grant_roles()
    assert privileges_of(role) == PRIVILEGES[role]


@pytest.mark.django_db
def test_staff_write_all_tables_but_those_of_the_record() -> None:
    """Also where they were once granted more."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {roles.STAFF}")
    roles.grant_roles()
    tables = connection.introspection.table_names(include_views=True)
    work = dict.fromkeys(("SELECT", "INSERT", "UPDATE", "DELETE"), WHOLE_ROW)
    assert privileges_of(roles.STAFF) == {
        table: {"SELECT": WHOLE_ROW} if table in ONLY_READ_BY_STAFF else work for table in tables
    }


@pytest.mark.django_db
@pytest.mark.parametrize("role", CALLS)
def test_role_calls_and_numbers_exactly_what_is_listed(role: str) -> None:
    """Also where it was once granted more."""
    with connection.cursor() as cursor:
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            cursor.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {role}")
        roles.grant_roles()
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND has_function_privilege(%s, oid, 'EXECUTE')",
            [role],
        )
        assert {name for (name,) in cursor.fetchall()} == CALLS[role]
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'S' AND (has_sequence_privilege(%(role)s, oid, 'USAGE')"
            " OR has_sequence_privilege(%(role)s, oid, 'SELECT') OR has_sequence_privilege(%(role)s, oid, 'UPDATE'))",
            {"role": role},
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_what_the_server_gives_every_role_is_taken_from_all_but_staff() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_database())")
        [[database]] = cursor.fetchall()
        for statement in (
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC",
            "GRANT CREATE ON SCHEMA public TO PUBLIC",
            f"GRANT CREATE, TEMPORARY ON DATABASE {database} TO PUBLIC",
            f"ALTER ROLE {roles.PUBLIC} RESET ALL",
        ):
            cursor.execute(statement)
        roles.grant_roles()
        cursor.execute(
            "SELECT rolname, has_database_privilege(rolname, current_database(), 'CREATE, TEMPORARY'),"
            " has_schema_privilege(rolname, 'public', 'CREATE'), (SELECT count(*) FROM pg_proc"
            "  WHERE pronamespace = 'public'::regnamespace"
            "  AND has_function_privilege(rolname, pg_proc.oid, 'EXECUTE')),"
            " (SELECT bool_and(has_sequence_privilege(rolname, pg_class.oid, 'USAGE')) FROM pg_class"
            "  WHERE relnamespace = 'public'::regnamespace AND relkind = 'S')"
            " FROM pg_roles WHERE rolname LIKE 'portals%%'"
        )
        privileges = {role: rights for role, *rights in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        [[functions]] = cursor.fetchall()
        assert privileges == {roles.STAFF: [False, False, functions, True]} | {
            role: [False, False, len(calls), False] for role, calls in CALLS.items()
        }
        cursor.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = %s::regrole AND setdatabase = 0",
            [roles.PUBLIC],
        )
        assert {f"{name}={value}" for name, value in roles.PUBLIC_SETTINGS.items()} <= {row[0] for row in cursor}


@pytest.mark.django_db(transaction=True)
def test_grant_roles_may_be_run_again_and_sets_passwords(settings: Any) -> None:
    settings.STAFF_DB_PASSWORD, settings.PUBLIC_DB_PASSWORD = "one of the tests", "another ' of the tests"
    out = StringIO()
    call_command("grant_roles", stdout=out)
    call_command("grant_roles", stdout=out)

    assert out.getvalue() == "Granted: portals_staff, portals_public.\n" * 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolpassword IS NOT NULL FROM pg_authid"
            " WHERE rolname IN (%s, %s) ORDER BY rolname",
            [roles.PUBLIC, roles.STAFF],
        )
        assert cursor.fetchall() == [(role, True, False, False, True) for role in (roles.PUBLIC, roles.STAFF)]


@pytest.mark.django_db
@pytest.mark.parametrize("power", ["SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS", "NOLOGIN"])
def test_power_over_the_server_is_taken_from_every_role(power: str) -> None:
    with connection.cursor() as cursor:
        for role in named_roles():
            cursor.execute(f"ALTER ROLE {role} {power}")
        roles.grant_roles()
        cursor.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
            " FROM pg_roles WHERE rolname = ANY(%s)",
            [[*named_roles()]],
        )
        assert {*cursor.fetchall()} == {(role, True, *[False] * 5) for role in named_roles()}


@pytest.mark.django_db
@pytest.mark.parametrize(("limit", "limit_after"), [(-1, roles.PUBLIC_CONNECTIONS), (7, 7)])
def test_an_owner_who_is_no_superuser_limits_the_public_role_as_far_as_it_may(limit: int, limit_after: int) -> None:
    """The server refuses it one of the settings, which must not undo the others; an administrator's limit stays."""
    with connection.cursor() as cursor:
        for statement in (
            f"ALTER ROLE {roles.PUBLIC} RESET ALL",
            f"ALTER ROLE {roles.PUBLIC} CONNECTION LIMIT {limit}",
            f"ALTER ROLE {roles.PUBLIC} SET work_mem = '1GB'",
            f"REVOKE {roles.PUBLIC} FROM {roles.STAFF}",
            "CREATE ROLE owner_for_a_test CREATEROLE",
            f"GRANT {roles.PUBLIC} TO owner_for_a_test WITH ADMIN OPTION",
            "SET LOCAL ROLE owner_for_a_test",
        ):
            cursor.execute(statement)
        roles._limit_outer_roles(cursor)
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT rolconnlimit, (SELECT setconfig FROM pg_db_role_setting WHERE setrole = pg_roles.oid),"
            " pg_has_role(%s, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s",
            [roles.STAFF, roles.PUBLIC],
        )
        settings = {f"{name}={value}" for name, value in roles.PUBLIC_SETTINGS.items()} - {"temp_file_limit=64MB"}
        row = cursor.fetchone()
        assert row
        assert (row[0], set(row[1]), row[2]) == (limit_after, settings, True)


def test_an_owner_without_power_over_roles_may_grant_to_those_that_exist(installation: Installation) -> None:
    """On a server prepared by deploy/postgresql/roles.sql the owner is no superuser and makes no roles."""
    with installation.connect() as admin:
        admin.execute("CREATE ROLE owner_for_a_test LOGIN")
        admin.execute(f"ALTER DATABASE {installation.database} OWNER TO owner_for_a_test")
        tables = admin.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " UNION ALL SELECT viewname FROM pg_views WHERE schemaname = 'public'"
        ).fetchall()
        functions = admin.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
        owned = [f"TABLE {table}" for [table] in tables] + [f"FUNCTION {function}" for [function] in functions]
        change = [sql.SQL(f"ALTER {thing} OWNER TO {{}}") for thing in owned]
        try:
            for statement in change:
                admin.execute(statement.format(sql.Identifier("owner_for_a_test")))
            said = installation.manage("grant_roles", role="owner_for_a_test")
            assert said == "Granted: portals_staff, portals_public.\n"
        finally:
            for statement in change:
                admin.execute(statement.format(sql.Identifier("postgres")))
            admin.execute(f"ALTER DATABASE {installation.database} OWNER TO postgres")
            admin.execute("DROP OWNED BY owner_for_a_test")
            admin.execute("DROP ROLE owner_for_a_test")
            installation.manage("grant_roles")
