"""Verbs of recipients' inboxes: opened by two, confirmed, suspended; what its officer opens and answers; call backs."""

from analysts.codes import Role
from analysts.models import Confirmation, Incident, Recipient, RecipientAccess, Referral, Reply, User
from analysts.models.notice import answerer_about
from analysts.takedown.inbox import actions, inbox_access
from analysts.takedown.routing import actions as routing
from reports.notices import Answerer
from tests.life.reply_choice import choose_answer
from tests.life.rows import ADMINISTRATORS, SENIORS, Arguments, Chance, VerbRow, no_arguments, of_row
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
    chosen = _a_referral(world, by, chance)
    if chosen is None:
        return None
    referral = Referral.objects.select_related("to").get(pk=chosen["referral_id"])
    answerer = answerer_about(referral.to, [referral.incident_id]) if referral.to else Answerer.HOST
    answer = choose_answer(chance.random, answerer)
    fields = {"kind": answer.kind, "decision": answer.decision, "case_number": answer.case_number}
    return {**chosen, **fields, "text": ""}


def _a_call_back(_world: World, by: User, chance: Chance) -> Arguments | None:
    """A call back about an answer; when wild, about any, and on any number."""
    replies = Reply.objects.all() if chance.is_wild else Reply.objects.to_call()
    reply = chance.row(replies if chance.is_wild else replies.filter(pk__in=replies.readable_by(by).values("pk")))
    if reply is None:
        return None
    incident = chance.row(Incident.objects.filter(pk__in=reply.items().values("incident")))
    if incident is None:
        return None
    phone = "116" if chance.is_one_of(10) else reply.notice.recipient.verified_phone
    outcome = chance.choose([Confirmation.CALL, Confirmation.CALL, Confirmation.DENIED])
    return {"incident": incident, "reply": reply, "phone": phone, "outcome": outcome}


ACCESS = of_row("access", lambda *_: RecipientAccess.objects.in_use(), any_when_wild=True)

ROWS: tuple[VerbRow, ...] = (
    VerbRow(inbox_access.request_access, _an_officer, ADMINISTRATORS, often=1),
    VerbRow(inbox_access.confirm_access, ACCESS, ADMINISTRATORS, often=1),
    VerbRow(inbox_access.suspend_access, ACCESS, ADMINISTRATORS | SENIORS, often=1),
    VerbRow(actions.open_address, _a_referral, OFFICERS, often=2),
    VerbRow(actions.open_sentences, no_arguments, OFFICERS, often=1),
    VerbRow(actions.answer_referral, _an_answer, OFFICERS, often=4),
    VerbRow(routing.call_back, _a_call_back, often=4),
)
