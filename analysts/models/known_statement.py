"""The text of a statement that is written once, and the values that each call fills in
(`analysts.models.compiled_query`)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg import sql as psycopg_sql

from analysts.models.compiled_arguments import Scalar, ValueSlot

type Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class WrittenSql[Result]:
    """A statement. `read` makes the result from its rows."""

    sql: str
    params: Sequence[object]
    read: Callable[[list[Row]], Result]


def fetch_once[Result](written: WrittenSql[Result]) -> Result:
    """The result of a statement that is not kept: its values stay apart from its text."""
    with connection.cursor() as cursor:
        cursor.execute(written.sql, list[Any](written.params))
        return written.read(cursor.fetchall())


# Placeholders, and percent signs that are none.
PLACEHOLDER = re.compile("%[s%]")
# Texts of a prepared statement: there is one for each set of portals that analysts work for.
MOST_TEXTS = 200


@dataclass(frozen=True, slots=True)
class KnownStatement[Result]:
    """A statement whose values are filled in at `slots`, which are in the order of the text.

    All other parameters are part of the text, and the portals of users as well once it is prepared: PostgreSQL keeps a
    plan that does not know the parameters, and what they are decides which indexes are right.
    """

    written: WrittenSql[Result]
    slots: Sequence[ValueSlot]
    is_prepared: bool = False
    # Of numbers of rows, each up to a bound.
    is_bounded: bool = False
    texts: dict[tuple[Scalar, ...], str] = field(default_factory=dict, init=False, compare=False)

    def fill(self, values: Sequence[Scalar], *, is_prepared: bool) -> tuple[str, list[Any]]:
        """The text and its parameters."""
        portals: list[Scalar] = []
        params: list[Any] = []
        for slot in self.slots:
            value = values[slot.index]
            if is_prepared and slot.is_portal:
                portals.append(value)
            else:
                params.append(slot.convert(value) if slot.convert else value)
        key = tuple(portals)
        text = self.texts.get(key)
        if text is None:
            if len(self.texts) >= MOST_TEXTS:
                self.texts.clear()
            text = self.texts[key] = self._write_text(key)
        return text, params

    def _write_text(self, portals: Sequence[Scalar]) -> str:
        """`portals`: those that become part of it; none if they are parameters."""
        connection.ensure_connection()
        slots = {slot.position: slot for slot in self.slots}
        params, of_portals = iter(enumerate(self.written.params)), iter(portals)

        def write(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%%"
            position, param = next(params)
            slot = slots.get(position)
            if slot is None:
                return psycopg_sql.Literal(param).as_string(connection.connection).replace("%", "%%")
            return str(next(of_portals)) if portals and slot.is_portal else "%s"

        return PLACEHOLDER.sub(write, self.written.sql)

    def fetch(self, values: Sequence[Scalar]) -> Result:
        text, params = self.fill(values, is_prepared=self.is_prepared)
        with (
            connection.cursor() as cursor,
            planned_for_bounds() if self.is_bounded else nullcontext(),
            prepared_statements() if self.is_prepared else nullcontext(),
        ):
            cursor.execute(text, params)
            return self.written.read(cursor.fetchall())


@contextmanager
def prepared_statements() -> Iterator[None]:
    """PostgreSQL keeps the plans of statements that are executed within the block, by connection."""
    # A `psycopg.Connection`.
    asked: Any = connection.connection
    before, asked.prepare_threshold = asked.prepare_threshold, 0
    try:
        yield
    finally:
        asked.prepare_threshold = before


# One plan for all values, as planning thirty counts takes longer than running them. It does not know how few rows are
# due: rows with an order come by the index in that order, which holds no others. And no table is read from its
# beginning until there are enough rows: the oldest are there, of which few match.
FOR_BOUNDS = {"plan_cache_mode": "force_generic_plan", "enable_sort": "off", "enable_seqscan": "off"}


@contextmanager
def planned_for_bounds() -> Iterator[None]:
    """PostgreSQL plans statements within the block by FOR_BOUNDS."""
    # A `psycopg.Connection`.
    asked: Any = connection.connection
    # The settings end with the transaction, also for those who share the connection by a pooler.
    with asked.transaction():
        before = _set_locally(asked, FOR_BOUNDS)
        yield
        if connection.in_atomic_block:
            _set_locally(asked, before)


def _set_locally(asked: Any, settings: Mapping[str, str]) -> dict[str, str]:
    """Change settings until the end of the transaction; returns what they were."""
    read = [f"current_setting('{name}')" for name in settings]
    change = [f"set_config('{name}', '{value}', true)" for name, value in settings.items()]
    return dict(zip(settings, asked.execute(f"SELECT {', '.join([*read, *change])}").fetchone(), strict=False))
