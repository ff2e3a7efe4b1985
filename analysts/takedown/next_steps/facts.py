"""The facts that decide the next step of open illegal incidents, read with one query."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    F,
    FilteredRelation,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Greatest

from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.codes.next_steps import NextStepKind
from analysts.codes.recipient_actions import actions_before
from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import (
    Appeal,
    Assessment,
    BatchItem,
    BatchKind,
    BatchState,
    Clearance,
    DropReason,
    Incident,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Question,
    Recipient,
    Referral,
    Reply,
)
from analysts.models.notice import NO_STEPS
from analysts.models.reply import VALID, of_notice, with_latest_replies
from analysts.models.staff.user import CONTENT_ROLES
from analysts.states import State
from reports.notices import AnswerKind

# Bodies to which an incident can be referred after a refusal: they warn no suspect.
OTHER_BODIES = kinds_that_are(lambda kind: kind.is_national)
# Answers by which the police act, or do not.
OF_POLICE = [kind for kind, row in ANSWER_KINDS.items() if row.decides or kind == AnswerKind.CASE_OPENED]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """The facts about one incident. A time is None where its fact does not apply."""

    pk: uuid.UUID
    kind: str
    state: str
    verdict_at: datetime | None
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
    # The latest clearance request.
    hold_answer: str | None
    hold_at: datetime | None
    hold_sent_at: datetime | None
    hold_recorded_at: datetime | None
    # The latest referral to another police force or hotline.
    other_body_at: datetime | None
    # Notices: left out because of an unconfirmed redaction; to send by hand; failed; waiting to be sent by a job.
    unconfirmed_since: datetime | None
    by_hand_since: datetime | None
    failed_since: datetime | None
    planned_since: datetime | None
    leaves_at: datetime | None
    # Open referrals: the latest notified; the first without a notice, by why it has none.
    notified_at: datetime | None
    unverified_since: datetime | None
    unplanned_since: datetime | None
    not_before: datetime | None
    unread_reply_since: datetime | None
    reply_read_at: datetime | None
    # The latest notified recipient: its kind, latest reply since and latest action.
    notified_kind: str | None
    replied_at: datetime | None
    acted_at: datetime | None
    last_action: str | None
    # The first answer that waits for a call back; the latest valid answer of the police about whether they act.
    to_call_since: datetime | None
    police_answer: str | None
    police_answered_at: datetime | None
    # Steps that replies cause, which reading does not end: hosting denied, and traced again since; information asked
    # for; left online, or blocked in some countries only, and no other recipient since; an appeal.
    denied_since: datetime | None
    denied_again_since: datetime | None
    asked_more_since: datetime | None
    left_online_since: datetime | None
    latest_referral_at: datetime | None
    appealed_since: datetime | None
    # The first question without an answer, and the first with an unread one, by the day it was asked.
    asked_on: date | None
    asked_by: int | None
    answer_to: date | None
    answer_for: int | None
    # The open batch of traces or checks that it is in, and the time of a batch of traces apart.
    on_workstation_since: datetime | None
    on_workstation_until: datetime | None
    trace_drawn_at: datetime | None
    drawn_by: int | None


def load_facts(incidents: Collection[uuid.UUID]) -> list[IncidentFacts]:
    """Read the facts of those that are open and illegal; each fact is found by index, however long the history.

    Words have no chase, and are open between verdict and closing.
    """
    chased = Incident.objects.filter(pk__in=incidents).annotate(
        open_chase=FilteredRelation("chases", condition=Q(chases__ended_at=None))
    )
    is_open = Q(state__in=[State.ASSESSED, State.ACTING]) | Q(open_chase__isnull=False)
    rows = chased.filter(is_open).annotate(**_subqueries()).order_by("pk")
    return [IncidentFacts(**row) for row in rows.values(*(field.name for field in fields(IncidentFacts)))]


def _first(rows: QuerySet[Any], field: str) -> Subquery:
    """The first `field` of the rows about the incident, in the order given."""
    return Subquery(rows.values(field)[:1])


def _about[Row: Model](rows: QuerySet[Row], **conditions: Any) -> QuerySet[Row]:
    return rows.filter(incident=OuterRef("pk"), **conditions)


def _subqueries() -> dict[str, Subquery]:
    holds = _about(PoliceHold.objects.all()).order_by("-at")
    return {
        "verdict_at": _first(_about(Assessment.objects.filter(undone_at=None).order_by("-at")), "at"),
        "hold_answer": _first(holds, "answer"),
        "hold_at": _first(holds, "at"),
        "hold_sent_at": _first(holds, "sent_at"),
        "hold_recorded_at": _first(holds, "recorded_at"),
        **_of_referrals(),
        **_of_notices(),
        **_of_questions(),
        **_of_batches(),
    }


def _worker(field: str) -> Case:
    """The account in the field while it is an analyst's and active: no other owns a step."""
    return Case(When(**{f"{field}__is_active": True, f"{field}__role__in": CONTENT_ROLES}, then=F(field)))


