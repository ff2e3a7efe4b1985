"""Several compiled queries asked with one statement, ahead of the code that calls them.

    with asked_together([traces_of.call(incident.pk), checks_of.call(incident.pk)]):
        traces_of(incident.pk)  # no query

A page lists the calls that its sections are going to make. A call that was not listed, or has other arguments, asks the
database as always: a forgotten one costs a query, never a wrong result. Within the block each call has the same list,
also in blocks within it. Use it to build a page, not around code that changes the rows.

PostgreSQL returns each list as an array of records, in binary: only there has a record the types of its columns.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from django.db import connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from analysts.models.compiled_arguments import Scalar
from analysts.models.compiled_query import CompiledStatement, StatementCall
from analysts.models.known_statement import KnownStatement, Row, prepared_statements


class JsonTextLoader(Loader):
    """JSON as text, as Django's fields expect it. In binary, a version precedes it."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data[1:]).decode()


@contextmanager
def asked_together(calls: Sequence[StatementCall[Any]]) -> Iterator[None]:
    """Answer these calls within the block, with one statement for all."""
    different = {call.key: call for call in calls}.values()
    known = [(call, statement) for call in different if (statement := call.find_statement()) is not None]
    answers: dict[object, object] = {}
    if known:
        found = _fetch([(statement, call.values) for call, statement in known])
        answers = {call.key: result for (call, _), result in zip(known, found, strict=True)}
    token = CompiledStatement.answers.set({**CompiledStatement.answers.get(), **answers})
    try:
        yield
    finally:
        CompiledStatement.answers.reset(token)


def _fetch(asked: Sequence[tuple[KnownStatement[object], Sequence[Scalar]]]) -> list[object]:
    """The result of each statement with its values."""
    filled = [statement.fill(values, is_prepared=True) for statement, values in asked]
    # Whole rows: a name that no column has.
    parts = [f"ARRAY(SELECT whole_row FROM ({text}) AS whole_row)" for text, _ in filled]  # noqa: S608 - of querysets
    params = [param for _, given in filled for param in given]
    with connection.cursor() as cursor, prepared_statements():
        asked_for = cast("psycopg.Cursor[Any]", cursor.cursor)
        asked_for.format = Format.BINARY
        asked_for.adapters.register_loader("jsonb", JsonTextLoader)
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        [lists] = cast("list[tuple[list[Row], ...]]", cursor.fetchall())
    return [statement.written.read(rows) for (statement, _), rows in zip(asked, lists, strict=True)]
