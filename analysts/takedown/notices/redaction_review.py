"""Confirmation by an analyst of the form in which an address may be sent."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.contents import storing
from analysts.incidents.locking import lock_incident, record_act
from analysts.incidents.permissions import check_sees_content
from analysts.models import Chase, Incident, NoticeItem, PoliceHold, Purpose, Redaction, User
from analysts.models.notice import DropReason
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.facts import redaction
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices import actions, redacting
from analysts.takedown.url_list.actions import list_waiting
from audit.actions import JSON
from audit.permissions import Denied
from reports.addresses.identifying import find_identifying_parts, token_kinds

ONE_FORM = _("This address has already been sent in this form and must not be sent in another.")


def check_can_confirm(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.known_open_chase is None and not incident.child_in_danger:
        raise Denied(_("Only addresses of open incidents with an illegal verdict can be sent."))
    if not incident.sealed_address:
        raise Denied(_("This incident has no address."))
    if has_left(incident) and not redaction.needs_confirmation(incident):
        raise Denied(ONE_FORM)


def has_left(incident: Incident) -> bool:
    """Whether the address was, or may have been, sent: a failed attempt may have reached the mail server."""
    may_have_left = Q(notice__attempts__gt=0, dropped="") | ~Q(sealed=b"")
    return NoticeItem.objects.filter(may_have_left, incident=incident).exists()


@transaction.atomic
def confirm_redaction(*, by: User, incident: Incident, address: str, now: datetime | None = None) -> Redaction:
    """Confirm `address`, normalised, as the form in which the incident's address may be sent: in full or redacted.

    It can be changed until the address has been sent. In the same transaction, plans the notices that the address was
    left out of and updates the URL list.

    Raises:
        Denied: not permitted, or `address` is not the reported address with parts left out.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    # Waits for a concurrent sending of another form, which then counts as sent.
    chase = open_chase(incident)
    check_can_confirm(by, incident)
    try:
        whole = redaction.full_address(incident)
    except redaction.AddressUnreadable:
        raise Denied(_("The address cannot be decrypted.")) from None
    if not redacting.is_part_of(address, whole):
        raise Denied(_("This is not the reported address with parts left out."))
    kinds, is_shortened = token_kinds(find_identifying_parts(whole)), address != whole
    if is_shortened and has_left(incident):
        raise Denied(ONE_FORM)
    confirmed = redaction.redaction_of(incident) or Redaction(incident=incident)
    confirmed.found, confirmed.is_shortened = [kind.value for kind in kinds], is_shortened
    confirmed.by, confirmed.at = by, now
    storing.seal_copy(confirmed, address, now=now)
    confirmed.save()
    _plan_again(incident, chase, by=by, now=now)
    list_waiting(by=by, incident=incident, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"personal": [kind.value for kind in kinds], "shortened": is_shortened}
    record_act("confirm_redaction", incident, by=by, now=now, details=details)
    return confirmed


def _plan_again(incident: Incident, chase: Chase | None, *, by: User, now: datetime) -> None:
    """Plan again the latest step of each referral that was left out because the redaction was unconfirmed.

    If the hosting has moved, only clearance requests to the police are planned: the other referrals belong to the
    previous hosting.
    """
    left_out = NoticeItem.objects.filter(incident=incident, dropped=DropReason.UNCONFIRMED)
    if chase is not None and chase.has_moved:
        holds = PoliceHold.objects.waiting().filter(incident=incident)
        left_out = left_out.filter(referral__to__in=holds.values("police"))
    latest = left_out.order_by("referral_id", "-interval").distinct("referral_id")
    for item in latest.select_related("referral__to", "notice"):
        if item.referral:
            purpose = Purpose(item.notice.purpose)
            actions.plan_notice(referral=item.referral, interval=item.interval or 0, purpose=purpose, by=by, now=now)
