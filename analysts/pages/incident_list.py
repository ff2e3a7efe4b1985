"""The list of all incidents, closed ones included: what is asked for, one page of it, and its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from analysts.assessment import list_section as assessment
from analysts.incidents.facet_parts import FacetChoice, FacetSearch, Place, Sparsest
from analysts.incidents.facet_search import MOST_EXACT, count_to_find, exact_label, find_by_received, find_by_review
from analysts.incidents.list_kit import ListCell, ListColumn
from analysts.incidents.list_section import ANY_STATE, OPEN_ILLEGAL
from analysts.incidents.priority import HIGHEST
from analysts.incidents.table import IncidentRow, incident_rows
from analysts.models import Incident, User
from analysts.models.incident_queries import LOWEST
from analysts.pages.incident_list_form import ListRequest, ListSort
from analysts.takedown.next_steps import list_section as next_steps
from analysts.takedown.tracing import list_section as tracing

ROWS_PER_PAGE = 30
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# In the order of the table.
COLUMNS: tuple[ListColumn, ...] = (*assessment.COLUMNS, *tracing.COLUMNS, *next_steps.COLUMNS)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row behind which a page begins: in the list by priority also its priority."""

    place: Place
    priority: int = 0

    def __str__(self) -> str:
        return f"{self.priority}.{(self.place.at - EPOCH) // MICROSECOND}.{self.place.incident.hex}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """None for a text that no page wrote: the list then begins at its beginning."""
        priority, _dot, rest = text.partition(".")
        since_epoch, _dot, incident = rest.partition(".")
        try:
            return cls(Place(EPOCH + int(since_epoch) * MICROSECOND, UUID(incident)), int(priority))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class ListPage:
    """`number`: at most MOST_EXACT + 1. `following`: the cursor of the next page, "" on the last one."""

    incidents: list[Incident]
    number: int
    following: str

    @property
    def counted(self) -> str:
        return exact_label(self.number)


def find_list_page(list_request: ListRequest, cursor: Cursor | None) -> ListPage:
    """One page of the incidents that match, in the order that is asked for."""
    search = complete_search(list_request)
    number, sparsest = count_to_find(search)
    if not number:
        return ListPage([], 0, "")
    if list_request.sort in (ListSort.PRIORITY, ListSort.REVIEW) and number <= MOST_EXACT:
        places = _sort_few(search, list_request.sort, cursor, sparsest)
    else:
        places = _find_cursors(search, list_request.sort, cursor, sparsest)
    on_page, more = places[:ROWS_PER_PAGE], places[ROWS_PER_PAGE:]
    by_id = Incident.objects.select_related("key").in_bulk([row.place.incident for row in on_page])
    # Incidents deleted since are not missed.
    incidents = [by_id[row.place.incident] for row in on_page if row.place.incident in by_id]
    return ListPage(incidents, number, str(on_page[-1]) if more else "")


def complete_search(list_request: ListRequest) -> FacetSearch:
    """The search, with a filter by state where no other narrows it; only open illegal incidents have a review date."""
    search = list_request.search
    if list_request.sort == ListSort.REVIEW:
        states = [choice for choice in search.choices if choice.name == OPEN_ILLEGAL.name]
        open_ones = tuple(value for value in OPEN_ILLEGAL.values if all(value in choice.values for choice in states))
        others = [choice for choice in search.choices if choice.name != OPEN_ILLEGAL.name]
        return replace(search, choices=(*others, FacetChoice(OPEN_ILLEGAL.name, open_ones)))
    return search if search.choices else replace(search, choices=(ANY_STATE,))


def _find_cursors(
    search: FacetSearch, sort: ListSort, cursor: Cursor | None, sparsest: Sparsest | None
) -> list[Cursor]:
    """The rows of a page and one more. Each of the orders stops when it has them."""
    most, after = ROWS_PER_PAGE + 1, cursor.place if cursor else None
    if sort == ListSort.REVIEW:
        return [Cursor(place) for place in find_by_review(search, most=most, after=after)]
    if sort == ListSort.RECEIVED and cursor is None:
        return [Cursor(place) for place in find_by_received(search, most=most, sparsest=sparsest)]
    if sort != ListSort.PRIORITY:
        places = find_by_received(search, most=most, after=after, oldest_first=sort == ListSort.OLDEST)
        return [Cursor(place) for place in places]
    # Each incident has one priority, which narrows the list enough.
    others = () if search.choices == (ANY_STATE,) else search.choices
    rows: list[Cursor] = []
    for priority in range(cursor.priority if cursor else HIGHEST, LOWEST - 1, -1):
        of_level = replace(search, choices=(*others, FacetChoice("priority", (str(priority),))))
        places = find_by_received(of_level, most=most - len(rows), after=after)
        rows += [Cursor(place, priority) for place in places]
        after = None
        if len(rows) == most:
            break
    return rows


def _sort_few(search: FacetSearch, sort: ListSort, cursor: Cursor | None, sparsest: Sparsest | None) -> list[Cursor]:
    """As `_find_cursors`, of all matches, which are at most MOST_EXACT."""
    places = find_by_received(search, most=MOST_EXACT, sparsest=sparsest)
    matches: QuerySet[Incident] = Incident.objects.filter(pk__in=[place.incident for place in places])
    if sort == ListSort.REVIEW:
        by_review = matches.filter(next_step__isnull=False).order_by("next_step__review_at", "pk")
        if cursor:
            is_tied = Q(next_step__review_at=cursor.place.at, pk__gt=cursor.place.incident)
            by_review = by_review.filter(Q(next_step__review_at__gt=cursor.place.at) | is_tied)
        reviews = by_review.values_list("next_step__review_at", "pk")[: ROWS_PER_PAGE + 1]
        return [Cursor(Place(at, incident)) for at, incident in reviews]
    by_priority = matches.order_by("-priority", "-first_sighted", "-pk")
    if cursor:
        earlier = Q(first_sighted__lt=cursor.place.at)
        earlier |= Q(first_sighted=cursor.place.at, pk__lt=cursor.place.incident)
        by_priority = by_priority.filter(Q(priority__lt=cursor.priority) | Q(earlier, priority=cursor.priority))
    rows = by_priority.values_list("first_sighted", "pk", "priority")[: ROWS_PER_PAGE + 1]
    return [Cursor(Place(at, incident), priority) for at, incident, priority in rows]


@dataclass(frozen=True, slots=True)
class ListedIncident:
    """A row of the list. `cells`: those of the rooms' columns, each with its heading; None for an empty one."""

    row: IncidentRow
    cells: list[tuple[str | Promise, ListCell | None]]


def list_incidents(incidents: Sequence[Incident], user: User, now: datetime) -> list[ListedIncident]:
    """The rows, each with the cells of the rooms' columns."""
    if not incidents:
        return []
    columns = [(column.heading, column.read(incidents, user, now)) for column in COLUMNS]
    return [
        ListedIncident(row, [(heading, cells.get(row.incident.pk)) for heading, cells in columns])
        for row in incident_rows(incidents, user, now)
    ]
