"""All matches of a search in slices of similar size, the newest first: for exports, however long the list is.

A slice is a range of the primary key of `IncidentFacet`: some hours, or of an hour with very many a sixteenth of a
sixteenth. Each is read by a statement of its own, and what was read before is not read again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from analysts.incidents.facet_search import FacetSearch, Param, Params, find_by_received

FIRST_ID, LAST_ID = UUID(int=0), UUID(int=(1 << 128) - 1)
HOUR = timedelta(hours=1)
FIRST_SPAN = timedelta(days=1)
LONGEST_SPAN = timedelta(days=366)
# Number of ids, in an hour with very many.
PARTS_OF_HOUR = 256


@dataclass(frozen=True, slots=True)
class FacetSlice:
    """Incidents received in [since, until) with an id in [first, last]."""

    since: datetime
    until: datetime
    first: UUID = FIRST_ID
    last: UUID = LAST_ID


def write_matches(search: FacetSearch, piece: FacetSlice) -> tuple[str, Params]:
    """The ids of the incidents in the slice that match, once for each portal: a statement and its parameters.

    The filters by date of the search are met by its slices.
    """
    facets, params = _write_facets(search, piece)
    return f"SELECT facet0.incident_id {facets}", params


def _write_facets(search: FacetSearch, piece: FacetSlice) -> tuple[str, Params]:
    tables, wheres, params = "", list[str](), list[Param]()
    for at, choice in enumerate(search.choices):
        facet = f"facet{at}"
        tables += f"{', ' if at else ''}analysts_incidentfacet AS {facet}"
        if at:
            wheres.append(
                f"({facet}.portal_id, {facet}.received, {facet}.incident_id)"
                " = (facet0.portal_id, facet0.received, facet0.incident_id)"
            )
        wheres.append(
            f"{facet}.portal_id = ANY(%s) AND {facet}.name = %s AND {facet}.value = ANY(%s)"
            f" AND {facet}.received >= %s AND {facet}.received < %s AND {facet}.incident_id BETWEEN %s AND %s"
        )
        params += [list(search.portals), choice.name, list(choice.values)]
        params += [piece.since, piece.until, piece.first, piece.last]
    return f"FROM {tables} WHERE {' AND '.join(wheres)}", params


def write_values(search: FacetSearch, piece: FacetSlice, names: Sequence[str]) -> tuple[str, Params]:
    """A join to `incident`, of the slice, of `facts`: one column for each of the names, NULL where there is none.

    "" without names. For incidents with several values of a name, which the names given here do not have, the first.
    """
    if not names:
        return "", []
    columns = ", ".join(f"min(value) FILTER (WHERE name = '{name}') AS {name}" for name in names)
    text = f"""
        LEFT JOIN (
            SELECT incident_id, {columns} FROM analysts_incidentfacet
            WHERE portal_id = ANY(%s) AND name = ANY(%s) AND received >= %s AND received < %s
                AND incident_id BETWEEN %s AND %s
            GROUP BY incident_id
        ) AS facts ON facts.incident_id = incident.id
    """  # noqa: S608 - of constants
    return text, [list(search.portals), list(names), piece.since, piece.until, piece.first, piece.last]


def find_bounds(search: FacetSearch) -> FacetSlice | None:
    """The hours from the oldest match to the newest; None without one."""
    newest = find_by_received(search, most=1)
    oldest = find_by_received(search, most=1, oldest_first=True)
    return FacetSlice(oldest[0].at, newest[0].at + HOUR) if newest and oldest else None


def count_all(search: FacetSearch, *, is_exact: bool) -> int:
    """The number of matches, for which all of them are read: of a million, the exact one takes half a second.

    Otherwise an incident of several portals counts for each of them, which takes a fifth of the time.
    """
    bounds = find_bounds(search)
    if bounds is None:
        return 0
    matches, params = write_matches(search, bounds)
    counted = "DISTINCT incident_id" if is_exact else "*"
    return _fetch_number(f"SELECT count({counted}) FROM ({matches}) AS found", params)  # noqa: S608 - of constants


def slice_search(search: FacetSearch, *, most: int) -> Iterator[FacetSlice]:
    """Slices with at most about `most` matches each, none without one."""
    bounds = find_bounds(search)
    if bounds is None:
        return
    until, span = bounds.until, FIRST_SPAN
    while until > bounds.since:
        piece = FacetSlice(max(bounds.since, until - span), until)
        number = _count_up_to(search, piece, most + 1)
        length = piece.until - piece.since
        if number > most and length > HOUR:
            span = max(HOUR, length // 2 // HOUR * HOUR)
            continue
        if number > most:
            yield from _parts_of(piece)
        elif number:
            yield piece
        until = piece.since
        span = _next_span(length, number, most)


def _next_span(span: timedelta, number: int, most: int) -> timedelta:
    """A span for three quarters of `most`, as `number` were found in the last one; at most four times as long."""
    hours = span * min(4, most * 3 / 4 / max(number, 1)) // HOUR
    return min(LONGEST_SPAN, max(1, hours) * HOUR)


def _count_up_to(search: FacetSearch, piece: FacetSlice, most: int) -> int:
    """At least the number of matches, as an incident of several portals counts for each; at most `most`."""
    facets, params = _write_facets(search, piece)
    return _fetch_number(f"SELECT count(*) FROM (SELECT {facets} LIMIT %s) AS found", [*params, most])  # noqa: S608


def _parts_of(piece: FacetSlice) -> Iterator[FacetSlice]:
    width = (1 << 128) // PARTS_OF_HOUR
    for part in reversed(range(PARTS_OF_HOUR)):
        yield FacetSlice(piece.since, piece.until, UUID(int=part * width), UUID(int=(part + 1) * width - 1))


def _fetch_number(statement: str, params: Params) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.fetchone()[0])
