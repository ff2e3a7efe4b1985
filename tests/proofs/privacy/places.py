"""Searches all places with data: the installation's folder byte for byte, and the database through SQL."""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from tests.proofs.privacy.search import Search
from tests.proofs.privacy.writes import FileState, FolderState

NAMES = "names of files"


# Nanoseconds: a file that changed again within one tick of the kernel's clock keeps its times.
TICK = 50_000_000


def look_at_folder(search: Search, folder: Path, *, earlier: FolderState | None = None) -> FolderState:
    """Every file below it, under any name, and the names themselves, links and extended attributes.

    Files whose state is the one of an `earlier` look are not read again. Returns the states for a later one.
    """
    names: list[bytes] = []
    states = {}
    began = time.time_ns()
    for path in _walk_folder(str(folder)):
        place = os.path.relpath(path, folder)
        names.append(os.fsencode(place))
        # PostgreSQL removes and renames files while we read.
        with suppress(FileNotFoundError):
            names += [os.fsencode(f"{name}: ") + value for name, value in _read_xattrs(path)]
            state = FileState.of(path)
            if stat.S_ISLNK(state.mode):
                names.append(os.fsencode(os.readlink(path)))
            elif stat.S_ISREG(state.mode) and (earlier is None or earlier.get(place) != state):
                search.look_at_file(Path(path), place)
            if max(state.modified, state.changed) < began - TICK:
                states[place] = state
    search.look(NAMES, b"\n".join(names))
    return states


def _walk_folder(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        yield from (f"{parent}/{name}" for name in (*sorted(folders), *sorted(files)))


def _read_xattrs(path: str) -> Iterator[tuple[str, bytes]]:
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(path, follow_symlinks=False):
            yield name, os.getxattr(path, name, follow_symlinks=False)


def look_at_database(search: Search, owner: psycopg.Connection) -> int:
    """Search every table of every schema, PostgreSQL's own too, and its statistics, as text; returns their number."""
    relations = owner.execute(
        """
        SELECT nspname, relname, relkind FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE (relkind IN ('r', 'm', 'S') AND nspname NOT LIKE 'pg\\_toast%')
           OR (relkind = 'v' AND nspname = 'pg_catalog' AND relname LIKE 'pg\\_stat%')
           OR relname = 'pg_stat_statements'
        ORDER BY nspname, relname
        """
    ).fetchall()
    for schema, name, kind in relations:
        rows = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(schema, name))
        with owner.cursor() as cursor, cursor.copy(rows) as copy:
            search.look(f"{'view' if kind == 'v' else 'table'} {schema}.{name}", b"".join(map(bytes, copy)))
    return len(relations)
