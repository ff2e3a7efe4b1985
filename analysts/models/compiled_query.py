"""Querysets whose SQL text is written once; every later call only fills in values.

Django's ORM takes longer to write a statement than PostgreSQL to answer it, and a staff page asks a dozen of them.
Use it where that was measured, not by default.

    @CompiledQuery
    def claims_of(user: User, now: datetime) -> QuerySet[Incident]:
        return Incident.objects.claimed_by(user, now=now).order_by("claimed_until")[:10]

    claims_of(request.user, now)  # list[Incident]

The function runs twice for each shape of its arguments, with stand-ins for their values, and never again: it must
depend on its arguments alone, and not on their values. All that differs between the two texts has to be a stand-in, or
a moment or day at a fixed distance from one; anything else raises `NotCompilable` at the first call.

Arguments are numbers, texts, ids, moments, days, bytes, lists of these, `Many` ids, and users, of whom only the id, the
role and the portals may be read. None, truth values, members of enumerations and what is `Fixed` are part of the shape.
Settings are not noticed: pass those that the statement depends on.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from analysts.models.compiled_arguments import (
    NotCompilable,
    Scalar,
    StandIns,
    find_slot,
    take_apart,
    unwrap_param,
)
from analysts.models.known_statement import KnownStatement, Row, WrittenSql


@dataclass(frozen=True, slots=True)
class StatementCall[Result]:
    """A call of a compiled statement that was not made yet."""

    of: "CompiledStatement[..., Result]"
    args: Sequence[object]
    kwargs: Mapping[str, object]
    shape: Hashable
    values: Sequence[Scalar]

    @property
    def key(self) -> Hashable:
        return self.of, self.shape, tuple(tuple(value) if isinstance(value, list) else value for value in self.values)

    def find_statement(self) -> KnownStatement[Result] | None:
        """The statement, written the first time; None where the result is always empty."""
        return self.of.find_statement(self)


class CompiledStatement[**P, Result]:
    """`write` writes the statement for stand-ins of the arguments; None where its result is always `empty`."""

    # Whether one plan is right for all values but portals.
    is_prepared: ClassVar[bool] = False
    # Whether it only counts rows up to a bound.
    is_bounded: ClassVar[bool] = False
    # Results of calls by their keys, while `compiled_together.asked_together` lasts.
    answers: ClassVar[ContextVar[Mapping[Hashable, object]]] = ContextVar("answers", default=MappingProxyType({}))

    def __init__(self, write: Callable[P, WrittenSql[Result] | None], empty: Callable[[], Result]) -> None:
        self._write = write
        self._empty = empty
        self._known: dict[Hashable, KnownStatement[Result] | None] = {}

    def call(self, *args: P.args, **kwargs: P.kwargs) -> StatementCall[Result]:
        """The call with these arguments, to be made together with others."""
        values: list[Scalar] = []
        shape = tuple([take_apart(value, values) for value in (*args, *kwargs.values())])
        return StatementCall(self, args, kwargs, (shape, *kwargs), values)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Result:
        call = self.call(*args, **kwargs)
        if (answers := self.answers.get()) and call.key in answers:
            return cast("Result", answers[call.key])
        statement = self.find_statement(call)
        return self._empty() if statement is None else statement.fetch(call.values)

    def find_statement(self, call: StatementCall[Result]) -> KnownStatement[Result] | None:
        if call.shape not in self._known:
            shape, *_names = cast("tuple[Sequence[Hashable], ...]", call.shape)
            self._known[call.shape] = self._compile(shape, call.args, call.kwargs)
        return self._known[call.shape]

    def _compile(
        self, shape: Sequence[Hashable], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> KnownStatement[Result] | None:
        texts, stand_ins = [], []
        for turn in (0, 1):
            made = StandIns(turn)
            found = [made.stand_in(*each) for each in zip((*args, *kwargs.values()), shape, strict=True)]
            # The stand-ins have the types of the arguments.
            write = cast("Callable[..., WrittenSql[Result] | None]", self._write)
            texts.append(write(*found[: len(args)], **dict(zip(kwargs, found[len(args) :], strict=True))))
            stand_ins.append(made.scalars)
        first, second = texts
        if first is None or second is None:
            return None
        if first.sql != second.sql or len(first.params) != len(second.params):
            raise NotCompilable(first.sql)
        pairs = enumerate(zip(first.params, second.params, strict=True))
        slots = [
            find_slot(position, pair, (stand_ins[0], stand_ins[1]))
            for position, pair in pairs
            if unwrap_param(pair[0]) != unwrap_param(pair[1])
        ]
        return KnownStatement(first, slots, self.is_prepared, self.is_bounded)


class PreparedStatement[**P, Result](CompiledStatement[P, Result]):
    """One that PostgreSQL plans once a connection and set of portals: to plan it takes longer than to run it."""

    is_prepared = True


class CompiledQuery[**P, Result](CompiledStatement[P, list[Result]]):
    """A queryset of instances, or of `values_list`, as a list of its rows."""

    def __init__(self, build: Callable[P, QuerySet[Model, Result]]) -> None:
        # The queryset itself.
        self.build = build

        def write(*args: P.args, **kwargs: P.kwargs) -> WrittenSql[list[Result]] | None:
            return write_rows(build(*args, **kwargs))

        super().__init__(write, list)


class PreparedQuery[**P, Result](CompiledQuery[P, Result]):
    """A queryset that PostgreSQL plans once, as `PreparedStatement`."""

    is_prepared = True


class BoundedQuery[**P, Result](PreparedQuery[P, Result]):
    """One whose parts all end at a number of rows: to read the first ones by an index is right for all values."""

    is_bounded = True


class PreparedUpdate[**P](PreparedStatement[P, int]):
    """Changes rows that PostgreSQL finds by one plan: the queryset and its changes, as `update` takes them.

    Its result is the number of rows that were changed.
    """

    def __init__(self, build: Callable[P, tuple[QuerySet[Model], Mapping[str, object]]]) -> None:
        def write(*args: P.args, **kwargs: P.kwargs) -> WrittenSql[int]:
            return write_update(*build(*args, **kwargs))

        super().__init__(write, int)


class CompiledCounts[**P](CompiledStatement[P, dict[str, int]]):
    """The numbers of rows of several querysets, by name, with one statement."""

    def __init__(self, build: Callable[P, Mapping[str, QuerySet[Model, object]]]) -> None:
        def write(*args: P.args, **kwargs: P.kwargs) -> WrittenSql[dict[str, int]] | None:
            named = build(*args, **kwargs)
            if not named:
                return None
            sql, params = write_counts(named)
            names = list(named)
            return WrittenSql(
                sql, params, lambda found: dict(zip(names, cast("tuple[int, ...]", found[0]), strict=True))
            )

        super().__init__(write, dict)


class PreparedCounts[**P](CompiledCounts[P]):
    """Numbers of rows, each up to a bound, that PostgreSQL plans once, as `PreparedStatement`."""

    is_prepared = True
    is_bounded = True


# --- Statements -----------------------------------------------------------------------------------


def write_rows[Result](rows: QuerySet[Model, Result]) -> WrittenSql[list[Result]] | None:
    """The statement of the queryset, and what Django does to make its results; None if it is known to be empty."""
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    columns = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    converters = [(at, found, of) for at, (found, of) in compiler.get_converters(columns).items()]

    def convert(found: list[Row]) -> list[Row]:
        if not converters:
            return found
        changed = [list(row) for row in found]
        for row in changed:
            for at, functions, expression in converters:
                for function in functions:
                    row[at] = function(row[at], expression, connection)
        return [tuple(row) for row in changed]

    make = _maker_of(rows, compiler)
    return WrittenSql(sql, list(params), lambda found: [make(row) for row in convert(found)])


def _maker_of[Result](rows: QuerySet[Model, Result], compiler: SQLCompiler) -> Callable[[Row], Result]:
    """Makes a result from a row, as the queryset's own iterable does."""
    iterable = rows._iterable_class
    if iterable is FlatValuesListIterable:
        return lambda row: cast(Result, row[0])
    if iterable is ValuesListIterable:
        return lambda row: cast(Result, row)
    # Attributes that the stubs do not know.
    prefetched, fetch_mode = getattr(rows, "_prefetch_related_lookups"), getattr(rows, "_fetch_mode")  # noqa: B009 - as said
    if iterable is not ModelIterable or prefetched or compiler.klass_info is None:
        raise NotCompilable("Only instances and lists of values are made.")
    info, select = compiler.klass_info, compiler.select
    begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [expression.target.attname for expression, *_ in select[begin:end]]
    model: type[Model] = info["model"]
    related = get_related_populators(info, select, DEFAULT_DB_ALIAS, fetch_mode)
    annotations = list((compiler.annotation_col_map or {}).items())

    def make(row: Row) -> Result:
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
        for populator in related:
            populator.populate(row, made)
        for name, at in annotations:
            setattr(made, name, row[at])
        return cast(Result, made)

    return make


def write_update(rows: QuerySet[Model], changes: Mapping[str, object]) -> WrittenSql[int]:
    """The statement that changes the rows. It returns something for each, as all statements here are read."""
    query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
    query.add_update_values(dict(changes))
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return WrittenSql(f"{sql} RETURNING 1", list(params), len)


def write_counts(named: Mapping[str, QuerySet[Model, object]]) -> tuple[str, list[object]]:
    """One row with the number of rows of each queryset, and the parameters."""
    parts: list[str] = []
    values: list[object] = []
    for rows in named.values():
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - of the queryset
            values += params
    return f"SELECT {', '.join(parts)}", values
