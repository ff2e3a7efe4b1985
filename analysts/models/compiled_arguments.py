"""The arguments of compiled queries: what of them the text depends on, stand-ins for their values, and where the values
go among a statement's parameters (`analysts.models.compiled_query`)."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler
from psycopg.dbapi20 import Binary

from analysts.models.user import User

# What becomes one parameter. A list: of `Many`.
type Scalar = int | str | bytes | UUID | datetime | date | list[UUID]


class PortalId(int):
    """A portal of a user. Values of this type are part of the text of prepared statements."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """An argument, such as settings, that is part of the shape: there is a text for each value. There must be few."""

    value: Hashable


@dataclass(frozen=True, slots=True)
class Many:
    """An argument: any number of ids, as one parameter. In the queryset: `filter(pk=AnyOf(ids))`."""

    ids: list[UUID]


class AnyOf(Value):
    """One of the ids: `= ANY(...)`, which has the same text for any number of them, or `=` for a single one.

    A plan for any ids expects ten of them: for one, PostgreSQL would plan a prepared statement each time.
    """

    def __init__(self, many: Many) -> None:
        super().__init__(many.ids)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any]]:
        if len(self.value) == 1:
            return "%s", (self.value[0],)
        return "ANY(%s)", (self.value,)


class NotCompilable(Exception):
    """The text of the statement depends on a value, or a value was computed from an argument."""


@dataclass(frozen=True, slots=True)
class ValueSlot:
    """The place of the value `index` among the parameters; `convert` makes the parameter from it.

    `is_portal`: the value is a `PortalId`.
    """

    position: int
    index: int
    convert: Callable[[Scalar], object] | None
    is_portal: bool = False


# --- Arguments ------------------------------------------------------------------------------------


def take_apart(value: object, values: list[Scalar]) -> Hashable:
    """The part of the shape that `value` is; its scalars are added to `values`."""
    match value:
        case None | bool() | Enum() | Fixed():
            return value
        case User():
            # In order, so that people with the same portals share the text of a prepared statement.
            portals = [PortalId(portal) for portal in pad_list(sorted(value.portal_ids))]
            values += [value.pk, *portals]
            return User, value.role, len(portals)
        case Many(ids=[one]):
            values.append(one)
            return Many, 1
        case Many():
            values.append(value.ids)
            return Many
        case list() | tuple():
            padded = pad_list(value)
            return (list, *[take_apart(each, values) for each in padded])
        case int() | str() | bytes() | UUID() | date():
            values.append(value)
            return type(value).__name__
    raise TypeError(f"{type(value).__name__} cannot be an argument of a compiled query.")


def pad_list[Item](items: Sequence[Item]) -> list[Item]:
    """The items with the last one repeated, up to a power of two: lists of many lengths share a text.

    To ask whether a value is among them, or an array overlaps them, repetition makes no difference.
    """
    missing = (1 << (len(items) - 1).bit_length()) - len(items) if items else 0
    return [*items, *(items[-1] for _each in range(missing))]


# Moments of which no part is equal, so that one that was rounded is at no fixed distance from both.
_MOMENTS = (datetime(2001, 3, 4, 5, 6, 7, 8, tzinfo=UTC), datetime(2012, 10, 11, 14, 23, 34, 45, tzinfo=UTC))


# Within the range of small columns: Django answers without a query where a number cannot be in one.
_NUMBERS, _MOST_SCALARS = (29_000, 31_000), 1_700


class StandIns:
    """Makes stand-ins for arguments, different ones in each `turn`; `scalars`: those made, in order."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self.scalars: list[Scalar] = []

    def stand_in(self, value: object, shape: Hashable) -> object:
        """`shape`: that of the value, by `take_apart`."""
        match value:
            case None | bool() | Enum() | Fixed():
                return value
            case User():
                _user, role, portals = cast("tuple[type[User], str, int]", shape)
                user = User(pk=cast(int, self._of(0)), role=role)
                user.known_portal_ids = [self._portal() for _each in range(portals)]
                return user
            case Many(ids=[one]):
                return Many([cast(UUID, self._of(one))])
            case Many():
                ids = [UUID(int=(self.turn + 1 << 64) + len(self.scalars) + each) for each in range(2)]
                self.scalars.append(ids)
                return Many(ids)
            case list() | tuple():
                _list, *shapes = cast("tuple[Hashable, ...]", shape)
                return [self.stand_in(each, of) for each, of in zip(pad_list(value), shapes, strict=True)]
            case int() | str() | bytes() | UUID() | date():
                return self._of(value)
        raise TypeError

    def _portal(self) -> PortalId:
        made = PortalId(cast(int, self._of(0)))
        self.scalars[-1] = made
        return made

    def _of(self, value: Scalar) -> Scalar:
        number, turn = len(self.scalars), self.turn
        if number >= _MOST_SCALARS:
            raise NotCompilable("Too many values.")
        made: Scalar
        match value:
            case int():
                made = _NUMBERS[turn] + number
            case str():
                made = f"stand-in {turn} {number}"
            case bytes():
                made = f"stand-in {turn} {number}".encode()
            case UUID():
                made = UUID(int=(turn + 1 << 64) + number)
            case datetime():
                # At different distances from each other in both turns.
                made = _MOMENTS[turn] + number * timedelta(days=1 + turn)
            case list():
                raise NotCompilable("A list of lists.")
            case date():
                made = date(1901 + turn, 1, 1) + number * timedelta(days=1 + turn)
        self.scalars.append(made)
        return made


# --- Parameters -----------------------------------------------------------------------------------

type Pair = tuple[object, object]
type ScalarPairs = tuple[Sequence[Scalar], Sequence[Scalar]]


def unwrap_param(param: object) -> object:
    return param.obj if isinstance(param, Binary) else param


def find_slot(position: int, pair: Pair, stand_ins: ScalarPairs) -> ValueSlot:
    """The slot of the parameter. Raises NotCompilable if it is no stand-in."""
    first, second = map(unwrap_param, pair)
    together = list(zip(*stand_ins, strict=True))
    for index, (one, other) in enumerate(together):
        if type(one) is not date and (first, second) == (one, other):
            # Wrapped by the database backend, such as the sizes of integers.
            wrapper = type(pair[0])
            convert = None if wrapper is type(one) else cast("Callable[[Scalar], object]", wrapper)
            return ValueSlot(position, index, convert, isinstance(one, PortalId))
        if (first, second) == (one, other):
            return ValueSlot(position, index, None)
    for index, (one, other) in enumerate(together):
        if not isinstance(one, datetime) or not isinstance(other, datetime):
            continue
        if isinstance(first, datetime) and isinstance(second, datetime):
            if first - one == second - other:
                return ValueSlot(position, index, partial(_shift_moment, by=first - one))
        elif isinstance(first, date) and isinstance(second, date) and first - one.date() == second - other.date():
            return ValueSlot(position, index, partial(_shift_day, by=first - one.date()))
    raise NotCompilable(f"{pair[0]!r} was computed from an argument.")


def _shift_moment(moment: Scalar, *, by: timedelta) -> datetime:
    return cast(datetime, moment) + by


def _shift_day(moment: Scalar, *, by: timedelta) -> date:
    return cast(datetime, moment).date() + by
