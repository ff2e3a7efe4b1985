"""Putting an address on the URL list, making sure that it belongs there, and taking it off."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.locking import lock_incident, record_act, save_incident
from analysts.models import Incident, Referral, UrlListEntry, User
from analysts.states import State, target
from analysts.takedown.url_list import entries
from analysts.takedown.url_list.entries import OffReason, Waits, address_or_why
from analysts.takedown.url_list.permissions import (
    check_can_keep,
    check_can_list,
    check_can_see_list,
    check_can_take_off,
)
from audit.actions import record_event
from audit.permissions import Late


@transaction.atomic
def view_list(*, by: User, count: int, now: datetime | None = None) -> None:
    """Put on record that somebody saw the list's page, with `count` entries to be reviewed."""
    check_can_see_list(by)
    record_event(by=by, action="url_list.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def list_address(*, by: User, incident: Incident, now: datetime | None = None) -> UrlListEntry | None:
    """Have an illegal incident's address on the list, as it may leave the house; where it is on it, it stays.

    None where it waits (`Waits`): its referral then says that it is wanted there, and `list_waiting` follows it up.
    A verb that calls this within its transaction makes every other change before: from here on all others wait.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_list(by, incident)
    referral = entries.open_referral_of(incident) or _create_or_reopen_referral(incident, by=by, now=now)
    if incident.state == State.ASSESSED:
        incident.state = target("refer")
        save_incident(incident, "state")
    return _update_entry(referral, incident, by=by, now=now)


@transaction.atomic
def list_waiting(*, by: User | None, incident: Incident, now: datetime) -> UrlListEntry | None:
    """What may leave has changed: bring the list to it, if it is wanted there. None where it is not, or where it waits.

    Listed where nothing keeps it off any more; put right where it may leave in other words by now; off the list where
    it may not leave any more. Inside the transaction of whoever confirmed the address, or asked the police or recorded
    their answer, after every other change.
    """
    referral = entries.open_referral_of(incident)
    return None if referral is None else _update_entry(referral, incident, by=by, now=now)


def _create_or_reopen_referral(incident: Incident, *, by: User, now: datetime) -> Referral:
    """The referral that says that it belongs there: one a verdict, ended where it was taken off under this one."""
    referral, made = Referral.objects.get_or_create(
        assessment=incident.assessments.acted_on(),
        kind=ReferralKind.URL_LIST,
        recipient=entries.RECIPIENT,
        defaults={"incident": incident, "by": by, "at": now},
    )
    if not made:
        referral.ended_at = None
        referral.save(update_fields=["ended_at"])
    return referral


def _update_entry(referral: Referral, incident: Incident, *, by: User | None, now: datetime) -> UrlListEntry | None:
    address = address_or_why(incident)
    if isinstance(address, Waits):
        # What merely cannot be opened here stays: members would let through what is still there.
        if address != Waits.ADDRESS and entries.remove_entry(incident, now=now):
            record_act("take_off", incident, by=by, now=now, details={"waits": str(address)})
        else:
            record_act("list", incident, by=by, now=now, details={"waits": str(address)})
        return None
    entry = entries.add_entry(referral, address, now=now)
    record_act("list", incident, by=by, now=now, details={"version": entry.version})
    return entry


@transaction.atomic
def keep_listed(*, by: User, incident: Incident, now: datetime | None = None) -> UrlListEntry:
    """It was reviewed and belongs there still: it is to be reviewed again after as many days. No news to members."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_keep(by, incident)
    entry = entries.entry_of(incident)
    if entry is None:
        raise Late(_("It is not on the URL list any more."))
    entry.review_on = entries.review_day(now)
    entry.save(update_fields=["review_on"])
    record_act("keep_listed", incident, by=by, now=now, details={"review_on": str(entry.review_on)})
    return entry


@transaction.atomic
def take_off(*, by: User, incident: Incident, reason: OffReason, now: datetime | None = None) -> None:
    """Off the list, or not wanted there any more where it only waited. The rest of the work on it goes on."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_take_off(by, incident)
    referrals = incident.referrals.filter(kind=ReferralKind.URL_LIST, ended_at=None)
    ended, removed = referrals.update(ended_at=now), entries.remove_entry(incident, now=now)
    if not ended and not removed:
        raise Late(_("It is not on the URL list any more."))
    record_act("take_off", incident, by=by, now=now, details={"reason": str(reason)})
