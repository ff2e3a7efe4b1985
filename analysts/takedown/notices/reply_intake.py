"""Intake of sealed replies from recipients. Runs on the staff side about once a minute.

Each reply has its own transaction, so a run that is killed at any point can be repeated without losing or duplicating
replies. Unreadable replies, for example from a compromised public server, are taken in for staff to examine.
"""

import logging
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.incidents import contents
from analysts.models import Chase, Incident, Notice, Reply
from analysts.takedown.appeals.actions import file_appeals
from analysts.takedown.next_steps.actions import refresh_next_steps
from audit.actions import record_event
from reports import keys, sealing
from reports.models import NoticeAnswer
from reports.notices import AnswerKind

logger = logging.getLogger(__name__)


def take_in(*, limit: int = 500, now: datetime | None = None) -> int:
    """Take in at most `limit` waiting replies; return how many were taken in.

    A reply whose key is not in this keyring keeps waiting.
    """
    now = now or timezone.now()
    # Random order: failing replies cannot starve others, and the new rows do not reveal the order of arrival.
    waiting = NoticeAnswer.objects.filter(taken_in=False).order_by("?").values_list("pk", flat=True)[:limit]
    return sum(_take_in_one(answer_id, now=now) for answer_id in list(waiting))


def _take_in_one(answer_id: uuid.UUID, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            new = NoticeAnswer.objects.select_for_update(skip_locked=True, of=("self",)).filter(taken_in=False)
            answer = new.filter(pk=answer_id).first()
            if answer is None:
                return False
            _save_reply(answer, now=now)
    except keys.KeyMissing:
        logger.error("key missing", extra={"fact": "an answer to a notice waits for a key not in the keyring"})
        return False
    except Exception:
        # One reply must not block all others.
        logger.exception("intake failed", extra={"fact": "an answer to a notice could not be taken in and waits"})
        return False
    return True


def _save_reply(answer: NoticeAnswer, *, now: datetime) -> None:
    """Store the reply and make the chases of its notice due. The reply changes no state on its own; one that contests
    the notice is an appeal."""
    kind = _answer_kind(answer)
    answer.taken_in = True
    answer.save(update_fields=["taken_in"])
    notice = Notice.objects.get(link=answer.link_id)
    # Locks incidents before their chases, in the same order as the staff actions.
    named = Incident.objects.filter(notice_items__notice=notice, notice_items__dropped="")
    incidents = [incident.pk for incident in named.select_for_update(of=("self",)).order_by("pk")]
    chases = Chase.objects.filter(incident__in=incidents, ended_at=None).order_by("pk")
    answered = Chase.objects.filter(pk__in=[chase.pk for chase in chases.select_for_update(of=("self",))])
    answered.update(due_at=now)
    if kind == AnswerKind.REMOVED:
        # Where checks have already found it removed, the next one has its own time.
        answered.filter(removed_in_a_row=0, removal_reported_at=None).update(removal_reported_at=now)
    reply = Reply.objects.create(answer=answer, notice=notice, kind=kind, received_hour=answer.received_hour)
    refresh_next_steps(incidents, now=now)
    if kind == AnswerKind.CONTESTED:
        file_appeals(reply, incidents, now=now)
    record_event(
        by=None,
        action="notice.answered",
        on=notice,
        details={"reference": notice.reference, "kind": kind.value},
        at=now,
    )


def _answer_kind(answer: NoticeAnswer) -> AnswerKind:
    """The kind of the reply. Replies that are unreadable or of an unknown kind need staff: `NEED_MORE`."""
    try:
        said = contents.notice_answer(answer).get("kind")
    except sealing.UnsealError:
        return AnswerKind.NEED_MORE
    return next((kind for kind in AnswerKind if kind.value == said), AnswerKind.NEED_MORE)
