"""Replies of recipients: each is about its addresses and no other, and the step that it causes is not forgotten."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from analysts.codes import Role
from analysts.codes.answer_kinds import Clearance
from analysts.codes.next_steps import NextStepKind, WaitingFor
from analysts.codes.recipient_actions import actions_before
from analysts.models import Appeal, Chase, HostingTrace, NextStep, NoticeItem, NoticeState, PoliceHold, Purpose, Reply
from analysts.models.reply import is_answered
from analysts.models.routing import DENIAL_PAUSE
from reports.notices import AnswerKind
from tests.life.questions import ModelQuestion
from tests.life.world import World

_OPEN_REFERRAL = {
    "notice__items__referral__ended_at": None,
    "notice__items__referral__to": F("notice__recipient"),
}
DENIALS = ModelQuestion(
    lambda: Reply.objects.filter(is_answered("notice__items"), kind=AnswerKind.NOT_OURS, **_OPEN_REFERRAL).values_list(
        "notice__items__incident", "received_at"
    )
)
TRACES = ModelQuestion(lambda: HostingTrace.objects.values_list("incident", "recorded_at"))
ROUTED = ModelQuestion(
    lambda: Chase.objects.open().filter(removed_at=None, routed_trace=F("trace")).values_list("incident", flat=True)
)
DERIVED_STEPS = ModelQuestion(lambda: NextStep.objects.filter(set_by=None).values_list("incident", "kind"))
# Tracing again, and what is more pressing.
PRESSING = list(NextStepKind)[: list(NextStepKind).index(NextStepKind.RETRACE) + 1]
# An attempt is to the second, and a reply to the minute.
MINUTE = timedelta(minutes=1)
REMINDED_IN_PAUSE = ModelQuestion(
    lambda: NoticeItem.objects.filter(
        Q(referral__retraced_at=None) | Q(referral__retraced_at__gt=F("notice__tried_at")),
        notice__purpose=Purpose.AGAIN,
        notice__state=NoticeState.SENT,
        dropped="",
        referral__denied_at__lte=F("notice__tried_at") - MINUTE,
        referral__denied_at__gt=F("notice__tried_at") - DENIAL_PAUSE,
    ).values_list("pk")
)
_OF_REPLY = Reply.objects.about(OuterRef("incident"))
WRONG_APPEALS = ModelQuestion(
    lambda: (
        Appeal.objects.exclude(reply=None)
        .exclude(Exists(_OF_REPLY.filter(pk=OuterRef("reply"), kind=AnswerKind.CONTESTED)))
        .values_list("incident")
    )
)
WRONG_REMOVALS = ModelQuestion(
    lambda: (
        Chase.objects.exclude(removal_reported_at=None)
        .exclude(Exists(_OF_REPLY.filter(action__in=actions_before(NextStepKind.CHECK_REMOVAL))))
        .values_list("incident")
    )
)


CLAIMED = ModelQuestion(
    lambda: Reply.objects.to_call().filter(is_answered("notice__items")).values_list("notice__items__incident")
)
INVALID_GRANTS = ModelQuestion(
    lambda: (
        PoliceHold.objects.filter(answer=Clearance.GRANTED)
        .exclude(is_called_back=True)
        .exclude(recorded_by__role=Role.RECIPIENT)
        .values_list("pk")
    )
)


def the_police_are_called_back(world: World) -> None:
    """A claim of the police, or their request to be called, stays with an analyst until the call, read or not."""
    routed, steps = set(world.answers.ask(ROUTED)), dict(world.answers.ask(DERIVED_STEPS))
    for [incident] in world.answers.ask(CLAIMED):
        if incident in routed and incident in steps:
            assert NextStepKind(steps[incident]).row.waits_for == WaitingFor.ANALYST, steps[incident]


def only_the_police_grant_clearance(world: World) -> None:
    """Clearance is granted from the police's own account, or after a call back; no link grants it."""
    assert not world.answers.ask(INVALID_GRANTS)


def a_denial_is_traced_again(world: World) -> None:
    """After a reply "not with us", a new trace is the next step until there is one, read or not."""
    traced: dict[UUID, list[datetime]] = defaultdict(list)
    for incident, moment in world.answers.ask(TRACES):
        traced[incident].append(moment)
    routed, steps = set(world.answers.ask(ROUTED)), dict(world.answers.ask(DERIVED_STEPS))
    first: dict[UUID, datetime] = {}
    for incident, moment in world.answers.ask(DENIALS):
        first[incident] = min(moment, first.get(incident, moment))
    for incident, moment in first.items():
        if incident in routed and incident in steps and max(traced[incident]) < moment:
            assert steps[incident] in PRESSING, steps[incident]


def reminders_wait_for_a_new_trace(world: World) -> None:
    """No reminder leaves for who said that it is not with them, until it was traced again, or a day has passed."""
    assert not world.answers.ask(REMINDED_IN_PAUSE)


def replies_are_about_their_addresses(world: World) -> None:
    """An appeal is about an address that its reply contests, and a reported removal about one said to be removed."""
    assert not world.answers.ask(WRONG_APPEALS)
    assert not world.answers.ask(WRONG_REMOVALS)


REPLY_PROMISES = (
    a_denial_is_traced_again,
    reminders_wait_for_a_new_trace,
    replies_are_about_their_addresses,
    the_police_are_called_back,
    only_the_police_grant_clearance,
)
