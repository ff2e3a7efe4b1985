"""Intake of sealed replies from recipients. Runs on the staff side about once a minute.

Each reply has its own transaction, so a run that is killed at any point can be repeated without losing or duplicating
replies. Unreadable replies, for example from a compromised public server, are taken in for staff to examine.
"""

import logging
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from analysts.incidents import contents
from analysts.models import Chase, Incident, Notice, Reply, User
from analysts.takedown.appeals.actions import file_appeals
from analysts.takedown.next_steps.actions import refresh_next_steps
from audit.actions import JSON, record_event
from reports import keys, sealing
from reports.models import NoticeAnswer
from reports.notices import NOTHING_DECIDED, AnswerKind, RecipientDecision, goes_with

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
            save_reply(answer, by=None, now=now)
    except keys.KeyMissing:
        logger.error("key missing", extra={"fact": "an answer to a notice waits for a key not in the keyring"})
        return False
    except Exception:
        # One reply must not block all others.
        logger.exception("intake failed", extra={"fact": "an answer to a notice could not be taken in and waits"})
        return False
    return True


def save_reply(answer: NoticeAnswer, *, by: User | None, now: datetime) -> Reply:
    """Store the reply and make the chases of its notice due. The reply changes no state on its own; one that contests
    the notice is an appeal.

    Runs inside the transaction of the caller. `by`: the recipient's own account, or who entered it by hand and so has
    read it.
    """
    is_theirs = by is None or by.role == Role.RECIPIENT
    kind, decision = _read_answer(answer)
    answer.taken_in = True
    answer.save(update_fields=["taken_in"])
    notice = Notice.objects.get(link=answer.link_id)
    # Locks incidents before their chases, in the same order as the staff actions.
    noticed = Incident.objects.filter(notice_items__notice=notice, notice_items__dropped="")
    incidents = [incident.pk for incident in noticed.select_for_update(of=("self",)).order_by("pk")]
    chases = Chase.objects.filter(incident__in=incidents, ended_at=None).order_by("pk")
    answered = Chase.objects.filter(pk__in=[chase.pk for chase in chases.select_for_update(of=("self",))])
    answered.update(due_at=now)
    if decision.action and RECIPIENT_ACTIONS[decision.action].is_removal:
        # Where checks have already found it removed, the next one has its own time.
        answered.filter(removed_in_a_row=0, removal_reported_at=None).update(removal_reported_at=now)
    reply = Reply.objects.create(
        answer=answer,
        notice=notice,
        kind=kind,
        received_hour=answer.received_hour,
        action=decision.action or "",
        ground=decision.ground or "",
        is_automated=decision.is_automated,
        redress_told=decision.redress_told,
        entered_by=by,
        read_by=None if is_theirs else by,
        read_at=None if is_theirs else now,
    )
    refresh_next_steps(incidents, now=now)
    if kind == AnswerKind.CONTESTED:
        file_appeals(reply, incidents, now=now)
    details: dict[str, JSON] = {"reference": notice.reference, "kind": kind.value, **decision.codes()}
    action = "notice.answered" if is_theirs else "notice.record_reply"
    record_event(by=by, action=action, on=notice, details=details, at=now)
    return reply


def _read_answer(answer: NoticeAnswer) -> tuple[AnswerKind, RecipientDecision]:
    """The kind of the reply, and what was done. Replies that are unreadable, of an unknown kind or contradictory need
    staff: `NEED_MORE`."""
    try:
        fields = contents.intake_reply(answer)
    except sealing.UnsealError:
        return AnswerKind.NEED_MORE, NOTHING_DECIDED
    kind = next((kind for kind in AnswerKind if kind.value == fields.get("kind")), AnswerKind.NEED_MORE)
    decision = RecipientDecision.read(fields, kind)
    return (kind, decision) if goes_with(kind, decision.action) else (AnswerKind.NEED_MORE, NOTHING_DECIDED)
