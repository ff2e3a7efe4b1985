"""Check of the limits on the public surface's database role: what an attacker could do to the server with it."""

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.backends.base.base import BaseDatabaseWrapper

from portal_site.checks.server_settings import is_checked
from portal_site.database import roles

# Functions that every role may call until a superuser revokes it, by the ability that they give.
FUNCTIONS = {
    "take advisory locks": r"^pg_(try_)?advisory_",
    "create large objects": r"^lo_|^(loread|lowrite)$",
    "write to the write-ahead log": r"^pg_logical_emit_message$",
    "end sessions of other public servers": r"^pg_(cancel|terminate)_backend$",
    "read how large tables are": r"_size$",
    "read how much staff do": r"^pg_stat_get_|^pg_control_|^pg_current_wal_",
}
CALLABLE = """
SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ %s
    AND proname NOT IN ('pg_column_size', 'pg_stat_get_backend_idset') AND proname !~ '^(pg_size|brin|gin)'
    AND has_function_privilege(oid, 'EXECUTE'))
"""
HINT = (
    "As the owner: manage.py grant_roles; as the server's superuser, where the owner is none: "
    "deploy/postgresql/roles.sql"
)


def public_role_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """The public role's permissions, on its surface; on the staff surface, whether staff can end its sessions."""
    if settings.STAFF:
        return _staff_problems(connection)
    problems = [*_abilities(connection), *_missing_limits(connection)]
    if not problems:
        return []
    may = ", ".join(problems)
    return [Error(f"The public surface's database role may {may}.", hint=HINT, id="portal_site.E027")]


def _abilities(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        problems = []
        for ability, pattern in FUNCTIONS.items():
            cursor.execute(CALLABLE, [pattern])
            problems += [ability] if cursor.fetchone() == (True,) else []
        cursor.execute(
            "SELECT has_database_privilege(current_database(), 'TEMP'), has_database_privilege(current_database(),"
            " 'CREATE') OR has_schema_privilege('public', 'CREATE'), has_language_privilege('plpgsql', 'USAGE')"
        )
        abilities = ("create temporary tables", "create tables", "run code in plpgsql")
        problems += [ability for ability, has in zip(abilities, cursor.fetchone(), strict=True) if has]
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datallowconn AND datname <> current_database()"
            " AND has_database_privilege(oid, 'CONNECT') ORDER BY datname"
        )
        problems += [f"connect to the database {name}" for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'portals_guard'"
            " AND evtevent = 'ddl_command_start' AND evtenabled <> 'D')"
        )
        problems += ["queue for a lock on any table (event trigger)"] if cursor.fetchone() == (True,) else []
        cursor.execute("SELECT current_setting('max_prepared_transactions')::int > 0")
        problems += ["prepare transactions (max_prepared_transactions)"] if cursor.fetchone() == (True,) else []
    return problems


def _missing_limits(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user")
        limits = ["open any number of connections"] if cursor.fetchone() == (-1,) else []
        cursor.execute(
            "SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)"
            " FROM pg_db_role_setting, unnest(setconfig) AS setting"
            " WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        )
        values = dict(cursor.fetchall())
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s)", [list(roles.PUBLIC_SETTINGS)])
        names = {name for (name,) in cursor.fetchall()}
    for name, value in roles.PUBLIC_SETTINGS.items():
        if name in names and values.get(name) != value:
            limits.append(f"run without {name} = '{value}'")
    # An attacker with the role can set these, and they would outlive a replacement of the server.
    others = {name for name in values.keys() - roles.PUBLIC_SETTINGS.keys() if not is_checked(name)}
    return limits + [f"keep a setting of its own ({name})" for name in sorted(others)]


def _staff_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT pg_has_role(oid, 'USAGE') ORDER BY rolname",
            [list(roles.OUTER)],
        )
        # A role is missing where its surface has another one: nothing to end.
        names = [name for (name,) in cursor.fetchall()]
    return [
        Error(
            f"The staff's database role cannot end transactions of {name}: one that stays open holds up the"
            " destruction of keys.",
            hint=HINT,
            id="portal_site.E028",
        )
        for name in names
    ]
