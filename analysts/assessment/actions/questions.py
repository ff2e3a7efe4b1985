"""Messages to the holder of a receipt, and their answers."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents import contents, permissions
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, Question, Report, User
from analysts.takedown.next_steps.actions import refresh_next_step
from audit.permissions import Denied
from reports import keys, sealing
from reports.actions import message_info
from reports.addresses import find_addresses
from reports.models import KeyClass, Message


@transaction.atomic
def ask_reporter(
    *, by: User, report: Report, incident: Incident, question: str, now: datetime | None = None
) -> Message:
    """Send a question to the holder of the receipt, sealed to their mailbox and separately for staff."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_ask(by, incident)
    if not Report.objects.visible_to(by).filter(pk=report.pk, sightings__incident=incident).exists():
        raise Denied(_("This report does not exist."))
    check_has_reporter(report)
    _check_names_nothing_reported(question, incident)
    key = keys.public_key(now, KeyClass.WORDS)
    info = message_info(report.receipt_id)
    message = Message.objects.create(
        receipt_id=report.receipt_id,
        asked_on=now.date(),
        key_id=key.id,
        sealed_for_reporter=sealing.seal_json(
            {"text": question}, to=sealing.PublicKey("mailbox", bytes(report.receipt.mailbox_key)), info=info
        ),
        sealed_for_staff=sealing.seal_json({"text": question}, to=key, info=info),
    )
    Question.objects.create(message=message, incident=incident, report=report, by=by)
    refresh_next_step(incident, now=now)
    record_act("ask", incident, by=by, now=now, details={"report": str(report.pk), "characters": len(question)})
    return message


def check_has_reporter(report: Report) -> None:
    """Raises Denied for a report of a source: no one holds its receipt."""
    if report.source_id is not None:
        raise Denied(_("A partner’s system sent this report, so no one could read the message. Ask the partner."))


def _check_names_nothing_reported(question: str, incident: Incident) -> None:
    """Refuse a question that names the reported address or its site: bystanders may see the reporter's screen."""
    reported = contents.compare_address(incident)
    reported_keys = (
        {address.site or address.key for address in find_addresses(reported.normalised)} if reported else set()
    )
    if any((address.site or address.key) in reported_keys for address in find_addresses(question)):
        raise Denied(_("The message names the reported address or site. Remove it: the reporter knows what they sent."))


@transaction.atomic
def read_answers(*, by: User, incident: Incident, now: datetime | None = None) -> int:
    """Mark the unread answers on the incident's page as read by `by`; returns how many.

    A separate action, since opening the page does not prove that the answers were read.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_reveal(by, incident)
    waiting = Question.objects.unread_about(incident, by)
    number = Question.objects.filter(pk__in=waiting.values("pk")).update(read=True)
    refresh_next_step(incident, now=now)
    record_act("read_answers", incident, by=by, now=now, details={"count": number})
    return number
