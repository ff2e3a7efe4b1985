"""The floods of similar reports in the queue: one row for each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from analysts.assessment.flood import folding as floods
from analysts.assessment.forms import ChosenFilters, View
from analysts.assessment.queue.filters import apply_filters, incidents_in_scope
from analysts.incidents.table import MOST_COUNTED, IncidentRow, number_label
from analysts.models import Incident, IncidentQuerySet, User


@dataclass(frozen=True, slots=True)
class FloodGroup:
    """A flood in the waiting view: its longest waiting incident, of those in danger if there are any.

    `number` of incidents, `in_danger` of them with a child in danger, both up to MOST_COUNTED.
    """

    longest_waiting: Incident
    number: int
    in_danger: int


def group_rows(groups: Sequence[FloodGroup], rows: Sequence[IncidentRow]) -> list[IncidentRow]:
    """The rows of the groups' incidents, with the numbers of the groups."""
    return [
        replace(
            row,
            alike=number_label(group.number),
            in_danger=number_label(group.in_danger) if group.in_danger else "",
        )
        for group, row in zip(groups, rows, strict=True)
    ]


def flood_groups(chosen: ChosenFilters, user: User, now: datetime) -> list[FloodGroup]:
    """The floods of the waiting view, those with a child in danger first. Two queries, however many there are."""
    if View(chosen.get("view", "")) != View.WAITING or chosen.get("like"):
        return []
    members = _find_members(apply_filters(chosen, incidents_in_scope(chosen, user).waiting().alike(), user, now))
    if not members:
        return []
    incidents = Incident.objects.select_related("key").in_bulk([pk for pk, _number, _in_danger in members])
    return [FloodGroup(incidents[pk], number, in_danger) for pk, number, in_danger in members]


def _find_members(folded: IncidentQuerySet) -> list[tuple[UUID, int, int]]:
    """The values of `FloodGroup`, with the id of the incident, of each waiting flood among `folded`.

    They are counted in the database: reading a thousand ids per flood took longer than the rest of the page.
    """
    of_flood = folded.filter(flood=RawSQL("known.flood", [])).order_by("waiting_since", "pk")
    parts: list[str] = []
    values: list[Any] = []
    for rows in (of_flood, of_flood.filter(child_in_danger=True)):
        rows_sql, of_some = rows.values("waiting_since", "pk")[:MOST_COUNTED].query.sql_with_params()
        summary = "SELECT (array_agg(pk ORDER BY waiting_since, pk))[1] AS longest, count(*)"
        parts.append(f"{summary} FROM ({rows_sql}) AS those")
        values += of_some
    statement = f"""
        {floods.with_known_floods(floods.MOST_GROUPS)}
        SELECT coalesce(danger.longest, alike.longest), alike.count, danger.count
        FROM known CROSS JOIN LATERAL ({parts[0]}) AS alike CROSS JOIN LATERAL ({parts[1]}) AS danger
        WHERE alike.count > 0
        ORDER BY danger.count = 0, known.place, known.flood
    """  # noqa: S608 - of the querysets above
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
