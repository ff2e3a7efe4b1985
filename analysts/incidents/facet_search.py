"""Searches the values that incidents are listed by (`IncidentFacet`): counts up to a limit, and pages by key.

Each statement reads one part of the primary key for each portal and filter, in the order of the list, and stops when
it has enough rows. No page is reached by counting the rows before it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.formats import number_format

from analysts.incidents.facet_parts import (
    FacetChoice,
    FacetSearch,
    KeyPart,
    Param,
    Params,
    Place,
    Sparsest,
    look_up_each,
    read_abreast,
    write_first,
    write_numbers,
    write_places,
    write_range,
)

# Larger counts are not exact.
MOST_EXACT = 1000
# An incident of several portals is found once for each of them: enough rows for that many incidents.
_READ_TO_COUNT = 2 * MOST_EXACT
# Before the value of a host or site, of incidents whose address is erased.
ERASED = "erased:"


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
    places, of_places, parts = write_places(FacetSearch(tuple(portals), (FacetChoice(name, values),)))
    tables, of_tables = read_abreast(parts)
    # The number is in the text: of a parameter, PostgreSQL would expect many rows.
    latest = write_first(tables, " DESC", str(most))
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
    hours, of_hours = write_range(search, None, "")
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
    places, of_places, parts = write_places(search)
    hours, of_hours = write_range(search, after, sign)
    if len(parts) > 1:
        hours += " AND facet.received BETWEEN reach.first AND reach.last"
    # Each part repeats the hours, so that each is read from the place where the page begins.
    in_hours = [KeyPart(part.text + hours, [*part.params, *of_hours]) for part in parts]

    if len(parts) > 1:
        numbers, of_numbers = (
            ("SELECT %s::integer AS at, %s::timestamptz AS until", [sparsest.at, sparsest.until])
            if sparsest
            else write_numbers(search, in_hours, oldest_first=oldest_first)
        )
        pieces = [
            look_up_each(at, part, [*parts[:at], *parts[at + 1 :]], oldest_first=oldest_first)
            for at, part in enumerate(in_hours)
            if sparsest is None or at == sparsest.at
        ]
        union = " UNION ALL ".join(write_first(tables, order) for tables, _params in pieces)
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
    tables, of_tables = read_abreast(in_hours)
    union = f"(SELECT * FROM {places}) AS reach CROSS JOIN LATERAL {write_first(tables, order)} AS found"  # noqa: S608 - of constants
    return _fetch_rows(statement.format(found=union), [*of_places, *of_tables, most, *values]), sparsest


def _fetch_rows(statement: str, values: Sequence[Param]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def exact_label(number: int) -> str:
    """A number of at most MOST_EXACT + 1 as text: exact up to MOST_EXACT, then "1,000+"."""
    label = number_format(min(number, MOST_EXACT), force_grouping=True)
    return f"{label}+" if number > MOST_EXACT else label
