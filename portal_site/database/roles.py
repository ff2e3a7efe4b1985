"""The database roles the surfaces run under, and that of the machine’s readings; the owner, who runs this, is for
migrations only.

The public role can add a report or an answer to a notice, look one receipt or notice up by an id it already knows, and
ask whether a key it holds is open: what a stolen public server could do to the database is this list. That of sources
can add reports with a partner's key, and look one up by its reference; it reads and writes no table.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from countries.table_marks import PUBLIC_STOPPED

STAFF = "portals_staff"
PUBLIC = "portals_public"
# The surface of sources: adds what partners' systems send, by functions alone.
SOURCES = "portals_sources"
# The roles of surfaces that strangers reach: the server limits both alike.
OUTER = (PUBLIC, SOURCES)
# Root on the machine: adds readings of it, and can read nothing.
HOST = "portals_host"

# By table, the columns: the published outcome of a receipt and the mark of a reply that staff have seen are not among
# them. A trigger replaces the times by the database's own.
PUBLIC_INSERTS: dict[str, tuple[str, ...]] = {
    "reports_receipt": ("id", "changed_on", "mailbox_key"),
    "reports_submission": (
        *("id", "receipt_id", "kind", "portal_id", "language", "received_hour", "key_id", "digest", "sealed"),
        "message_id",
    ),
    "reports_noticeanswer": ("id", "link_id", "received_hour", "key_id", "digest", "sealed"),
}
# A view: all settings that administrators decide for staff; for the public role, those that public pages state.
VISIBLE_SETTINGS = "countries_visiblesetting"
PUBLIC_READS = (
    "countries_approvedtext",
    "countries_banner",
    "countries_portal",
    "countries_portaltext",
    "countries_textreview",
    "countries_contact",
    "countries_contacttext",
    "countries_helpservice",
    "countries_language",
    "countries_partner",
    "countries_partnertext",
    "countries_picture",
    VISIBLE_SETTINGS,
    # Whole rows: one is written only once it is public.
    "countries_publishedstatistics",
    "countries_withdrawnitem",
)
HOST_INSERTS = {"analysts_hostreading": ("kind", "name", "number", "total", "moment")}
PUBLIC_CALLS = (
    "reports_look_up(uuid)",
    "reports_asked_again(uuid)",
    "reports_key_is_open(text)",
    "reports_look_up_notice(uuid, timestamptz)",
)
SOURCES_CALLS = (
    "reports_key_is_open(text)",
    "reports_source_of(bytea)",
    "reports_source_state(bytea, bytea)",
    "reports_store_source_items(bytea, bytea, bytea, jsonb, int[], int[], uuid[], bytea[], text[], uuid[], text[],"
    " text[], bytea[], bytea[], bytea[], bytea[], int[])",
)
# Written by functions of the owner only: `audit_append` numbers, links and hashes each event.
STAFF_READS_ONLY = ("audit_auditevent",)

# Abilities that only a superuser can take from the public role; roles.sql runs the same file.
LIMITS_OF_SUPERUSER = Path(__file__).resolve().parents[2] / "deploy" / "postgresql" / "public-role.sql"
# The same where the owner is no superuser and may yet alter the role, as on a hosted server.
PUBLIC_CONNECTIONS = 60
PUBLIC_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "60s",
    "temp_file_limit": "64MB",
}

# One row, true where the role may sign in and has no power over the server.
ATTRIBUTES = """
    SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
    FROM pg_roles WHERE rolname = %s
