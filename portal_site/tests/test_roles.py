"""The command that grants the database roles."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from portal_site.database import roles
from tests.rig.installation import Installation


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


def test_an_owner_without_power_over_roles_may_grant_to_those_that_exist(installation: Installation) -> None:
    """On a server prepared by deploy/postgresql/roles.sql the owner is no superuser and makes no roles."""
    with installation.connect() as admin:
        admin.execute("CREATE ROLE owner_for_a_test LOGIN")
        admin.execute(f"ALTER DATABASE {installation.database} OWNER TO owner_for_a_test")
        tables = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
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
