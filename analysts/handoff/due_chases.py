"""Open chases that need the isolated workstation: a hosting trace or an availability check is due."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from analysts.models import BatchItem, BatchState, Chase, HostingTrace, IncidentKind, User
from countries.decided_settings import number_in_force


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
    """The open chases that `user` may see whose check is due or was asked for, longest waiting first."""
    # The same rule as `chasing.rules.check_due_at`.
    chases = _undrawn_chases(user).annotate(looked_at=Coalesce("checked_at", "noticed_at", "since"))
    is_due = Q(looked_at__lte=now - timedelta(hours=number_in_force("CHECK_HOURS")))
    return chases.filter(is_due | Q(removal_reported_at__isnull=False) | Q(check_asked_at__isnull=False))


def _undrawn_chases(user: User) -> QuerySet[Chase]:
    """Without those in an open batch."""
    items = BatchItem.objects.filter(incident=OuterRef("incident"), answered_at=None, batch__state=BatchState.DRAWN)
    # A subquery per chase, because PostgreSQL would read every item ever drawn for an EXISTS.
    first_item = Subquery(items.order_by().values("pk")[:1])
    return (
        Chase.objects.filter(ended_at=None, incident__portals__overlap=user.portal_ids)
        .filter(IsNull(first_item, True), incident__kind=IncidentKind.ADDRESS)
        .order_by("due_at", "pk")
    )


def _network_number(network: str | OuterRef) -> Func:
    """The number in the name of a network (AS64496), as text; NULL if it has none."""
    pattern = Value(r"(?i)\mAS\s?(\d{1,10})\M")
    return Func(network, pattern, function="substring", output_field=CharField())
