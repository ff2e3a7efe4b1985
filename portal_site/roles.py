"""The two database roles the surfaces run under; the owner, who runs this, is for migrations only.

The public role can add a report or an answer to a notice, look one receipt or notice up by an id it already knows, and
ask whether a key it holds is open: what a stolen public server could do to the database is this list.
"""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from countries.table_marks import PUBLIC_STOPPED

STAFF = "portals_staff"
PUBLIC = "portals_public"

PUBLIC_INSERTS = ("reports_receipt", "reports_submission", "reports_noticeanswer")
PUBLIC_READS = (
    "countries_portal",
    "countries_portaltext",
    "countries_contact",
    "countries_partner",
    "countries_picture",
)
PUBLIC_CALLS = (
    "reports_look_up(uuid)",
    "reports_key_is_open(text)",
    "reports_look_up_notice(uuid, timestamptz)",
)
# Append-only by privilege as well as by trigger. Only the owner can TRUNCATE a table.
STAFF_APPENDS = ("audit_auditevent",)

# One row, true where the role may sign in and has no power over the server.
ATTRIBUTES = """
    SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
    FROM pg_roles WHERE rolname = %s
"""


@transaction.atomic
def grant_roles(*, staff_password: str = "", public_password: str = "") -> None:
    """Create missing roles and set their privileges to exactly those listed in this module. Safe to run again.

    A role without a password cannot sign in from outside (peer or trust rules of the server aside).
    """
    with connection.cursor() as cursor:
        for role, password in ((STAFF, staff_password), (PUBLIC, public_password)):
            cursor.execute(ATTRIBUTES, [role])
            # Correct roles are left alone: an owner who is no superuser may not even repeat their attributes.
            if (found := cursor.fetchone()) != (True,):
                verb = "ALTER" if found else "CREATE"
                login = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
                cursor.execute(sql.SQL(f"{verb} ROLE {{}} {login}").format(sql.Identifier(role)))
            if password:
                cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
            _revoke_everything(cursor, role)
        tables = sorted(_table_names() - set(STAFF_APPENDS))
        _grant_privileges(cursor, "SELECT, INSERT, UPDATE, DELETE", tables, STAFF)
        _grant_privileges(cursor, "SELECT, INSERT", STAFF_APPENDS, STAFF)
        cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(sql.Identifier(STAFF)))
        cursor.execute(sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}").format(sql.Identifier(STAFF)))
        _grant_privileges(cursor, "INSERT", PUBLIC_INSERTS, PUBLIC)
        _grant_privileges(cursor, "SELECT", PUBLIC_READS, PUBLIC)
        _keep_locks_for_staff(cursor)
        for function in PUBLIC_CALLS:
            cursor.execute(sql.SQL(f"GRANT EXECUTE ON FUNCTION {function} TO {{}}").format(sql.Identifier(PUBLIC)))
        if PUBLIC_STOPPED.read(connection) is not None:
            _revoke_everything(cursor, PUBLIC)


def stop_public_role() -> None:
    """Revoke every privilege of the public role; open connections lose them with their next statement.

    `grant_roles` restores them unless PUBLIC_STOPPED is set. Raises DatabaseError unless the owner runs it.
    """
    with connection.cursor() as cursor:
        _revoke_everything(cursor, PUBLIC)


def _table_names() -> set[str]:
    return set(connection.introspection.table_names())


def _revoke_everything(cursor: CursorWrapper, role: str) -> None:
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        cursor.execute(sql.SQL(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {{}}").format(sql.Identifier(role)))
    # PostgreSQL lets every role call a new function until that is revoked.
    cursor.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")


def _keep_locks_for_staff(cursor: CursorWrapper) -> None:
    """PostgreSQL lets every role take any advisory lock until that is revoked: an attacker on the public server could
    hold the lock that orders the audit log, and no action of staff would ever finish.

    Only a superuser can revoke it. Where the owner is none, deploy/postgresql/roles.sql does, and `check --deploy`
    reports servers where it was not run.
    """
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone() != (True,):
        return
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE 'pg\\_%%advisory%%' ORDER BY 1",
        [],
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        cursor.execute(sql.SQL(f"GRANT EXECUTE ON FUNCTION {function} TO {{}}").format(sql.Identifier(STAFF)))


def _grant_privileges(cursor: CursorWrapper, privileges: str, tables: Iterable[str], role: str) -> None:
    names = sql.SQL(", ").join(sql.Identifier(table) for table in tables)
    cursor.execute(sql.SQL(f"GRANT {privileges} ON {{}} TO {{}}").format(names, sql.Identifier(role)))
