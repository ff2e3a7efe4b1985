"""What the model asks the database after each step: queries of the ORM, each compiled and planned only once.

Most of a step's time would go into compiling the same queries again. And what a step has not written need not be asked
again: PostgreSQL itself counts the rows that the transaction writes in each table, those of triggers among them.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable
from psycopg import ClientCursor

from analysts.takedown.next_steps.facts import IncidentFacts, load_facts

QUESTIONS: list["ModelQuestion[Any]"] = []
COUNT_WRITES = """\
SELECT name, written FROM (
    SELECT relname AS name, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid) AS written
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
) AS counted WHERE written > 0"""


class ModelQuestion[Row]:
    """A query without parameters; `build` returns it as `values_list`, whose columns need no conversion by a field.

    `is_timed`: its answer also changes with the time.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]], *, is_timed: bool = False) -> None:
        self.build, self.is_timed = build, is_timed
        self._prepared_on: object = None
        QUESTIONS.append(self)

    @cached_property
    def _name(self) -> str:
        return f"life_{QUESTIONS.index(self)}"

    @cached_property
    def _compiled(self) -> tuple[str, tuple[Any, ...], bool]:
        rows = self.build()
        sql, params = rows.query.sql_with_params()
        return sql, params, rows._iterable_class is FlatValuesListIterable

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that it reads."""
        known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        return frozenset(known.intersection(re.findall(r'"(\w+)"', self._compiled[0])))

    def fetch(self) -> list[Row]:
        sql, params, is_flat = self._compiled
        rows = _execute(self, self._name, sql, params)
        return [row[0] for row in rows] if is_flat else rows

    def __repr__(self) -> str:
        return self._compiled[0]


@dataclass(slots=True)
class KeptAnswers:
    """The answers of one example, each as long as no table that its question reads was written."""

    known: dict[ModelQuestion[Any], list[Any]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

    def ask[Row](self, question: ModelQuestion[Row]) -> list[Row]:
        if question not in self.known:
            self.known[question] = question.fetch()
        return self.known[question]

    def forget_what_changed(self) -> None:
        written = dict(_WRITES.fetch())
        changed = {table for table, number in written.items() if self.written.get(table) != number}
        self.written = written
        if changed:
            self.known = {question: rows for question, rows in self.known.items() if not question.tables & changed}

    def forget_times(self) -> None:
        self.known = {question: rows for question, rows in self.known.items() if not question.is_timed}

    def compare(self) -> None:
        """The answers that are kept are those that would be given now."""
        for question, rows in self.known.items():
            assert sorted(map(repr, question.fetch())) == sorted(map(repr, rows)), question


class _WriteCounts:
    """Not a query of the ORM, but prepared like one."""

    _prepared_on: object = None

    def fetch(self) -> list[Any]:
        return _execute(self, "life_writes", COUNT_WRITES, ())


_WRITES = _WriteCounts()


def _execute(prepared: Any, name: str, sql: str, params: tuple[Any, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        if prepared._prepared_on is not connection.connection:
            cursor.execute(f"PREPARE {name} AS {ClientCursor(connection.connection).mogrify(sql, params or None)}")
            prepared._prepared_on = connection.connection
        cursor.execute(f"EXECUTE {name}")
        return list(cursor.fetchall())


class PreparedFacts:
    """`load_facts`, with the product's own statement: it is asked in most steps, and takes long to plan.

    Prepared before any step, so that each step has the same statements in any run.
    """

    _prepared_on: ClassVar[object] = None

    def __init__(self) -> None:
        if self._prepared_on is connection.connection:
            return
        PreparedFacts._prepared_on = connection.connection
        with connection.execute_wrapper(self._prepare):
            load_facts([uuid4()])

    def __call__(self, incidents: Collection[UUID]) -> list[IncidentFacts]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXECUTE life_facts ({_quote(incidents)})")
            return [IncidentFacts(**dict(zip(FACTS, row, strict=True))) for row in cursor.fetchall()]

    def compare(self, incidents: Iterable[UUID]) -> None:
        incidents = list(incidents)
        assert self(incidents) == load_facts(incidents)

    def _prepare(self, execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        [ids] = [each for each in params if isinstance(each, list)]
        statement = ClientCursor(connection.connection).mogrify(sql, params)
        execute(f"PREPARE life_facts (uuid[]) AS {statement.replace(_quote(ids), '$1')}", None, *rest)
        return execute(sql, params, *rest)


FACTS = [each.name for each in fields(IncidentFacts)]


def _quote(incidents: Collection[UUID]) -> str:
    return f"'{{{','.join(pk.hex for pk in incidents)}}}'::uuid[]"
