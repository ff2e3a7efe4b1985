"""From sealed answers of recipients to what staff read. Runs on the staff side about once a minute.

One answer a transaction: killed at any point and run again, nothing is lost or doubled. Whatever a stolen public server
seals is taken in as well, as an answer that somebody has to look at.
"""

import logging
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.incidents import contents
from analysts.models import Chase, Incident, Notice, Reply
from audit.actions import record_event
from reports import keys, sealing
from reports.models import NoticeAnswer
from reports.notices import AnswerKind

logger = logging.getLogger(__name__)


def take_in(*, limit: int = 500, now: datetime | None = None) -> int:
    """Take in what waits, at most `limit` answers; returns how many were taken in.

    One whose key is not in this keyring stays waiting.
    """
    now = now or timezone.now()
    # By chance: so that some that cannot be taken in starve no others, and rows tell no order.
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
        # One answer must not hold up all others.
        logger.exception("intake failed", extra={"fact": "an answer to a notice could not be taken in and waits"})
        return False
    return True


def _save_reply(answer: NoticeAnswer, *, now: datetime) -> None:
    """Put it before whoever works on the incidents of its notice; it decides nothing by itself."""
    kind = _answer_kind(answer)
    answer.taken_in = True
    answer.save(update_fields=["taken_in"])
    notice = Notice.objects.get(link=answer.link_id)
    # Incidents before their chases, as verbs lock them.
    told = Incident.objects.filter(notice_items__notice=notice, notice_items__dropped="")
    incidents = [incident.pk for incident in told.select_for_update(of=("self",)).order_by("pk")]
    chases = Chase.objects.filter(incident__in=incidents, ended_at=None).order_by("pk")
    Chase.objects.filter(pk__in=[chase.pk for chase in chases.select_for_update(of=("self",))]).update(due_at=now)
    Reply.objects.create(answer=answer, notice=notice, kind=kind, received_hour=answer.received_hour)
    record_event(
        by=None,
        action="notice.answered",
        on=notice,
        details={"reference": notice.reference, "kind": kind.value},
        at=now,
    )


def _answer_kind(answer: NoticeAnswer) -> AnswerKind:
    """What it says. Of what nobody can read, or our page never offered: that a person has to see to it."""
    try:
        said = contents.notice_answer(answer).get("kind")
    except sealing.UnsealError:
        return AnswerKind.NEED_MORE
    return next((kind for kind in AnswerKind if kind.value == said), AnswerKind.NEED_MORE)
