"""Agreed hosting: whether at least three tracing methods name the same place.

A place is a country and a provider. Two names of a provider are one place if their networks have the same number
(AS64496): the number is assigned once, and a name is spelt in many ways.

Only the newest trace of each method counts. The hosting is agreed when the three latest of these name one place. A
later trace that names another place, or one of the same moment, ends the agreement until three methods, each traced
after that, name one place, old or new. To correct a mistyped trace, enter it again: the newer one replaces it.
"""

import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from analysts.models import HostingTrace, Incident, Recipient

NEEDED = 3
# The number of a network (autonomous system), as in "AS64496 Example Net".
AS_NUMBER = re.compile(r"\bAS\s?(\d{1,10})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Agreed:
    """The place that at least three methods name. `at`: the time of the latest of their traces."""

    country: str
    provider: Recipient
    network: str
    at: datetime
    by: tuple[HostingTrace, ...]


@dataclass(frozen=True, slots=True)
class TraceConsensus:
    """The newest trace of each method, latest first: those naming the leading place, and those naming others."""

    leading: tuple[HostingTrace, ...] = ()
    others: tuple[HostingTrace, ...] = ()

    @property
    def agreed(self) -> Agreed | None:
        """None while fewer than three agree, or a trace no older than the third of them names another place."""
        if len(self.leading) < NEEDED:
            return None
        third = self.leading[NEEDED - 1]
        if any(trace_moment(trace) >= trace_moment(third) for trace in self.others):
            return None
        latest = self.leading[0]
        network = next((trace.network for trace in self.leading if trace.network), "")
        return Agreed(latest.country, self._preferred_provider(), network, latest.at, self.leading)

    def _preferred_provider(self) -> Recipient:
        """One of several names for a network: a verified recipient first, then the most frequent, then the latest."""
        times = Counter(trace.provider_id for trace in self.leading)
        return max(
            (trace.provider for trace in self.leading), key=lambda provider: (provider.is_usable, times[provider.pk])
        )

    @property
    def unsettled_by(self) -> tuple[HostingTrace, ...]:
        """The traces to repeat, or to outweigh with three newer ones, before the hosting is agreed."""
        if self.agreed:
            return ()
        third = self.leading[NEEDED - 1] if len(self.leading) >= NEEDED else None
        return tuple(trace for trace in self.others if third is None or trace_moment(trace) >= trace_moment(third))

    @property
    def missing(self) -> int:
        """How many more methods must name the place."""
        return max(0, NEEDED - len(self.leading))


def trace_moment(trace: HostingTrace) -> tuple[datetime, datetime]:
    """Sort key: the time of the trace, then the time it was recorded."""
    return trace.at, trace.recorded_at


def as_number(network: str) -> int | None:
    """The number of the network; None if the text has none."""
    match = AS_NUMBER.search(network)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class HostingPlace:
    """Where content is hosted, for comparison."""

    country: str
    provider: uuid.UUID | None
    network: str

    def is_same(self, other: "HostingPlace") -> bool:
        """Whether both are in one country, and have one provider or one network number."""
        if self.country != other.country:
            return False
        number = as_number(self.network)
        return self.provider == other.provider or (number is not None and number == as_number(other.network))


def trace_place(trace: HostingTrace) -> HostingPlace:
    return HostingPlace(trace.country, trace.provider_id, trace.network)


def _group_by_place(traces: Iterable[HostingTrace]) -> list[list[HostingTrace]]:
    """The traces of each place. Two traces may be of one place through a third that shares something with each."""
    groups: list[list[HostingTrace]] = []
    for trace in traces:
        place = trace_place(trace)
        matches = [group for group in groups if any(place.is_same(trace_place(trace)) for trace in group)]
        groups = [group for group in groups if group not in matches] + [[*chain(*matches), trace]]
    return groups


def consensus_of(traces: Iterable[HostingTrace]) -> TraceConsensus:
    """The consensus of these traces, given in any order."""
    latest = sorted(traces, key=trace_moment, reverse=True)
    newest: dict[str, HostingTrace] = {}
    for trace in latest:
        newest.setdefault(trace.method, trace)
    counting: Sequence[HostingTrace] = list(newest.values())
    candidates = [
        TraceConsensus(
            leading=tuple(trace for trace in counting if trace in group),
            others=tuple(trace for trace in counting if trace not in group),
        )
        for group in _group_by_place(counting)
    ]
    # At most one place is agreed. Without one, take the place most methods name; on a tie, the one named later.
    return max(
        candidates,
        key=lambda candidate: (
            candidate.agreed is not None,
            len(candidate.leading),
            trace_moment(candidate.leading[0]),
        ),
        default=TraceConsensus(),
    )


def traces_of(incident: Incident) -> list[HostingTrace]:
    """The traces that count, newest first: those made after the previous chase ended.

    Content that returns after removal may be hosted elsewhere, so older traces do not count.
    """
    traces = list(incident.traces.select_related("provider", "by").order_by("-at", "-recorded_at"))
    return since_last_chase(incident, traces) if traces else []


def load_traces(incidents: Sequence[Incident]) -> Mapping[uuid.UUID, list[HostingTrace]]:
    """The traces that count for each, newest first, as `traces_of` has them. `incidents` have their chases loaded."""
    traces_by_incident: dict[uuid.UUID, list[HostingTrace]] = defaultdict(list)
    traces = HostingTrace.objects.filter(incident__in=[incident.pk for incident in incidents])
    for trace in traces.select_related("provider", "key").order_by("-at", "-recorded_at"):
        traces_by_incident[trace.incident_id].append(trace)
    return {incident.pk: since_last_chase(incident, traces_by_incident[incident.pk]) for incident in incidents}


def since_last_chase(incident: Incident, traces: Iterable[HostingTrace]) -> list[HostingTrace]:
    """The traces of the incident that were made after its previous chase ended."""
    ended = [chase.ended_at for chase in incident.known_chases[:-1] if chase.ended_at]
    return [trace for trace in traces if not ended or trace.at > max(ended)]


def find_agreed_hosting(incident: Incident) -> Agreed | None:
    """The incident's agreed hosting; None before three methods agree and while they disagree."""
    return consensus_of(traces_of(incident)).agreed
