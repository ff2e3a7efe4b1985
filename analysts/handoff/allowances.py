"""Requests for more addresses in files and copies than the limit of a day (`welfare.meter`) allows."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.handoff.permissions import check_can_decline_allowance, check_can_grant_allowance
from analysts.incidents.permissions import check_sees_content
from analysts.models import AddressAllowance, AllowanceState, User
from analysts.welfare.exposure import work_day
from analysts.welfare.meter import serialise_files
from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied

MOST_ASKED = 200


def waiting_allowances(*, now: datetime) -> QuerySet[AddressAllowance]:
    """Today's requests that are not decided. Requests of earlier days have lapsed."""
    waiting = AddressAllowance.objects.filter(day=work_day(now), state=AllowanceState.REQUESTED)
    return waiting.select_related("by").order_by("at")


@transaction.atomic
def ask_allowance(*, by: User, number: int, now: datetime | None = None) -> AddressAllowance:
    """Ask for `number` more addresses today."""
    now = now or timezone.now()
    check_sees_content(by)
    if not 1 <= number <= MOST_ASKED:
        raise Denied(_("Ask for 1 to %(number)s addresses.") % {"number": MOST_ASKED})
    serialise_files()
    if waiting_allowances(now=now).filter(by=by).exists():
        raise Denied(_("Your request is waiting for a senior analyst."))
    allowance = AddressAllowance.objects.create(by=by, day=work_day(now), number=number, at=now)
    record_event(by=by, action="allowance.ask", on=allowance, details={"count": number}, at=now)
    return allowance


@transaction.atomic
def grant_allowance(*, by: User, allowance: AddressAllowance, now: datetime | None = None) -> AddressAllowance:
    now = now or timezone.now()
    allowance = _lock_allowance(allowance)
    check_can_grant_allowance(by, allowance)
    details = _decide(allowance, AllowanceState.GRANTED, by=by, now=now)
    record_event(by=by, action="allowance.grant", on=allowance, details=details, at=now)
    return allowance


@transaction.atomic
def decline_allowance(*, by: User, allowance: AddressAllowance, now: datetime | None = None) -> AddressAllowance:
    """Decline the request; by the person who asked, withdraw it."""
    now = now or timezone.now()
    allowance = _lock_allowance(allowance)
    check_can_decline_allowance(by, allowance)
    details = _decide(allowance, AllowanceState.DECLINED, by=by, now=now)
    record_event(by=by, action="allowance.decline", on=allowance, details=details, at=now)
    return allowance


def _lock_allowance(allowance: AddressAllowance) -> AddressAllowance:
    return AddressAllowance.objects.select_for_update(of=("self",)).select_related("by").get(pk=allowance.pk)


def _decide(allowance: AddressAllowance, state: AllowanceState, *, by: User, now: datetime) -> dict[str, JSON]:
    """Save the decision, and return the details of its audit event."""
    allowance.state, allowance.decided_by, allowance.decided_at = state, by, now
    allowance.save(update_fields=["state", "decided_by", "decided_at"])
    return {"count": allowance.number, "requested_by": AccountId(allowance.by_id)}