"""


@transaction.atomic
def grant_roles(*, staff_password: str = "", public_password: str = "", sources_password: str = "") -> None:
    """Create missing roles and set their privileges to exactly those listed in this module. Safe to run again.

    A role without a password cannot sign in from outside (peer or trust rules of the server aside).
    """
    with connection.cursor() as cursor:
        passwords = {STAFF: staff_password, PUBLIC: public_password, SOURCES: sources_password, HOST: ""}
        for role, password in passwords.items():
            cursor.execute(ATTRIBUTES, [role])
            # Correct roles are left alone: an owner who is no superuser may not even repeat their attributes.
            if (ability := cursor.fetchone()) != (True,):
                verb = "ALTER" if ability else "CREATE"
                login = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
                cursor.execute(sql.SQL(f"{verb} ROLE {{}} {login}").format(sql.Identifier(role)))
            if password:
                cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
            _revoke_everything(cursor, role)
        tables = sorted({*connection.introspection.table_names()} - {*STAFF_READS_ONLY})
        _grant_privileges(cursor, "SELECT, INSERT, UPDATE, DELETE", tables, STAFF)
        _grant_privileges(cursor, "SELECT", (*STAFF_READS_ONLY, VISIBLE_SETTINGS), STAFF)
        cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(sql.Identifier(STAFF)))
        cursor.execute(sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}").format(sql.Identifier(STAFF)))
        for role, inserts in ((PUBLIC, PUBLIC_INSERTS), (HOST, HOST_INSERTS)):
            for table, columns in inserts.items():
                listed = sql.SQL(", ").join(map(sql.Identifier, columns)).as_string()
                _grant_privileges(cursor, f"INSERT ({listed})", [table], role)
        _grant_privileges(cursor, "SELECT", PUBLIC_READS, PUBLIC)
        _limit_outer_roles(cursor)
        for role, functions in ((PUBLIC, PUBLIC_CALLS), (SOURCES, SOURCES_CALLS)):
            for function in functions:
                cursor.execute(sql.SQL(f"GRANT EXECUTE ON FUNCTION {function} TO {{}}").format(sql.Identifier(role)))
        if PUBLIC_STOPPED.read(connection) is not None:
            stop_public_role()


def stop_public_role() -> None:
    """Revoke every privilege of the roles that strangers reach; open connections lose them with their next statement.

    `grant_roles` restores them unless PUBLIC_STOPPED is set. Raises DatabaseError unless the owner runs it.
    """
    with connection.cursor() as cursor:
        for role in OUTER:
            _revoke_everything(cursor, role)


def _revoke_everything(cursor: CursorWrapper, role: str) -> None:
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        cursor.execute(sql.SQL(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {{}}").format(sql.Identifier(role)))
    # PostgreSQL lets every role call a new function until that is revoked.
    cursor.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")


def _limit_outer_roles(cursor: CursorWrapper) -> None:
    """Take from the outer roles what PostgreSQL gives every role, as far as the owner's own rights allow.

    `check --deploy` reports what is left. Where the owner is no superuser, deploy/postgresql/roles.sql does the rest.
    """
    database = sql.Identifier(str(connection.get_connection_params()["dbname"]))
    cursor.execute(sql.SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
    cursor.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone() == (True,):
        cursor.execute(LIMITS_OF_SUPERUSER.read_text(encoding="utf-8"))
        return
    for role in OUTER:
        _limit_role(cursor, role)


def _limit_role(cursor: CursorWrapper, name: str) -> None:
    role = sql.Identifier(name)
    cursor.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = %s", [name])
    limit = sql.SQL("CONNECTION LIMIT {}").format(sql.Literal(PUBLIC_CONNECTIONS))
    alterations = [sql.SQL("RESET ALL"), *([limit] if cursor.fetchone() == (-1,) else [])]
    for name, value in PUBLIC_SETTINGS.items():
        alterations.append(sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    statements = [sql.SQL("ALTER ROLE {} {}").format(role, alteration) for alteration in alterations]
    statements.append(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(STAFF)))
    for statement in statements:
        # A savepoint for each: one that is refused, or unknown to this version, must not undo the others.
        with suppress(DatabaseError), transaction.atomic():
            cursor.execute(statement)


def _grant_privileges(cursor: CursorWrapper, privileges: str, tables: Iterable[str], role: str) -> None:
    names = sql.SQL(", ").join(sql.Identifier(table) for table in tables)
    cursor.execute(sql.SQL(f"GRANT {privileges} ON {{}} TO {{}}").format(names, sql.Identifier(role)))
