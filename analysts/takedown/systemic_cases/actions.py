"""Sending a systemic case to the senior analysts, and answering it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from analysts.codes.systemic_cases import SystemicAnswer, SystemicReason
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, SystemicCase, User
from analysts.takedown.systemic_cases.permissions import check_can_answer, check_can_send
from audit.actions import JSON
from audit.free_text import refuse_addresses
from audit.permissions import Denied


@transaction.atomic
def send_systemic_case(
    *, by: User, incident: Incident, reason: SystemicReason, note: str = "", now: datetime | None = None
) -> SystemicCase:
    """Send the incident, decided or not, to the senior analysts: the hotline should have acted and could not.

    Raises Denied if a case of it waits already, or the note has an address.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_send(by, incident)
    _check_note(note)
    case = SystemicCase.objects.create(incident=incident, reason=reason, note=note, sent_by=by, sent_at=now)
    details: dict[str, JSON] = {"reason": str(reason), "characters": len(note)}
    record_act("systemic_case", incident, by=by, now=now, details=details)
    return case


@transaction.atomic
def answer_systemic_case(
    *, by: User, incident: Incident, answer: SystemicAnswer, note: str = "", now: datetime | None = None
) -> int:
    """Answer the waiting case of the incident; after a merge there can be several. Returns how many were answered."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_answer(by, incident)
    _check_note(note)
    waiting = SystemicCase.objects.waiting().filter(incident=incident)
    number = waiting.order_by().update(answer=answer, answer_note=note, answered_by=by, answered_at=now)
    details: dict[str, JSON] = {"outcome": str(answer), "characters": len(note), "count": number}
    record_act("answer_systemic_case", incident, by=by, now=now, details=details)
    return number


def _check_note(note: str) -> None:
    try:
        refuse_addresses(note)
    except ValidationError as error:
        raise Denied(" ".join(error.messages)) from None
