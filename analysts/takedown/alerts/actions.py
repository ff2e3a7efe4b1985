"""Tell the police or child protection at once of a report that waits for its verdict, and a senior analyst of it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.letter_topics import WithdrawReason
from analysts.incidents.locking import extend_claim, lock_incident, record_act
from analysts.models import (
    AlertReason,
    ChildAlert,
    DropReason,
    Incident,
    Notice,
    NoticeItem,
    Purpose,
    Recipient,
    RecipientKind,
    User,
)
from analysts.models.notice import UNSENT
from analysts.takedown.alerts import permissions
from analysts.takedown.notices.batching import open_letter
from analysts.takedown.notices.corrections import update_corrections
from audit.actions import JSON
from audit.permissions import Denied, Late
from countries.models import Contact, ContactKind


@transaction.atomic
def tell_police_now(
    *,
    by: User,
    incident: Incident,
    to: Contact | Recipient,
    not_the_danger: bool,
    reason: AlertReason,
    now: datetime | None = None,
) -> ChildAlert:
    """Record a call, or send a letter: a report says that a child is in danger. It is not assessed, anonymous and
    unverified.

    Changes no state, referral, receipt or figure. After a call the claim lasts CLAIM_MINUTES again.

    Args:
        to: the contact that `by` called, or the recipient to write to. Its letter waits until it is verified.
        not_the_danger: the analyst affirms that the report does not name `to` as the danger.

    Raises:
        Denied: `by` may not, no report says so, it is assessed, the contact is not verified, or no letter can be sent.
        Late: `to` was informed already.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_alert(by, incident)
    if not not_the_danger:
        raise Denied(_("Affirm that the report does not name them as the danger, or choose another one."))
    alert = ChildAlert(incident=incident, reason=reason, by=by, at=now)
    details: dict[str, JSON] = {"reason": str(reason)}
    if isinstance(to, Contact):
        _record_call(alert, to)
    else:
        details["reference"] = _send_letter(alert, to).reference
    record_act("tell_police_now", incident, by=by, now=now, details={"kind": alert.kind, **details})
    return alert


def _record_call(alert: ChildAlert, to: Contact) -> None:
    incident = alert.incident
    contact = permissions.contacts_to_alert(incident).filter(pk=to.pk).first()
    if contact is None:
        raise Denied(_("Only verified numbers of the incident’s portals can be called."))
    if ChildAlert.objects.filter(incident=incident, kind=contact.kind, name=contact.name).exists():
        raise Late(_("This contact was called already."))
    alert.kind, alert.name, alert.phone = contact.kind, contact.name, contact.phone
    alert.save(force_insert=True)
    extend_claim(incident, now=alert.at)


def _send_letter(alert: ChildAlert, to: Recipient) -> Notice:
    """Order the letter, due at once. A letter that a verdict stopped, since undone, is written again."""
    incident = alert.incident
    permissions.check_can_write(incident)
    recipient = permissions.recipients_to_alert(incident).filter(pk=to.pk).first()
    if recipient is None:
        raise Denied(_("Only police and child protection of the incident’s countries can be written to."))
    earlier = ChildAlert.objects.filter(incident=incident, to=recipient).first()
    if earlier and (earlier.withdrawn_reason or incident.notice_items.filter(alert=earlier, dropped="").exists()):
        raise Late(_("This recipient was written to already."))
    alert.kind = ContactKind.POLICE if recipient.kind == RecipientKind.POLICE else ContactKind.OTHER
    alert.name, alert.to = recipient.name, recipient
    if earlier is None:
        alert.save(force_insert=True)
    item = NoticeItem(incident=incident, alert=earlier or alert, interval=None, trace=0)
    item.notice = open_letter(recipient, Purpose.ALERT, items=[item], by=alert.by, now=alert.at)
    item.save(force_insert=True)
    return item.notice


@transaction.atomic
def see_alerts(*, by: User, incident: Incident, now: datetime | None = None) -> int:
    """Record that a senior analyst has seen the alerts about the incident; returns how many were new."""
    now = now or timezone.now()
    permissions.check_can_see_alerts(by)
    incident = lock_incident(incident, by)
    number = ChildAlert.objects.filter(incident=incident, seen_at=None).update(seen_by=by, seen_at=now)
    if not number:
        raise Late(_("A senior analyst has seen this alert already."))
    record_act("see_alerts", incident, by=by, now=now, details={"count": number})
    return number


@transaction.atomic
def withdraw_alert(
    *, by: User, incident: Incident, alert: ChildAlert, reason: WithdrawReason, now: datetime | None = None
) -> ChildAlert:
    """Take an alert back before or after a verdict. A letter that has left is corrected by a letter, a call by a call.

    Raises:
        Denied: `by` may not, or the incident was referred to the recipient since.
        Late: it is withdrawn or corrected already.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_withdraw(by, incident, alert)
    alert.withdrawn_reason, alert.withdrawn_by, alert.withdrawn_at = reason, by, now
    alert.save(update_fields=["withdrawn_reason", "withdrawn_by", "withdrawn_at"])
    unsent = incident.notice_items.filter(alert=alert, corrects=None, dropped="", notice__state__in=UNSENT)
    unsent.update(dropped=DropReason.TAKEN_BACK)
    update_corrections(incident, by=by, now=now)
    record_act("withdraw_alert", incident, by=by, now=now, details={"kind": alert.kind, "reason": str(reason)})
    return alert


@transaction.atomic
def correct_alerts(*, by: User, incident: Incident, now: datetime | None = None) -> int:
    """Record that everybody whose call was wrong was called again. Returns how many."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_correct_alerts(by, incident)
    wrong = ChildAlert.objects.to_correct().filter(incident=incident)
    number = ChildAlert.objects.filter(pk__in=list(wrong.values_list("pk", flat=True))).update(
        corrected_by=by, corrected_at=now
    )
    if not number:
        raise Late(_("There is no alert to correct."))
    record_act("correct_alerts", incident, by=by, now=now, details={"count": number})
    return number
