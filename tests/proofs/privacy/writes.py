"""Allow-lists of writes, which know no spelling: files below the installation's folder, objects of the database, the
columns that each process fills, audit events, jobs and names of connections. All else is a finding, sizes and times
included.

Columns are seen by triggers that this module adds to every table of the installation that is tried, and nowhere else.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from reports import sealing
from tests.proofs.privacy.allowed import (
    ALL,
    COLUMNS,
    EVENTS,
    GROWING,
    JOBS,
    NEW,
    NOTIFICATIONS,
    SESSIONS,
    STILL,
)
from tests.proofs.privacy.allowed_values import SHAPES
from tests.proofs.privacy.lines import read_odd_mails

# --- Files ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileState:
    """Kind and mode, size in bytes, times in nanoseconds. The size of a folder means nothing."""

    mode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: str) -> "FileState":
        """For a link its own. Raises FileNotFoundError."""
        state = os.lstat(path)
        size = 0 if stat.S_ISDIR(state.st_mode) else state.st_size
        return cls(state.st_mode, size, state.st_mtime_ns, state.st_ctime_ns)


type FolderState = Mapping[str, FileState]


def read_folder(folder: Path) -> FolderState:
    """The state of everything below `folder`, by its path in it."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            # PostgreSQL and the web server remove and rename files meanwhile.
            with suppress(FileNotFoundError):
                found[os.path.relpath(f"{parent}/{name}", folder)] = FileState.of(f"{parent}/{name}")
    return found


def compare_folders(before: FolderState, after: FolderState) -> list[str]:
    """Each file that appeared, disappeared or changed and is not on the list for that."""
    return sorted(
        fault for name in {*before, *after} for fault in _file_faults(name, before.get(name), after.get(name))
    )


def _file_faults(name: str, before: FileState | None, after: FileState | None) -> Iterator[str]:
    if before is None and not NEW.fullmatch(name):
        yield f"new: {name}"
    elif after is None and not NEW.fullmatch(name):
        yield f"removed: {name}"
    elif before and after and before != after and not GROWING.fullmatch(name):
        what = "times" if (before.mode, before.size) == (after.mode, after.size) else "changed"
        yield f"{what}: {name}"
    # A program that writes sets both times at once; only one that gives a file a time of its choice makes them differ.
    is_written = after and after != before and stat.S_ISREG(after.mode)
    if after and is_written and after.modified != after.changed and not STILL.fullmatch(name):
        yield f"a time of its own: {name}"


def without_names(finding: str) -> str:
    """A finding without the names of files and objects, which may be what was leaked."""
    kind, _, name = finding.partition(": ")
    if kind.startswith("an odd ") or kind in COLUMNS:
        return finding
    return f"{kind}: in {Path(name).parent}" if name else finding.split()[0]


# --- The database ---------------------------------------------------------------------------------

WATCH = """
CREATE SCHEMA watched;
CREATE TABLE watched.writes (process text, role text, relation text, act text, columns text[], detail text);
CREATE TABLE watched.sessions (process text, role text, UNIQUE (process, role));
CREATE TABLE watched.notifications (channel text, payload text);
-- The name of a job, and its arguments: a time is one at which a schedule starts jobs, today.
CREATE FUNCTION watched.describe_job(job jsonb) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT (job ->> 'task_name') || ' ' || CASE
        WHEN (job -> 'args') = '{"timestamp": 0}' THEN 'by hand'
        WHEN (job -> 'args') - 'timestamp' <> '{}' OR jsonb_typeof(job #> '{args,timestamp}') <> 'number'
            THEN 'with ' || (job ->> 'args')
        WHEN mod((job #>> '{args,timestamp}')::numeric, 10) = 0
            AND abs((job #>> '{args,timestamp}')::numeric - extract(epoch FROM now())) < 86400 THEN 'by the clock'
        ELSE 'at another time' END
    WHERE job <> 'null'
$$;
CREATE FUNCTION watched.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO watched.writes SELECT current_setting('application_name'), session_user, TG_TABLE_NAME, TG_OP,
        CASE TG_OP WHEN 'DELETE' THEN '{}' ELSE ARRAY(
            SELECT written.key FROM jsonb_each(to_jsonb(NEW)) AS written
            WHERE written.value IS DISTINCT FROM CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) -> written.key
                ELSE 'null'::jsonb END) END,
        CASE TG_TABLE_NAME WHEN 'audit_auditevent' THEN to_jsonb(NEW) ->> 'action'
            WHEN 'procrastinate_jobs' THEN watched.describe_job(to_jsonb(NEW)) END;
    RETURN NULL;
END $$;
"""
# Objects that a role could make beside rows. Numbers of objects and of files change with every vacuum and are left out.
OBJECTS = """
SELECT 'relation ' || nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname NOT LIKE 'pg\\_toast%' AND nspname <> 'watched'
UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc
UNION ALL SELECT 'large object ' || oid FROM pg_largeobject_metadata
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_t%temp%'
UNION ALL SELECT 'role ' || rolname || ' ' || rolconnlimit || ' ' || coalesce(rolvaliduntil::text, '') FROM pg_roles
UNION ALL SELECT 'setting ' || setdatabase || ' ' || setrole || ' ' || cardinality(setconfig) FROM pg_db_role_setting
UNION ALL SELECT 'comment ' || classoid || ' ' || objoid || ' ' || objsubid FROM pg_description
UNION ALL SELECT 'comment ' || classoid || ' ' || objoid FROM pg_shdescription
UNION ALL SELECT 'label ' || classoid || ' ' || objoid FROM pg_seclabel
UNION ALL SELECT 'prepared ' || gid FROM pg_prepared_xacts
"""


