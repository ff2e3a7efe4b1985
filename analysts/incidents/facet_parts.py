"""Parts of statements about the values that incidents are listed by: rows of a filter at a portal, and their hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from uuid import UUID

# Before the filters are read side by side, so many rows of the sparsest one are looked up among those of the others:
# divided among the portals, and the least for each.
_LOOK_UPS, _LEAST_LOOK_UPS = 6000, 1000


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


@dataclass(frozen=True, slots=True)
class KeyPart:
    """The rows of a filter in the portal `reach`, in `text` of the table `facet`: one part of the primary key.

    A value is in the text itself: PostgreSQL begins with the rarest one, of which it knows the frequency.
    """

    text: str
    params: "Params"

    def of_table(self, alias: str) -> str:
        return self.text.replace("facet.", f"{alias}.")


@dataclass(frozen=True, slots=True)
class Sparsest:
    """The filter `at` whose first rows reach furthest: those before the hour `until`, or all of them if it is None."""

    at: int
    until: datetime | None


type Param = int | str | datetime | UUID | list[int] | list[str] | None
type Params = list[Param]


def write_first(tables: str, order: str, most: str = "%s") -> str:
    """A query for the first rows of these tables and conditions."""
    columns = "facet0.received, facet0.incident_id"
    return f"(SELECT {columns} FROM {tables} ORDER BY facet0.received{order}, facet0.incident_id{order} LIMIT {most})"  # noqa: S608 - of constants


def write_numbers(search: FacetSearch, parts: Sequence[KeyPart], *, oldest_first: bool) -> tuple[str, Params]:
    """A query for one row: the part `at` whose first rows reach furthest, which are all those before the hour `until`,
    or all of its rows if that is NULL. It reads a bounded number of rows.

    PostgreSQL could not choose: it does not know how many rows of a filter lie within a range of hours.
    """
    shares = prod(len(choice.values) for choice in search.choices)
    share = max(_LEAST_LOOK_UPS // shares, _LOOK_UPS // len(search.portals) // shares, 1)
    order, of_share, of_all = ("", "max", "min") if oldest_first else (" DESC", "min", "max")
    numbers = " UNION ALL ".join(
        f"""
        SELECT {at}, {of_all}(until) FILTER (WHERE number = {share}), sum(number)
        FROM reach CROSS JOIN LATERAL (
            SELECT {of_share}(received) AS until, count(*) AS number FROM (
                SELECT received FROM analysts_incidentfacet AS facet WHERE {part.text}
                ORDER BY received{order}, incident_id{order} LIMIT {share}
            ) AS of_share
        ) AS shares
        """  # noqa: S608 - of constants
        for at, part in enumerate(parts)
    )
    furthest = "DESC" if oldest_first else "ASC"
    text = f"""
        SELECT at, until FROM ({numbers}) AS each_part (at, until, number)
        ORDER BY until IS NOT NULL, CASE WHEN until IS NULL THEN number END, until {furthest} LIMIT 1
    """  # noqa: S608 - of constants
    return text, [param for part in parts for param in part.params]


def write_places(search: FacetSearch) -> tuple[str, Params, list[KeyPart]]:
    """A FROM clause of the places to read, its parameters, and what to read at each of them for each filter."""
    spread, of_spread, parts = "", list[Param](), list[KeyPart]()
    for at, choice in enumerate(search.choices):
        value = "%s"
        if len(choice.values) > 1:
            value = f"value{at}"
            spread += f" CROSS JOIN unnest(%s::text[]) AS chosen{at} (value{at})"
            of_spread.append(list(choice.values))
        text = f"facet.portal_id = reach.portal_id AND facet.name = %s AND facet.value = {value}"
        parts.append(KeyPart(text, [choice.name, *(choice.values if len(choice.values) == 1 else ())]))
    span, of_span = _write_span(parts) if len(parts) > 1 else ("", [])
    return (
        f"unnest(%s::bigint[]) AS reach (portal_id){spread}{span}",
        [list(search.portals), *of_spread, *of_span],
        parts,
    )


def look_up_each(at: int, part: KeyPart, others: Sequence[KeyPart], *, oldest_first: bool) -> tuple[str, Params]:
    """The near rows of the part `at` that the others have too, if it is the sparsest one: tables and conditions of a
    query, and their parameters.
    """
    sought = "".join(
        f" CROSS JOIN LATERAL (SELECT FROM analysts_incidentfacet AS facet WHERE {other.text}"
        f" AND facet.received = facet0.received AND facet.incident_id = facet0.incident_id LIMIT 1) AS same{number}"
        for number, other in enumerate(others)
    )
    near = "< COALESCE(sparsest.until, 'infinity')" if oldest_first else "> COALESCE(sparsest.until, '-infinity')"
    condition = f"{part.of_table('facet0')} AND facet0.received {near} AND sparsest.at = {at}"
    params = [*(param for other in others for param in other.params), *part.params]
    return f"analysts_incidentfacet AS facet0{sought} WHERE {condition}", params


def read_abreast(parts: Sequence[KeyPart]) -> tuple[str, Params]:
    """The rows that all parts have: tables and conditions of a query, and their parameters."""
    tables = "analysts_incidentfacet AS facet0" + "".join(
        f" JOIN analysts_incidentfacet AS facet{at}"
        f" ON facet{at}.received = facet0.received AND facet{at}.incident_id = facet0.incident_id"
        for at in range(1, len(parts))
    )
    conditions = " AND ".join(part.of_table(f"facet{at}") for at, part in enumerate(parts))
    return f"{tables} WHERE {conditions}", [param for part in parts for param in part.params]


def _write_span(parts: Sequence[KeyPart]) -> tuple[str, Params]:
    """The hours from which on and until which there are rows of all parts of the key. Most waiting
    incidents are recent and most closed ones old: the hours between are not read.
    """
    first, last = (
        ", ".join(f"(SELECT {edge}(received) FROM analysts_incidentfacet AS facet WHERE {part.text})" for part in parts)  # noqa: S608
        for edge in ("min", "max")
    )
    text = f" CROSS JOIN LATERAL (SELECT GREATEST({first}) AS first, LEAST({last}) AS last OFFSET 0) AS span"
    params = [param for part in parts for param in part.params]
    return text, [*params, *params]


def write_range(search: FacetSearch, after: Place | None, sign: str) -> tuple[str, Params]:
    text, params = "", list[Param]()
    if search.since:
        text, params = f"{text} AND facet.received >= %s", [*params, search.since]
    if search.until:
        text, params = f"{text} AND facet.received < %s", [*params, search.until]
    if after:
        text = f"{text} AND (facet.received, facet.incident_id) {sign} (%s, %s)"
        params = [*params, after.at, after.incident]
    return text, params
