"""Agreed hosting: whether at least three tracing methods name the same place (country and provider).

Only the newest trace of each method counts. The hosting is agreed when the three latest of these name one place. A
later trace that names another place, or one of the same moment, ends the agreement until three methods, each traced
after that, name one place, old or new. To correct a mistyped trace, enter it again: the newer one replaces it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analysts.models import HostingTrace, Incident, Recipient

NEEDED = 3


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

    named: tuple[HostingTrace, ...] = ()
    otherwise: tuple[HostingTrace, ...] = ()

    @property
    def agreed(self) -> Agreed | None:
        """None while fewer than three agree, or a trace no older than the third of them names another place."""
        if len(self.named) < NEEDED:
            return None
        third = self.named[NEEDED - 1]
        if any(trace_moment(trace) >= trace_moment(third) for trace in self.otherwise):
            return None
        latest = self.named[0]
        network = next((trace.network for trace in self.named if trace.network), "")
        return Agreed(latest.country, latest.provider, network, latest.at, self.named)

    @property
    def unsettled_by(self) -> tuple[HostingTrace, ...]:
        """The traces to repeat, or to outweigh with three newer ones, before the hosting is agreed."""
        if self.agreed:
            return ()
        third = self.named[NEEDED - 1] if len(self.named) >= NEEDED else None
        return tuple(trace for trace in self.otherwise if third is None or trace_moment(trace) >= trace_moment(third))

    @property
    def missing(self) -> int:
        """How many more methods must name the place."""
        return max(0, NEEDED - len(self.named))


def trace_moment(trace: HostingTrace) -> tuple[datetime, datetime]:
    """Sort key: the time of the trace, then the time it was recorded."""
    return trace.at, trace.recorded_at


def trace_place(trace: HostingTrace) -> tuple[str, uuid.UUID]:
    return trace.country, trace.provider_id


def consensus_of(traces: Iterable[HostingTrace]) -> TraceConsensus:
    """The consensus of these traces, given in any order."""
    latest = sorted(traces, key=trace_moment, reverse=True)
    newest: dict[str, HostingTrace] = {}
    for trace in latest:
        newest.setdefault(trace.method, trace)
    counting = newest.values()
    candidates = [
        TraceConsensus(
            named=tuple(trace for trace in counting if trace_place(trace) == named),
            otherwise=tuple(trace for trace in counting if trace_place(trace) != named),
        )
        for named in {trace_place(trace) for trace in counting}
    ]
    # At most one place is agreed. Without one, take the place most methods name; on a tie, the one named later.
    return max(
        candidates,
        key=lambda each: (each.agreed is not None, len(each.named), trace_moment(each.named[0])),
        default=TraceConsensus(),
    )


def traces_of(incident: Incident) -> list[HostingTrace]:
    """The traces that count, newest first: those made after the previous chase ended.

    Content that returns after removal may be hosted elsewhere, so older traces do not count.
    """
    ended = [chase.ended_at for chase in incident.known_chases[:-1] if chase.ended_at]
    traces = incident.traces.select_related("provider", "by").order_by("-at", "-recorded_at")
    return list(traces.filter(at__gt=max(ended)) if ended else traces)


def find_agreed_hosting(incident: Incident) -> Agreed | None:
    """The incident's agreed hosting; None before three methods agree and while they disagree."""
    return consensus_of(traces_of(incident)).agreed
