"""What the traces of an incident say together: whether at least three methods agree on the place, and which do not.

Of each method the newest trace counts. The place is agreed where the three latest of these name the same country and
the same provider. So one later trace that names another place unsettles it, and so does one of the very same moment;
it is settled again when three methods, each asked after that, name one place, be it the old or the new one. A trace
that was mistyped is entered once more: the newer one takes its place.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analysts.models import HostingTrace, Incident, Recipient

NEEDED = 3


@dataclass(frozen=True, slots=True)
class Agreed:
    """One place, by the traces of at least three methods. `at`: of the latest of them."""

    country: str
    provider: Recipient
    network: str
    at: datetime
    by: tuple[HostingTrace, ...]


@dataclass(frozen=True, slots=True)
class TraceConsensus:
    """The newest trace of each method, the latest first: those that name one place, and those that name others."""

    named: tuple[HostingTrace, ...] = ()
    otherwise: tuple[HostingTrace, ...] = ()

    @property
    def agreed(self) -> Agreed | None:
        """None while fewer than three agree, or something at least as new as the third of them names another place."""
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
        """Those that have to be asked anew, or outlived by three others, before the place is agreed."""
        if self.agreed:
            return ()
        third = self.named[NEEDED - 1] if len(self.named) >= NEEDED else None
        return tuple(trace for trace in self.otherwise if third is None or trace_moment(trace) >= trace_moment(third))

    @property
    def missing(self) -> int:
        """How many methods more have to name the place at least."""
        return max(0, NEEDED - len(self.named))


def trace_moment(trace: HostingTrace) -> tuple[datetime, datetime]:
    """What is newer: what was found out later; of the same minute, what was entered later."""
    return trace.at, trace.recorded_at


def trace_place(trace: HostingTrace) -> tuple[str, uuid.UUID]:
    return trace.country, trace.provider_id


def consensus_of(traces: Iterable[HostingTrace]) -> TraceConsensus:
    """What these traces, in any order, say together."""
    latest = sorted(traces, key=trace_moment, reverse=True)
    newest: dict[str, HostingTrace] = {}
    for trace in latest:
        newest.setdefault(trace.method, trace)
    counting = newest.values()
    told = [
        TraceConsensus(
            named=tuple(trace for trace in counting if trace_place(trace) == named),
            otherwise=tuple(trace for trace in counting if trace_place(trace) != named),
        )
        for named in {trace_place(trace) for trace in counting}
    ]
    # Never more than one is agreed on. Without any, the place that most name; of two such the one named later.
    return max(
        told,
        key=lambda each: (each.agreed is not None, len(each.named), trace_moment(each.named[0])),
        default=TraceConsensus(),
    )


def traces_of(incident: Incident) -> list[HostingTrace]:
    """Those that count, the newest first: established since the chase before the latest one ended.

    What came back after it was gone may be hosted elsewhere: what was true of it then says nothing.
    """
    ended = [chase.ended_at for chase in incident.known_chases[:-1] if chase.ended_at]
    traces = incident.traces.select_related("provider", "by").order_by("-at", "-recorded_at")
    return list(traces.filter(at__gt=max(ended)) if ended else traces)


def find_agreed_hosting(incident: Incident) -> Agreed | None:
    """Where at least three methods say that it is hosted; None before, and while they disagree."""
    return consensus_of(traces_of(incident)).agreed
