"""The daily batch that writes public states to receipts: counts by state, never which address.

It runs once a day for all receipts, and never on the day of the report, so that a receipt cannot be used to find out
whether an address was already known.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import batched
from typing import assert_never
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from analysts.codes import Closing, Reason, Verdict
from analysts.models import Assessment, Incident, Report
from analysts.states import State
from reports.models import Receipt
from reports.outcomes import ClosedReason, PublicState

BATCH = 500
STANDING = Prefetch("assessments", queryset=Assessment.objects.in_force())


def public_outcome(incident: Incident, latest: Assessment | None) -> tuple[PublicState, ClosedReason | None]:
    """What a receipt shows for one incident that is not merged, given its latest assessment."""
    match State(incident.state):
        case State.WAITING:
            # With an assessment, it waits for another review or was reopened.
            return (PublicState.RECEIVED if latest is None else PublicState.BEING_ASSESSED), None
        case State.CLAIMED | State.ASSESSED:
            return PublicState.BEING_ASSESSED, None
        case State.ACTING:
            return PublicState.ACTION_TAKEN, None
        case State.CLOSED:
            return _closing_outcome(Closing(incident.closing), latest)
        case other:
            assert_never(other)


def _closing_outcome(closing: Closing, latest: Assessment | None) -> tuple[PublicState, ClosedReason | None]:
    match closing:
        case Closing.GONE:
            return PublicState.GONE, None
        case Closing.EXHAUSTED:
            return PublicState.ACTION_TAKEN, None
        case Closing.NOT_ACTIONED:
            return PublicState.CLOSED, _public_reason(latest)
        case Closing.MERGED:
            raise ValueError("a merged incident is published as the incident it was merged into")
        case other:
            assert_never(other)


def _public_reason(latest: Assessment | None) -> ClosedReason:
    if latest is None or not latest.reason:
        return ClosedReason.NOT_ASSESSABLE
    if latest.verdict == Verdict.OUTSIDE_REMIT:
        return ClosedReason.OUTSIDE_REMIT
    if latest.verdict == Verdict.NOT_ILLEGAL and latest.reason == Reason.OTHER:
        return ClosedReason.NOT_ILLEGAL
    return Reason(latest.reason).row.closed_reason


def publish_outcomes(*, now: datetime | None = None) -> int:
    """Write the changes since the last batch to the receipts; returns the number of receipts changed."""
    now = now or timezone.now()
    due = Report.objects.all()
    if settings.PUBLISH_EVERY == "day":
        # A full day, so that the date has changed in every time zone.
        due = due.filter(received_hour__lte=now - timedelta(days=1))
    return _publish_changed_incidents(due, now=now) + _publish_new_reports(due, now=now)


def _publish_changed_incidents(due: QuerySet[Report], *, now: datetime) -> int:
    written = 0
    changed = Incident.objects.filter(unpublished=True).order_by("pk")
    while pks := list(changed.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            # The update locks the rows first, so that a later action marks its incident again.
            Incident.objects.filter(pk__in=pks).update(unpublished=False)
            reports = due.filter(sightings__incident__in=pks).distinct().values_list("pk", flat=True)
            for batch in batched(reports.iterator(), BATCH):
                written += _update_receipts(batch, now=now)
    return written


def _publish_new_reports(due: QuerySet[Report], *, now: datetime) -> int:
    written = 0
    new = due.filter(unpublished=True).order_by("received_hour", "pk")
    while pks := list(new.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Report.objects.filter(pk__in=pks).update(unpublished=False)
            written += _update_receipts(pks, now=now)
    return written


def _update_receipts(pks: Iterable[UUID], *, now: datetime) -> int:
    """Bring the receipts of these reports up to date; returns how many changed."""
    reports = (
        Report.objects.filter(pk__in=pks)
        .select_related("receipt")
        .prefetch_related(Prefetch("sightings__incident", queryset=Incident.objects.prefetch_related(STANDING)))
    )
    changed = []
    for report in reports:
        outcomes = _outcome_counts(report)
        if outcomes != report.receipt.outcomes:
            report.receipt.outcomes = outcomes
            report.receipt.changed_on = now.date()
            changed.append(report.receipt)
    Receipt.objects.bulk_update(changed, ["outcomes", "changed_on"])
    return len(changed)


def _outcome_counts(report: Report) -> list[list[str | int]]:
    counts: Counter[tuple[PublicState, ClosedReason | None]] = Counter()
    for sighting in report.sightings.all():
        if sighting.incident.closing == Closing.MERGED:
            # The report also has a sighting of the incident it was merged into, which is counted.
            continue
        # Meta.ordering puts the latest assessment first; prefetched, so no query per row.
        latest = next(iter(sighting.incident.assessments.all()), None)
        counts[public_outcome(sighting.incident, latest)] += 1
    order = list(PublicState)
    return [
        [state.value, reason.value if reason else "", count]
        for (state, reason), count in sorted(
            counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or "")
        )
    ]
