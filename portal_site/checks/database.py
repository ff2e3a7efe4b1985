"""Checks of the database under this surface's own role: privileges, durability, what the server would log."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from portal_site.checks import server_settings
from portal_site.checks.public_role import public_role_problems
from portal_site.database import roles

PRIVILEGES = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")


@register(Tags.security, deploy=True)
def check_database(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    try:
        yield from connection_problems(connection)
    except DatabaseError as error:
        yield Error(
            f"The database does not answer: {str(error).splitlines()[0]}",
            hint="Check DATABASE_URL and that the server is running, then check again: no database check was made.",
            id="portal_site.E020",
        )


@register(Tags.database)
def check_advisory_locks(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Before every migration: a server without them is refused before it has a table."""
    return lock_problems(connection) if databases else []


def lock_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """On the staff surface, whose role alone may take advisory locks. Raises DatabaseError."""
    if not settings.STAFF:
        return []
    from audit import advisory_locks  # noqa: PLC0415 - not installed on the public surface

    if advisory_locks.do_advisory_locks_exclude(connection):
        return []
    hint = "Use PostgreSQL, without a pooler that shares sessions between transactions (docs/decisions/operations.md)."
    return [Error(advisory_locks.REFUSAL, hint=hint, id="portal_site.E110")]


def connection_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """Problems of this connection's role and server. Raises DatabaseError."""
    role = list(_role_problems(connection)) or public_role_problems(connection)
    return [
        *role,
        *server_settings.find_setting_problems(connection),
        *_tls_problems(connection),
        *lock_problems(connection),
    ]


def _role_problems(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """An attacker who runs code in this process can do everything that its role can do."""
    hint = "Connect as portals_public or portals_staff; manage.py grant_roles, run by the owner, makes both."
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT current_user, {', '.join(PRIVILEGES)} FROM pg_roles WHERE rolname = current_user"  # noqa: S608 - names of this module
        )
        role, *abilities = cursor.fetchone()
        # Also through membership: of a superuser, or of the roles that read or write everything and run programs.
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname <> current_user AND pg_has_role(oid, 'MEMBER')"
            " AND (rolsuper OR rolname LIKE 'pg\\_%') ORDER BY rolname"
        )
        memberships = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND"
            " pg_has_role(relowner, 'MEMBER')) OR EXISTS (SELECT FROM pg_database WHERE datname = current_database()"
            " AND pg_has_role(datdba, 'MEMBER'))"
        )
        (owns,) = cursor.fetchone()
    powers = [name.removeprefix("rol") for name, has in zip(PRIVILEGES, abilities, strict=True) if has]
    if powers or memberships:
        has = ", ".join([*powers, *memberships])
        yield Error(f"The database role {role} has more than it needs: {has}.", hint=hint, id="portal_site.E021")
    if owns:
        text = f"The database role {role} owns the tables: it could remove every rule and trigger."
        yield Error(text, hint=hint, id="portal_site.E022")
    if not (powers or memberships or owns) and (too_much := _beyond_grant(connection)):
        yield Error(
            f"The database role {role} may {', '.join(too_much)}.",
            hint="Each surface connects as its own role. As the owner: manage.py grant_roles; as the server's "
            "superuser, where the owner is none: deploy/postgresql/roles.sql",
            id="portal_site.E023",
        )


def _beyond_grant(connection: BaseDatabaseWrapper) -> list[str]:
    """Privileges of this role that its surface must not have, such as `SELECT reports_submission`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege || ' ' || relname, relname, privilege FROM pg_class,"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
            # A privilege on one column is enough, for the privileges that exist for columns.
            " AND CASE WHEN privilege IN ('DELETE', 'TRUNCATE') THEN has_table_privilege(pg_class.oid, privilege)"
            " ELSE has_any_column_privilege(pg_class.oid, privilege) END ORDER BY 1"
        )
        grants = cursor.fetchall()
        cursor.execute(
            "SELECT 'INSERT ' || relname || ' (' || attname || ')', relname, attname"
            " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace"
            " AND attnum > 0 AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'INSERT') ORDER BY 1"
        )
        columns = cursor.fetchall()
    if settings.SURFACE == "sources":
        # Functions alone.
        return [text for text, _table, _privilege in grants]
    if not settings.STAFF:
        allowed = {("INSERT", table) for table in roles.PUBLIC_INSERTS}
        allowed |= {("SELECT", table) for table in roles.PUBLIC_READS}
        beyond = [text for text, table, privilege in grants if (privilege, table) not in allowed]
        filled = [(text, column, roles.PUBLIC_INSERTS.get(table)) for text, table, column in columns]
        return beyond + [text for text, column, granted in filled if granted is not None and column not in granted]
    writable = {(privilege, table) for privilege in ("INSERT", "UPDATE", "DELETE") for table in roles.STAFF_READS_ONLY}
    return [text for text, table, privilege in grants if privilege == "TRUNCATE" or (privilege, table) in writable]


def _tls_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """Between two machines all data but the sealed text would be readable, and the server could be an impostor."""
    connection.ensure_connection()
    host = connection.connection.info.host
    if host.startswith("/") or host in ("", "localhost", "127.0.0.1", "::1"):
        return []
    # Only here: libpq looks up the name of the process's user to answer.
    mode = connection.connection.info.get_parameters().get("sslmode", "prefer")
    if connection.connection.pgconn.ssl_in_use and mode == "verify-full":
        return []
    return [
        Warning(
            f"The connection to the database on {host} does not use verified TLS.",
            hint="DATABASE_URL=...?sslmode=verify-full&sslrootcert=... Not needed on the inner network of one machine.",
            id="portal_site.W026",
        )
    ]
