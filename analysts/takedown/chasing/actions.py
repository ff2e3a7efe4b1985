"""Record an availability check, and escalate to a recipient."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing
from analysts.incidents.locking import lock_incident, record_act, save_incident, set_closed
from analysts.incidents.permissions import check_can_close, check_sees_content
from analysts.models import (
    AvailabilityCheck,
    Chase,
    CheckOutcome,
    DropReason,
    Incident,
    Purpose,
    Recipient,
    Referral,
    User,
)
from analysts.takedown import chase_lifecycle
from analysts.takedown.chasing import rules
from analysts.takedown.chasing.permissions import check_can_check, check_can_escalate
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.routing import holds, referrals
from audit.actions import JSON
from audit.permissions import Denied, Late, is_allowed

# Tolerance for workstation clocks that run fast.
AHEAD = timedelta(minutes=5)


@transaction.atomic
def check(
    *,
    by: User,
    incident: Incident,
    outcome: CheckOutcome,
    at: datetime | None = None,
    source: uuid.UUID | None = None,
    now: datetime | None = None,
) -> AvailabilityCheck:
    """Record an availability check made on the isolated workstation.

    After GONE_CHECKS checks in a row that found it removed, the takedown ends: no more notices are sent, the URL leaves
    the list, and the incident is closed as removed unless it was reopened meanwhile and waits for another verdict. A
    later check supersedes a mistaken one.

    Args:
        at: when it was made. The check counts from then only if a signed workstation result says so; a typed time is
            kept as a remark, and the check counts from `now`. None: now.
        source: the id of the batch's incident; the same answer is recorded once.

    Raises:
        Denied: `by` may not check, no chase is open, or `at` is before the verdict or more than AHEAD after `now`.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_sees_content(by)
    if source and (earlier := incident.checks.filter(source=source).first()):
        return earlier
    chase = lock_chase(by, incident, check_can_check)
    made_at = at or now
    if made_at > now + AHEAD:
        raise Denied(_("This time is in the future."))
    if made_at < rules.verdict_minute(chase.since):
        raise Denied(_("This time is before the illegal verdict. Only checks after the verdict count."))
    checked = AvailabilityCheck.objects.create(
        incident=incident,
        outcome=outcome,
        at=min(made_at, now) if source else now,
        stated_at=made_at if made_at < now and not source else None,
        recorded_at=now,
        by=by,
        source=source,
    )
    removed = save_check_results(chase)
    if chase.unseen_since and chase_lifecycle.update_look(chase, now=now).unseen_since is None:
        referrals.plan_first_notices(incident, by=by, now=now)
    details: dict[str, JSON] = {"outcome": str(outcome), "in_a_row": removed.in_a_row}
    if removed.is_enough:
        end_after_removal(incident, by=by, now=now)
        details["closing"] = incident.closing
    refresh_next_step(incident, now=now)
    record_act("check", incident, by=by, now=now, details=details)
    return checked


@transaction.atomic
def ask_for_check(*, by: User, incident: Incident, now: datetime | None = None) -> Chase:
    """Offer the incident to the next batch of checks before a check is due.

    Raises:
        Denied: `by` may not check, or no chase is open.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    chase = lock_chase(by, incident, check_can_check)
    chase.check_asked_at = now
    chase.save(update_fields=["check_asked_at"])
    record_act("ask_for_check", incident, by=by, now=now)
    return chase


def lock_chase(by: User, incident: Incident, check_can: Callable[[User, Chase | None], None]) -> Chase:
    """Return the incident's open chase, locked, after `check_can` has admitted `by`."""
    chase = chase_lifecycle.open_chase(incident)
    check_can(by, chase)
    if chase is None:
        # Unreachable while every `check_can` refuses None.
        raise Denied(_("This incident has no takedown in progress."))
    return chase


def save_check_results(chase: Chase) -> rules.RemovedChecks:
    """Update the chase from all its checks since the verdict, and return what they add up to."""
    checks = AvailabilityCheck.objects.filter(incident=chase.incident_id, at__gte=rules.verdict_minute(chase.since))
    removed = rules.count_removed_checks(checks.order_by("recorded_at").values_list("at", "outcome"))
    chase.removed_in_a_row, chase.removed_at, chase.checked_at = removed.in_a_row, removed.at, removed.checked_at
    chase.removal_reported_at = chase.check_asked_at = None
    chase.save(update_fields=["removed_in_a_row", "removed_at", "checked_at", "removal_reported_at", "check_asked_at"])
    return removed


def end_after_removal(incident: Incident, *, by: User, now: datetime) -> None:
    """End the chase as removed, and close the incident unless it was reopened and waits for another verdict."""
    chase_lifecycle.end_chase(incident, reason=DropReason.GONE, now=now)
    if is_allowed(check_can_close, by, incident):
        save_incident(incident, *set_closed(incident, Closing.GONE, now))


@transaction.atomic
def escalate(*, by: User, incident: Incident, to: Recipient, now: datetime | None = None) -> Referral:
    """Refer the incident to another recipient, or send an escalation to one that was notified before.

    Proposed every CHASE_ESCALATE_AFTER intervals (`rules.escalation_due_at`).

    Raises:
        Denied: `by` may not escalate, the recipient is not verified, or police clearance is missing.
        Late: a notice to the recipient is already planned for this interval.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    chase = lock_chase(by, incident, check_can_escalate)
    if not to.is_usable:
        raise Denied(_("This recipient is not verified."))
    if holds.is_blocked(incident, to=to):
        raise Denied(_("The police have not granted clearance. Nothing can be sent."))
    referral, _created = referrals.get_or_create_referral(incident, to, by=by, now=now)
    # A recipient without a notice so far gets a first notice, not an escalation.
    is_first = referral.noticed_at is None
    if is_first and chase.unseen_since:
        raise Denied(_("The content has not been looked at. Record a check that finds it online first."))
    interval = 0 if is_first else rules.intervals_since(chase.noticed_at, now)
    purpose = Purpose.FIRST if is_first else Purpose.ESCALATION
    if plan_notice(referral=referral, interval=interval, purpose=purpose, by=by, now=now) is None:
        raise Late(_("A notice to this recipient is already planned for this interval. Wait for the next interval."))
    chase.escalated_at = now
    chase.save(update_fields=["escalated_at"])
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"to": str(to.pk), "kind": to.kind, "referral": str(referral.pk)}
    record_act("escalate", incident, by=by, now=now, details=details)
    return referral