def _of_referrals() -> dict[str, Subquery]:
    referrals = _about(Referral.objects.all(), ended_at=None, to__isnull=False)
    unnoticed = referrals.filter(noticed_at=None)
    usable = unnoticed.filter(Recipient.verified("to__"), to__closed_on=None)
    # A notice that a person cancelled is not planned again.
    cancelled = NoticeItem.objects.filter(incident=OuterRef("incident"), dropped=DropReason.TAKEN_BACK)
    cancelled = cancelled.filter(referral__isnull=False)
    return {
        "other_body_at": _first(referrals.filter(to__kind__in=OTHER_BODIES).order_by("-at"), "at"),
        **_of_notified(referrals.filter(noticed_at__isnull=False).order_by("-noticed_at")),
        "unverified_since": _first(
            unnoticed.filter(Recipient.unverified("to__") | Q(to__closed_on__isnull=False)).order_by("at"), "at"
        ),
        "unplanned_since": _first(usable.exclude(pk__in=cancelled.values("referral")).order_by("at"), "at"),
        "not_before": _first(usable.filter(not_before__isnull=False).order_by("not_before"), "not_before"),
        "denied_since": _first(
            referrals.filter(denied_at__isnull=False, retraced_at=None).order_by("denied_at"), "denied_at"
        ),
        "denied_again_since": _first(
            referrals.filter(retraced_at__isnull=False)
            .annotate(again_at=Greatest("denied_at", "retraced_at"))
            .order_by("-again_at"),
            "again_at",
        ),
        "latest_referral_at": _first(referrals.order_by("-at"), "at"),
    }


def _of_notified(notified: QuerySet[Referral]) -> dict[str, Subquery]:
    """The latest notified recipient, and its replies since."""
    latest = with_latest_replies(notified)
    facts = {name: _first(latest, name) for name in ("replied_at", "acted_at", "last_action")}
    return {"notified_at": _first(notified, "noticed_at"), "notified_kind": _first(notified, "to__kind"), **facts}


def _of_notices() -> dict[str, Subquery]:
    items = _about(NoticeItem.objects.all(), dropped="")
    moment = Case(
        When(notice__state=NoticeState.GATHERING, then=F("notice__scheduled_at")), default=F("notice__next_try_at")
    )
    verified = Recipient.verified("notice__recipient__") & Q(notice__recipient__closed_on=None)
    # Reminders and corrections are sent beside the step that the incident waits for.
    planned = (
        items.filter(verified)
        .exclude(notice__purpose__in=[Purpose.AGAIN, *NO_STEPS])
        .filter(Q(notice__state=NoticeState.GATHERING) | Q(notice__state=NoticeState.READY))
        .annotate(leaves_at=moment)
        .filter(leaves_at__isnull=False)
        .order_by("leaves_at")
    )
    unconfirmed = _about(NoticeItem.objects.all(), dropped=DropReason.UNCONFIRMED, referral__ended_at=None)
    replies = Reply.objects.about(OuterRef("pk"))
    left_online = replies.filter(kind=AnswerKind.DECIDED, action__in=actions_before(NextStepKind.LEFT_ONLINE))
    # To these, a complaint comes before an escalation.
    hearing_none = kinds_that_are(lambda kind: not kind.hears_complaints)
    left_online_for_good = left_online.alias(recipient=of_notice("recipient__kind")).filter(recipient__in=hearing_none)
    by_police = replies.filter(kind__in=OF_POLICE, confirmation__in=VALID).order_by("-confirmed_at")
    return {
        "to_call_since": _first(replies.to_call().order_by("received_at"), "received_at"),
        "police_answer": _first(by_police, "kind"),
        "police_answered_at": _first(by_police, "confirmed_at"),
        "unconfirmed_since": _first(
            unconfirmed.filter(incident__redaction=None).order_by("notice__scheduled_at"), "notice__scheduled_at"
        ),
        "by_hand_since": _first(
            items.filter(verified, notice__state=NoticeState.READY, notice__next_try_at=None).order_by(
                "notice__scheduled_at"
            ),
            "notice__scheduled_at",
        ),
        "failed_since": _first(
            items.filter(notice__state=NoticeState.DEAD).order_by("notice__tried_at"),
            "notice__tried_at",
        ),
        "planned_since": _first(planned, "notice__made_at"),
        "leaves_at": _first(planned, "leaves_at"),
        "unread_reply_since": _first(replies.filter(read_at=None).order_by("received_at"), "received_at"),
        "reply_read_at": _first(replies.filter(read_at__isnull=False).order_by("-read_at"), "read_at"),
        "asked_more_since": _first(replies.unanswered().order_by("received_at"), "received_at"),
        "left_online_since": _first(left_online_for_good.order_by("-received_at"), "received_at"),
        "appealed_since": _first(_about(Appeal.objects.waiting()), "received_at"),
    }


def _of_questions() -> dict[str, Subquery]:
    questions = _about(Question.objects.order_by("message__asked_on"))
    unanswered, unread = questions.filter(answered=False), questions.filter(answered=True, read=False)
    return {
        "asked_on": _first(unanswered, "message__asked_on"),
        "asked_by": _first(unanswered.annotate(worker=_worker("by")), "worker"),
        "answer_to": _first(unread, "message__asked_on"),
        "answer_for": _first(unread.annotate(worker=_worker("by")), "worker"),
    }


def _of_batches() -> dict[str, Subquery]:
    items = _about(BatchItem.objects.filter(batch__state=BatchState.DRAWN), answered_at=None, round=OuterRef("round"))
    tasks = items.filter(batch__kind__in=[BatchKind.TRACES, BatchKind.CHECKS]).order_by("-batch__at")
    return {
        "on_workstation_since": _first(tasks, "batch__at"),
        "on_workstation_until": _first(tasks, "batch__until"),
        "trace_drawn_at": _first(tasks.filter(batch__kind=BatchKind.TRACES), "batch__at"),
        "drawn_by": _first(tasks.annotate(worker=_worker("batch__by")), "worker"),
    }


def is_withheld(facts: IncidentFacts) -> bool:
    """Whether the police refused clearance, or say that it is not theirs to decide."""
    return facts.hold_answer in (Clearance.REFUSED, Clearance.NOT_OURS)
