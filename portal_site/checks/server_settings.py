"""The settings of the database server that `check --deploy` refuses, as the server that answers has them.

The server names its own settings: one of a later PostgreSQL that writes to the log is refused while it is on, before
this module knows it.
"""

import re
from collections.abc import Callable, Iterator

from django.core.checks import CheckMessage, Error
from django.db.backends.base.base import BaseDatabaseWrapper

Accepts = Callable[[str], bool]


def one_of(*values: str) -> Accepts:
    return values.__contains__


def contains_none_of(*parts: str) -> Accepts:
    return lambda value: not any(part in value for part in parts)


def has_only_escapes(letters: str) -> Accepts:
    """Accepts a log prefix whose escapes, padded (`%-5p`) or not, are among these."""
    return lambda value: set(re.findall(r"%-?\d*(.)", value)) <= {*letters}


# Accepted values of each setting, as `SHOW` prints them.
DURABLE: dict[str, Accepts] = {
    "fsync": one_of("on"),
    "full_page_writes": one_of("on"),
    # `local` and `remote_write` are stored here, but may be lost with this server.
    "synchronous_commit": one_of("on", "remote_apply"),
}
# Any role that reads a row would read the microsecond at which it was stored.
WITHOUT_MOMENTS: dict[str, Accepts] = {"track_commit_timestamp": one_of("off")}
# Settings that log statements, the values in them or beside them, moments, or who connected.
SILENT: dict[str, Accepts] = {
    "log_statement": one_of("none"),
    "log_min_error_statement": one_of("panic"),
    "log_parameter_max_length": one_of("0"),
    "log_parameter_max_length_on_error": one_of("0"),
    "log_min_duration_statement": one_of("-1"),
    "log_min_duration_sample": one_of("-1"),
    "log_transaction_sample_rate": one_of("0"),
    "log_min_messages": contains_none_of("debug"),
    "debug_print_parse": one_of("off"),
    "debug_print_rewritten": one_of("off"),
    "debug_print_plan": one_of("off"),
    # Values of unique columns, in the detail of an error.
    "log_error_verbosity": one_of("terse"),
    # A list since PostgreSQL 18, a switch before.
    "log_connections": one_of("", "off"),
    # The moment at which a table was cleaned, or the server sorted on disk.
    "log_autovacuum_min_duration": one_of("-1"),
    "log_temp_files": one_of("-1"),
    # No time (%m, %n, %t, %s, %c), address (%h, %r), number of a transaction, which is in its rows (%x, %v), or name
    # that the client chooses (%a).
    "log_line_prefix": has_only_escapes("%Pbdeilpqu"),
    # Their columns are fixed, and the address of each connection is one.
    "log_destination": contains_none_of("csvlog", "jsonlog"),
    # Extensions that keep statements; unknown to the server where they are not loaded. `track_activities` is not
    # checked: it shows statements without values, from memory, only to superusers and the session's own role.
    "auto_explain.log_min_duration": one_of("-1"),
    "pg_stat_statements.track": one_of("none"),
    "pgaudit.log": one_of("none", ""),
}
CHECKED = frozenset({*DURABLE, *WITHOUT_MOMENTS, *SILENT})
# Settings whose names say that they log, each with the reason why any value of it is accepted.
LEFT_OUT = {
    "log_directory": "where the log is, not what is in it",
    "log_file_mode": "who may read the log: the machine's affair",
    "log_filename": "names a file by the hour of its beginning",
    "log_rotation_age": "when a file begins",
    "log_rotation_size": "when a file begins",
    "log_truncate_on_rotation": "what becomes of an old file",
    "log_timezone": "the zone of times that no line has",
    "log_startup_progress_interval": "only while the server starts, before it accepts connections",
    "log_statement_sample_rate": "a share of log_min_duration_sample, which is refused",
}
# All settings that log, of this and later versions. Placeholders of extensions are in no view: they are asked by name.
LOGGING = r"^(log|trace)_"


def is_checked(name: str) -> bool:
    """Whether the values of this setting are judged here."""
    return name in CHECKED or (re.match(LOGGING, name) is not None and name not in LEFT_OUT)


def find_setting_problems(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Settings of the server, of its database and of this role that are refused. Raises DatabaseError."""
    with connection.cursor() as cursor:
        # `true`: NULL for settings unknown to the server. Includes settings of this role and database.
        cursor.execute("SELECT name, current_setting(name, true) FROM unnest(%s::text[]) AS name", [sorted(CHECKED)])
        values = {name: value for name, value in cursor.fetchall() if value is not None}
        cursor.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name ~ %s AND name <> ALL(%s)"
            " AND CASE vartype WHEN 'bool' THEN setting = 'on' ELSE setting IS DISTINCT FROM boot_val END",
            [LOGGING, [*CHECKED, *LEFT_OUT]],
        )
        others = cursor.fetchall()
    wrong = {name: values[name] for name, accepts in SILENT.items() if name in values and not accepts(values[name])}
    for name, value in sorted([*wrong.items(), *others]):
        yield _error(name, value, "the server's log may hold what was sent, when, or by whom", "portal_site.E025")
    for accepted, why, id in (
        (DURABLE, "what was acknowledged may be lost", "portal_site.E024"),
        (WITHOUT_MOMENTS, "each role that reads a row can read when it was stored", "portal_site.E029"),
    ):
        for name, accepts in accepted.items():
            if name in values and not accepts(values[name]):
                yield _error(name, values[name], why, id)


def _error(name: str, value: str, why: str, id: str) -> CheckMessage:
    hint = "Use the project's server settings, and reset any ALTER SYSTEM, ALTER ROLE or ALTER DATABASE."
    return Error(f"PostgreSQL has {name} = '{value}': {why}.", hint=hint, id=id)
