"""Looks at the content: which are on record, and whether a takedown waits for one.

A first notice says in good faith that the hotline saw the content, so none leaves before a look for this incident is on
record: an illegal verdict by an analyst who saw it, or an availability check that found it online.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from analysts.codes import Verdict, VerdictBasis
from analysts.models import Assessment, AvailabilityCheck, Chase, CheckOutcome, Incident, Purpose

# Verdicts from before analysts were asked what they rest on were made by looking.
SEEN = Q(verdict=Verdict.ILLEGAL, undone_at=None, basis__in=["", VerdictBasis.SEEN])


def latest_looks(incidents: Collection[UUID]) -> dict[UUID, datetime]:
    """Maps each incident to the latest moment at which the content was seen online. One query.

    Incidents without a look on record are left out.
    """
    verdicts = Assessment.objects.filter(SEEN, incident=OuterRef("pk")).order_by("-at")
    checks = AvailabilityCheck.objects.filter(incident=OuterRef("pk"), outcome=CheckOutcome.ONLINE).order_by("-at")
    moments = [Subquery(rows.values("at")[:1]) for rows in (verdicts, checks)]
    looks = Incident.objects.filter(pk__in=incidents).values_list("pk", *moments)
    return {pk: max(filter(None, times)) for pk, *times in looks if any(times)}


def has_look(chase: Chase) -> bool:
    """Whether a look is on record since the verdict that the chase follows. At most two queries."""
    verdicts = Assessment.objects.filter(SEEN, incident=chase.incident_id)
    if verdicts.filter(Q(round=chase.round) | Q(at__gte=chase.since)).exists():
        return True
    # A form takes no seconds: a check of the verdict's minute counts.
    since = chase.since.replace(second=0, microsecond=0)
    return AvailabilityCheck.objects.filter(
        incident=chase.incident_id, outcome=CheckOutcome.ONLINE, at__gte=since
    ).exists()


def waits_for_look(chase: Chase, purpose: Purpose) -> bool:
    """Whether a notice for this purpose has to wait for a look at the content."""
    return chase.unseen_since is not None and purpose.row.comes_first
