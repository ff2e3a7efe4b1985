"""The open takedowns of one host, and what is known of where it is hosted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from analysts.incidents.bulk_actions import MOST_AT_ONCE, load_visible
from analysts.models import Chase, HostingTrace, Incident, IncidentQuerySet, User
from analysts.models.incident import IN_TAKEDOWN
from analysts.takedown.facts.trace_consensus import since_last_chase

# At most this many open takedowns of a host are considered.
MOST_CONSIDERED = 1_000


def takedowns_of_host(incident: Incident, user: User) -> IncidentQuerySet:
    """Incidents of the same host with an open chase that `user` may see, this one included; none without a host."""
    host = bytes(incident.host_fingerprint)
    if not host:
        return Incident.objects.none()
    found = Incident.objects.visible_to(user).filter(IN_TAKEDOWN, ~Q(host_fingerprint=b""), host_fingerprint=host)
    return found.filter(Exists(Chase.objects.open().filter(incident=OuterRef("pk"))))


def count_others(incident: Incident, user: User) -> int:
    """How many other takedowns of the host are open, at most MOST_CONSIDERED."""
    return takedowns_of_host(incident, user).exclude(pk=incident.pk).order_by()[:MOST_CONSIDERED].count()


def load_takedowns(incident: Incident, user: User) -> list[Incident]:
    """The first MOST_AT_ONCE: this one, then those without agreed hosting, longest waiting first."""
    chase = Chase.objects.open().filter(incident=OuterRef("pk"))
    considered = takedowns_of_host(incident, user).order_by().values_list("pk", flat=True)[:MOST_CONSIDERED]
    found = (
        Incident.objects.filter(pk__in=list(considered))
        .annotate(trace=Subquery(chase.values("trace")), since=Subquery(chase.values("since")))
        .annotate(place=Case(When(pk=incident.pk, then=Value(0)), When(trace=0, then=Value(1)), default=Value(2)))
        .order_by("place", "since", "pk")
    )
    return load_visible(user, list(found.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def load_traces(incidents: Sequence[Incident]) -> Mapping[UUID, list[HostingTrace]]:
    """The traces that count for each, newest first, as `traces_of` has them. `incidents` have their chases loaded."""
    found: dict[UUID, list[HostingTrace]] = defaultdict(list)
    traces = HostingTrace.objects.filter(incident__in=[incident.pk for incident in incidents])
    for trace in traces.select_related("provider").order_by("-at", "-recorded_at"):
        found[trace.incident_id].append(trace)
    return {incident.pk: since_last_chase(incident, found[incident.pk]) for incident in incidents}


def latest_place_of_host(incident: Incident, user: User) -> Chase | None:
    """The latest agreed hosting among the open takedowns of the host; None if none is agreed."""
    chases = Chase.objects.open().filter(incident__in=takedowns_of_host(incident, user).values("pk"))
    return chases.exclude(trace=0).select_related("provider").order_by("-traced_at").first()
