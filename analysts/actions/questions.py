"""What is said to the holder of a receipt."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts import permissions
from analysts.actions.rows import locked, record_act
from analysts.models import Incident, Report, User
from audit.permissions import Denied
from reports import keys, sealing
from reports.actions import message_info
from reports.models import KeyClass, Message


@transaction.atomic
def ask(*, by: User, report: Report, incident: Incident, question: str, now: datetime | None = None) -> Message:
    """A question to the holder of the receipt, sealed to their mailbox and once more for staff."""
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_ask(by, incident)
    if not Report.objects.visible_to(by).filter(pk=report.pk, sightings__incident=incident).exists():
        raise Denied(_("This report does not exist."))
    key = keys.public_key(now, KeyClass.WORDS)
    info = message_info(report.receipt_id)
    message = Message.objects.create(
        receipt_id=report.receipt_id,
        asked_on=now.date(),
        key_id=key.id,
        sealed_for_reporter=sealing.seal(
            {"text": question}, to=sealing.PublicKey("mailbox", bytes(report.receipt.mailbox_key)), info=info
        ),
        sealed_for_staff=sealing.seal({"text": question}, to=key, info=info),
    )
    record_act("ask", incident, by=by, now=now, details={"report": str(report.pk), "characters": len(question)})
    return message
