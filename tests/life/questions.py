"""The model's questions to the database after each step: queries of the ORM, each compiled only once.

Most of a step's time would go into compiling the same queries again. They are planned once as all statements of the
test process are (`tests.rig.kept_statements`). And what a step has not written need not be asked again: PostgreSQL
itself counts the rows that the transaction writes in each table, those of triggers among them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable

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
        rows = _execute(sql, params)
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
        written = dict(_execute(COUNT_WRITES))
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


def _execute(sql: str, params: tuple[Any, ...] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
