"""Objects open to the public role by the server's catalogues, and a call of every function that it may call."""

import re
from dataclasses import dataclass, field
from typing import cast

import psycopg
from psycopg import sql

from portal_site.database import roles
from tests.proofs.hostile_session import Attacker

# Functions with an effect, or with a result that changes, which every role may call: why they do not reach staff.
HARMLESS = {
    r"random(_normal)?|setseed|gen_random_uuid|uuidv[47]|clock_timestamp|timeofday|array_(shuffle|sample)": "chance",
    r"(set_config|current_query|pg_sleep.*|txid_status|pg_xact_status|pg_export_snapshot)": "its own session",
    r"(pg_stat_clear_snapshot|pg_stat_force_next_flush|currtid2)": "its own session",
    r"(query|cursor)_to_xml.*|ts_(stat|rewrite)": "queries with its own rights",
    r"(nextval|setval|currval|lastval|pg_sequence_last_value|pg_get_sequence_data)": "no sequence is granted",
    r"RI_FKey_.*|(unique_key_recheck|suppress_redundant_updates_trigger|tsvector_update_.*)": "runs as a trigger only",
    r".*handler|.*_validator|(amvalidate|bernoulli|system|dsnowball_.*)": "called by the server only",
    r"binary_upgrade_.*|pg_(nextoid|stop_making_pinned_objects|extension_config_dump)": "refused inside: upgrades only",
    r"pg_.*(replication|logical).*slot.*": "refused inside: needs REPLICATION",
    r"(brin|gin)_.*|pg_(clear|restore)_.*_stats|pg_import_system_collations": "refused inside: for the owner",
    r"pg_(is_in_recovery|is_wal_replay_paused|get_wal_.*|jit_available|prepared_xact)": "states of the server",
    r"pg_(partition_.*|.*collation_actual_version|get_loaded_modules|get_wait_events)": "names, none of them secret",
    r"pg_(blocking_pids|safe_snapshot_blocking_pids|isolation_test.*|get_multixact_members)": "numbers without names",
}
# A value of each kind of argument, as text that PostgreSQL converts.
SAMPLES = {
    "N": "1", "S": "analysts_incident", "B": "true", "D": "now", "T": "1 second", "I": "192.0.2.1", "G": "(1,1)",
    "A": "{}", "V": "1", "R": "empty", "E": "todo",
}  # fmt: skip
BY_TYPE = {
    "regclass": "analysts_incident", "oid": "1259", "json": "{}", "jsonb": "{}", "bytea": "x",
    "uuid": bytes(16).hex(), "name": "portals_staff", "char": "r", "pg_lsn": "0/1", "xid": "1", "xid8": "1",
    "box": "((0,0),(1,1))", "anyelement": "1", "anyarray": "{1}", "refcursor": "c", "xml": "<x/>", "tid": "(0,1)",
    "tsvector": "x", "tsquery": "x",
    "pg_snapshot": "1:1:", "txid_snapshot": "1:1:", "aclitem": "portals_staff=r/portals_owner", "money": "1",
}  # fmt: skip
UNCALLABLE = (
    *("internal", "trigger", "event_trigger", "language_handler", "fdw_handler", "index_am_handler", "cstring"),
    *("tsm_handler", "table_am_handler", "anyrange", "anymultirange", "anycompatible", "void", "any"),
)


@dataclass
class Found:
    """The functions listed and called; a surprise is a sentence."""

    listed: int = 0
    called: int = 0
    answered: int = 0
    surprises: list[str] = field(default_factory=list)


def examine_functions(attacker: Attacker, *, every: bool) -> Found:
    """List the functions that the role may execute, and call them: all, or those with an effect."""
    found = Found()
    rows = attacker.rows(
        "SELECT proname, oid::regprocedure::text, provolatile::text, pronamespace::regnamespace::text, prokind::text,"
        " prosecdef, ARRAY(SELECT format('%s:%s', typname, typcategory)"
        " FROM unnest(proargtypes) WITH ORDINALITY AS part (id, at) JOIN pg_type ON pg_type.oid = part.id ORDER BY at)"
        " FROM pg_proc WHERE has_function_privilege(oid, 'EXECUTE') ORDER BY 2"
    )
    called = {name.split("(")[0] for name in roles.PUBLIC_CALLS}
    for row in rows:
        name, signature, volatility, schema, kind = map(str, row[:5])
        is_definer, arguments = row[5] is True, cast(list[str], row[6])
        found.listed += 1
        has_effect = volatility == "v" or is_definer
        if schema == "public" and name not in called:
            found.surprises.append(f"may call {signature}")
        elif has_effect and schema != "public" and not any(re.fullmatch(pattern, name) for pattern in HARMLESS):
            found.surprises.append(f"may call {signature}, which is not explained")
        if kind == "f" and (every or has_effect):
            found.called += 1
            found.answered += _call_function(attacker, signature, arguments)
    return found


