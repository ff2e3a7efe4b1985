"""Actions on the URL list: listing an address, reviewing an entry, and taking it off."""

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
from analysts.takedown.url_list.permissions import check_can_change_entry, check_can_list, check_can_see_list
from audit.actions import record_view
from audit.permissions import Late


def view_list(*, by: User, count: int, now: datetime | None = None) -> None:
    """Record that `by` viewed the page of the list. `count`: how many due entry reviews were shown."""
    check_can_see_list(by)
    record_view(by=by, action="url_list.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def list_address(*, by: User, incident: Incident, now: datetime | None = None) -> UrlListEntry | None:
    """Put the address of an illegal incident on the list, in the form that may be shared. Idempotent.

    Returns None if the listing has to wait (`Waits`): an open referral then keeps the request, and `list_waiting`
    completes it later. Callers make all other changes of their transaction first: taking a list version blocks other
    writers until the transaction ends.
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
    """Update the list after its redaction has changed; None if the address is not requested or has to wait.

    Lists the address if nothing prevents it any more, replaces the entry if the address may now be shared in another
    form, and removes the entry if the address may no longer be shared. Called at the end of the transactions that
    confirm a redaction, request police clearance or record the answer.
    """
    referral = entries.open_referral_of(incident)
    return None if referral is None else _update_entry(referral, incident, by=by, now=now)


def _create_or_reopen_referral(incident: Incident, *, by: User, now: datetime) -> Referral:
    """The referral that requests the listing. There is one per verdict; it is reopened if it had ended."""
    referral, is_new = Referral.objects.get_or_create(
        assessment=incident.assessments.acted_on(),
        kind=ReferralKind.URL_LIST,
        recipient=entries.RECIPIENT,
        defaults={"incident": incident, "by": by, "at": now},
    )
    if not is_new:
        referral.ended_at = None
        referral.save(update_fields=["ended_at"])
    return referral


def _update_entry(referral: Referral, incident: Incident, *, by: User | None, now: datetime) -> UrlListEntry | None:
    address = address_or_why(incident)
    if isinstance(address, Waits):
        # An unreadable address stays listed: members would otherwise stop blocking content that is still online.
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
    """Record that the entry was reviewed and stays listed, and set the next review. Members see no change."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_change_entry(by, incident)
    entry = entries.entry_of(incident)
    if entry is None:
        raise Late(_("It is no longer on the URL list."))
    entry.review_on = entries.review_day(now)
    entry.save(update_fields=["review_on"])
    record_act("keep_listed", incident, by=by, now=now, details={"review_on": str(entry.review_on)})
    return entry


@transaction.atomic
def take_off(*, by: User, incident: Incident, reason: OffReason, now: datetime | None = None) -> None:
    """Take the address off the list, or withdraw a waiting listing. The rest of the takedown continues."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_change_entry(by, incident)
    if not entries.end_listing(incident, now=now):
        raise Late(_("It is no longer on the URL list."))
    record_act("take_off", incident, by=by, now=now, details={"reason": str(reason)})
