"""Intake of sealed replies from recipients. The worker runs it once a minute.

Each reply has its own transaction, so a run that is killed at any point can be repeated without losing or duplicating
replies. Unreadable replies, for example from a compromised public server, are taken in for staff to examine.
"""

import logging
import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from analysts.codes import Role
from analysts.codes.answer_kinds import step_after
from analysts.incidents import contents
from analysts.incidents.locking import lock_in_order
from analysts.models import Chase, Confirmation, Incident, NextStepKind, Notice, Referral, Reply, User
from analysts.takedown.appeals.actions import file_appeals
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.takedown.tracing.actions import names_network_address
from audit.actions import JSON, record_event
from reports import keys, sealing
from reports.letter_numbers import NotANumber, read_numbers
from reports.models import NoticeAnswer
from reports.notices import AnswerKind, RecipientAnswer, RecipientDecision, goes_with, is_case_number

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
    """Store the reply, and make what follows from it due for the addresses that it is about, and for no other.

    The reply changes no state on its own; one that contests the notice is an appeal. Answers of the police count from
    their own account, and are claims otherwise (`Reply.is_to_call`). Runs inside the transaction of the caller. `by`:
    the recipient's own account, or who entered it by hand and so has read it.
    """
    is_own_account = by is not None and by.role == Role.RECIPIENT
    is_theirs = by is None or is_own_account
    notice = Notice.objects.select_related("recipient").get(link=answer.link_id)
    answered = _read_answer(answer, notice)
    answer.taken_in = True
    answer.save(update_fields=["taken_in"])
    items = notice.items.filter(dropped="")
    if answered.numbers:
        items = items.filter(number__in=answered.numbers)
    # Locks incidents before their chases, in the same order as the staff actions.
    noticed = Incident.objects.filter(pk__in=items.values("incident"))
    incidents = [incident.pk for incident in lock_in_order(noticed)]
    chases = Chase.objects.filter(incident__in=incidents, ended_at=None).order_by("pk")
    chase_ids = [chase.pk for chase in chases.select_for_update(of=("self",))]
    Chase.objects.filter(pk__in=chase_ids).update(due_at=now)
    decision = answered.decision
    is_valid = is_own_account and answered.kind != AnswerKind.CALL_ME
    reply = Reply.objects.create(
        answer=answer,
        notice=notice,
        kind=answered.kind,
        numbers=answered.numbers,
        received_at=answer.received_at,
        action=decision.action or "",
        ground=decision.ground or "",
        is_automated=decision.is_automated,
        redress_told=decision.redress_told,
        case_number=answered.case_number,
        confirmation=Confirmation.INBOX if is_valid else "",
        confirmed_by=by if is_valid else None,
        confirmed_at=now if is_valid else None,
        entered_by=by,
        read_by=None if is_theirs else by,
        read_at=None if is_theirs else now,
    )
    match step_after(answered.kind, decision.action):
        case NextStepKind.CHECK_REMOVAL:
            # Where checks have already found it removed, the next one has its own time.
            unchecked = Chase.objects.filter(pk__in=chase_ids, removed_in_a_row=0, removal_reported_at=None)
            unchecked.update(removal_reported_at=now)
        case NextStepKind.RETRACE:
            note_denial(reply, incidents)
        case NextStepKind.APPEAL:
            file_appeals(reply, incidents, now=now)
    if not is_valid:
        # For an answer that counts, `police_answers.settle` derives them, with its effects.
        refresh_next_steps(incidents, now=now)
    codes = replace(answered, case_number="").codes()
    details: dict[str, JSON] = {"reference": notice.reference, "kind": answered.kind.value, **codes}
    action = "notice.answered" if is_theirs else "notice.record_reply"
    record_event(by=by, action=action, on=notice, details=details, at=now)
    return reply


def note_denial(reply: Reply, incidents: Collection[UUID]) -> None:
    """Note with the open referrals to its sender that it says that these incidents are not with it.

    The same again before a new trace changes nothing, so that the pause of reminders ends after a day; after a trace
    that named the hosting again, it is to be escalated again.
    """
    referrals = Referral.objects.filter(incident__in=incidents, to=reply.notice.recipient_id, ended_at=None)
    is_new = Q(denied_at=None) | Q(retraced_at__isnull=False)
    referrals.filter(is_new).update(denied_at=reply.received_at)


def _read_answer(answer: NoticeAnswer, notice: Notice) -> RecipientAnswer:
    """The reply, without its text. One that is unreadable, of a kind that is not its recipient's, contradictory, or
    about addresses that the notice does not have, needs staff: `NEED_MORE`."""
    needs_staff = RecipientAnswer(AnswerKind.NEED_MORE)
    try:
        fields = contents.intake_reply(answer)
    except sealing.UnsealError:
        return needs_staff
    kind = next((kind for kind in AnswerKind if kind.value == fields.get("kind")), AnswerKind.NEED_MORE)
    decision = RecipientDecision.read(fields, kind)
    try:
        numbers = read_numbers(str(fields.get("numbers", "")), among=notice.numbers())
    except NotANumber:
        return needs_staff
    case_number = str(fields.get("case_number", ""))
    is_coherent = goes_with(kind, decision.action) and bool(case_number or not kind.row.asks_number)
    if not is_coherent or not is_case_number(case_number) or names_network_address(case_number):
        return needs_staff
    if notice.answerer() not in kind.row.answerers:
        return needs_staff
    return RecipientAnswer(kind, "", decision, numbers, case_number)
