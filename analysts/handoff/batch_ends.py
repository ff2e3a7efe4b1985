"""The end of a batch: returned, revoked with its workstation or alone, or late. The worker imports this module."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.handoff.permissions import check_can_end_batch, check_is_drawn
from analysts.incidents.locking import end_claim, lock_in_order, record_act, save_incident
from analysts.models import Batch, BatchState, Incident, User, Workstation
from analysts.models.batch import FINDINGS
from analysts.states import target
from analysts.takedown.next_steps.actions import refresh_next_steps
from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied

# Ended in one run of the job.
MOST_ENDED = 200


@transaction.atomic
def return_batch(*, by: User, batch: Batch, now: datetime | None = None) -> Batch:
    """Give the batch back without further results: its incidents return to the queue."""
    return _end_by_person(batch, BatchState.RETURNED, by=by, now=now or timezone.now())


@transaction.atomic
def revoke_batch(*, by: User, batch: Batch, now: datetime | None = None) -> Batch:
    """Refuse all results of the batch, because its file or its workstation is lost: its incidents return."""
    return _end_by_person(batch, BatchState.REVOKED, by=by, now=now or timezone.now())


def _end_by_person(batch: Batch, state: BatchState, *, by: User, now: datetime) -> Batch:
    batch = lock_batch(batch)
    check_can_end_batch(by, batch)
    if batch.until <= now:
        return end_batch(batch, BatchState.LATE, by=None, now=now)
    return end_batch(batch, state, by=by, now=now)


def lock_batch(batch: Batch) -> Batch:
    """Lock and return the current row. A batch is locked before its incidents."""
    return Batch.objects.select_for_update(of=("self",)).select_related("by", "workstation").get(pk=batch.pk)


def end_imported_batch(batch: Batch, *, by: User, now: datetime) -> None:
    """End the batch, of which a whole file of results was imported, unless it has ended meanwhile."""
    batch = lock_batch(batch)
    try:
        check_is_drawn(batch, now=now)
    except Denied:
        return
    end_batch(batch, BatchState.RETURNED, by=by, now=now)


@transaction.atomic
def return_batch_of_absent(batch: Batch, *, by: User | None, now: datetime) -> bool:
    """End the batch of a person who cannot work any more; without `by` it counts as late.

    Returns whether it was open.
    """
    batch = lock_batch(batch)
    if not batch.is_open:
        return False
    end_batch(batch, BatchState.RETURNED if by else BatchState.LATE, by=by, now=now)
    return True


def revoke_batches_of(workstation: Workstation, *, by: User, now: datetime) -> int:
    """Revoke the open batches of a workstation that is closed, in the caller's transaction; returns how many."""
    open_batches = Batch.objects.open().filter(workstation=workstation).order_by("pk")
    batches = list(open_batches.select_for_update(of=("self",)).select_related("by", "workstation"))
    for batch in batches:
        end_batch(batch, BatchState.REVOKED, by=by, now=now)
    return len(batches)


def end_late_batches(*, now: datetime | None = None) -> int:
    """End the batches whose lease has passed; returns how many. Run by the worker every minute."""
    now = now or timezone.now()
    overdue = Batch.objects.open().filter(until__lte=now)
    ended = 0
    for pk in overdue.order_by("until").values_list("pk", flat=True)[:MOST_ENDED]:
        with transaction.atomic():
            batch = overdue.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if batch is not None:
                end_batch(batch, BatchState.LATE, by=None, now=now)
                ended += 1
    return ended


def end_batch(batch: Batch, state: BatchState, *, by: User | None, now: datetime) -> Batch:
    """End the locked batch, and return the incidents that it still claims to the queue."""
    verb = "expire" if state == BatchState.LATE else "release"
    details: dict[str, JSON] = {"batch": str(batch.pk)}
    returned = lock_in_order(Incident.objects.filter(batch=batch))
    for incident in returned:
        incident.state = target(verb)
        save_incident(incident, *end_claim(incident))
        if verb == "expire":
            record_act("expire", incident, by=by, now=now, details=details)
        else:
            record_act("release", incident, by=by, now=now, details=details)
    batch.state, batch.ended_at, batch.ended_by = state, now, by
    batch.save(update_fields=["state", "ended_at", "ended_by"])
    unanswered = batch.items.filter(answered_at=None, kind__in=FINDINGS)
    refresh_next_steps(unanswered.values_list("incident", flat=True), now=now)
    details = {"count": len(returned), "holder": AccountId(batch.by_id)}
    record_event(by=by, action=f"batch.{BatchState(state).value}", on=batch, details=details, at=now)
    return batch
