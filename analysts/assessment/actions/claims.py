"""Claims on incidents: claim, extend, skip, release, hand over and expire."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from analysts.assessment.queue import dispatch
from analysts.incidents import permissions
from analysts.incidents.actions import write_note
from analysts.incidents.danger_alert import announce_return
from analysts.incidents.locking import (
    DANGER_CLAIM,
    check_fence,
    claim_end,
    end_claim,
    lock_incident,
    record_act,
    save_incident,
)
from analysts.models import BatchItem, BatchKind, ChildAlert, Incident, Skip, User
from analysts.models.batch import LONGEST_LEASE
from analysts.models.queue_head import advance_queue_heads
from analysts.states import State, target
from analysts.welfare import exposure
from audit.actions import JSON
from audit.log_ids import AccountId
from audit.models import AuditEvent
from countries.models import Portal

# Ids are random: about every so many claims, the heads of the queue are moved behind what was claimed.
CLAIMS_PER_ADVANCE = 64
# Events of incidents that leave or end with a batch, and how long after its end they may still be missing.
BATCH_ENDS = ("incident.release", "incident.expire")
EXITS_RECORDED = timedelta(days=7)


def start_claim(incident: Incident, *, verb: str, holder: User, now: datetime) -> list[str]:
    """Start a claim on the instance by the transition `verb`; returns the names of the fields to save."""
    incident.state = target(verb)
    incident.claimed_by = holder
    incident.claimed_until = claim_end(incident, now)
    incident.fence += 1
    return ["state", "claimed_by", "claimed_until", "fence"]


@transaction.atomic
def claim(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Claim the incident, until `claim_end`."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_claim(by, incident)
    save_incident(incident, *start_claim(incident, verb="claim", holder=by, now=now))
    record_act("claim", incident, by=by, now=now)
    return incident


@transaction.atomic
def claim_next(*, by: User, portal: Portal | None = None, now: datetime | None = None) -> Incident | None:
    """Claim the best waiting incident for `by`, passing over locked rows; None if none is left.

    An incident with a child in danger that `by` holds already comes before all that wait, and is not claimed again.
    """
    now = now or timezone.now()
    permissions.check_can_see_queue(by)
    if held := Incident.objects.claimed_by(by, now=now).in_danger().order_by("claimed_until", "pk").first():
        return held
    incident = dispatch.lock_next_candidate(by, portal=portal, now=now)
    if incident is None:
        return None
    save_incident(incident, *start_claim(incident, verb="claim", holder=by, now=now))
    record_act("claim", incident, by=by, now=now, details={"next": True})
    if not incident.pk.int % CLAIMS_PER_ADVANCE:
        # In a transaction of its own, so that its lock is held for a moment only.
        transaction.on_commit(advance_queue_heads)
    return incident


@transaction.atomic
def renew(*, by: User, incident: Incident, fence: int, now: datetime | None = None) -> Incident:
    """Extend the claim to `claim_end`: `by` is still working on it. The fence stays the same."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_renew(by, incident)
    check_fence(incident, fence)
    incident.claimed_until = claim_end(incident, now)
    incident.save(update_fields=["claimed_until"])
    record_act("renew", incident, by=by, now=now)
    return incident


@transaction.atomic
def skip(*, by: User, incident: Incident, fence: int, now: datetime | None = None) -> Incident:
    """Return the incident to the queue and do not offer it to `by` again today. No reason is required.

    The audit log records an ordinary release.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_skip(by, incident)
    check_fence(incident, fence)
    incident.state = target("skip")
    save_incident(incident, *end_claim(incident))
    Skip.objects.create(incident=incident, by=by, at=now)
    exposure.count_skip(by, now=now)
    record_act("release", incident, by=by, now=now)
    return incident


@transaction.atomic
def release(*, by: User, incident: Incident, fence: int, now: datetime | None = None) -> Incident:
    """Return the incident to the queue. No reason is required."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_release(by, incident)
    check_fence(incident, fence)
    incident.state = target("release")
    save_incident(incident, *end_claim(incident))
    record_act("release", incident, by=by, now=now)
    return incident


