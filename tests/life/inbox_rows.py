"""Verbs of recipients' inboxes: opened by two, confirmed, suspended; what its officer opens and answers."""

from analysts.codes import Role
from analysts.models import Recipient, RecipientAccess, Referral, User
from analysts.takedown.inbox import actions, inbox_access
from reports.notices import AnswerKind, RecipientAction, RecipientDecision, goes_with
from tests.life.rows import ADMINISTRATORS, SENIORS, Arguments, Chance, VerbRow, of_row
from tests.life.world import World

OFFICERS = frozenset({Role.RECIPIENT})


def _an_officer(_world: World, _by: User, chance: Chance) -> Arguments | None:
    users = User.objects.all() if chance.is_wild else User.objects.filter(role=Role.RECIPIENT)
    user = chance.row(users)
    recipients = Recipient.objects.all() if chance.is_wild else inbox_access.recipients_with_inbox()
    if user and not chance.is_wild and (access := RecipientAccess.objects.filter(user=user).first()):
        recipients = recipients.filter(pk=access.recipient_id)
    recipient = chance.row(recipients)
    return None if user is None or recipient is None else {"user": user, "recipient": recipient, "reason": "As agreed."}


def _a_referral(world: World, by: User, chance: Chance) -> Arguments | None:
    """One in the person's inbox; when wild, any."""
    referrals = Referral.objects.all() if chance.is_wild else Referral.objects.in_inbox_of(by, world.now.date())
    referral = chance.row(referrals)
    return None if referral is None else {"referral_id": referral.pk}


def _an_answer(world: World, by: User, chance: Chance) -> Arguments | None:
    kind = chance.choose([*AnswerKind])
    decided = [action for action in (None, *RecipientAction) if goes_with(kind, action)]
    answer: Arguments = {"kind": kind, "text": "", "decision": RecipientDecision(chance.choose(decided))}
    referral = _a_referral(world, by, chance)
    return referral and {**referral, **answer}


ACCESS = of_row("access", lambda *_: RecipientAccess.objects.in_use(), any_when_wild=True)

ROWS: tuple[VerbRow, ...] = (
    VerbRow(inbox_access.request_access, _an_officer, ADMINISTRATORS, often=1),
    VerbRow(inbox_access.confirm_access, ACCESS, ADMINISTRATORS, often=1),
    VerbRow(inbox_access.suspend_access, ACCESS, ADMINISTRATORS | SENIORS, often=1),
    VerbRow(actions.open_address, _a_referral, OFFICERS, often=2),
    VerbRow(actions.answer_referral, _an_answer, OFFICERS, often=2),
)
