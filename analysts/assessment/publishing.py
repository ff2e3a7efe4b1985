"""The daily batch that writes public states to receipts: counts by state, never which address.

It runs once a day for all receipts, and never on the day of the report, so that a receipt cannot be used to find out
whether an address was already known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from analysts.assessment.intake.reopening import CLEARED
from analysts.codes import Closing, Reason, Verdict
from analysts.codes.recipient_kinds import ReferralKind, kinds_that_are
from analysts.models import Assessment, Chase, Incident, Referral, Report, Sighting, UrlListEntry
from analysts.states import State
from countries.outgoing_effects import RECEIPT_STATES, is_held
from reports.models import Receipt, SourceItem
from reports.outcomes import AddressFacts, ClosedReason, PublicState, public_state

BATCH = 500
# Recipients whose notices receipts may mention; never the police, nor a site owner, who may be the offender.
ON_RECEIPTS = kinds_that_are(lambda row: row.is_on_receipts)
NOTICED = Referral.objects.filter(noticed_at__isnull=False, to__kind__in=ON_RECEIPTS)
# The rows behind the facts of an incident; one query each for all incidents of a batch.
EVIDENCE = (
    Prefetch("assessments", queryset=Assessment.objects.in_force()),
    Prefetch("referrals", queryset=NOTICED.select_related("to", "assessment")),
    Prefetch("url_list_entries", queryset=UrlListEntry.objects.filter(removed_on=None)),
    Prefetch("chases", queryset=Chase.objects.filter(removed_at__isnull=False)),
)


def facts_of(sighting: Sighting) -> AddressFacts:
    """The sentence that a receipt may show about one address of its report, whose incident is not merged into another.

    A merged address that no analyst opened or compared has its assessment begun at most. The rows should be fetched
    with EVIDENCE.
    """
    facts = _facts_of_incident(sighting)
    return facts if sighting.shares_verdict else _without_verdict(facts)


def _without_verdict(facts: AddressFacts) -> AddressFacts:
    return AddressFacts(assessment_begun=facts.assessment_begun, asked_again=facts.asked_again)


def _facts_of_incident(sighting: Sighting) -> AddressFacts:
    """The facts of the incident that happened since the report: verdicts of its round or later, and referrals of those
    verdicts or of a takedown that is still open.
    """
    incident, since = sighting.incident, sighting.round
    verdicts = [
        assessment
        for assessment in incident.assessments.all()
        if assessment.undone_at is None and assessment.round >= since
    ]
    is_claimed = incident.state == State.CLAIMED and incident.round >= since
    referred = {
        referral.kind
        for referral in incident.referrals.all()
        if referral.noticed_at and referral.to and referral.to.kind in ON_RECEIPTS
        if referral.ended_at is None or referral.assessment.round >= since
    }
    return AddressFacts(
        asked_again=sighting.asked_again,
        assessment_begun=is_claimed or bool(verdicts),
        notice_left=ReferralKind.TAKEDOWN in referred,
        referral_left=ReferralKind.HOTLINE in referred,
        is_listed=any(entry.removed_on is None for entry in incident.url_list_entries.all()),
        found_removed=incident.closing == Closing.GONE
        and any(chase.is_gone and chase.round >= since for chase in incident.chases.all()),
        closed_reason=_closed_reason(
            incident, [verdict for verdict in verdicts if verdict.round >= incident.answers_from]
        ),
    )


def _closed_reason(incident: Incident, verdicts: Iterable[Assessment]) -> str:
    """Why the work on a report ended without a takedown, by the first round whose verdict answers it; "" if none.

    A verdict that cleared the content stays the answer when a later report reopens the incident. Any other answer
    follows the incident. `verdicts`: those in force, in rounds that may answer the report.
    """
    # The latest of each round decides it.
    decisions = {verdict.round: verdict for verdict in sorted(verdicts, key=lambda verdict: verdict.at)}
    for of, verdict in sorted(decisions.items()):
        is_current = of == incident.round
        if verdict.verdict == Verdict.ILLEGAL or (is_current and incident.closing != Closing.NOT_ACTIONED):
            return ""
        if is_current or verdict.verdict in CLEARED:
            return public_reason(verdict).value
    return ""


def public_reason(verdict: Assessment) -> ClosedReason:
    """The reason that a receipt shows for a verdict other than illegal."""
    if verdict.bulk_id is not None:
        return ClosedReason.SIMILAR
    if verdict.verdict == Verdict.OUTSIDE_REMIT:
        return ClosedReason.OUTSIDE_REMIT
    reason = Reason(verdict.reason).row.closed_reason
    if verdict.verdict == Verdict.NOT_ILLEGAL and verdict.reason == Reason.OTHER:
        return ClosedReason.NOT_ILLEGAL
    if verdict.verdict == Verdict.NOT_ASSESSED and reason == ClosedReason.NOT_ILLEGAL:
        # Nothing was found legal: the same reason, such as an unclear age, goes with both verdicts.
        return ClosedReason.NOT_ASSESSABLE
    return reason


def publish_outcomes(*, now: datetime | None = None) -> int:
    """Write the changes since the last batch to the receipts; returns the number of receipts changed.

    While a lockdown holds them, they wait for the next batch.
    """
    if is_held(RECEIPT_STATES):
        return 0
    now = now or timezone.now()
    due = Report.objects.all()
    if settings.PUBLISH_EVERY == "day":
        # A full day, so that the date has changed in every time zone.
        due = due.filter(received_hour__lte=now - timedelta(days=1))
    return _publish_changed_incidents(due, now=now) + _publish_new_reports(due, now=now)


def _publish_changed_incidents(due: QuerySet[Report], *, now: datetime) -> int:
    number = 0
    changed = Incident.objects.filter(unpublished=True).order_by("pk")
    while pks := list(changed.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            # The update locks the rows first, so that a later action marks its incident again.
            Incident.objects.filter(pk__in=pks).update(unpublished=False)
            reports = due.filter(sightings__incident__in=pks).distinct().values_list("pk", flat=True)
            for batch in batched(reports.iterator(), BATCH):
                number += _update_receipts(batch, now=now)
    return number


def _publish_new_reports(due: QuerySet[Report], *, now: datetime) -> int:
    number = 0
    new = due.filter(unpublished=True).order_by("received_hour", "pk")
    while pks := list(new.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Report.objects.filter(pk__in=pks).update(unpublished=False)
            number += _update_receipts(pks, now=now)
    return number


def _update_receipts(pks: Iterable[UUID], *, now: datetime) -> int:
    """Bring the receipts of these reports up to date; returns how many changed."""
    reports = (
        Report.objects.filter(pk__in=pks)
        .select_related("receipt")
        .prefetch_related(Prefetch("sightings__incident", queryset=Incident.objects.prefetch_related(*EVIDENCE)))
    )
    changed, closed = [], []
    for report in reports:
        outcomes = _outcome_counts(report)
        if report.source_id and _is_closed_for_source(report, outcomes):
            closed.append(report.pk)
        if outcomes != report.receipt.outcomes:
            report.receipt.outcomes = outcomes
            report.receipt.changed_on = now.date()
            changed.append(report.receipt)
    Receipt.objects.bulk_update(changed, ["outcomes", "changed_on"])
    if closed:
        SourceItem.objects.filter(pk__in=closed, is_closed=False).update(is_closed=True)
    return len(changed)


def _is_closed_for_source(report: Report, outcomes: Sequence[Sequence[str | int]]) -> bool:
    """Whether the work on the report of a source has ended, by decisions that were all made since it arrived.

    Once said it stays said: a source, or who stole its key, could otherwise ask again and again what staff do.
    """
    ended = {PublicState.GONE.value, PublicState.CLOSED.value}
    if not outcomes or any(state not in ended for state, _reason, _count in outcomes):
        return False
    return all(map(_is_decided_since, report.sightings.all()))


def _is_decided_since(sighting: Sighting) -> bool:
    """Whether a verdict on the incident, or the check that found it removed, is of after the report. An earlier one
    would say that the address was known."""
    if not sighting.is_repeat:
        return True
    incident, since = sighting.incident, sighting.report.received_hour + timedelta(hours=1)
    moments = [verdict.at for verdict in incident.assessments.all() if verdict.undone_at is None]
    moments += [chase.ended_at for chase in incident.chases.all() if chase.ended_at]
    return any(moment >= since for moment in moments)


def _is_counted_with_another(sighting: Sighting) -> bool:
    """Whether it was merged, before analysts were asked to compare, into an incident that its report names as well."""
    incident = sighting.incident
    return incident.closing == Closing.MERGED and incident.is_compared is None and sighting.shares_verdict


def _item_facts(sighting: Sighting, by_incident: Mapping[UUID, Sighting]) -> AddressFacts:
    """The facts of one item of a report; of a merged incident, those of the one that the report names as well."""
    merged = sighting.incident
    if merged.merged_into_id is None:
        return facts_of(sighting)
    other = by_incident.get(merged.merged_into_id)
    facts = _facts_of_incident(other) if other else AddressFacts(assessment_begun=True)
    return facts if merged.is_compared else _without_verdict(facts)


def _outcome_counts(report: Report) -> list[list[str | int]]:
    by_incident = {sighting.incident_id: sighting for sighting in report.sightings.all()}
    sightings = [sighting for sighting in by_incident.values() if not _is_counted_with_another(sighting)]
    # Words beside addresses and accounts are no item of their own: the answer to the report did not count them.
    items = [sighting for sighting in sightings if sighting.incident.address_kind]
    counts = Counter(public_state(_item_facts(sighting, by_incident)) for sighting in items or sightings)
    order = list(PublicState)
    return [
        [state.value, reason.value if reason else "", count]
        for (state, reason), count in sorted(
            counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or "")
        )
    ]
