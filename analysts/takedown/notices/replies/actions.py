"""The actions on replies from recipients: enter one by hand, and mark them as read."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Incident, Notice, Reply, User
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices.permissions import check_can_read_replies, check_can_read_these, check_can_record_reply
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.notices.replies import links as reply_links
from audit.permissions import Late
from reports import notice_answers
from reports.notices import NOTHING_DECIDED, AnswerKind, RecipientDecision


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


@transaction.atomic
def record_reply(
    *,
    by: User,
    notice: Notice,
    kind: AnswerKind,
    text: str = "",
    decision: RecipientDecision = NOTHING_DECIDED,
    now: datetime | None = None,
) -> Reply:
    """Enter a reply that came by e-mail, form or telephone. It is sealed, kept and counted like one of the link.

    Raises:
        Late: the same reply is recorded already.
    """
    now = now or timezone.now()
    notice = Notice.objects.get(pk=notice.pk)
    check_can_record_reply(by, notice)
    return store_reply(by=by, notice=notice, kind=kind, text=text, decision=decision, now=now)


def store_reply(
    *, by: User, notice: Notice, kind: AnswerKind, text: str, decision: RecipientDecision, now: datetime
) -> Reply:
    """Seal and save the reply of `by`, who may record it: checked by the caller, in whose transaction it runs.

    Raises:
        Late: the same reply is recorded already.
    """
    answer = notice_answers.insert_answer(
        credentials=reply_links.credentials_of(notice), kind=kind, text=text, decision=decision, now=now
    )
    if answer is None:
        raise Late(_("This reply is already recorded."))
    return reply_intake.save_reply(answer, by=by, now=now)
