"""The work that waits for the isolated workstation, and the part of it that a batch takes."""

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from analysts.assessment.queue import dispatch
from analysts.codes import ReviewStage
from analysts.incidents import contents
from analysts.models import (
    BatchItem,
    BatchKind,
    BatchState,
    Chase,
    ChaseQuerySet,
    HostingTrace,
    Incident,
    IncidentKind,
    User,
)
from analysts.takedown.chasing import rules
from countries.decided_settings import number_in_force

STAGES = {ReviewStage.FIRST: BatchKind.FIRST, ReviewStage.SECOND: BatchKind.SECOND}


class ChosenItem(NamedTuple):
    """An incident and the work on it. `since`: how long that waits."""

    incident: Incident
    kind: BatchKind
    since: datetime


def open_addresses(user: User) -> int:
    """How many addresses are on workstations without a result, in all batches of the user."""
    return BatchItem.objects.open().filter(batch__by=user).count()


def choose_items(user: User, kinds: Collection[BatchKind], most: int, *, now: datetime) -> list[ChosenItem]:
    """The most urgent of what waits, then the longest waiting, each incident once; those of a kind in a row.

    The first `most` traces and checks by their time are considered. Incidents to assess are locked and not claimed.
    """
    waiting = [*_assessments(user, kinds, most, now=now), *_findings(user, kinds, most, now=now)]
    by_incident: dict[uuid.UUID, ChosenItem] = {}
    for item in sorted(waiting, key=lambda item: (-item.incident.priority, item.since, item.incident.pk)):
        # One that is to be traced is asked for its check too, if that is due.
        by_incident.setdefault(item.incident.pk, item)
    chosen = [item for item in list(by_incident.values())[:most] if contents.batch_address(item.incident)]
    return sorted(chosen, key=lambda item: list(BatchKind).index(item.kind))


def _assessments(user: User, kinds: Collection[BatchKind], most: int, *, now: datetime) -> Iterator[ChosenItem]:
    stages = [stage for stage, kind in STAGES.items() if kind in kinds]
    waiting = dispatch.next_candidates(user, now=now).apart()
    waiting = waiting.filter(stage__in=stages, kind=IncidentKind.ADDRESS, child_in_danger=False)
    locked = waiting.select_for_update(skip_locked=True, of=("self",))[:most]
    for incident in dispatch.choose_rotated(user, locked, now=now) if stages else ():
        yield ChosenItem(incident, STAGES[ReviewStage(incident.stage)], incident.waiting_since)


def _findings(user: User, kinds: Collection[BatchKind], most: int, *, now: datetime) -> Iterator[ChosenItem]:
    if BatchKind.TRACES in kinds:
        for chase in chases_to_trace(user).select_related("incident")[:most]:
            yield ChosenItem(chase.incident, BatchKind.TRACES, chase.since)
    if BatchKind.CHECKS in kinds:
        for chase in chases_to_check(user, now=now).select_related("incident")[:most]:
            yield ChosenItem(chase.incident, BatchKind.CHECKS, rules.check_wanted_at(chase))


def chases_to_trace(user: User) -> QuerySet[Chase]:
    """The open chases that `user` may see whose hosting is not agreed, longest waiting first."""
    later = HostingTrace.objects.filter(incident=OuterRef("incident"), at__gte=OuterRef("traced_at"))
    # As `HostingPlace.is_same`: another name with the same network number is the same place.
    disagreeing = (
        later.annotate(number=_network_number("network"))
        .exclude(country=OuterRef("country"), provider=OuterRef("provider"))
        .exclude(country=OuterRef("country"), number=Coalesce(_network_number(OuterRef("network")), Value("-")))
    )
    return _undrawn_chases(user).filter(Q(trace=0) | Q(Exists(disagreeing)))


def chases_to_check(user: User, *, now: datetime) -> QuerySet[Chase]:
    """The open chases that `user` may see whose check is due, asked for or a first look, longest waiting first."""
    return _undrawn_chases(user).to_check(now - timedelta(hours=number_in_force("CHECK_HOURS")))


def _undrawn_chases(user: User) -> ChaseQuerySet:
    """Without those in an open batch, and without those about which a report says that a child is in danger now."""
    items = BatchItem.objects.filter(incident=OuterRef("incident"), answered_at=None, batch__state=BatchState.DRAWN)
    # A subquery per chase, because PostgreSQL would read every item ever drawn for an EXISTS.
    first_item = Subquery(items.order_by().values("pk")[:1])
    return (
        Chase.objects.filter(ended_at=None, incident__portals__overlap=user.portal_array)
        .filter(IsNull(first_item, True), incident__kind=IncidentKind.ADDRESS, incident__child_in_danger=False)
        .order_by("due_at", "pk")
    )


def _network_number(network: str | OuterRef) -> Func:
    """The number in the name of a network (AS64496), as text; NULL if it has none."""
    pattern = Value(r"(?i)\mAS\s?(\d{1,10})\M")
    return Func(network, pattern, function="substring", output_field=CharField())
