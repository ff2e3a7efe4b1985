"""The verbs until it is gone: somebody looked, or somebody else is told."""

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
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.routing import holds, referrals
from audit.actions import JSON
from audit.permissions import Denied, Late, is_allowed

# Clocks of workstations differ.
AHEAD = timedelta(minutes=5)


@transaction.atomic
def check(
    *,
    by: User,
    incident: Incident,
    outcome: CheckOutcome,
    at: datetime,
    source: uuid.UUID | None = None,
    now: datetime | None = None,
) -> AvailabilityCheck:
    """Keep what somebody found who looked at `at`, on the isolated workstation.

    With GONE_CHECKS in a row that found it gone the work ends: nothing more is sent, it is off the URL list, and the
    incident is closed as gone, unless it was opened again meanwhile and waits for another verdict. A mistaken check is
    corrected by one of the same moment, or outlived by a later one. `source`: the answer of the workstation that
    brought it; the same answer twice is kept once.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_sees_content(by)
    if source and (known := incident.checks.filter(source=source).first()):
        return known
    chase = lock_chase(by, incident, check_can_check)
    if at > now + AHEAD:
        raise Denied(_("This moment lies in the future."))
    if at < rules.verdict_minute(chase.since):
        raise Denied(_("This was before it was found illegal. Only a look after that counts."))
    checked = AvailabilityCheck.objects.create(
        incident=incident, outcome=outcome, at=min(at, now), recorded_at=now, by=by, source=source
    )
    found = save_check_results(chase)
    details: dict[str, JSON] = {"outcome": str(outcome), "in_a_row": found.in_a_row}
    if found.is_enough:
        end_after_removal(incident, by=by, now=now)
        details["closing"] = incident.closing
    record_act("check", incident, by=by, now=now, details=details)
    return checked


def lock_chase(by: User, incident: Incident, check_can: Callable[[User, Chase | None], None]) -> Chase:
    """Its open chase, locked, once `check_can` lets `by` pass."""
    chase = chase_lifecycle.open_chase(incident)
    check_can(by, chase)
    if chase is None:
        # No check lets that pass.
        raise Denied(_("This incident is not chased."))
    return chase


def save_check_results(chase: Chase) -> rules.Gone:
    """Bring the row to what its checks say together."""
    checks = AvailabilityCheck.objects.filter(incident=chase.incident_id, at__gte=rules.verdict_minute(chase.since))
    found = rules.count_removed_checks(checks.order_by("recorded_at").values_list("at", "outcome"))
    chase.gone_in_a_row, chase.gone_at, chase.checked_at = found.in_a_row, found.at, found.checked_at
    chase.save(update_fields=["gone_in_a_row", "gone_at", "checked_at"])
    return found


def end_after_removal(incident: Incident, *, by: User, now: datetime) -> None:
    """It is gone. What was opened again meanwhile goes on waiting for its other verdict."""
    chase_lifecycle.end_chase(incident, reason=DropReason.GONE, now=now)
    if is_allowed(check_can_close, by, incident):
        save_incident(incident, *set_closed(incident, Closing.GONE, now))


@transaction.atomic
def escalate(*, by: User, incident: Incident, to: Recipient, now: datetime | None = None) -> Referral:
    """Tell somebody else that it is still there, or a recipient once more and in other words. Proposed by the rules
    after so many intervals, and again after as many more.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    chase = lock_chase(by, incident, check_can_escalate)
    if not to.is_usable:
        raise Denied(_("Nobody has verified this recipient."))
    if holds.is_blocked(incident, to=to):
        raise Denied(_("The police have not cleared it. Nothing is sent."))
    referral, _made = referrals.get_or_create_referral(incident, to, by=by, now=now)
    # Whoever was not told yet is not reminded of anything.
    is_first = referral.noticed_at is None
    interval = 0 if is_first else rules.intervals_since(chase.noticed_at, now)
    purpose = Purpose.FIRST if is_first else Purpose.ESCALATION
    if plan_notice(referral=referral, interval=interval, purpose=purpose, by=by, now=now) is None:
        raise Late(_("They are told about it at this time anyway. Wait for the next interval."))
    chase.escalated_at = now
    chase.save(update_fields=["escalated_at"])
    details: dict[str, JSON] = {"to": str(to.pk), "kind": to.kind, "referral": str(referral.pk)}
    record_act("escalate", incident, by=by, now=now, details=details)
    return referral
