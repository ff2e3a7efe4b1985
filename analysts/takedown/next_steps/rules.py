"""Pure functions that derive the next step of an open illegal incident from its facts.

A step that an analyst can take comes first, the most pressing one; otherwise the wait whose review is the earliest.
There is always one: an incident for which nothing follows automatically waits for a decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from analysts.codes.complaints import complaint_until
from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import Clearance, IncidentKind, NextStepKind, WaitingFor
from analysts.models.notice import LATE_AFTER
from analysts.takedown.next_steps.facts import IncidentFacts, is_withheld
from countries.decided_settings import number_in_force
from reports.notices import AnswerKind

HOSTING_SERVICES = kinds_that_are(lambda kind: kind.is_provider)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A next step, with the fields of `NextStep`. `owner_id` None: the queue. `set_by_id` None: it is derived.

    `is_assigned`: the owner was assigned by hand, and keeps the steps that follow.
    """

    kind: NextStepKind
    since: datetime
    review_at: datetime
    owner_id: int | None = None
    set_by_id: int | None = None
    is_assigned: bool = False


def next_step_of(facts: IncidentFacts, *, now: datetime) -> PlannedStep:
    """Return the next step: the chosen one until something new happens, else the derived one, with its owner."""
    derived = list(derive_steps(facts, now=now))
    stored = stored_step(facts)
    if stored and stored.set_by_id and not any(is_news(step) and step.since > stored.since for step in derived):
        return stored
    step = _first_step(derived, facts, now=now)
    return replace(step, owner_id=stored.owner_id, is_assigned=True) if stored and stored.is_assigned else step


def _first_step(derived: list[PlannedStep], facts: IncidentFacts, *, now: datetime) -> PlannedStep:
    for_analysts = [step for step in derived if step.kind.row.waits_for == WaitingFor.ANALYST]
    if for_analysts:
        return for_analysts[0]
    decide = PlannedStep(NextStepKind.DECIDE, facts.verdict_at or now, facts.verdict_at or now)
    return min(derived, key=lambda step: step.review_at, default=decide)


def stored_step(facts: IncidentFacts) -> PlannedStep | None:
    if facts.next_step__kind is None or facts.next_step__since is None or facts.next_step__review_at is None:
        return None
    return PlannedStep(
        NextStepKind(facts.next_step__kind),
        facts.next_step__since,
        facts.next_step__review_at,
        facts.next_step__owner,
        facts.next_step__set_by,
        bool(facts.next_step__is_assigned),
    )


def is_news(step: PlannedStep) -> bool:
    """Whether the step overrides an earlier choice. Batches for the workstation are routine."""
    return step.kind != NextStepKind.WORKSTATION


def derive_steps(facts: IncidentFacts, *, now: datetime) -> Iterator[PlannedStep]:
    """The steps that the facts call for: first those for analysts, in order, then the waits."""
    yield from _pressing_steps(facts)
    if facts.open_chase__removed_at and facts.open_chase__checked_at:
        # Nothing is sent while checks confirm the removal.
        again_at = facts.open_chase__checked_at + timedelta(hours=number_in_force("CHECK_HOURS"))
        yield PlannedStep(NextStepKind.REMOVAL, facts.open_chase__removed_at, again_at)
        return
    yield from _steps_after_replies(facts)
    yield from _waits_for_people(facts)
    if facts.hold_answer == "":
        yield from _steps_of_request(facts)
    elif is_withheld(facts) and not _is_with_another_body(facts, facts.hold_recorded_at):
        if facts.hold_recorded_at:
            is_refused = facts.hold_answer == Clearance.REFUSED
            kind = NextStepKind.REFUSED if is_refused else NextStepKind.OTHER_POLICE
            yield due_at_once(kind, facts.hold_recorded_at)
    elif facts.kind == IncidentKind.WORDS or facts.open_chase__routed_trace is not None:
        yield from _steps_of_notices(facts, now=now)


def _steps_after_replies(facts: IncidentFacts) -> Iterator[PlannedStep]:
    """The steps that read replies have caused, until they are taken."""
    if facts.to_call_since:
        yield due_at_once(NextStepKind.CALL_BACK, facts.to_call_since)
    not_theirs_since = facts.police_answered_at if facts.police_answer == AnswerKind.NOT_FOR_US else None
    if not_theirs_since and not _is_with_another_body(facts, not_theirs_since):
        yield due_at_once(NextStepKind.OTHER_POLICE, not_theirs_since)
    if facts.denied_since:
        yield due_at_once(NextStepKind.RETRACE, facts.denied_since)
    if facts.asked_more_since:
        yield due_at_once(NextStepKind.INFORM, facts.asked_more_since)
    refusals = [moment for moment in (facts.denied_again_since, facts.left_online_since) if moment]
    escalations = [moment for moment in (facts.open_chase__escalated_at, facts.latest_referral_at) if moment]
    # The police come first: no recipient is written to while they refuse, or have not decided.
    may_tell = facts.hold_answer in (None, Clearance.GRANTED)
    if refusals and may_tell and not any(moment > max(refusals) for moment in escalations):
        yield due_at_once(NextStepKind.LEFT_ONLINE, max(refusals))
    if facts.appealed_since:
        yield wait_for(NextStepKind.APPEAL, facts.appealed_since)


def due_at_once(kind: NextStepKind, since: datetime, owner: int | None = None) -> PlannedStep:
    return PlannedStep(kind, since, since, owner)