def watch_tables(owner: psycopg.Connection) -> None:
    """From now on note each written row: by whom, and which of its columns got a value."""
    owner.execute(WATCH)
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename").fetchall()
    for (table,) in tables:
        trigger = (
            "CREATE TRIGGER watched AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION watched.note()"
        )
        owner.execute(sql.SQL(trigger).format(sql.Identifier("public", table)))


def note_sessions(owner: psycopg.Connection) -> None:
    """Note the names of all connections of now, also of those that write nothing."""
    owner.execute(
        """
        INSERT INTO watched.sessions SELECT DISTINCT application_name, usename FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND usename <> 'postgres' ON CONFLICT DO NOTHING
        """
    )


def read_objects(owner: psycopg.Connection) -> frozenset[str]:
    return frozenset(row[0] for row in owner.execute(OBJECTS))


def read_writes(owner: psycopg.Connection) -> Iterator[tuple[str, str, str, str]]:
    """(process, table, act, column) of everything written so far, but by the proof itself."""
    yield from owner.execute(
        """
        SELECT DISTINCT CASE role WHEN 'portals_public' THEN 'public' WHEN 'portals_sources' THEN 'sources'
                ELSE process END, relation, act,
            coalesce(written, '')
        FROM watched.writes LEFT JOIN unnest(columns) AS written ON true WHERE role <> 'postgres' ORDER BY 1, 2, 3, 4
        """
    )


def find_unlisted_columns(owner: psycopg.Connection) -> list[str]:
    """Columns that a process wrote, or rows that it deleted, and may not."""
    found = []
    for process, table, act, column in read_writes(owner):
        allowed = COLUMNS.get(process, {}).get(table, {}).get(act, ())
        # An update that changed nothing, or a row that was deleted, has no column.
        is_listed = act in COLUMNS.get(process, {}).get(table, {})
        if not is_listed or (column and allowed != ALL and column not in allowed):
            found.append(f"{process}: {act} {table} {column}".rstrip())
    return found


def find_odd_details(owner: psycopg.Connection) -> list[str]:
    """Events, jobs, connections and notifications that no list allows; none is named, for it may be what was leaked."""
    note_sessions(owner)
    details = owner.execute(
        """
        SELECT DISTINCT process, role, relation, coalesce(detail, '') FROM watched.writes WHERE role <> 'postgres'
        UNION SELECT process, role, '', '' FROM watched.sessions
        """
    ).fetchall()
    found = set()
    for process, role, relation, detail in details:
        if process not in SESSIONS.get(role, ()):
            found.add(f"an odd connection: {role}")
        elif relation == "audit_auditevent" and process in EVENTS and detail not in EVENTS[process]:
            found.add(f"an odd event: {process}")
        elif relation == "procrastinate_jobs" and detail and not any(re.fullmatch(each, detail) for each in JOBS):
            found.add(f"an odd job: {process}")
    for notification in owner.execute("SELECT channel || ' ' || payload FROM watched.notifications").fetchall():
        if not any(re.fullmatch(each, notification[0]) for each in NOTIFICATIONS):
            found.add("an odd notification")
    return sorted(found)


def find_shared_digests(owner: psycopg.Connection) -> list[str]:
    """Digests under a receipt's own key differ, though reporters typed the same."""
    shared = (
        "SELECT FROM reports_submission GROUP BY digest HAVING count(DISTINCT receipt_id) > 1 AND digest IS NOT NULL"
    )
    return ["an odd value: reports_submission digest"] if owner.execute(shared).fetchall() else []


def find_odd_values(owner: psycopg.Connection) -> list[str]:
    """Columns of the public surface with a value that has a size, or says something, that no such value can."""
    overhead = len(seal_nothing()) - sealing.SMALLEST_CLASS
    sizes = ", ".join(str(overhead + 2**power) for power in range(10, 20))
    found = []
    for table, columns in SHAPES.items():
        for column, shape in columns.items():
            holds = shape.format(f'"{column}"', sizes=sizes)
            odd = f'SELECT count(*) FROM "{table}" WHERE NOT ({holds})'
            [(count,)] = owner.execute(odd.encode()).fetchall()
            if count:
                found.append(f"an odd value: {table} {column}")
    return found


def seal_nothing() -> bytes:
    key = sealing.generate_key("shape of a sealed text")
    return sealing.seal_json({}, to=key.public(), info=b"")


@dataclass(frozen=True, slots=True)
class WrittenState:
    """The state that the lists are about, at one moment."""

    files: FolderState
    objects: frozenset[str]
    columns: Sequence[str]

    def compare(self, after: "WrittenState") -> list[str]:
        """Findings since this moment."""
        made = sorted(after.objects ^ self.objects)
        return [*compare_folders(self.files, after.files), *made, *after.columns]


def read_state(folder: Path, owner: psycopg.Connection) -> WrittenState:
    columns = [*find_unlisted_columns(owner), *find_odd_values(owner), *find_odd_details(owner)]
    columns += [*find_shared_digests(owner), *read_odd_mails(folder)]
    return WrittenState(read_folder(folder), read_objects(owner), columns)
