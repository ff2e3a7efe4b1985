"""What the isolated workstation found, recorded by the verbs of the takedown: for files and for batches."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from analysts.handoff.format import AvailabilityResult, Traced
from analysts.models import Incident, User
from analysts.takedown.chasing.actions import check
from analysts.takedown.tracing.actions import trace


def record_findings(
    traces: Iterable[Traced],
    available: AvailabilityResult | None,
    *,
    by: User,
    incident: Incident,
    source: UUID,
    asked_at: datetime,
    now: datetime,
) -> None:
    """Record traces and the check, in the caller's transaction. `source`: the item they answer. Raises Denied."""
    for traced in traces:
        trace(
            by=by,
            incident=incident,
            method=traced.method,
            country=traced.country,
            provider=traced.provider,
            network=traced.network,
            note=traced.note,
            at=traced.at,
            source=source,
            now=now,
        )
    if available:
        # A result cannot be older than its question, so that no clock makes several checks of one.
        made_at = max(available.at, asked_at)
        check(by=by, incident=incident, outcome=available.outcome, at=made_at, source=source, now=now)
