"""Closing a flood of similar incidents in one action, and undoing it. All statements work on sets of rows.

Nothing is closed unseen: the analyst first opens a random sample that grows with the number, or a second person
approves; the database refuses anything else. The request is part of the sample, not an approval request.
"""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment import permissions as assessment_permissions
from analysts.assessment.flood import folding as floods
from analysts.codes import REASONS, Closing, ClosingDeclineReason, Reason, ReviewStage, UndoReason, Verdict
from analysts.incidents.locking import lock_in_order
from analysts.incidents.permissions import check_sees_content
from analysts.models import Assessment, BulkClosing, Chase, FloodSample, FloodSampleItem, Incident, User
from analysts.models.incident_queries import IncidentQuerySet
from analysts.states import State, target
from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied, Late

# Limits how long one transaction holds row locks; a larger flood is closed in several steps.
MOST_AT_ONCE = 5_000


def closable_incidents(by: User, flood: bytes) -> IncidentQuerySet:
    """Waiting incidents of the flood that one action may close."""
    return without_own_review(Incident.objects.visible_to(by).waiting().alike().filter(flood=flood))


def without_own_review(waiting: IncidentQuerySet) -> IncidentQuerySet:
    """Incidents that need not be assessed one by one: no review in this round, no child in danger, no open takedown
    (illegal, then reopened). The longest waiting come first.
    """
    chased = Chase.objects.open().filter(incident=OuterRef("pk"))
    free = waiting.filter(~Exists(chased), stage=ReviewStage.FIRST, child_in_danger=False)
    return free.order_by("waiting_since", "pk")


def number_of(closable: IncidentQuerySet) -> int:
    """The number of closable incidents, capped at MOST_AT_ONCE + 1."""
    return closable.order_by()[: MOST_AT_ONCE + 1].count()


