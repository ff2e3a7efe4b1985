"""The views and filters of the queue, for the page and for every number of incidents that other pages show."""

from datetime import datetime
from typing import Any, assert_never

from django.db import connection
from django.db.models import Subquery

from analysts.assessment.forms import Age, ChosenFilters, View
from analysts.codes.next_steps import kinds_waiting_for
from analysts.incidents.few_open import AnyOfFacets, is_rare
from analysts.incidents.priority import HIGHEST
from analysts.incidents.table import MOST_COUNTED, MOST_SHORT
from analysts.models import Incident, IncidentKind, IncidentQuerySet, User
from analysts.models.incident_queries import LOWEST, portal_language
from analysts.states import State

# The rows of the views of children in danger and of similar reports (`of_view`). As SQL, as on every page: Django needs
# longer to write it than PostgreSQL to answer. The states repeat the conditions of the partial indexes.
COUNT_FRAME = """
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM analysts_incident
            WHERE portals && %(portals)s::bigint[] AND child_in_danger AND state IN ('waiting', 'claimed')
                AND state = 'waiting'
            LIMIT %(most_danger)s
        ) AS danger),
        (SELECT count(*) FROM (
            SELECT FROM analysts_incident
            WHERE portals && %(portals)s::bigint[] AND state = 'waiting' AND priority = %(lowest)s
            LIMIT %(most_alike)s
        ) AS alike)
"""


def filter_queue(chosen: ChosenFilters, user: User, now: datetime) -> IncidentQuerySet:
    """The user's incidents that match the filters, each view in the order of its index."""
    mine = incidents_in_scope(chosen, user).select_related("key")
    if (language := chosen.get("language")) and is_rare(user.portal_ids, "language", language):
        mine = mine.filter(pk=AnyOfFacets(user.portal_ids, "language", [language]))
    if like := chosen.get("like"):
        flood = mine.filter(pk=like).values("flood")[:1]
        one_group = mine.waiting().alike().filter(flood=Subquery(flood)).order_by("waiting_since", "pk")
        if chosen.get("view") == View.DANGER:
            one_group = one_group.filter(child_in_danger=True)
        return apply_filters(chosen, one_group, user, now)
    return apply_filters(chosen, of_view(View(chosen.get("view", "")), mine), user, now)


def count_frame(user: User) -> dict[str, int]:
    """The numbers in the frame of every page: of the view of children in danger, and of similar reports."""
    values: dict[str, Any] = {
        "portals": list(user.portal_ids),
        "lowest": LOWEST,
        "most_danger": MOST_COUNTED,
        "most_alike": MOST_SHORT + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_FRAME, values)
        danger, alike = cursor.fetchone()
    return {"danger": danger, "alike": alike}


def incidents_in_scope(chosen: ChosenFilters, user: User) -> IncidentQuerySet:
    """The user's incidents; with one of their portals chosen, only that portal's, without querying the others.

    The form offers no other portals than the user's.
    """
    portal = chosen.get("portal")
    return Incident.objects.visible_to(user) if portal is None else Incident.objects.sighted_by(portal)


def apply_filters(chosen: ChosenFilters, incidents: IncidentQuerySet, user: User, now: datetime) -> IncidentQuerySet:
    """Apply all filters except the view."""
    if portal := chosen.get("portal"):
        incidents = incidents.sighted_by(portal)
    if language := chosen.get("language"):
        # At each of the user's portals: a filter must not reveal what other portals received.
        incidents = incidents.reported_in([portal_language(portal, language) for portal in user.portal_ids])
    if priority := chosen.get("priority"):
        lowest, _to, highest = priority.partition("-")
        incidents = incidents.filter(priority__gte=int(lowest), priority__lte=int(highest or HIGHEST))
    if age := chosen.get("age"):
        incidents = incidents.filter(waiting_since__lte=now - Age(age).duration)
    if waits_for := chosen.get("waits_for"):
        incidents = incidents.filter(next_step__kind__in=kinds_waiting_for(waits_for))
    if kind := chosen.get("kind"):
        words = kind == IncidentKind.WORDS
        incidents = incidents.filter(kind=kind) if words else incidents.filter(address_kind=kind)
    return incidents


def of_view(view: View, incidents: IncidentQuerySet) -> IncidentQuerySet:
    match view:
        case View.WAITING:
            return incidents.waiting().apart().in_order()
        case View.ALIKE:
            return incidents.waiting().alike().order_by("waiting_since", "pk")
        case View.DANGER:
            return incidents.in_danger().waiting().in_order()
        case View.CLAIMED:
            return incidents.filter(state=State.CLAIMED).order_by("claimed_until", "pk")
        case View.ACTING:
            return incidents.filter(state__in=[State.ASSESSED, State.ACTING]).order_by("last_sighted", "pk")
        case _:
            assert_never(view)
