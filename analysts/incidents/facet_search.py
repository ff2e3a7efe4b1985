"""Searches the values that incidents are listed by (`IncidentFacet`): counts up to a limit, and pages by key.

Each statement reads one part of the primary key for each portal and filter, in the order of the list, and stops when
it has enough rows. No page is reached by counting the rows before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.formats import number_format

# Larger counts are not exact.
MOST_EXACT = 1000
# An incident of several portals is found once for each of them: enough rows for that many incidents.
_READ_TO_COUNT = 2 * MOST_EXACT
# Before the filters are read side by side, so many rows of the sparsest one are looked up among those of the others:
# divided among the portals, and the least for each.
_LOOK_UPS, _LEAST_LOOK_UPS = 6000, 1000
# Before the value of a host or site, of incidents whose address is erased.
ERASED = "erased:"


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


def count_matches(search: FacetSearch) -> int:
    """The number of incidents, at most MOST_EXACT + 1."""
    return count_to_find(search)[0]


def count_to_find(search: FacetSearch) -> tuple[int, Sparsest | None]:
    """As `count_matches`, and where `find_by_received` begins with its newest; None for one filter."""
    if search.is_empty:
        return 0, None
    matches = "SELECT incident_id FROM {found} LIMIT %s"
    statement = f"SELECT count(*), count(DISTINCT incident_id) FROM ({matches}) AS matches"  # noqa: S608 - of constants
    rows, sparsest = _find_rows(search, statement, [_READ_TO_COUNT], most=MOST_EXACT + 1, is_count=True)
    [(of_portals, number)] = rows
    if number <= MOST_EXACT and of_portals == _READ_TO_COUNT:
        number = len(find_by_received(search, most=MOST_EXACT + 1, sparsest=sparsest))
    return min(number, MOST_EXACT + 1), sparsest


def select_latest(portals: Sequence[int], name: str, *values: str, most: int) -> RawSQL:
    """A subquery for `pk__in`: the `most` incidents with any of the values, of those that were received last.

    It reads at most so many rows of each portal and value, and none of other portals: neither the result nor its cost
    depends on incidents that the searcher may not see.
    """
    places, of_places, parts = _write_places(FacetSearch(tuple(portals), (FacetChoice(name, values),)))
    tables, of_tables = _read_abreast(parts)
    # The number is in the text: of a parameter, PostgreSQL would expect many rows.
    latest = _write_first(tables, " DESC", str(most))
    text = (
        f"SELECT incident_id FROM (SELECT DISTINCT received, incident_id"  # noqa: S608 - of constants
        f" FROM (SELECT * FROM {places}) AS reach CROSS JOIN LATERAL {latest} AS near"
        f" ORDER BY received DESC, incident_id DESC LIMIT {most}) AS latest"
    )
    return RawSQL(text, [*of_places, *of_tables])  # noqa: S611 - of constants


def write_fingerprint(fingerprint: bytes) -> str:
    """The value of a host or site: half of its fingerprint, 128 bits, so that no two are equal by chance."""
    return fingerprint.hex()[:32]


def find_by_received(
    search: FacetSearch,
    *,
    most: int,
    after: Place | None = None,
    oldest_first: bool = False,
    sparsest: Sparsest | None = None,
) -> list[Place]:
    """The first `most` incidents behind `after`, by the hour in which they were received.

    `sparsest`: of `count_to_find`, for the newest ones.
    """
    if search.is_empty:
        return []
    order = "" if oldest_first else " DESC"
    statement = (
        f"SELECT DISTINCT received, incident_id FROM {{found}} ORDER BY received{order}, incident_id{order} LIMIT %s"  # noqa: S608 - of constants
    )
    rows, _sparsest = _find_rows(
        search, statement, [most], most=most, after=after, oldest_first=oldest_first, sparsest=sparsest
    )
    return [Place(at, incident) for at, incident in rows]


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
    return [Place(at, incident) for at, incident in _fetch_rows(statement, [*values, most])]


def _find_rows(
    search: FacetSearch,
    statement: str,
    values: Params,
    *,
    most: int,
    after: Place | None = None,
    oldest_first: bool = False,
    sparsest: Sparsest | None = None,
    is_count: bool = False,
) -> tuple[list[tuple[Any, ...]], Sparsest | None]:
    """The rows of a statement that reads the first `most` matches of each portal, in order: `{found}` in its text.

    One query; with several filters, two if few of the first rows match all of them. Without `sparsest` it is found.
    `is_count`: the statement has one row, which ends with the number of incidents.
    """
    order, sign = ("", ">") if oldest_first else (" DESC", "<")
    places, of_places, parts = _write_places(search)
    hours, of_hours = _write_range(search, after, sign)
    if len(parts) > 1:
        hours += " AND facet.received BETWEEN reach.first AND reach.last"
    # Each part repeats the hours, so that each is read from the place where the page begins.
    in_hours = [KeyPart(part.text + hours, [*part.params, *of_hours]) for part in parts]

    if len(parts) > 1:
        numbers, of_numbers = (
            ("SELECT %s::integer AS at, %s::timestamptz AS until", [sparsest.at, sparsest.until])
            if sparsest
            else _write_numbers(search, in_hours, oldest_first=oldest_first)
        )
        pieces = [
            _look_up_each(at, part, [*parts[:at], *parts[at + 1 :]], oldest_first=oldest_first)
            for at, part in enumerate(in_hours)
            if sparsest is None or at == sparsest.at
        ]
        union = " UNION ALL ".join(_write_first(tables, order) for tables, _params in pieces)
        rows = _fetch_rows(
            f"""
            WITH reach AS MATERIALIZED (SELECT * FROM {places}), sparsest AS MATERIALIZED ({numbers})
            SELECT sparsest.at, sparsest.until, near.* FROM sparsest LEFT JOIN LATERAL (
                {statement.format(found=f"reach CROSS JOIN LATERAL ({union}) AS found")}
            ) AS near ON true
            """,  # noqa: S608 - of constants
            [*of_places, *of_numbers, *(param for _tables, params in pieces for param in (*params, most)), *values],
        )
        # Without a match, one row with `at` and `until` alone.
        matches = [row[2:] for row in rows if row[-1] is not None]
        sparsest = Sparsest(*rows[0][:2])
        if sparsest.until is None or (matches[0][-1] if is_count else len(set(matches))) >= most:
            return matches, sparsest
    tables, of_tables = _read_abreast(in_hours)
    union = f"(SELECT * FROM {places}) AS reach CROSS JOIN LATERAL {_write_first(tables, order)} AS found"  # noqa: S608 - of constants
    return _fetch_rows(statement.format(found=union), [*of_places, *of_tables, most, *values]), sparsest


def _write_first(tables: str, order: str, most: str = "%s") -> str:
    """A query for the first rows of these tables and conditions."""
    columns = "facet0.received, facet0.incident_id"
    return f"(SELECT {columns} FROM {tables} ORDER BY facet0.received{order}, facet0.incident_id{order} LIMIT {most})"  # noqa: S608 - of constants


def _write_numbers(search: FacetSearch, parts: Sequence[KeyPart], *, oldest_first: bool) -> tuple[str, Params]:
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


def _write_places(search: FacetSearch) -> tuple[str, Params, list[KeyPart]]:
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


def _look_up_each(at: int, part: KeyPart, others: Sequence[KeyPart], *, oldest_first: bool) -> tuple[str, Params]:
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


def _read_abreast(parts: Sequence[KeyPart]) -> tuple[str, Params]:
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


def _fetch_rows(statement: str, values: Sequence[Param]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def exact_label(number: int) -> str:
    """A number of at most MOST_EXACT + 1 as text: exact up to MOST_EXACT, then "1,000+"."""
    label = number_format(min(number, MOST_EXACT), force_grouping=True)
    return f"{label}+" if number > MOST_EXACT else label
