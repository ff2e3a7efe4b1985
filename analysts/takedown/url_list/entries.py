"""Entries of the URL list, and reasons against listing.

The functions run inside the caller's transaction, check no permission and record no audit event.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents import contents
from analysts.incidents.contents import storing
from analysts.models import Appeal, Incident, Referral, UrlListEntry, UrlListState, User
from analysts.takedown.facts import redaction
from countries.decided_settings import number_in_force

# The recipient's name in referrals to the list.
RECIPIENT = "URL list"


class Waits(TextChoices):
    """Why a requested listing waits. Coded, so that audit events about it cannot contain reported content."""

    CLEARANCE = "clearance", _("police clearance is missing")
    CONFIRMATION = "confirmation", _("waiting for the redaction to be confirmed")
    ADDRESS = "address", _("no address that can be decrypted")
    APPEAL = "appeal", _("an appeal is being reviewed")


class OffReason(TextChoices):
    """Why a user took an entry off before the content was removed."""

    NOT_THERE = "not_there", _("no longer found at this address")
    TOO_WIDE = "too_wide", _("blocks more than the illegal content")
    WRONG = "wrong", _("listed by mistake")
    AUTHORITY = "authority", _("requested by an authority")
    MEMBER = "member", _("a member’s objection was upheld")


def address_or_why(incident: Incident) -> str | Waits:
    """The address as it may be shared, or why it has to wait."""
    if incident.police_holds.blocking().exists():
        return Waits.CLEARANCE
    if settings.APPEALS_WAIT and Appeal.objects.waiting().filter(incident=incident).exists():
        return Waits.APPEAL
    try:
        return redaction.address_to_share(incident)
    except redaction.Unconfirmed:
        return Waits.CONFIRMATION
    except redaction.AddressUnreadable:
        return Waits.ADDRESS


def next_version() -> int:
    """Take the next version number of the list. Blocks other callers until the transaction ends."""
    UrlListState.objects.get_or_create(pk=1)
    UrlListState.objects.filter(pk=1).update(version=F("version") + 1)
    return UrlListState.objects.get(pk=1).version


def entry_of(incident: Incident) -> UrlListEntry | None:
    """The current entry of the incident, locked until the transaction ends; None if it is not listed."""
    return UrlListEntry.objects.select_for_update(of=("self",)).filter(incident=incident, removed_on=None).first()


def open_referral_of(incident: Incident) -> Referral | None:
    """The open referral to the list; None after the chase has ended or the entry was taken off."""
    if not incident.chases.filter(ended_at=None).exists():
        return None
    return incident.referrals.filter(kind=ReferralKind.URL_LIST, ended_at=None).order_by("-at").first()


def to_review(user: User, *, on: date) -> QuerySet[UrlListEntry]:
    """Listed entries whose review is due on the day `on`, for incidents that `user` may see."""
    return listed_entries(user).filter(review_on__lte=on)


def listed_entries(user: User) -> QuerySet[UrlListEntry]:
    """Listed entries for incidents that `user` may see."""
    return UrlListEntry.objects.filter(removed_on=None, incident__in=Incident.objects.visible_to(user))


class EntryDecision(TextChoices):
    """The outcome of a review of an entry."""

    REMOVED = "removed", _("removed")
    ONLINE = "online", _("still online")
    WORKSTATION = "workstation", _("ask the workstation")


def review_day(now: datetime) -> date:
    return now.date() + timedelta(days=number_in_force("URL_LIST_REVIEW_DAYS"))


def add_entry(referral: Referral, address: str, *, now: datetime) -> UrlListEntry:
    """List the address for the verdict of `referral`; return the existing entry if it is already listed.

    An entry with another form of the address is removed and a new one is added, because members identify entries by
    their id and do not know the earlier form.
    """
    incident = referral.incident
    if (listed := entry_of(incident)) is not None:
        if contents.list_copy(listed) == address:
            return listed
        remove_entry(incident, now=now)
    entry = UrlListEntry(
        incident=incident, assessment_id=referral.assessment_id, added_on=now.date(), review_on=review_day(now)
    )
    storing.seal_copy(entry, address, now=now)
    _mark_unpublished(incident)
    # Taken last because it blocks all other writers of the list.
    entry.version = next_version()
    entry.save(force_insert=True)
    return entry


def remove_entry(incident: Incident, *, now: datetime) -> bool:
    """Remove the current entry; False if the incident is not listed."""
    entry = entry_of(incident)
    if entry is None:
        return False
    _mark_unpublished(incident)
    entry.removed_on, entry.version = now.date(), next_version()
    entry.save(update_fields=["removed_on", "version"])
    return True


def end_listing(incident: Incident, *, now: datetime) -> bool:
    """Take the address off the list, and withdraw a listing that waits; False if there was neither."""
    referrals = incident.referrals.filter(kind=ReferralKind.URL_LIST, ended_at=None)
    ended, removed = referrals.update(ended_at=now), remove_entry(incident, now=now)
    return bool(ended or removed)


def _mark_unpublished(incident: Incident) -> None:
    """Receipts say whether the address is listed. Callers hold the incident's lock."""
    Incident.objects.filter(pk=incident.pk).update(unpublished=True)
