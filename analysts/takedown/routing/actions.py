"""Actions on an incident: confirm its route, add or withdraw a recipient, request police clearance and record it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.letter_topics import WithdrawReason
from analysts.incidents.locking import lock_in_order, lock_incident, record_act
from analysts.models import (
    Clearance,
    Confirmation,
    DropReason,
    Incident,
    IncidentKind,
    PoliceHold,
    RecipientKind,
    Referral,
    Reply,
    Route,
    RouteStep,
    User,
)
from analysts.takedown.chase_lifecycle import open_chase, require_open_chase
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices.corrections import update_corrections
from analysts.takedown.notices.permissions import check_can_call_back, check_has_phone
from analysts.takedown.routing import holds, permissions, police_answers, referrals
from analysts.takedown.routing.referrals import Named
from analysts.takedown.routing.rules import order_steps, propose_route
from analysts.takedown.url_list.actions import list_address, list_waiting
from audit.actions import JSON
from audit.permissions import Denied, Late


@transaction.atomic
def confirm_route(
    *,
    by: User,
    incident: Incident,
    steps: Collection[RouteStep],
    reason: str = "",
    recipients: Mapping[RecipientKind, Named] | None = None,
    trace: int | None = None,
    now: datetime | None = None,
) -> Route:
    """Confirm the route: the proposed steps, or others with a reason. Once for each verdict and hosting trace.

    A recipient that is not in `recipients` is the provider of the traces, or the first one of the country. After a
    move, only a new route notifies recipients. If the police are asked for clearance, nothing but the request is sent
    until they grant it. `trace`: the number of the trace that the analyst saw; raises `Late` if there is a newer one.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_route(by, incident)
    permissions.check_names_no_address(reason)
    chase = require_open_chase(incident)
    assessment = referrals.verdict_of(incident)
    if trace is not None and trace != chase.trace:
        raise Late(_("The hosting has changed since you opened the page. Check the route proposed for it now."))
    if incident.routes.filter(assessment=assessment, trace=chase.trace).exists():
        raise Late(_("A colleague has just confirmed the route. Nothing was done twice."))
    proposal = propose_route(chase.country, assessment.severity)
    chosen = order_steps(proposal, steps, reason)
    route = Route.objects.create(
        incident=incident,
        assessment=assessment,
        trace=chase.trace,
        country=chase.country,
        proposed=proposal.steps,
        steps=chosen,
        reason="" if chosen == proposal.steps else reason,
        by=by,
        at=now,
    )
    referrals.begin_route(route, chase, proposal, recipients or {})
    if RouteStep.URL_LIST in chosen:
        list_address(by=by, incident=incident, now=now)
    elif holds.is_blocked(incident):
        list_waiting(by=by, incident=incident, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {
        "route": str(route.pk),
        "country": route.country,
        "trace": route.trace,
        "proposed": [str(step) for step in proposal.steps],
        "steps": [str(step) for step in chosen],
    }
    record_act("confirm_route", incident, by=by, now=now, details=details)
    return route


@transaction.atomic
def refer(
    *, by: User, incident: Incident, kind: RecipientKind, name: Named, reason: str, now: datetime | None = None
) -> Referral:
    """Refer the incident to one more recipient, created if the name is new. A police hold applies to it as well.

    For a report without a web address no notice can be sent: the referral records whom the analyst contacted.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_add_recipient(by, incident)
    permissions.check_names_no_address(reason)
    if not reason.strip():
        raise Denied(_("Give a reason for adding this recipient."))
    is_words = incident.kind == IncidentKind.WORDS
    country = "" if is_words else require_open_chase(incident).country
    to = referrals.resolve_recipient(incident, kind, name, country=country)
    referrals.make_room(incident, to, now=now)
    referral, is_new = referrals.get_or_create_referral(
        incident, to, first_notified_at=now if is_words else None, reason=reason, by=by, now=now
    )
    if not is_new:
        raise Late(_("This incident is already referred to this recipient."))
    referrals.mark_acted_on(incident)
    referrals.plan_first_notices(incident, by=by, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"kind": str(kind), "referral": str(referral.pk), "to": str(to.pk)}
    record_act("refer", incident, by=by, now=now, details=details)
    return referral


@transaction.atomic
def withdraw_referral(
    *, by: User, incident: Incident, referral: Referral, reason: WithdrawReason, now: datetime | None = None
) -> Referral:
    """Take a referral back: its steps and reminders end, and a recipient that was written to gets a correction.

    Raises:
        Denied: `by` may not refer, or the referral is the clearance request.
        Late: it has ended already.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    # Lock the chase before the notices, in the same order as the takedown run.
    open_chase(incident)
    permissions.check_can_withdraw(by, incident, referral, holds.latest_hold(incident))
    row = Referral.objects.filter(pk=referral.pk)
    referrals.end_referrals(row, reason=DropReason.TAKEN_BACK, now=now)
    row.update(withdrawn_reason=reason, withdrawn_by=by)
    update_corrections(incident, by=by, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"referral": str(referral.pk), "to": str(referral.to_id), "reason": str(reason)}
    record_act("withdraw_referral", incident, by=by, now=now, details=details)
    return row.get()


@transaction.atomic
def ask_police(*, by: User, incident: Incident, police: Named = "", now: datetime | None = None) -> PoliceHold:
    """Request police clearance; nothing else is sent until it is granted.

    Pages offer this after a refusal only, because the first request follows from the route.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_ask_police(by, incident, holds.latest_hold(incident))
    chase = require_open_chase(incident)
    to = referrals.resolve_recipient(incident, RecipientKind.POLICE, police, country=chase.country)
    hold = referrals.request_clearance(incident, to, by=by, now=now)
    referrals.mark_acted_on(incident)
    referrals.plan_first_notices(incident, by=by, now=now)
    list_waiting(by=by, incident=incident, now=now)
    refresh_next_step(incident, now=now)
    record_act("ask_police", incident, by=by, now=now, details={"hold": str(hold.pk), "police": str(to.pk)})
    return hold


@transaction.atomic
def record_clearance(
    *,
    by: User,
    incident: Incident,
    answer: Clearance,
    answered_on: date,
    reference: str,
    called_back: bool = False,
    now: datetime | None = None,
) -> PoliceHold:
    """Record the decision of the police with its date and reference. If granted, notices on hold can be sent.

    Args:
        called_back: `by` called the police back on their verified number, and they confirmed it. A grant that came by
            link, mail or telephone is a claim until then; without such a number it cannot be recorded.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    # Lock the chase before the notices, in the same order as the takedown run.
    open_chase(incident)
    hold = permissions.require_unanswered_hold(by, holds.latest_hold(incident))
    permissions.check_names_no_address(reference)
    if not reference.strip() and answer != Clearance.NOT_OURS:
        raise Denied(_("A decision needs a date and a reference."))
    if answer == Clearance.GRANTED and not called_back:
        raise Denied(_("A grant is a claim until you have called the police back and they confirmed it."))
    if called_back:
        check_has_phone(hold.police)
    first, last = holds.days_of_answer(hold, now=now)
    if answered_on > last:
        raise Denied(_("This date is in the future."))
    if answered_on < first:
        raise Denied(_("This date is before the clearance request."))
    hold.answer, hold.answered_on, hold.reference, hold.is_called_back = answer, answered_on, reference, called_back
    police_answers.save_decision(hold, by=by, now=now)
    if answer == Clearance.GRANTED:
        list_waiting(by=by, incident=incident, now=now)
    refresh_next_step(incident, now=now)
    police_answers.record_decision(hold, by=by, now=now)
    return hold


@transaction.atomic
def call_back(
    *,
    by: User,
    incident: Incident,
    reply: Reply,
    phone: str,
    outcome: Confirmation,
    now: datetime | None = None,
) -> Reply:
    """Record the call to the police about their answer, which counts if they confirm it, or was not theirs.

    Args:
        phone: the number on the page, which is the verified one.
        outcome: `Confirmation.CALL` or `Confirmation.DENIED`.

    Raises:
        Denied: `by` may not, or no number is verified.
        Late: the answer needs no call any more, or another number is verified.
    """
    now = now or timezone.now()
    lock_in_order(Incident.objects.filter(pk__in=reply.items().values("incident")))
    incident = lock_incident(incident, by)
    reply = Reply.objects.select_for_update(of=("self",)).select_related("notice__recipient").get(pk=reply.pk)
    check_can_call_back(by, incident, reply)
    if outcome == Confirmation.INBOX:
        raise Denied(_("Say what they said on the telephone."))
    if phone != reply.notice.recipient.verified_phone:
        raise Late(_("Their number has changed since you opened the page. Call the one that is verified now."))
    reply.confirmation, reply.confirmed_by, reply.confirmed_at = outcome, by, now
    reply.save(update_fields=["confirmation", "confirmed_by", "confirmed_at"])
    police_answers.settle(reply, by=by, now=now)
    details: dict[str, JSON] = {"reference": reply.notice.reference, "kind": reply.kind, "outcome": str(outcome)}
    record_act("call_back", incident, by=by, now=now, details={**details, "phone": phone})
    return reply
