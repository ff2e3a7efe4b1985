"""Merging two incidents about the same content, and splitting a report off an incident."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.actions.claims import leave_batch
from analysts.assessment.actions.outcomes import return_to_queue
from analysts.assessment.intake.incident_matching import (
    build_incident,
    keep_address,
    lock_incidents,
    shares_verdict_of,
    start_pattern,
)
from analysts.assessment.intake.prioritising import set_priority
from analysts.assessment.intake.reopening import (
    HOUR,
    decided_at,
    is_answered,
    latest_hour_of,
    may_reopen_at,
    wait_for_next_round,
)
from analysts.codes import Closing, Fact
from analysts.incidents import contents, permissions
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.incidents.locking import check_fence, end_claim, lock_in_order, lock_incident, record_act, save_incident
from analysts.incidents.near_duplicates import shape_of_address
from analysts.incidents.priority import URGENT
from analysts.models import (
    Appeal,
    EnteredAddress,
    Incident,
    IncidentKind,
    Question,
    Report,
    Sighting,
    SystemicCase,
    User,
)
from analysts.models.incident_queries import LOWEST
from analysts.states import target
from audit.actions import JSON
from audit.permissions import Denied
from reports.addresses import Address, find_addresses
from reports.models import Submission, the_hour


@transaction.atomic
def merge(
    *,
    by: User,
    incident: Incident,
    into: Incident,
    compared: bool = False,
    fence: int | None = None,
    now: datetime | None = None,
) -> Incident:
    """Merge `incident` into `into`: its reports, and later reports of its address, belong to `into`.

    A report that names both keeps both sightings. `compared`: whether `by` opened both addresses or compared them;
    without that no verdict answers the reports of `incident`. `fence`: that of the claim of `by`, if there is one.
    Returns `into`.
    """
    now = now or timezone.now()
    # The lock order of intake: merged incidents before the one they were merged into, all others by primary key.
    lock_in_order(Incident.objects.filter(merged_into__in=[incident.pk, into.pk]))
    both = {pk: lock_incident(Incident(pk=pk), by) for pk in sorted([incident.pk, into.pk])}
    incident, into = both[incident.pk], both[into.pk]
    permissions.check_can_merge(by, incident, into)
    if incident.claimed_by_id is not None:
        check_fence(incident, incident.fence if fence is None else fence)
    named_both = Sighting.objects.filter(incident=into, report=OuterRef("report"))
    moved_sightings = incident.sightings.exclude(Exists(named_both))
    decided = decided_at(into)
    unanswered: list[UUID] = []
    if decided:
        # Any envelope of a report may be the one that names the address.
        later_submissions = Submission.objects.filter(receipt=OuterRef("report"), received_hour__gt=decided - HOUR)
        unanswered = list(moved_sightings.filter(Exists(later_submissions)).values_list("pk", flat=True))
    Question.objects.filter(incident=incident, report__in=moved_sightings.values("report")).update(incident=into)
    reports = moved_sightings.update(
        incident=into,
        merged_from=Coalesce(F("merged_from"), incident.pk),
        round=into.round,
        shares_verdict=F("shares_verdict") if compared else False,
    )
    if compared:
        _share_verdict(into, incident)
    if unanswered:
        Sighting.objects.filter(pk__in=unanswered).update(round=into.round + 1)
        into.reopens_at = may_reopen_at(into, now=now)
    entries = EnteredAddress.objects.filter(incident=incident)
    entries.update(incident=into, merged_from=Coalesce(F("merged_from"), incident.pk))
    Appeal.objects.waiting().filter(incident=incident).update(incident=into)
    SystemicCase.objects.filter(incident=incident).update(incident=into)
    # Incidents merged into it earlier are redirected, so that merges never form a chain.
    incident.merged.update(merged_into=into, is_compared=F("is_compared") if compared else False)
    _take_over(into, incident, now=now)
    incident.state = target("merge")
    incident.closing, incident.closed_on, incident.merged_into = Closing.MERGED, now.date(), into
    incident.is_compared, incident.reopens_at = compared, None
    save_incident(incident, *end_claim(incident), "closing", "closed_on", "merged_into", "is_compared", "reopens_at")
    details: dict[str, JSON] = {"count": reports, "compared": compared}
    record_act("merge", incident, by=by, now=now, details={"into": str(into.pk), **details}, sighted=into)
    record_act("merge", into, by=by, now=now, details={"from": str(incident.pk), **details})
    return into


@transaction.atomic
def compare_merged(*, by: User, incident: Incident, merged: Incident, now: datetime | None = None) -> Incident:
    """Record that `by` opened the address of `merged`, or compared it with the one it was merged into, `incident`.

    From now on the verdict answers the reports of both. Returns `incident`.
    """
    now = now or timezone.now()
    # The lock order of merge().
    merged = Incident.objects.select_for_update().get(pk=merged.pk)
    incident = lock_incident(incident, by)
    permissions.check_can_compare(by, incident, merged)
    merged.is_compared = True
    merged.save(update_fields=["is_compared"])
    _share_verdict(incident, merged)
    save_incident(incident)
    record_act("compare_merged", incident, by=by, now=now, details={"from": str(merged.pk)})
    return incident


def _share_verdict(into: Incident, merged: Incident) -> None:
    into.sightings.filter(merged_from=merged).update(shares_verdict=True)


def _take_over(into: Incident, merged: Incident, *, now: datetime) -> None:
    """Transfer the facts about `merged` to `into`; reopen `into` if this adds something not assessed yet."""
    reopens = into.reopens_at is not None and into.reopens_at <= now
    into.first_sighted = min(into.first_sighted, merged.first_sighted)
    into.last_sighted = max(into.last_sighted, merged.last_sighted)
    into.notices = sorted({*into.notices, *merged.notices})
    into.child_in_danger = into.child_in_danger or merged.child_in_danger
    is_urgent = merged.is_open_to_review and merged.priority == URGENT
    if (merged.child_in_danger or is_urgent or reopens) and not into.is_open_to_review:
        return_to_queue(into, now=now)
    if into.is_open_to_review:
        # It needs an individual review, so it leaves its flood.
        into.flood = b""
        set_priority(into, facts=merged.priority_reasons, urgent=is_urgent)
    fields = ("first_sighted", "last_sighted", "notices", "child_in_danger", *leave_batch(into))
    save_incident(into, *fields, "flood", "priority", "priority_reasons", "reopens_at")


@transaction.atomic
def split(*, by: User, incident: Incident, report: Report, now: datetime | None = None) -> Incident:
    """Split a report off: its sighting returns to the incident it was merged from, or moves to a new incident.

    Returns that incident, which waits in the queue unless it has been decided since.
    """
    now = now or timezone.now()
    origins = Sighting.objects.filter(incident=incident, report=report).values_list("merged_from", flat=True)
    # The lock order of merge().
    lock_in_order(Incident.objects.filter(pk__in=[incident.pk, *filter(None, origins)]))
    incident = lock_incident(incident, by)
    sighting = (
        Sighting.objects.filter(incident=incident, report__in=Report.objects.visible_to(by).filter(pk=report.pk))
        .select_related("report", "merged_from__key")
        .first()
    )
    if sighting is None:
        raise Denied(_("This report does not exist."))
    permissions.check_can_split(by, incident)
    origin = sighting.merged_from
    # Which of its reports has the sealed tick is not known.
    may_be_urgent = incident.is_open_to_review and incident.priority >= URGENT
    to = _restore_merged(origin, sighting, now=now) if origin else _split_off(sighting, incident, now=now)
    _move_sighting(sighting, to, now=now)
    Question.objects.filter(incident=incident, report=report).update(incident=to)
    for changed in (incident, to):
        if changed.is_open_to_review:
            set_priority(changed, facts=report.facts if changed == to else (), urgent=changed == to and may_be_urgent)
        save_incident(changed, "priority", "priority_reasons", "child_in_danger")
    record_act("split", incident, by=by, now=now, details={"to": str(to.pk), "report": str(report.pk)})
    record_act("split", to, by=by, now=now, details={"from": str(incident.pk), "report": str(report.pk)})
    return to


def _restore_merged(merged: Incident, sighting: Sighting, *, now: datetime) -> Incident:
    """Make the merged incident separate again and return it; if it is now merged elsewhere, return that incident."""
    if merged.merged_into_id not in (None, sighting.incident_id):
        return Incident.objects.select_for_update().get(pk=merged.merged_into_id)
    if address := _find_address(sighting, bytes(merged.fingerprint)):
        keep_address(merged, address, now=now)
    if merged.closing == Closing.MERGED:
        merged.state = target("split")
        merged.closing, merged.closed_on, merged.merged_into, merged.is_compared = "", None, None, None
        merged.waiting_since = the_hour(now)
        merged.flood, merged.priority = b"", max(merged.priority, LOWEST + 1)
        fields = ("state", "closing", "closed_on", "merged_into", "is_compared")
        save_incident(merged, *fields, "waiting_since", "flood", "priority")
    return merged


def _split_off(sighting: Sighting, incident: Incident, *, now: datetime) -> Incident:
    """Create an incident for a sighting that was wrongly matched to `incident`."""
    report = sighting.report
    # The pair of sighting and incident, since the same sighting may later be split off another incident.
    index = compute_fingerprint("split", f"{sighting.pk}|{incident.pk}")
    if incident.kind == IncidentKind.WORDS:
        hour = report.received_hour
        to = Incident.objects.create(
            fingerprint=index, kind=incident.kind, first_sighted=hour, last_sighted=hour, waiting_since=hour
        )
    else:
        address = (
            _find_address(sighting, bytes(incident.fingerprint)) or _own_address(sighting) or _address_of(incident)
        )
        if address is None:
            raise Denied(_("Neither the report nor the address can be read any longer."))
        pattern = start_pattern(report, shape_of_address(address), ())
        stored = lock_incidents([index])
        to = stored.get(index) or build_incident(address, report, index, pattern, lambda *_: b"", now=now)
        to.save(force_insert=not stored)
    to.child_in_danger = Fact.CHILD_IN_DANGER in report.facts
    return to


def _move_sighting(sighting: Sighting, to: Incident, *, now: datetime) -> None:
    if to.sightings.filter(report=sighting.report_id).exists():
        # The address was reported again after the split, so the sighting already exists.
        sighting.delete()
        return
    sighting.incident, sighting.round = to, to.round
    if to.pk == sighting.merged_from_id:
        sighting.merged_from = None
    sighting.shares_verdict = shares_verdict_of(sighting.merged_from)
    sighting.save(update_fields=["incident", "merged_from", "round", "shares_verdict"])
    if not is_answered(to, latest_hour_of(sighting.report)):
        wait_for_next_round(to, sighting, now=now)


def _find_address(sighting: Sighting, index: bytes) -> Address | None:
    """The address with this fingerprint as the report spells it; None if it can no longer be read."""
    texts = [spelling.reported for spelling in contents.compare_spellings(sighting)]
    for envelope in () if texts else contents.compare_envelopes(sighting.report):
        texts += [value for value in envelope.payload.values() if isinstance(value, str)]
    addresses = [address for text in texts for address in find_addresses(text)]
    return next((address for address in addresses if compute_fingerprint("address", address.key) == index), None)


def _own_address(sighting: Sighting) -> Address | None:
    """The first address in its report; it differs from the incident's if the matching rules have changed since."""
    texts = [spelling.reported for spelling in contents.compare_spellings(sighting)]
    return next((address for text in texts for address in find_addresses(text)), None)


def _address_of(incident: Incident) -> Address | None:
    opened = contents.compare_address(incident)
    return next(iter(find_addresses(opened.normalised)), None) if opened else None
