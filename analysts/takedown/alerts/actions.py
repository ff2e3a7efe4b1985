"""Tell the police or child protection at once of a report that waits for its verdict, and a senior analyst of it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.locking import lock_incident, record_act
from analysts.models import AlertReason, ChildAlert, Incident, User
from analysts.takedown.alerts import permissions
from audit.actions import JSON
from audit.permissions import Denied, Late
from countries.models import Contact


@transaction.atomic
def tell_police_now(
    *,
    by: User,
    incident: Incident,
    to: Contact,
    not_the_danger: bool,
    reason: AlertReason,
    now: datetime | None = None,
) -> ChildAlert:
    """Record a call: a report says that a child is in danger. It is not assessed, anonymous and unverified.

    Changes no state, referral, receipt or figure.

    Args:
        not_the_danger: the analyst affirms that the report does not name the contact as the danger.

    Raises:
        Denied: `by` may not, no report says so, it is assessed, or the contact is not verified.
        Late: the contact was called already.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_alert(by, incident)
    if not not_the_danger:
        raise Denied(_("Affirm that the report does not name this contact as the danger, or choose another one."))
    contact = permissions.contacts_to_alert(incident).filter(pk=to.pk).first()
    if contact is None:
        raise Denied(_("Only verified numbers of the incident’s portals can be called."))
    if ChildAlert.objects.filter(incident=incident, kind=contact.kind, name=contact.name).exists():
        raise Late(_("This contact was called already."))
    alert = ChildAlert.objects.create(
        incident=incident,
        kind=contact.kind,
        name=contact.name,
        phone=contact.phone,
        reason=reason,
        by=by,
        at=now,
    )
    details: dict[str, JSON] = {"kind": contact.kind, "reason": str(reason)}
    record_act("tell_police_now", incident, by=by, now=now, details=details)
    return alert


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
def correct_alerts(*, by: User, incident: Incident, now: datetime | None = None) -> int:
    """Record that everybody who was alerted was called again: the report was wrong. Returns how many."""
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
