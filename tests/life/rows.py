"""The row of a verb, and how its arguments are chosen: mostly such that the verb is possible."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.models import Incident, IncidentQuerySet, User
from analysts.states import State
from audit.permissions import Denied
from tests.life.world import World

type Arguments = Mapping[str, Any]
OPERATORS = frozenset({Role.OPERATOR})
SENIORS = frozenset({Role.SENIOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
AUDITORS = frozenset({Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Chance:
    """Draws for one call. `is_wild`: by any person, on any row in any state, which is mostly refused."""

    random: Random
    is_wild: bool = False

    def choose[T](self, items: Sequence[T]) -> T:
        return self.random.choice(items)

    def row[Row: Model](self, rows: QuerySet[Row]) -> Row | None:
        """One of the rows, in an order that is the same in every run; None if there are none."""
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.random.choice(keys)) if keys else None

    def is_one_of(self, number: int) -> bool:
        return self.random.randrange(number) == 0


# Returns the arguments besides `by` and `now`; None where there is nothing to call the verb with.
type MakeArguments = Callable[[World, User, Chance], Arguments | None]
# Narrows the incidents to those for which the verb is possible.
type Where = Callable[[IncidentQuerySet, User, World], IncidentQuerySet]
type More = Callable[[World, Incident, Chance], Arguments | None]


@dataclass(frozen=True, slots=True)
class VerbRow:
    """One verb.

    Attributes:
        roles: those that may ever call it; any other must be refused, with any arguments.
        often: how often it is chosen, compared with the others.
        refused_by: exceptions by which it refuses, besides `Denied` and `ValidationError`.
    """

    verb: Callable[..., Any]
    make: MakeArguments
    roles: frozenset[str] = CONTENT_ROLES
    often: int = 2
    refused_by: tuple[type[Exception], ...] = ()
    refusals: tuple[type[Exception], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refusals", (Denied, ValidationError, *self.refused_by))

    @property
    def current(self) -> Callable[..., Any]:
        """The verb as its module has it now, patched or not."""
        found: Callable[..., Any] = getattr(sys.modules[self.verb.__module__], self.verb.__name__)
        return found

    @property
    def name(self) -> str:
        return f"{self.verb.__module__}.{self.verb.__name__}"


@cache
def takes_now(verb: Callable[..., Any]) -> bool:
    return "now" in inspect.signature(verb).parameters


def no_arguments(_world: World, _by: User, _chance: Chance) -> Arguments:
    return {}


def of_incident(*states: State, more: More | None = None, where: Where | None = None) -> MakeArguments:
    """One incident in one of `states` (none: any) and `where`, and `more` that depends on it."""

    def make(world: World, by: User, chance: Chance) -> Arguments | None:
        found = Incident.objects.all()
        if not chance.is_wild:
            found = found.visible_to(by)
            if states:
                found = found.filter(state__in=states)
            if where:
                found = where(found, by, world)
        incident = chance.row(found.select_related("key"))
        if incident is None:
            return None
        others = more(world, incident, chance) if more else {}
        return None if others is None else {"incident": incident, **others}

    return make


def of_row[Row: Model](
    name: str,
    rows: Callable[[User, World], QuerySet[Row]],
    more: Callable[[World, Row, Chance], Arguments | None] | None = None,
    /,
    *,
    any_when_wild: bool = False,
    **others: object,
) -> MakeArguments:
    """One of the rows as the argument `name`, `more` that depends on it, and others that are the same for each.

    `any_when_wild`: by chance, a row of the model that is none of these.
    """

    def make(world: World, by: User, chance: Chance) -> Arguments | None:
        choice = rows(by, world)
        if any_when_wild and chance.is_wild:
            choice = choice.model._default_manager.all()
        row = chance.row(choice)
        if row is None:
            return None
        arguments = more(world, row, chance) if more else {}
        return None if arguments is None else {name: row, **others, **arguments}

    return make