@transaction.atomic
def hand_over(
    *, by: User, incident: Incident, to: User, fence: int, note: str = "", now: datetime | None = None
) -> Incident:
    """Transfer the claim to a colleague who may see the incident, with an optional note. The lease restarts now."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_hand_over(by, incident)
    permissions.check_can_receive(to, incident)
    check_fence(incident, fence)
    save_incident(incident, *start_claim(incident, verb="hand_over", holder=to, now=now))
    details: dict[str, JSON] = {"to": AccountId(to.pk)}
    if note:
        write_note(incident, by=by, text=note, claim=incident.fence, now=now)
        details["characters"] = len(note)
    record_act("hand_over", incident, by=by, now=now, details=details)
    return incident


@transaction.atomic
def pass_on_claim(incident: Incident, holder: User, *, to: User | None, by: User | None, now: datetime) -> bool:
    """Take the claim from a holder who cannot work any more: to a colleague, or back to the queue where `to` is None.

    Returns whether the holder still had it. Raises Denied if `to` may not hold it.
    """
    claimed = Incident.objects.filter(pk=incident.pk, batch=None, claimed_by=holder)
    locked = claimed.select_for_update(of=("self",)).first()
    if locked is None:
        return False
    details: dict[str, JSON] = {"holder": AccountId(holder.pk)}
    if to is None:
        locked.state = target("release")
        save_incident(locked, *end_claim(locked))
        announce_return(locked, now=now)
        record_act("release", locked, by=by, now=now, details=details)
        return True
    permissions.check_can_receive(to, locked)
    save_incident(locked, *start_claim(locked, verb="hand_over", holder=to, now=now))
    details |= {"to": AccountId(to.pk)}
    record_act("hand_over", locked, by=by, now=now, details=details)
    return True


def leave_batch(incident: Incident) -> list[str]:
    """Take an incident out of its batch if a child may be in danger: it waits for a person at the desk.

    Changes the instance and returns the names of the fields to save; the batch's result is refused. It is recorded by
    `record_batch_exits`.
    """
    if incident.batch_id is None or not incident.child_in_danger:
        return []
    incident.state, incident.unpublished = target("release"), True
    return [*end_claim(incident), "unpublished"]


@transaction.atomic
def record_batch_exits(*, now: datetime | None = None) -> int:
    """Record the release of incidents that left their batch for a child in danger; returns how many.

    An hourly job and not intake: the event would reveal the moment of a report's arrival.
    """
    now = now or timezone.now()
    left = BatchItem.objects.filter(
        batch__at__gt=now - LONGEST_LEASE - EXITS_RECORDED,
        kind__in=[kind for kind in BatchKind if kind.is_assessment],
        answered_at=None,
        incident__child_in_danger=True,
    )
    recorded = 0
    for item in left.select_related("incident"):
        details: dict[str, JSON] = {"batch": str(item.batch_id)}
        ends = AuditEvent.objects.filter(object_id=str(item.incident_id), action__in=BATCH_ENDS)
        if not ends.filter(details__batch=details["batch"]).exists():
            record_act("release", item.incident, by=None, now=now, details=details)
            recorded += 1
    return recorded


def expire_claims(*, now: datetime | None = None) -> int:
    """Return incidents with expired claims to the queue; returns how many. Run by the worker every minute.

    If a child may be in danger, the analysts of its portals get a mail.
    """
    now = now or timezone.now()
    expired = 0
    for pk in Incident.objects.overdue(now=now).values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            incident = Incident.objects.overdue(now=now).select_for_update(skip_locked=True).filter(pk=pk).first()
            if incident is None:
                continue
            holder = incident.claimed_by
            details: dict[str, JSON] = {"holder": AccountId(holder.pk)} if holder else {}
            incident.state = target("expire")
            save_incident(incident, *end_claim(incident))
            announce_return(incident, now=now)
            record_act("expire", incident, by=None, now=now, details=details)
            expired += 1
    return expired


def shorten_danger_claims(*, now: datetime | None = None) -> int:
    """Let claims end after DANGER_CLAIM if a report said since that a child is in danger, or a call was withdrawn.

    Returns how many. A job and not intake: the end of the claim would reveal the minute of a report's arrival.
    """
    now = now or timezone.now()
    end = now + DANGER_CLAIM
    claims = Incident.objects.in_danger().filter(state=State.CLAIMED, claimed_until__gt=end)
    calls = ChildAlert.objects.calls().filter(incident=OuterRef("pk"))
    return claims.filter(~Exists(calls)).update(claimed_until=end)
