"""The open takedowns of one host, and where it is hosted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When, Window

from analysts.incidents.bulk_actions import MOST_AT_ONCE, load_visible
from analysts.models import Chase, HostingTrace, Incident, IncidentQuerySet, User
from analysts.models.incident import IN_TAKEDOWN

# At most this many open takedowns of a host are considered.
MOST_CONSIDERED = 1_000


def takedowns_of_host(incident: Incident, user: User) -> IncidentQuerySet:
    """Incidents of the same host with an open chase that `user` may see, this one included; none without a host."""
    host = bytes(incident.host_fingerprint)
    if not host:
        return Incident.objects.none()
    incidents = Incident.objects.visible_to(user).filter(IN_TAKEDOWN, ~Q(host_fingerprint=b""), host_fingerprint=host)
    return incidents.filter(Exists(Chase.objects.open().filter(incident=OuterRef("pk"))))


@dataclass(frozen=True, slots=True)
class HostSummary:
    """`others`: how many other takedowns of the host are open. `latest`: the one whose hosting was agreed last."""

    others: int = 0
    latest: Chase | None = None


def summarise_host(incident: Incident, user: User) -> HostSummary:
    """A summary of the other open takedowns of the host. One query, none without a host."""
    others = Chase.objects.open().filter(incident__in=takedowns_of_host(incident, user).exclude(pk=incident.pk))
    counted = others.annotate(number=Window(Count("pk"))).select_related("provider")
    first = counted.order_by(F("traced_at").desc(nulls_last=True), "pk").first()
    if first is None:
        return HostSummary()
    number: int = first.number  # type: ignore[attr-defined] # annotated
    return HostSummary(number, first if first.trace else None)


class SuggestedPlace(NamedTuple):
    """Where an incident may be hosted, as it was last found `at`."""

    country: str
    provider: str
    network: str
    at: datetime


def suggest_place(traces: Iterable[HostingTrace], host: HostSummary) -> SuggestedPlace | None:
    """The place of the incident's last trace, else the latest agreed hosting of another takedown of its host."""
    if last := max(traces, key=lambda trace: trace.recorded_at, default=None):
        return SuggestedPlace(last.country, last.provider.name, last.network, last.at)
    latest = host.latest
    if latest is None or latest.provider is None or latest.traced_at is None:
        return None
    return SuggestedPlace(latest.country, latest.provider.name, latest.network, latest.traced_at)


def load_takedowns(incident: Incident, user: User) -> list[Incident]:
    """The first MOST_AT_ONCE: this one, then those without agreed hosting, longest waiting first."""
    chase = Chase.objects.open().filter(incident=OuterRef("pk"))
    considered = takedowns_of_host(incident, user).order_by().values_list("pk", flat=True)[:MOST_CONSIDERED]
    incidents = (
        Incident.objects.filter(pk__in=list(considered))
        .annotate(trace=Subquery(chase.values("trace")), since=Subquery(chase.values("since")))
        .annotate(place=Case(When(pk=incident.pk, then=Value(0)), When(trace=0, then=Value(1)), default=Value(2)))
        .order_by("place", "since", "pk")
    )
    return load_visible(user, list(incidents.values_list("pk", flat=True)[:MOST_AT_ONCE]))