def _call_function(attacker: Attacker, signature: str, arguments: list[str]) -> bool:
    """Whether the call, committed, was answered without an error."""
    values = []
    for argument in arguments:
        typename, category = argument.rsplit(":", 1)
        if typename in UNCALLABLE:
            return False
        sample = BY_TYPE.get(typename, SAMPLES.get(category))
        kind = sql.SQL("text" if typename.startswith("any") else "{}").format(sql.Identifier(typename))
        values.append(sql.SQL("{}::{}").format(sql.Literal(sample), kind))
    call = sql.SQL("SELECT {}({})").format(sql.SQL(signature.split("(")[0]), sql.SQL(", ").join(values))
    return attacker.error_of(call, commit=True) is None


def examine_privileges(attacker: Attacker) -> list[str]:
    """Privileges by the catalogues that portal_site/database/roles.py does not list."""
    relations = attacker.rows(
        "SELECT relnamespace::regnamespace::text, relname, privilege, attname FROM pg_class"
        " JOIN pg_attribute ON attrelid = pg_class.oid AND NOT attisdropped,"
        " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege"
        " WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND (attnum > 0)"
        " AND has_column_privilege(pg_class.oid, attnum, privilege)"
    )
    whole = attacker.rows(
        "SELECT relnamespace::regnamespace::text, relname, privilege FROM pg_class,"
        " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS privilege"
        " WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege(pg_class.oid, privilege)"
        " UNION ALL SELECT relnamespace::regnamespace::text, relname, 'USAGE' FROM pg_class WHERE relkind = 'S'"
        " AND (has_sequence_privilege(oid, 'USAGE') OR has_sequence_privilege(oid, 'SELECT'))"
    )
    others = attacker.rows(
        "SELECT 'connect to ' || datname FROM pg_database WHERE datname <> current_database() AND datallowconn"
        " AND has_database_privilege(oid, 'CONNECT')"
        " UNION ALL SELECT 'create in or make temporary tables of ' || datname FROM pg_database"
        " WHERE has_database_privilege(oid, 'CREATE') OR (datallowconn AND has_database_privilege(oid, 'TEMP'))"
        " UNION ALL SELECT 'create in schema ' || nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')"
        " UNION ALL SELECT 'write code in ' || lanname FROM pg_language WHERE lanpltrusted"
        " AND has_language_privilege(oid, 'USAGE')"
        " UNION ALL SELECT 'create in tablespace ' || spcname FROM pg_tablespace"
        " WHERE has_tablespace_privilege(oid, 'CREATE')"
        " UNION ALL SELECT 'act as ' || rolname FROM pg_roles WHERE rolname <> current_user"
        " AND pg_has_role(oid, 'MEMBER')"
        " UNION ALL SELECT 'own ' || objid::text FROM pg_shdepend WHERE deptype = 'o'"
        " AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        " UNION ALL SELECT 'set ' || parname FROM pg_parameter_acl WHERE has_parameter_privilege(parname, 'SET')"
        " UNION ALL SELECT 'use server ' || srvname FROM pg_foreign_server WHERE has_server_privilege(oid, 'USAGE')"
    )
    found = [f"may {what}" for (what,) in others]
    for schema, table, privilege, column in (map(str, row) for row in relations):
        if schema in ("pg_catalog", "information_schema"):
            expected = privilege == "SELECT" or (table == "pg_settings" and privilege == "UPDATE")
        elif privilege == "SELECT":
            expected = table in roles.PUBLIC_READS
        else:
            expected = privilege == "INSERT" and column in roles.PUBLIC_INSERTS.get(table, ())
        if not expected:
            found.append(f"may {privilege} {schema}.{table}.{column}")
    found += [f"may {privilege} {each}" for schema, each, privilege in whole if each != "pg_settings"]
    return found


# Views of what other sessions and tables do. Views not named here show names, or the role's own session.
ACTIVITY = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'v'"
    " AND relname ~ '^pg_(stat|locks|prepared_xacts|file|hba|ident|shmem|backend|aios|replication|user_map)'"
    " AND relname !~ '^pg_(stats|stats_ext|statistic)' ORDER BY 1"
)


def examine_activity(attacker: Attacker) -> list[str]:
    """Views of activity that show rows."""
    found = []
    for (name,) in attacker.rows(ACTIVITY):
        # Whole rows, or their functions would not be called. Without rows, or the right to them, nothing is divided.
        view = sql.Identifier(str(name))
        one = sql.SQL("SELECT 1 / (0 * count({}::text)) FROM {} HAVING count(*) > 0").format(view, view)
        if isinstance(attacker.error_of(one), psycopg.errors.DivisionByZero):
            found.append(f"may read {name}")
    return found
