"""The effects of a valid answer of the police, whichever way it came: their decision about clearance."""

from datetime import datetime

from analysts.codes import Role
from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.incidents.locking import record_act
from analysts.models import Clearance, Confirmation, Incident, PoliceHold, Reply, User
from analysts.models.reply import VALID
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.takedown.recipients.opening_hours import zone_of
from analysts.takedown.routing import holds, referrals
from analysts.takedown.url_list.actions import list_waiting
from audit.actions import JSON
from reports.notices import AnswerKind


def settle(reply: Reply, *, by: User, now: datetime) -> None:
    """Let a valid answer take effect for the addresses that it is about, and derive their next steps again.

    Runs inside the caller's transaction, which has locked the incidents; checks no permission.
    """
    decision = ANSWER_KINDS[AnswerKind(reply.kind)].decides
    incidents = list(Incident.objects.filter(pk__in=reply.items().values("incident")).order_by("pk"))
    if decision and reply.confirmation in VALID:
        changed = [hold for incident in incidents if (hold := _decide(incident, reply, decision, by=by, now=now))]
        # Last, because they block other writers.
        for hold in changed:
            if hold.answer == Clearance.GRANTED or hold.at == now:
                list_waiting(by=by, incident=hold.incident, now=now)
        for hold in changed:
            record_decision(hold, by=by, now=now)
    refresh_next_steps([incident.pk for incident in incidents], now=now)


def _decide(incident: Incident, reply: Reply, decision: Clearance, *, by: User, now: datetime) -> PoliceHold | None:
    """The hold that the answer decides; None if these police were not asked last, or say the same again.

    Police who change their decision have a new row, so that the earlier one stays on record.
    """
    # Locked before the notices, as in the takedown run.
    open_chase(incident)
    hold = holds.latest_hold(incident)
    if hold is None or hold.police_id != reply.notice.recipient_id or hold.answer == decision:
        return None
    if hold.answer:
        again = {"police": hold.police, "by": hold.by, "sent_at": hold.sent_at}
        hold = PoliceHold.objects.create(incident=incident, at=now, **again)
    hold.answer, hold.reference = decision, reply.case_number
    hold.answered_on = reply.received_at.astimezone(zone_of(hold.police)).date()
    hold.is_called_back = True if reply.confirmation == Confirmation.CALL else None
    save_decision(hold, by=by, now=now)
    return hold


def save_decision(hold: PoliceHold, *, by: User, now: datetime) -> None:
    """Save the decision on the hold; if granted, plan the notices that it kept back."""
    hold.recorded_by, hold.recorded_at = by, now
    fields = ["answer", "answered_on", "reference", "recorded_by", "recorded_at", "is_called_back"]
    hold.save(update_fields=fields)
    referrals.end_clearance_request(hold, now=now)
    if hold.answer == Clearance.GRANTED:
        referrals.start_again(hold.incident, now=now)
        # An officer sends no letters of ours: they are in the name of the analyst who asked.
        sender = hold.by if by.role == Role.RECIPIENT else by
        referrals.plan_first_notices(hold.incident, by=sender, now=now)


def record_decision(hold: PoliceHold, *, by: User, now: datetime) -> None:
    details: dict[str, JSON] = {
        "hold": str(hold.pk),
        "answer": str(hold.answer),
        "answered_on": str(hold.answered_on),
    }
    if hold.is_called_back:
        details |= {"called_back": True, "phone": hold.police.verified_phone}
    record_act("record_clearance", hold.incident, by=by, now=now, details=details)
