"""The queue page: incidents that wait for an analyst, best first."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import floods
from analysts.assessment.flood_views import recent_closings
from analysts.assessment.forms import Age, ChosenFilters, QueueFilter, View
from analysts.assessment.open_drafts import last_decision
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.priority import HIGHEST
from analysts.incidents.table import (
    MOST_COUNTED,
    CappedCount,
    CappedPaginator,
    IncidentRow,
    count_rows,
    incident_rows,
    number_label,
)
from analysts.models import Incident, IncidentKind, IncidentQuerySet, Sighting, User
from analysts.states import State
from analysts.welfare import viewing
from countries.staff.staff_pages import staff_page

ROWS_A_PAGE = 30


@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    check_can_see_queue(request.user)
    now = timezone.now()
    form = QueueFilter(request.GET, portals=request.user.visible_portals())
    chosen = form.chosen()
    page = CappedPaginator(filter_queue(chosen, request.user, now), ROWS_A_PAGE).get_page(request.GET.get("page"))
    viewing.view_queue(by=request.user, filters={name: form.data[name] for name in chosen}, now=now)
    context = {
        "title": _("Queue"),
        "form": form,
        "page": page,
        "rows": incident_rows(page, request.user, now),
        "groups": flood_rows(chosen, request.user, now) if page.number == 1 else [],
        "closings": recent_closings(request.user, now) if page.number == 1 and not chosen else [],
        "chosen": chosen,
        "last": last_decision(request.user),
    }
    return staff_page(request, "analysts/assessment/queue.html", context)


def filter_queue(chosen: ChosenFilters, user: User, now: datetime) -> IncidentQuerySet:
    """The user's incidents that match the filters, each view in the order of its index."""
    mine = incidents_in_scope(chosen, user).select_related("key")
    if like := chosen.get("like"):
        flood = mine.filter(pk=like).values("flood")[:1]
        one_group = mine.waiting().alike().filter(flood=Subquery(flood)).order_by("waiting_since", "pk")
        if chosen.get("view") == View.DANGER:
            one_group = one_group.filter(child_in_danger=True)
        return apply_filters(chosen, one_group, user, now)
    return apply_filters(chosen, of_view(View(chosen.get("view", "")), mine), user, now)


def count_queue(chosen: ChosenFilters, user: User, now: datetime) -> CappedCount:
    """The number of incidents that the queue lists with these filters: the one count that other pages show of it."""
    return count_rows(filter_queue(chosen, user, now))


def incidents_in_scope(chosen: ChosenFilters, user: User) -> IncidentQuerySet:
    """The user's incidents; with one of their portals chosen, only that portal's, without querying the others."""
    portal = chosen.get("portal")
    mine = Incident.objects.visible_to(user)
    return mine if portal is None or portal.pk not in user.portal_ids else Incident.objects.sighted_by(portal)


def flood_rows(chosen: ChosenFilters, user: User, now: datetime) -> list[IncidentRow]:
    """One row per flood in the waiting view: its longest waiting incident, with the number of incidents.

    Floods with a child in danger come first, with their longest waiting incident in danger. Five queries plus those of
    `incident_rows`, however many groups there are; no count exceeds MOST_COUNTED.
    """
    if View(chosen.get("view", "")) != View.WAITING or chosen.get("like"):
        return []
    folded = apply_filters(chosen, incidents_in_scope(chosen, user).waiting().alike(), user, now)
    known = floods.waiting_floods()
    if not known:
        return []
    alike, in_danger = members_by_flood(folded, known), members_by_flood(folded.filter(child_in_danger=True), known)
    shown = {flood: in_danger.get(flood, those).longest_waiting for flood, those in alike.items()}
    incidents = Incident.objects.select_related("key").in_bulk(shown.values())
    order = sorted(shown, key=lambda flood: flood not in in_danger)
    return [
        replace(
            row,
            alike=number_label(alike[flood].number),
            in_danger=number_label(in_danger[flood].number) if flood in in_danger else "",
        )
        for flood, row in zip(
            order, incident_rows((incidents[shown[flood]] for flood in order), user, now), strict=True
        )
    ]


@dataclass(frozen=True, slots=True)
class Members:
    """The longest waiting incident of a flood and the number of its incidents, up to MOST_COUNTED."""

    longest_waiting: UUID
    number: int


def members_by_flood(folded: IncidentQuerySet, known: list[bytes]) -> dict[bytes, Members]:
    """The members by flood, without empty floods. `known` must not be empty.

    They are counted in the database: reading a thousand ids per flood took longer than the rest of the page.
    """
    first, *others = [
        folded.filter(flood=flood).order_by("waiting_since", "pk").values("flood", "waiting_since", "pk")[:MOST_COUNTED]
        for flood in known
    ]
    try:
        some, values = first.union(*others, all=True).query.sql_with_params()
    except EmptyResultSet:
        return {}
    summed_up = "flood, (array_agg(pk ORDER BY waiting_since, pk))[1], count(*)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {summed_up} FROM ({some}) AS those GROUP BY flood", values)  # noqa: S608 - of the querysets above
        return {bytes(flood): Members(longest_waiting, number) for flood, longest_waiting, number in cursor.fetchall()}


def apply_filters(chosen: ChosenFilters, incidents: IncidentQuerySet, user: User, now: datetime) -> IncidentQuerySet:
    """Apply all filters except the view."""
    if portal := chosen.get("portal"):
        incidents = incidents.sighted_by(portal)
    if language := chosen.get("language"):
        # Only reports that the user may see: a filter must not reveal what other portals received.
        reported = Sighting.objects.filter(
            incident=OuterRef("pk"), portal__in=user.portal_ids, report__language=language
        )
        incidents = incidents.filter(Exists(reported))
    if priority := chosen.get("priority"):
        lowest, _to, highest = priority.partition("-")
        incidents = incidents.filter(priority__gte=int(lowest), priority__lte=int(highest or HIGHEST))
    if age := chosen.get("age"):
        incidents = incidents.filter(waiting_since__lte=now - Age(age).duration)
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
            return incidents.in_danger().in_order()
        case View.CLAIMED:
            return incidents.filter(state=State.CLAIMED).order_by("claimed_until", "pk")
        case View.ACTING:
            return incidents.filter(state__in=[State.ASSESSED, State.ACTING]).order_by("last_sighted", "pk")
        case _:
            assert_never(view)
