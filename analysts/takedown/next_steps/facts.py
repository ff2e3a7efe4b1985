"""The facts that decide the next step of open illegal incidents."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import FilteredRelation, Q

from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.codes.next_steps import NextStepKind
from analysts.codes.recipient_actions import actions_before
from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import (
    BatchKind,
    Clearance,
    DropReason,
    Incident,
    Notice,
    NoticeState,
    PoliceHold,
    Purpose,
)
from analysts.models.notice import NO_STEPS
from analysts.models.reply import LONGEST_ROUNDING, VALID
from analysts.states import State
from analysts.takedown.next_steps.related_rows import LetterReply, RelatedRows, load_related_rows
from reports.notices import AnswerKind

# Bodies to which an incident can be referred after a refusal: they warn no suspect.
OTHER_BODIES = kinds_that_are(lambda kind: kind.is_national)
# To others, a complaint comes before an escalation.
HEARING_NONE = kinds_that_are(lambda kind: not kind.hears_complaints)
# Answers by which the police act, or do not.
OF_POLICE = [kind for kind, row in ANSWER_KINDS.items() if row.decides or kind == AnswerKind.CASE_OPENED]
# Reminders and corrections are sent beside the step that the incident waits for.
BESIDE_STEPS = (Purpose.AGAIN, *NO_STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """The facts about one incident. A time is None where its fact does not apply."""

    pk: uuid.UUID
    kind: str
    state: str
    # The stored next step.
    next_step__kind: str | None
    next_step__since: datetime | None
    next_step__review_at: datetime | None
    next_step__owner: int | None
    next_step__is_assigned: bool | None
    next_step__set_by: int | None
    # The open chase.
    open_chase__since: datetime | None
    open_chase__unseen_since: datetime | None
    open_chase__trace: int | None
    open_chase__routed_trace: int | None
    open_chase__traced_at: datetime | None
    open_chase__checked_at: datetime | None
    open_chase__removed_at: datetime | None
    open_chase__removal_reported_at: datetime | None
    open_chase__escalated_at: datetime | None
    open_chase__due_at: datetime | None
    # The latest verdict.
    verdict_at: datetime | None = None
    # The latest clearance request.
    hold_answer: str | None = None
    hold_at: datetime | None = None
    hold_sent_at: datetime | None = None
    hold_recorded_at: datetime | None = None
    # The latest referral to another police force or hotline.
    other_body_at: datetime | None = None
    # Notices: left out because of an unconfirmed redaction; to send by hand; failed; waiting to be sent by a job.
    unconfirmed_since: datetime | None = None
    by_hand_since: datetime | None = None
    failed_since: datetime | None = None
    planned_since: datetime | None = None
    leaves_at: datetime | None = None
    # Open referrals: the latest notified; the first without a notice, by why it has none.
    notified_at: datetime | None = None
    unverified_since: datetime | None = None
    unplanned_since: datetime | None = None
    not_before: datetime | None = None
    unread_reply_since: datetime | None = None
    reply_read_at: datetime | None = None
    # The latest notified recipient: its kind, latest reply since and latest action.
    notified_kind: str | None = None
    replied_at: datetime | None = None
    acted_at: datetime | None = None
    last_action: str | None = None
    # The first answer that waits for a call back; the latest valid answer of the police about whether they act.
    to_call_since: datetime | None = None
    police_answer: str | None = None
    police_answered_at: datetime | None = None
    # Steps that replies cause, which reading does not end: hosting denied, and traced again since; information asked
    # for; left online, or blocked in some countries only, and no other recipient since; an appeal.
    denied_since: datetime | None = None
    denied_again_since: datetime | None = None
    asked_more_since: datetime | None = None
    left_online_since: datetime | None = None
    latest_referral_at: datetime | None = None
    appealed_since: datetime | None = None
    # The first question without an answer, and the first with an unread one, by the day it was asked.
    asked_on: date | None = None
    asked_by: int | None = None
    answer_to: date | None = None
    answer_for: int | None = None
    # The open batch of traces or checks that it is in, and the time of a batch of traces apart.
    on_workstation_since: datetime | None = None
    on_workstation_until: datetime | None = None
    trace_drawn_at: datetime | None = None
    drawn_by: int | None = None


# The fields that are read with the incident: of its own row, its stored step and its open chase.
STORED = tuple(field.name for field in fields(IncidentFacts) if field.default is MISSING)


def load_facts(incidents: Collection[uuid.UUID]) -> list[IncidentFacts]:
    """Read the facts of those that are open and illegal: a dozen statements for all of them, each by an index.

    Words have no chase, and are open between verdict and closing.
    """
    chased = Incident.objects.filter(pk__in=incidents).annotate(
        open_chase=FilteredRelation("chases", condition=Q(chases__ended_at=None))
    )
    is_open = Q(state__in=[State.ASSESSED, State.ACTING]) | Q(open_chase__isnull=False)
    rows = list(chased.filter(is_open).order_by("pk").values(*STORED, "redaction"))
    related = load_related_rows([row["pk"] for row in rows]) if rows else {}
    return [_build_facts(row, related[row["pk"]]) for row in rows]


def _build_facts(row: dict[str, Any], related: RelatedRows) -> IncidentFacts:
    has_redaction = row.pop("redaction") is not None
    return IncidentFacts(
        **row,
        verdict_at=related.verdict_at,
        appealed_since=related.appealed_at,
        **_of_hold(related.hold),
        **_of_referrals(related),
        **_of_letters(related, has_redaction=has_redaction),
        **_of_replies(related.replies),
        **_of_questions(related),
        **_of_batches(related),
    )


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min(filter(None, moments), default=None)


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max(filter(None, moments), default=None)


def _of_hold(hold: PoliceHold | None) -> dict[str, Any]:
    if hold is None:
        return {}
    times = {"hold_at": hold.at, "hold_sent_at": hold.sent_at, "hold_recorded_at": hold.recorded_at}
    return {"hold_answer": hold.answer, **times}


def _of_referrals(related: RelatedRows) -> dict[str, Any]:
    referrals = [referral for referral, _to in related.referrals]
    unnoticed = [(referral, to.is_usable) for referral, to in related.referrals if referral.noticed_at is None]
    usable = [referral for referral, is_usable in unnoticed if is_usable]
    # A notice that a person cancelled is not planned again.
    cancelled = {item.referral_id for item in related.items if item.dropped == DropReason.TAKEN_BACK}
    retraced = [referral for referral in referrals if referral.retraced_at]
    return {
        "other_body_at": _latest(referral.at for referral, to in related.referrals if to.kind in OTHER_BODIES),
        "latest_referral_at": _latest(referral.at for referral in referrals),
        "unverified_since": _first(referral.at for referral, is_usable in unnoticed if not is_usable),
        "unplanned_since": _first(referral.at for referral in usable if referral.pk not in cancelled),
        "not_before": _first(referral.not_before for referral in usable),
        "denied_since": _first(referral.denied_at for referral in referrals if referral.retraced_at is None),
        "denied_again_since": _latest(
            moment for referral in retraced for moment in (referral.denied_at, referral.retraced_at)
        ),
        **_of_notified(related),
    }


def _of_notified(related: RelatedRows) -> dict[str, Any]:
    """The latest notified recipient, and its replies since."""
    notified = [(referral.noticed_at, to) for referral, to in related.referrals if referral.noticed_at]
    if not notified:
        return {}
    notified_at, recipient = max(notified, key=lambda row: row[0])
    since = notified_at - LONGEST_ROUNDING
    replies = [row.reply for row in related.replies if row.recipient == recipient and row.reply.received_at > since]
    actions = [reply for reply in replies if reply.action]
    facts: dict[str, Any] = {"notified_at": notified_at, "notified_kind": recipient.kind}
    if replies:
        facts["replied_at"] = replies[-1].received_at
    if actions:
        facts |= {"acted_at": actions[-1].received_at, "last_action": actions[-1].action}
    return facts


def _of_letters(related: RelatedRows, *, has_redaction: bool) -> dict[str, Any]:
    items = [item for item in related.items if not item.dropped]
    usable = [item.notice for item in items if item.notice.recipient.is_usable]
    planned = [(moment, notice) for notice in usable if (moment := _leaves_at(notice))]
    facts: dict[str, Any] = {
        "by_hand_since": _first(
            notice.scheduled_at for notice in usable if notice.state == NoticeState.READY and notice.next_try_at is None
        ),
        "failed_since": _first(item.notice.tried_at for item in items if item.notice.state == NoticeState.DEAD),
    }
    if planned:
        leaves_at, notice = min(planned, key=lambda row: row[0])
        facts |= {"planned_since": notice.made_at, "leaves_at": leaves_at}
    if not has_redaction:
        # The number of an alert, or of a referral that is open.
        open_ids = {None, *(referral.pk for referral, _to in related.referrals)}
        unconfirmed = [item for item in related.items if item.dropped == DropReason.UNCONFIRMED]
        facts["unconfirmed_since"] = _first(
            item.notice.scheduled_at for item in unconfirmed if item.referral_id in open_ids
        )
    return facts


def _leaves_at(notice: Notice) -> datetime | None:
    """When a letter is sent that is the step of a takedown; None if none is planned, or by hand."""
    if notice.purpose in BESIDE_STEPS:
        return None
    if notice.state == NoticeState.GATHERING:
        return notice.scheduled_at
    return notice.next_try_at if notice.state == NoticeState.READY else None


def _of_replies(rows: list[LetterReply]) -> dict[str, Any]:
    left_online = [
        row.reply.received_at
        for row in rows
        if row.reply.kind == AnswerKind.DECIDED
        and row.reply.action in actions_before(NextStepKind.LEFT_ONLINE)
        and row.recipient.kind in HEARING_NONE
    ]
    replies = [row.reply for row in rows]
    by_police = [
        (reply.confirmed_at, reply.kind)
        for reply in replies
        if reply.kind in OF_POLICE and reply.confirmation in VALID and reply.confirmed_at
    ]
    police_answered_at, police_answer = max(by_police, default=(None, None))
    return {
        "to_call_since": _first(reply.received_at for reply in replies if reply.is_to_call),
        "police_answer": police_answer,
        "police_answered_at": police_answered_at,
        "unread_reply_since": _first(reply.received_at for reply in replies if reply.read_at is None),
        "reply_read_at": _latest(reply.read_at for reply in replies),
        "asked_more_since": _first(row.reply.received_at for row in rows if row.is_unanswered),
        "left_online_since": _latest(left_online),
    }


def _of_questions(related: RelatedRows) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for question in reversed(related.questions):
        names = ("answer_to", "answer_for") if question.is_answered else ("asked_on", "asked_by")
        facts |= zip(names, (question.asked_on, question.worker), strict=True)
    return facts


def _of_batches(related: RelatedRows) -> dict[str, Any]:
    if not related.batches:
        return {}
    latest = related.batches[0]
    return {
        "on_workstation_since": latest.at,
        "on_workstation_until": latest.until,
        "trace_drawn_at": _latest(batch.at for batch in related.batches if batch.kind == BatchKind.TRACES),
        "drawn_by": latest.worker,
    }


def is_withheld(facts: IncidentFacts) -> bool:
    """Whether the police refused clearance, or say that it is not theirs to decide."""
    return facts.hold_answer in (Clearance.REFUSED, Clearance.NOT_OURS)