@transaction.atomic
def draw_sample(*, by: User, flood: bytes, now: datetime | None = None) -> FloodSample:
    """The random sample that `by` must open before closing the flood: the unfinished one, or a new one.

    A new one is of the `closable_incidents`, longest waiting first, at most MOST_AT_ONCE. It cannot be drawn again
    until it is of no use: none of its incidents can be closed, or one of them can no longer be opened.
    """
    now = now or timezone.now()
    check_sees_content(by)
    # Two draws at once: the second waits, and finds the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if sample := FloodSample.objects.current(flood=flood, by=by):
        if not _is_spent(sample, by):
            return sample
        sample.ended_at = now
        sample.save(update_fields=["ended_at"])
    population = list(closable_incidents(by, flood).values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not population:
        raise Late(_("No incidents are left to close."))
    sample = FloodSample.objects.create(flood=flood, by=by, at=now, seed=secrets.token_bytes(32), population=population)
    items = FloodSampleItem.objects.bulk_create(FloodSampleItem(sample=sample, incident_id=pk) for pk in sample.draw())
    details: dict[str, JSON] = {"count": len(population), "sample": len(items)}
    record_event(by=by, action="flood.sample", on=sample, details=details, at=now)
    return sample


def _is_spent(sample: FloodSample, by: User) -> bool:
    unopened = sample.items.filter(opened_at=None)
    if unopened.exclude(incident__in=Incident.objects.visible_to(by)).exists():
        return True
    return not closable_incidents(by, bytes(sample.flood)).filter(pk__in=sample.population).exists()


@transaction.atomic
def close_flood(
    *, by: User, sample: FloodSample, verdict: Verdict, reason: Reason, now: datetime | None = None
) -> BulkClosing:
    """Assess and close the incidents that the sample was drawn from, once `by` has opened all of the sample.

    Incidents that can no longer be closed this way, or are locked by a concurrent claim, are left out.
    """
    now = now or timezone.now()
    sample = _lock_sample(sample)
    assessment_permissions.check_can_close_flood(by, sample, verdict)
    _check_reason(verdict, reason)
    closing = _close_population(sample, closable_incidents(by, bytes(sample.flood)), verdict, reason, now=now)
    details: dict[str, JSON] = {"count": closing.number, "verdict": str(verdict), "reason": str(reason)}
    record_event(by=by, action="flood.close", on=closing, details=details, at=now)
    return closing


@transaction.atomic
def ask_approval(
    *, by: User, sample: FloodSample, verdict: Verdict, reason: Reason, now: datetime | None = None
) -> FloodSample:
    """Ask for a second person who approves this decision, instead of opening all of the sample."""
    now = now or timezone.now()
    sample = _lock_sample(sample)
    assessment_permissions.check_can_ask_approval(by, sample, verdict)
    _check_reason(verdict, reason)
    sample.asked_at, sample.verdict, sample.reason = now, verdict, reason
    sample.save(update_fields=["asked_at", "verdict", "reason"])
    details: dict[str, JSON] = {"count": len(sample.population), "verdict": str(verdict), "reason": str(reason)}
    record_event(by=by, action="flood.ask", on=sample, details=details, at=now)
    return sample


@transaction.atomic
def approve_closing(*, by: User, sample: FloodSample, now: datetime | None = None) -> BulkClosing:
    """As the second person, close the incidents of the sample as asked for, except those that `by` cannot see."""
    now = now or timezone.now()
    sample = _lock_sample(sample)
    assessment_permissions.check_can_approve_closing(by, sample)
    verdict, reason = Verdict(sample.verdict), Reason(sample.reason)
    closable = closable_incidents(sample.by, bytes(sample.flood)).visible_to(by)
    closing = _close_population(sample, closable, verdict, reason, approved_by=by, now=now)
    details: dict[str, JSON] = {"count": closing.number, "verdict": str(verdict), "reason": str(reason)}
    details |= {"requested_by": AccountId(sample.by_id)}
    record_event(by=by, action="flood.approve", on=closing, details=details, at=now)
    return closing


@transaction.atomic
def decline_closing(
    *, by: User, sample: FloodSample, reason: ClosingDeclineReason | None = None, now: datetime | None = None
) -> FloodSample:
    """Decline the closing that was asked for; by the person who asked, withdraw it. Its analyst may ask again.

    Args:
        reason: shown to the person who asked; needed unless they withdraw it.
    """
    now = now or timezone.now()
    sample = _lock_sample(sample)
    assessment_permissions.check_can_decline_closing(by, sample)
    details: dict[str, JSON] = {"verdict": sample.verdict, "requested_by": AccountId(sample.by_id)}
    if sample.by_id != by.pk:
        if reason is None:
            raise Denied(_("State why you decline."))
        sample.declined_at, sample.declined_by, sample.decline_reason = now, by, reason
        details["reason"] = str(reason)
    sample.asked_at, sample.verdict, sample.reason = None, "", ""
    sample.save(update_fields=["asked_at", "verdict", "reason", "declined_at", "declined_by", "decline_reason"])
    record_event(by=by, action="flood.decline", on=sample, details=details, at=now)
    return sample


@transaction.atomic
def end_sample(sample: FloodSample, *, by: User | None, now: datetime) -> bool:
    """End the sample, and the request to close its incidents, of an analyst who cannot work any more.

    Returns whether it was unfinished. Its incidents stay in the queue.
    """
    sample = _lock_sample(sample)
    if sample.ended_at is not None:
        return False
    details: dict[str, JSON] = {"requested_by": AccountId(sample.by_id)}
    sample.asked_at, sample.verdict, sample.reason, sample.ended_at = None, "", "", now
    sample.save(update_fields=["asked_at", "verdict", "reason", "ended_at"])
    record_event(by=by, action="flood.decline", on=sample, details=details, at=now)
    return True


def _lock_sample(sample: FloodSample) -> FloodSample:
    return FloodSample.objects.select_related("by").select_for_update(of=("self",)).get(pk=sample.pk)


def _check_reason(verdict: Verdict, reason: Reason) -> None:
    if reason not in REASONS[verdict]:
        raise Denied(_("This reason does not apply to this verdict."))


def _close_population(
    sample: FloodSample,
    closable: IncidentQuerySet,
    verdict: Verdict,
    reason: Reason,
    *,
    approved_by: User | None = None,
    now: datetime,
) -> BulkClosing:
    similar = closable.filter(pk__in=sample.population)
    rounds = dict(similar.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "round"))
    if not rounds:
        raise Late(_("No incidents are left to close."))
    by = sample.by
    # The database refuses this row unless the sample was opened or a second person approves.
    closing = BulkClosing.objects.create(
        flood=sample.flood,
        by=by,
        at=now,
        verdict=verdict,
        reason=reason,
        number=len(rounds),
        sample=sample,
        approved_by=approved_by,
    )
    sample.ended_at = now
    sample.save(update_fields=["ended_at"])
    Assessment.objects.bulk_create(
        Assessment(incident_id=pk, by=by, at=now, round=of, verdict=verdict, reason=reason, bulk=closing)
        for pk, of in rounds.items()
    )
    # The flood stays on the rows, so that undo_flood() finds them.
    Incident.objects.filter(pk__in=rounds).update(
        state=target("close_flood"), closing=Closing.NOT_ACTIONED, closed_on=now.date(), unpublished=True
    )
    return closing


@transaction.atomic
def undo_flood(
    *, by: User, closing: BulkClosing, reason: UndoReason = UndoReason.LOOKED_AGAIN, now: datetime | None = None
) -> int:
    """Undo the closing: its incidents wait again in the same flood. Returns the number of incidents returned.

    Incidents that have changed since, and those that `by` may not see, are left as they are.
    """
    now = now or timezone.now()
    closing = BulkClosing.objects.select_for_update(of=("self",)).get(pk=closing.pk)
    assessment_permissions.check_can_undo_flood(by, closing, now=now)
    untouched = Incident.objects.visible_to(by).filter(
        assessments__bulk=closing,
        assessments__undone_at=None,
        assessments__round=F("round"),
        state=State.CLOSED,
        closing=Closing.NOT_ACTIONED,
        flood=closing.flood,
    )
    pks = [incident.pk for incident in lock_in_order(untouched)]
    closing.assessments.filter(incident__in=pks).update(undone_at=now, undone_by=by, undo_reason=reason)
    Incident.objects.filter(pk__in=pks).update(state=target("undo_flood"), closing="", closed_on=None, unpublished=True)
    sites = Incident.objects.filter(pk__in=pks).order_by().values_list("site_fingerprint", flat=True).distinct()
    for site in {bytes(site) for site in sites}:
        floods.unfold_illegal_sites(site)
    closing.undone_at, closing.undone_by = now, by
    closing.save(update_fields=["undone_at", "undone_by"])
    details: dict[str, JSON] = {"count": len(pks), "left": closing.number - len(pks), "reason": str(reason)}
    record_event(by=by, action="flood.undo", on=closing, details=details, at=now)
    return len(pks)
