"""The verb by which somebody says that they have read what recipients answered."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, Reply, User
from analysts.takedown.notices.permissions import check_can_read_replies, check_can_read_these


@transaction.atomic
def read_replies(*, by: User, incident: Incident, replies: Collection[Reply], now: datetime | None = None) -> int:
    """Note that `by` has read these answers about the incident, which are then off everybody's list.

    An act, as looking alone proves nothing. Returns how many nobody had read before.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_read_replies(by, incident)
    check_can_read_these(by, replies)
    unread = Reply.objects.about(incident).filter(read_at=None, pk__in=[reply.pk for reply in replies])
    number = unread.update(read_by=by, read_at=now)
    references = sorted({reply.notice.reference for reply in replies})
    record_act("read_replies", incident, by=by, now=now, details={"count": number, "references": references})
    return number
