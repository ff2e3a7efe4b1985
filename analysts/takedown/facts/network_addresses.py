"""The IP address of the host of each incident, opened for letters and referrals only."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from analysts.incidents import contents
from analysts.incidents.bulk_actions import load_chases
from analysts.models import HostingTrace, Incident
from analysts.takedown.facts.trace_consensus import HostingPlace, load_traces, trace_place


def open_network_addresses(incidents: Sequence[Incident]) -> dict[UUID, str]:
    """Maps each incident's id to the IP address of its host, in clear; "" if no trace has it. Two queries."""
    load_chases(incidents)
    traces = load_traces(incidents)
    return {incident.pk: _open_latest(incident, traces[incident.pk]) for incident in incidents}


def _open_latest(incident: Incident, traces: Iterable[HostingTrace]) -> str:
    """That of the newest trace which names the agreed hosting; of any trace while none is agreed."""
    chase = incident.known_chases[-1] if incident.known_chases else None
    hosting = HostingPlace(chase.country, chase.provider_id, chase.network) if chase and chase.trace else None
    for trace in traces:
        if trace.sealed and (hosting is None or hosting.is_same(trace_place(trace))):
            return contents.letter_copy(trace) or ""
    return ""
