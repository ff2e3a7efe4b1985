"""Keep the stored next steps, and set one by hand."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import AssignReason
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, NextStep, NextStepKind, Referral, User, WaitingFor
from analysts.takedown.next_steps import permissions
from analysts.takedown.next_steps.facts import load_facts
from analysts.takedown.next_steps.rules import next_step_of, start_of, stored_step
from audit.actions import JSON
from audit.log_ids import AccountId
from audit.permissions import Denied

# A wait is reviewed at least this often.
LONGEST_WAIT = timedelta(days=180)
# The incidents of a recipient beyond this number follow with their next run.
MOST_AT_ONCE = 1_000


def refresh_next_step(incident: Incident, *, now: datetime) -> None:
    """Derive the stored next step again. Verbs call it after their changes, within their transaction."""
    refresh_next_steps([incident.pk], now=now)


def refresh_next_steps(incidents: Collection[UUID], *, now: datetime) -> None:
    """Like `refresh_next_step` for several incidents, with as many statements."""
    if not incidents:
        return
    steps = [(facts, next_step_of(facts, now=now)) for facts in load_facts(incidents)]
    if ended_ids := set(incidents) - {facts.pk for facts, _step in steps}:
        NextStep.objects.filter(pk__in=ended_ids).delete()
    changed = [(facts, step) for facts, step in steps if step != stored_step(facts)]
    _store_rows([NextStep(incident_id=facts.pk, **asdict(step)) for facts, step in changed])


def _store_rows(rows: Collection[NextStep]) -> None:
    """Create the rows, or replace those of the same incidents."""
    NextStep.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["incident"],
        update_fields=["kind", "since", "review_at", "owner", "set_by", "is_assigned"],
    )


def refresh_steps_of_recipient(recipient: UUID, *, now: datetime) -> None:
    """Refresh the incidents with an open referral to the recipient, which was verified, changed or deactivated."""
    referred = Referral.objects.filter(to=recipient, ended_at=None).order_by("at", "pk")
    refresh_next_steps(set(referred.values_list("incident", flat=True)[:MOST_AT_ONCE]), now=now)


@transaction.atomic
def plan_next_step(
    *,
    by: User,
    incident: Incident,
    step: NextStepKind,
    review_on: date,
    owner: User | None = None,
    now: datetime | None = None,
) -> NextStep:
    """Set what the incident waits for, until when, and who follows it up. It holds until something new happens.

    Args:
        review_on: the day (UTC) from which it is listed for review.
        owner: None: the queue of the analysts of its portals.

    Raises:
        Denied: `by` may not, the incident is not open and illegal, the step is not offered for it, or the day or the
            owner is not possible.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_plan(by, incident)
    if step not in permissions.offered_steps(incident.police_holds.last()):
        raise Denied(_("This next step cannot be chosen for this incident."))
    if not now < start_of(review_on) <= now + LONGEST_WAIT:
        raise Denied(_("Choose a date of review after today, and within %(days)s days.") % {"days": LONGEST_WAIT.days})
    if step.row.waits_for == WaitingFor.COLLEAGUE and owner is None:
        raise Denied(_("Choose the colleague."))
    if owner is not None:
        permissions.check_can_own(owner, incident)
    row = NextStep(incident=incident, kind=step, since=now, review_at=start_of(review_on), owner=owner, set_by=by)
    _store_rows([row])
    details: dict[str, JSON] = {"step": str(step), "review_on": str(review_on)}
    if owner is not None:
        details |= {"owner": AccountId(owner.pk)}
    record_act("plan_next_step", incident, by=by, now=now, details=details)
    return row


@transaction.atomic
def assign_incident(
    *, by: User, incident: Incident, owner: User | None, reason: AssignReason, now: datetime | None = None
) -> NextStep:
    """Assign the incident, or hand it over, to the colleague who follows it up until it is closed.

    Args:
        owner: None: back to the analysts of its portals.

    Raises:
        Denied: `by` may not, the incident is not open and illegal, or `owner` works for none of its portals.
        Late: it already has this owner.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    step = NextStep.objects.filter(incident=incident).select_related("owner").first()
    permissions.check_can_assign(by, incident, step, owner, owner.portal_ids if owner else [])
    if owner is not None:
        permissions.check_can_own(owner, incident)
    if step is None:
        # Unreachable while `check_can_assign` refuses None.
        raise Denied(_("Only open incidents with an illegal verdict have a next step."))
    before = step.owner
    step.owner, step.is_assigned = owner, owner is not None
    step.save(update_fields=["owner", "is_assigned"])
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"reason": str(reason)}
    details |= {"from": AccountId(before.pk)} if before else {}
    details |= {"owner": AccountId(owner.pk)} if owner else {}
    record_act("assign", incident, by=by, now=now, details=details)
    return step


@transaction.atomic
def pass_on_step(step: NextStep, owner: User, *, to: User | None, by: User | None, now: datetime) -> bool:
    """Take the incident from an owner who cannot work any more: to a colleague, or to the analysts of its portals.

    Returns whether the owner still had it. Raises Denied if `to` works for none of its portals.
    """
    incident = Incident.objects.select_for_update(of=("self",)).get(pk=step.incident_id)
    if to is not None:
        permissions.check_can_own(to, incident)
    owned = NextStep.objects.filter(pk=incident.pk, owner=owner)
    if not owned.update(owner=to, is_assigned=to is not None):
        return False
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"reason": str(AssignReason.ABSENCE), "from": AccountId(owner.pk)}
    details |= {"owner": AccountId(to.pk)} if to else {}
    record_act("assign", incident, by=by, now=now, details=details)
    return True
