"""The actions on replies from recipients: enter one by hand, and mark them as read."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.letter_topics import BackTopic
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, Notice, NoticeItem, Purpose, Reply, User
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.takedown.notices.permissions import (
    check_can_answer,
    check_can_read_replies,
    check_can_read_these,
    check_can_record_reply,
)
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.replies.answer_letters import open_answer
from audit.actions import JSON
from audit.permissions import Late
from reports import notice_answers
from reports.notices import RecipientAnswer


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
    reply_ids = list(unread.values_list("pk", flat=True))
    number = Reply.objects.filter(pk__in=reply_ids).update(read_by=by, read_at=now)
    # A reply is read for all incidents that it is about.
    about = Incident.objects.filter(notice_items__notice__replies__in=reply_ids, notice_items__dropped="")
    refresh_next_steps({incident.pk, *about.values_list("pk", flat=True)}, now=now)
    references = sorted({reply.notice.reference for reply in replies})
    record_act("read_replies", incident, by=by, now=now, details={"count": number, "references": references})
    return number


@transaction.atomic
def record_reply(*, by: User, notice: Notice, answer: RecipientAnswer, now: datetime | None = None) -> Reply:
    """Enter a reply that came by e-mail, form or telephone. It is sealed, kept and counted like one of the link.

    Raises:
        Late: the same reply is recorded already.
    """
    now = now or timezone.now()
    notice = Notice.objects.get(pk=notice.pk)
    check_can_record_reply(by, notice)
    return store_reply(by=by, notice=notice, answer=answer, now=now)


def store_reply(*, by: User, notice: Notice, answer: RecipientAnswer, now: datetime) -> Reply:
    """Seal and save the reply of `by`, who may record it: checked by the caller, in whose transaction it runs.

    Raises:
        Late: the same reply is recorded already.
    """
    stored = notice_answers.insert_answer(answer, credentials=reply_links.credentials_of(notice), now=now)
    if stored is None:
        raise Late(_("This reply is already recorded."))
    return reply_intake.save_reply(stored, by=by, now=now)


@transaction.atomic
def answer_reply(
    *, by: User, incident: Incident, reply: Reply, topic: BackTopic, now: datetime | None = None
) -> Notice:
    """Answer a recipient who needs more information, by a letter about all addresses of the reply."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    reply = Reply.objects.select_for_update(of=("self",)).select_related("notice__recipient").get(pk=reply.pk)
    check_can_answer(by, incident, reply)
    about = NoticeItem.objects.filter(notice=reply.notice_id, dropped="").values_list("incident", flat=True)
    letter = open_answer(reply, Purpose.BACK, topic, incidents=list(about), by=by, now=now)
    refresh_next_steps([item.incident_id for item in letter.items.all()], now=now)
    details: dict[str, JSON] = {"reference": letter.reference, "answered": reply.notice.reference, "topic": str(topic)}
    record_act("answer_reply", incident, by=by, now=now, details=details)
    return letter
