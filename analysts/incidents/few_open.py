"""Users whose portals have few of all open takedowns.

Lists and counts are in an order of all portals. Where few rows are the user's, PostgreSQL would walk that order past
those of other portals, or read a whole second index. For these users the incidents come first, by portal from the table
of filter values, and then the rows about them.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler

from analysts.models import Chase, IncidentFacet, IncidentQuerySet, NextStep, User
from analysts.states import State

OPEN = (State.ASSESSED, State.ACTING)
# As the table of filter values says it, also of claimed incidents.
UNDECIDED = (State.WAITING,)
# So many are read at once.
MOST_OPEN = 2_000
MOST_UNDECIDED = 20_000
# With a larger share, or of fewer open takedowns than these, enough rows are found soon in the order of all.
LEAST_TIMES = 20
LEAST_OF_ALL = 10_000

# The number of all open takedowns is that of the last vacuum. Undecided incidents are not counted of those with many
# takedowns.
_IS_FEW = """
    SELECT (
        SELECT count(*) FROM (
            SELECT FROM analysts_incidentfacet
            WHERE portal_id = ANY(%s) AND name = 'state' AND value = ANY(%s) LIMIT %s
        ) AS open
    ) < (
        SELECT CASE WHEN reltuples < %s THEN 0 ELSE LEAST(%s, reltuples / %s) END
        FROM pg_class WHERE oid = 'incident_acting'::regclass
    ) AND (
        SELECT count(*) FROM (
            SELECT FROM analysts_incidentfacet
            WHERE portal_id = ANY(%s) AND name = 'state' AND value = ANY(%s) LIMIT %s
        ) AS undecided
    ) < %s
"""

# Waiting incidents, as many as at the last vacuum.
_IS_LONG = "SELECT reltuples >= %s FROM pg_class WHERE oid = 'incident_queue'::regclass"


def has_few_open(portals: Sequence[int]) -> bool:
    """Whether the portals have so few open and undecided incidents that it is cheaper to begin with these."""
    ids = list(portals)
    of_open: list[Any] = [ids, list(OPEN), MOST_OPEN, LEAST_OF_ALL, MOST_OPEN, LEAST_TIMES]
    of_undecided: list[Any] = [ids, list(UNDECIDED), MOST_UNDECIDED, MOST_UNDECIDED]
    with connection.cursor() as cursor:
        cursor.execute(_IS_FEW, [*of_open, *of_undecided])
        [(is_few,)] = cursor.fetchall()
    return bool(is_few)


def has_few_waiting(portals: Sequence[int]) -> bool:
    """Whether the queue is long, and so few of it are the portals' that it is cheaper to begin with these."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_LONG, [LEAST_OF_ALL])
        [(is_long,)] = cursor.fetchall()
    return is_long and is_rare(portals, "state", State.WAITING)


class AnyOfIds(Value):
    """One of the ids: `= ANY(...)`, with one parameter for thousands of ids."""

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "ANY(%s)", (self.value,)


class AnyOfFacets(Value):
    """One of the incidents with one of these values at one of the portals: `= ANY(ARRAY(SELECT ...))`.

    PostgreSQL reads them once and takes the array to be short, so that it looks for the rows of each.
    """

    def __init__(self, portals: Sequence[int], name: str, values: Collection[str] | None = None) -> None:
        facets = IncidentFacet.objects.filter(portal__in=portals, name=name)
        if values is not None:
            facets = facets.filter(value__in=values)
        super().__init__(ArraySubquery(facets.values("incident")))

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        sql, params = compiler.compile(self.value)
        return f"ANY({sql})", tuple(params)


def is_rare(portals: Sequence[int], name: str, value: str) -> bool:
    """Whether at most MOST_OPEN of the portals' incidents have or had the value: cheaper to begin with these.

    PostgreSQL does not know the frequency of a value that hardly any row has, and would read the whole table.
    """
    rows = IncidentFacet.objects.filter(portal__in=portals, name=name, value=value)
    return not rows[MOST_OPEN : MOST_OPEN + 1].exists()


def among_open(incidents: IncidentQuerySet, user: User) -> IncidentQuerySet:
    """Incidents with an open takedown, found by portal: for users whose portals have few."""
    return incidents.filter(pk=AnyOfFacets(user.portal_ids, "state", OPEN))


def find_few_takedowns(user: User) -> list[UUID] | None:
    """The incidents with an open takedown or a next step; None for users with many, who need no such list.

    An incident with an open takedown is not closed: it is open, or waits for another review.
    """
    if not has_few_open(user.portal_ids):
        return None
    not_closed = AnyOfFacets(user.portal_ids, "state", [*OPEN, *UNDECIDED])
    with_step = AnyOfFacets(user.portal_ids, "waits_for")
    steps = NextStep.objects.filter(pk=with_step).values_list("incident", flat=True)
    chases = Chase.objects.open().filter(incident=not_closed).values_list("incident", flat=True)
    return sorted(chases.order_by().union(steps))
