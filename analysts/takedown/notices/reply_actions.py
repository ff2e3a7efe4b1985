"""The action that marks replies from recipients as read."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, Reply, User
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices.permissions import check_can_read_replies, check_can_read_these


@transaction.atomic
def read_replies(*, by: User, incident: Incident, replies: Collection[Reply], now: datetime | None = None) -> int:
    """Mark the replies about the incident as read by `by`, which removes them from every to-do list.

    This is an explicit action because viewing the page does not prove that a reply was read. Returns how many of the
    replies were unread.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_read_replies(by, incident)
    check_can_read_these(by, replies)
    unread = Reply.objects.about(incident).filter(read_at=None, pk__in=[reply.pk for reply in replies])
    number = unread.update(read_by=by, read_at=now)
    refresh_next_step(incident, now=now)
    references = sorted({reply.notice.reference for reply in replies})
    record_act("read_replies", incident, by=by, now=now, details={"count": number, "references": references})
    return number
