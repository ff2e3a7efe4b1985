"""An analyst says what of an address may leave the house."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents import contents
from analysts.incidents.locking import lock_incident, record_act
from analysts.incidents.permissions import check_sees_content
from analysts.models import Chase, Incident, NoticeItem, Outgoing, PoliceHold, Purpose, User
from analysts.models.notice import DropReason
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.facts import redaction
from analysts.takedown.notices import actions, redacting
from analysts.takedown.url_list.actions import list_waiting
from audit.actions import JSON
from audit.permissions import Denied
from reports.addresses.identifying import find_identifying_parts, token_kinds

ONE_FORM = _("It has left in this form. Who was told one form of it must not be told another.")


def check_can_confirm(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if all(chase.ended_at for chase in incident.known_chases):
        raise Denied(_("Only what was found illegal, and is not gone yet, leaves this house."))
    if not incident.sealed_address:
        raise Denied(_("There is no address."))
    if has_left(incident) and not is_open(incident):
        raise Denied(ONE_FORM)


def is_open(incident: Incident) -> bool:
    """Whether nothing leaves before somebody has confirmed it: also of what left before it was known to be personal."""
    try:
        redaction.address_to_share(incident)
    except redaction.Unconfirmed:
        return True
    except redaction.AddressUnreadable:
        pass
    return False


def has_left(incident: Incident) -> bool:
    """Whether a notice about it left, or may have: a mail server that broke off may have taken it."""
    told = Q(notice__attempts__gt=0, dropped="") | ~Q(sealed=b"")
    return NoticeItem.objects.filter(told, incident=incident).exists()


@transaction.atomic
def confirm_outgoing(*, by: User, incident: Incident, address: str, now: datetime | None = None) -> Outgoing:
    """Let the address leave in this form, normalised: all of it, or all but some of its parts.

    May be said anew until it has left. What waited for it follows in the same transaction: notices that it was left out
    of, and the URL list.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    # Whoever is just sending it in another form has sent it first.
    chase = open_chase(incident)
    check_can_confirm(by, incident)
    try:
        whole = redaction.full_address(incident)
    except redaction.AddressUnreadable:
        raise Denied(_("The address cannot be opened.")) from None
    if not redacting.is_part_of(address, whole):
        raise Denied(_("This is not the reported address with some of its parts left out."))
    found, is_shortened = token_kinds(find_identifying_parts(whole)), address != whole
    if is_shortened and has_left(incident):
        raise Denied(ONE_FORM)
    confirmed = redaction.redaction_of(incident) or Outgoing(incident=incident)
    confirmed.found, confirmed.is_shortened = [kind.value for kind in found], is_shortened
    confirmed.by, confirmed.at = by, now
    contents.seal_copy(confirmed, address, now=now)
    confirmed.save()
    _plan_again(incident, chase, by=by, now=now)
    list_waiting(by=by, incident=incident, now=now)
    details: dict[str, JSON] = {"personal": [kind.value for kind in found], "shortened": is_shortened}
    record_act("confirm_outgoing", incident, by=by, now=now, details=details)
    return confirmed


def _plan_again(incident: Incident, chase: Chase | None, *, by: User, now: datetime) -> None:
    """The latest step of each referral that was left out for want of this.

    Where it has moved they are of the old place, which nobody tells any more; only the police who are asked still are.
    """
    left_out = NoticeItem.objects.filter(incident=incident, dropped=DropReason.UNCONFIRMED)
    if chase is not None and chase.has_moved:
        asked = PoliceHold.objects.waiting().filter(incident=incident)
        left_out = left_out.filter(referral__to__in=asked.values("police"))
    latest = (
        left_out.order_by("referral_id", "-interval").distinct("referral_id").select_related("referral__to", "notice")
    )
    for item in latest:
        actions.plan_notice(
            referral=item.referral, interval=item.interval, purpose=Purpose(item.notice.purpose), by=by, now=now
        )
