"""Searches the values that incidents are listed by (`IncidentFacet`): counts up to a limit, and pages by key.

Each statement reads one part of the primary key for each portal and filter, in the order of the list, and stops when
it has enough rows. No page is reached by counting the rows before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.formats import number_format

# Larger counts are not exact.
MOST_EXACT = 1000
# An incident of several portals is found once for each of them: enough rows for that many incidents.
_READ_TO_COUNT = 2 * MOST_EXACT


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A filter: incidents with one of these values under this name."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacetSearch:
    """Incidents of any of the portals that match all choices, of which there is at least one; received in [since,
    until).
    """

    portals: tuple[int, ...]
    choices: tuple[FacetChoice, ...]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not self.portals or not all(choice.values for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is in a list by time: its time, then its id."""

    at: datetime
    incident: UUID


type Param = int | str | datetime | UUID | list[int] | list[str]
type Params = list[Param]


def count_matches(search: FacetSearch) -> int:
    """The number of incidents, at most MOST_EXACT + 1."""
    if search.is_empty:
        return 0
    found, params = _write_found(search, None, oldest_first=False)
    rows = _fetch_ids(f"SELECT incident_id FROM {found} LIMIT %s", [*params, MOST_EXACT + 1, _READ_TO_COUNT])  # noqa: S608
    number = len(set(rows))
    if number <= MOST_EXACT and len(rows) == _READ_TO_COUNT:
        number = len(find_by_received(search, most=MOST_EXACT + 1))
    return min(number, MOST_EXACT + 1)


def find_by_received(
    search: FacetSearch, *, most: int, after: Place | None = None, oldest_first: bool = False
) -> list[Place]:
    """The first `most` incidents behind `after`, by the hour in which they were received."""
    if search.is_empty:
        return []
    order = "" if oldest_first else " DESC"
    found, params = _write_found(search, after, oldest_first=oldest_first)
    statement = (
        f"SELECT DISTINCT received, incident_id FROM {found} ORDER BY received{order}, incident_id{order} LIMIT %s"  # noqa: S608
    )
    return _fetch_places(statement, [*params, most, most])


def find_by_review(search: FacetSearch, *, most: int, after: Place | None = None) -> list[Place]:
    """The first `most` incidents behind `after` that have a next step, by its date of review.

    For searches with many matches, among which the first ones are found soon.
    """
    if search.is_empty:
        return []
    hours, of_hours = _write_range(search, None, "")
    part = (
        "EXISTS (SELECT FROM analysts_incidentfacet AS facet WHERE facet.incident_id = step.incident_id"
        f" AND facet.portal_id = ANY(%s) AND facet.name = %s AND facet.value = ANY(%s){hours})"
    )
    wheres, values = [part] * len(search.choices), list[Param]()
    for choice in search.choices:
        values += [list(search.portals), choice.name, list(choice.values), *of_hours]
    if after:
        wheres.append("(step.review_at, step.incident_id) > (%s, %s)")
        values += [after.at, after.incident]
    statement = (
        f"SELECT step.review_at, step.incident_id FROM analysts_nextstep AS step WHERE {' AND '.join(wheres)}"  # noqa: S608
        " ORDER BY step.review_at, step.incident_id LIMIT %s"
    )
    return _fetch_places(statement, [*values, most])


def _write_found(search: FacetSearch, after: Place | None, *, oldest_first: bool) -> tuple[str, Params]:
    """The matches of each portal in order, as many as one more parameter says: a FROM clause, and its parameters."""
    order, sign = ("", ">") if oldest_first else (" DESC", "<")
    condition, of_range = _write_range(search, after, sign)
    spread, joined, wheres, edges = "", "", list[str](), list[str]()
    of_spread, of_wheres, of_edges = list[Param](), list[Param](), list[Param]()
    if len(search.choices) > 1:
        condition += " AND facet.received BETWEEN span.first AND span.last"
    for at, choice in enumerate(search.choices):
        if at:
            joined += (
                f" JOIN analysts_incidentfacet AS facet{at}"
                f" ON facet{at}.received = facet0.received AND facet{at}.incident_id = facet0.incident_id"
            )
        # A value in the text itself: PostgreSQL begins with the rarest one, of which it knows the frequency.
        value = "%s"
        if len(choice.values) > 1:
            value = f"chosen{at}.value"
            spread += f" CROSS JOIN unnest(%s::text[]) AS chosen{at} (value)"
            of_spread.append(list(choice.values))
        part = f"facet.portal_id = reach.portal_id AND facet.name = %s AND facet.value = {value}"
        of_part = [choice.name, *(choice.values if len(choice.values) == 1 else ())]
        edges.append(part)
        of_edges += of_part
        # Each part repeats the range, so that each is read from the place where the page begins.
        wheres.append((part + condition).replace("facet.", f"facet{at}."))
        of_wheres += [*of_part, *of_range]
    span, of_span = _write_span(edges, of_edges) if len(edges) > 1 else ("", [])
    text = f"""
        unnest(%s::bigint[]) AS reach (portal_id){spread}{span}
        CROSS JOIN LATERAL (
            SELECT facet0.received, facet0.incident_id FROM analysts_incidentfacet AS facet0{joined}
            WHERE {" AND ".join(wheres)}
            ORDER BY facet0.received{order}, facet0.incident_id{order} LIMIT %s
        ) AS found
    """  # noqa: S608 - of constants and numbers
    return text, [list(search.portals), *of_spread, *of_span, *of_wheres]


def _write_span(parts: Sequence[str], params: Params) -> tuple[str, Params]:
    """The hours from which on and until which there are rows of all parts of the key. Most of what waits is recent, and
    most of what is closed is old: what lies between is not read.
    """
    first, last = (
        ", ".join(f"(SELECT {edge}(received) FROM analysts_incidentfacet AS facet WHERE {part})" for part in parts)  # noqa: S608
        for edge in ("min", "max")
    )
    text = f" CROSS JOIN LATERAL (SELECT GREATEST({first}) AS first, LEAST({last}) AS last OFFSET 0) AS span"
    return text, [*params, *params]


def _write_range(search: FacetSearch, after: Place | None, sign: str) -> tuple[str, Params]:
    text, params = "", list[Param]()
    if search.since:
        text, params = f"{text} AND facet.received >= %s", [*params, search.since]
    if search.until:
        text, params = f"{text} AND facet.received < %s", [*params, search.until]
    if after:
        text = f"{text} AND (facet.received, facet.incident_id) {sign} (%s, %s)"
        params = [*params, after.at, after.incident]
    return text, params


def _fetch_places(statement: str, values: Sequence[Param]) -> list[Place]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Place(at, incident) for at, incident in cursor.fetchall()]


def _fetch_ids(statement: str, values: Sequence[Param]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [incident for (incident,) in cursor.fetchall()]


def exact_label(number: int) -> str:
    """A number of at most MOST_EXACT + 1 as text: exact up to MOST_EXACT, then "1,000+"."""
    shown = number_format(min(number, MOST_EXACT), force_grouping=True)
    return f"{shown}+" if number > MOST_EXACT else shown
