"""Rows of the URL list, and why something is not on it. Inside the caller's transaction; no permission, no record."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents import contents
from analysts.models import Incident, Referral, UrlListEntry, UrlListState, User
from analysts.takedown.facts import redaction

# As the referral that stands for the entry names it.
RECIPIENT = "URL list"


class Waits(TextChoices):
    """For what an address waits that is wanted on the list. A code, so that no word of it can hold content."""

    CLEARANCE = "clearance", _("waits for the police to grant clearance")
    CONFIRMATION = "confirmation", _("waits for somebody to confirm what of the address may leave")
    ADDRESS = "address", _("there is no address that can be opened")


class OffReason(TextChoices):
    """Why a person took an entry off before the content was gone."""

    NOT_THERE = "not_there", _("not to be found at this address any more")
    TOO_WIDE = "too_wide", _("blocks more than what is illegal")
    WRONG = "wrong", _("listed by mistake")
    AUTHORITY = "authority", _("an authority asks for it")
    MEMBER = "member", _("a member’s objection was right")


def address_or_why(incident: Incident) -> str | Waits:
    """The address as it may leave the house, or for what it waits."""
    if incident.police_holds.blocking().exists():
        return Waits.CLEARANCE
    try:
        return redaction.address_to_share(incident)
    except redaction.Unconfirmed:
        return Waits.CONFIRMATION
    except redaction.AddressUnreadable:
        return Waits.ADDRESS


def next_version() -> int:
    """The list's next version number; whoever takes one keeps all others waiting until the transaction ends."""
    UrlListState.objects.get_or_create(pk=1)
    UrlListState.objects.filter(pk=1).update(version=F("version") + 1)
    return UrlListState.objects.get(pk=1).version


def entry_of(incident: Incident) -> UrlListEntry | None:
    """The one on the list now, locked until the transaction ends."""
    return UrlListEntry.objects.select_for_update(of=("self",)).filter(incident=incident, removed_on=None).first()


def open_referral_of(incident: Incident) -> Referral | None:
    """The referral by which somebody put it on the list, for as long as it is chased and nobody took it off."""
    if not incident.chases.filter(ended_at=None).exists():
        return None
    return incident.referrals.filter(kind=ReferralKind.URL_LIST, ended_at=None).order_by("-at").first()


def to_review(user: User, *, on: date) -> QuerySet[UrlListEntry]:
    """Those on the list whose day of review has come, of incidents that the user may open."""
    due = UrlListEntry.objects.filter(removed_on=None, review_on__lte=on)
    return due.filter(incident__in=Incident.objects.visible_to(user))


def review_day(now: datetime) -> date:
    return now.date() + timedelta(days=settings.URL_LIST_REVIEW_DAYS)


def add_entry(referral: Referral, address: str, *, now: datetime) -> UrlListEntry:
    """On the list, for the verdict of `referral`. What stands there in other words goes first, as an entry of its own:
    members drop what is removed, and would not know what an entry was before."""
    incident = referral.incident
    if (listed := entry_of(incident)) is not None:
        if contents.unseal_copy(listed) == address:
            return listed
        remove_entry(incident, now=now)
    entry = UrlListEntry(
        incident=incident, assessment_id=referral.assessment_id, added_on=now.date(), review_on=review_day(now)
    )
    contents.seal_copy(entry, address, now=now)
    # Last: from here on everybody else who changes the list waits.
    entry.version = next_version()
    entry.save(force_insert=True)
    return entry


def remove_entry(incident: Incident, *, now: datetime) -> bool:
    """Off the list; False where it was not on it."""
    entry = entry_of(incident)
    if entry is None:
        return False
    entry.removed_on, entry.version = now.date(), next_version()
    entry.save(update_fields=["removed_on", "version"])
    return True