def wait_for(kind: NextStepKind, since: datetime, owner: int | None = None) -> PlannedStep:
    return PlannedStep(kind, since, since + timedelta(days=kind.row.days() if kind.row.days else 0), owner)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _pressing_steps(facts: IncidentFacts) -> Iterator[PlannedStep]:
    if facts.open_chase__unseen_since and not (facts.open_chase__removed_at or facts.on_workstation_since):
        yield due_at_once(NextStepKind.LOOK, facts.open_chase__unseen_since)
    routed, trace = facts.open_chase__routed_trace, facts.open_chase__trace
    if routed is not None and routed != trace and facts.open_chase__traced_at:
        yield due_at_once(NextStepKind.MOVED, facts.open_chase__traced_at)
    if trace and routed is None and facts.open_chase__traced_at:
        yield due_at_once(NextStepKind.ROUTE, facts.open_chase__traced_at)
    if trace == 0 and facts.open_chase__since and not facts.trace_drawn_at:
        yield due_at_once(NextStepKind.TRACE, facts.open_chase__since)
    pressing = (
        (NextStepKind.REDACTION, facts.unconfirmed_since),
        (NextStepKind.REPLY, facts.unread_reply_since),
        (NextStepKind.CHECK_REMOVAL, facts.open_chase__removal_reported_at),
        (NextStepKind.BY_HAND, facts.by_hand_since),
        (NextStepKind.FAILED, facts.failed_since),
    )
    yield from (due_at_once(kind, since) for kind, since in pressing if since)
    if facts.answer_to:
        yield due_at_once(NextStepKind.ANSWER, start_of(facts.answer_to), facts.answer_for)


def _waits_for_people(facts: IncidentFacts) -> Iterator[PlannedStep]:
    if facts.asked_on:
        yield wait_for(NextStepKind.REPORTER, start_of(facts.asked_on), facts.asked_by)
    if facts.on_workstation_since and facts.on_workstation_until:
        since, until = facts.on_workstation_since, facts.on_workstation_until
        yield PlannedStep(NextStepKind.WORKSTATION, since, until, facts.drawn_by)


def _steps_of_request(facts: IncidentFacts) -> Iterator[PlannedStep]:
    """While the police have not decided: their time runs from when the request was sent."""
    if facts.hold_sent_at:
        yield wait_for(NextStepKind.POLICE, facts.hold_sent_at)
    elif facts.leaves_at and facts.planned_since:
        yield PlannedStep(NextStepKind.REQUEST, facts.planned_since, facts.leaves_at + LATE_AFTER)
    elif facts.unverified_since:
        yield wait_for(NextStepKind.VERIFY, facts.unverified_since)
    elif facts.hold_at and not (facts.by_hand_since or facts.failed_since or facts.unconfirmed_since):
        yield due_at_once(NextStepKind.NO_RECIPIENT, facts.hold_at)


def _is_with_another_body(facts: IncidentFacts, answered_at: datetime | None) -> bool:
    """Whether it was referred to another police force or to a hotline after that answer of the police."""
    at = facts.other_body_at
    return at is not None and answered_at is not None and at > answered_at


def _steps_after_notice(facts: IncidentFacts, notified_at: datetime, *, now: datetime) -> Iterator[PlannedStep]:
    escalated_at = facts.open_chase__escalated_at
    is_possible = complaint_until(facts.notified_kind, facts.last_action, facts.acted_at, now=now) is not None
    # An escalation instead of a complaint ends the step.
    if facts.acted_at and is_possible and not (escalated_at and escalated_at > facts.acted_at):
        yield due_at_once(NextStepKind.COMPLAIN, facts.acted_at)
    moments = (notified_at, escalated_at, facts.reply_read_at)
    yield wait_for(_owed_by_recipient(facts), max(filter(None, moments)))


def _owed_by_recipient(facts: IncidentFacts) -> NextStepKind:
    """A hosting service first confirms receipt, then decides; any reply shows that it has the notice."""
    if facts.notified_kind not in HOSTING_SERVICES:
        return NextStepKind.RECIPIENT
    if facts.replied_at is None:
        return NextStepKind.RECEIPT
    return NextStepKind.DECISION if facts.acted_at is None else NextStepKind.RECIPIENT


def _steps_of_notices(facts: IncidentFacts, *, now: datetime) -> Iterator[PlannedStep]:
    if facts.notified_at:
        yield from _steps_after_notice(facts, facts.notified_at, now=now)
    if facts.leaves_at and facts.planned_since:
        yield PlannedStep(NextStepKind.NOTICE, facts.planned_since, facts.leaves_at + LATE_AFTER)
    elif is_withheld(facts):
        # The other notices are on hold.
        if facts.unverified_since and not facts.notified_at:
            yield wait_for(NextStepKind.VERIFY, facts.unverified_since)
    elif facts.not_before and facts.not_before > now and facts.unplanned_since:
        yield PlannedStep(NextStepKind.NOTICE, facts.unplanned_since, facts.not_before + LATE_AFTER)
    elif facts.unplanned_since and facts.open_chase__due_at:
        yield PlannedStep(NextStepKind.NOTICE, facts.unplanned_since, facts.open_chase__due_at + LATE_AFTER)
    elif facts.unverified_since and not facts.notified_at:
        yield wait_for(NextStepKind.VERIFY, facts.unverified_since)
    elif not (facts.notified_at or facts.by_hand_since or facts.failed_since or facts.unconfirmed_since):
        since = facts.open_chase__traced_at or facts.verdict_at
        if since:
            yield due_at_once(NextStepKind.NO_RECIPIENT, since)
