"""Actions on an incident: confirm its route, add a recipient, request police clearance and record the decision."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.locking import lock_incident, record_act
from analysts.models import (
    Clearance,
    Incident,
    IncidentKind,
    PoliceHold,
    RecipientKind,
    Referral,
    Route,
    RouteStep,
    User,
)
from analysts.takedown.chase_lifecycle import open_chase, require_open_chase
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.routing import holds, permissions, referrals
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
            link, mail or telephone is a claim until then.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    # Lock the chase before the notices, in the same order as the takedown run.
    open_chase(incident)
    hold = permissions.require_unanswered_hold(by, holds.latest_hold(incident))
    permissions.check_names_no_address(reference)
    if not reference.strip():
        raise Denied(_("A decision needs a date and a reference."))
    if answer == Clearance.GRANTED and not called_back:
        raise Denied(_("A grant is a claim until you have called the police back and they confirmed it."))
    first, last = holds.days_of_answer(hold, now=now)
    if answered_on > last:
        raise Denied(_("This date is in the future."))
    if answered_on < first:
        raise Denied(_("This date is before the clearance request."))
    hold.answer, hold.answered_on, hold.reference = answer, answered_on, reference
    hold.recorded_by, hold.recorded_at, hold.is_called_back = by, now, called_back
    fields = ["answer", "answered_on", "reference", "recorded_by", "recorded_at", "is_called_back"]
    hold.save(update_fields=fields)
    referrals.end_clearance_request(hold, now=now)
    if answer == Clearance.GRANTED:
        referrals.start_again(incident, now=now)
        referrals.plan_first_notices(incident, by=by, now=now)
        list_waiting(by=by, incident=incident, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"hold": str(hold.pk), "answer": str(answer), "answered_on": str(answered_on)}
    if called_back:
        details["called_back"] = True
    record_act("record_clearance", incident, by=by, now=now, details=details)
    return hold
