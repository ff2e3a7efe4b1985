"""The verbs of where an incident goes: its route is confirmed, one more addressee is told, the police are asked."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.locking import Late, locked, record_act, save
from analysts.models import (
    Addressee,
    AddresseeKind,
    Chase,
    Clearance,
    Incident,
    IncidentKind,
    PoliceHold,
    Referral,
    Route,
    Step,
    User,
)
from analysts.states import sources, target
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.routing import holds, permissions, referrals
from analysts.takedown.routing.referrals import Named
from analysts.takedown.routing.rules import LATER_HOURS, Proposal, propose
from analysts.takedown.routing.words import check_names_no_address
from analysts.takedown.url_list.actions import list_address, list_waiting
from audit.actions import JSON
from audit.permissions import Denied


@transaction.atomic
def confirm_route(
    *,
    by: User,
    incident: Incident,
    steps: Collection[Step],
    reason: str = "",
    recipients: Mapping[AddresseeKind, Named] | None = None,
    trace: int | None = None,
    now: datetime | None = None,
) -> Route:
    """Have these steps taken: what is proposed, or others with a reason. Once a verdict and place.

    A recipient that is not among `recipients` is the provider of the traces, or the first of the country. After a move
    everybody is told anew, and only by this. Where the police are asked, nothing but that question leaves before they
    grant it. `trace`: the number of the place that the analyst saw; `Late` where it is another one by now.
    """
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_route(by, incident)
    check_names_no_address(reason)
    chase = _chase(incident)
    assessment = referrals.verdict_of(incident)
    if trace is not None and trace != chase.trace:
        raise Late(_("It is hosted elsewhere by now. Look at what is proposed for that place."))
    if incident.routes.filter(assessment=assessment, trace=chase.trace).exists():
        raise Late(_("A colleague has just confirmed where it goes. Nothing was done twice."))
    proposal = propose(chase.country)
    chosen = _chosen(steps, proposal, reason)
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
    to = referrals.recipients_of(incident, chase, chosen, recipients or {})
    _begin(incident, chase, chosen, proposal, to, by=by, now=now)
    if Step.URL_LIST in chosen:
        list_address(by=by, incident=incident, now=now)
    elif holds.blocks(incident):
        list_waiting(by=by, incident=incident, now=now)
    details: dict[str, JSON] = {
        "route": str(route.pk),
        "country": route.country,
        "trace": route.trace,
        "proposed": [str(step) for step in proposal.steps],
        "steps": [str(step) for step in chosen],
    }
    record_act("confirm_route", incident, by=by, now=now, details=details)
    return route


def _chosen(steps: Collection[Step], proposal: Proposal, reason: str) -> list[Step]:
    """The steps as the rules order them, then the others. `Denied` for none, and for others without a reason."""
    wanted = set(steps)
    if Step.NOTICE_HOST in wanted:
        # The sooner one says it all.
        wanted.discard(Step.NOTICE_HOST_LATER)
    if not wanted:
        raise Denied(_("Choose at least one step. If nothing can be done, close the incident and say so."))
    if wanted != set(proposal.steps) and not reason.strip():
        raise Denied(_("Say why other steps than those proposed are taken."))
    proposed = [step for step in proposal.steps if step in wanted]
    return [*proposed, *(step for step in Step if step in wanted and step not in proposed)]


def _begin(
    incident: Incident,
    chase: Chase,
    steps: list[Step],
    proposal: Proposal,
    to: dict[AddresseeKind, Addressee],
    *,
    by: User,
    now: datetime,
) -> None:
    """The rows that a route comes to, and the letters as far as they may leave."""
    is_new_place = chase.routed_trace != chase.trace
    if chase.has_moved:
        referrals.end_of_place(incident, chase.trace, now=now)
    # What is due is found out anew.
    chase.routed_trace, chase.due_at = chase.trace, now
    chase.save(update_fields=["routed_trace", "due_at"])
    hold = holds.latest(incident)
    # What was granted stands for the same place, whatever is decided about the incident anew.
    is_granted = hold is not None and hold.answer == Clearance.GRANTED and not is_new_place
    if hold is not None and not hold.answer:
        # It keeps everything back until it is answered: where it ended with an earlier chase, it is put again.
        referrals.make(incident, hold.police, by=by, now=now)
    elif Step.POLICE_HOLD in steps and not is_granted:
        referrals.ask(incident, to[AddresseeKind.POLICE], by=by, now=now)
    for step in steps:
        if step.tells and step != Step.POLICE_HOLD:
            wait = _wait(step, proposal)
            referrals.make(incident, to[step.tells], not_before=now + wait if wait else None, by=by, now=now)
    _acted_on(incident)
    referrals.send(incident, by=by, now=now)


def _wait(step: Step, proposal: Proposal) -> timedelta:
    if step != Step.NOTICE_HOST_LATER:
        return timedelta()
    proposed = proposal.of(step)
    return timedelta(hours=proposed.after_hours if proposed else LATER_HOURS)


def _acted_on(incident: Incident) -> None:
    """What waits for another verdict goes on waiting for it, whatever is done about it meanwhile."""
    if incident.state in sources("refer"):
        incident.state = target("refer")
        save(incident, "state")


def _chase(incident: Incident) -> Chase:
    chase = open_chase(incident)
    if chase is None:
        raise Late(_("The work on this incident has just ended."))
    return chase


@transaction.atomic
def refer(
    *, by: User, incident: Incident, kind: AddresseeKind, name: Named, reason: str, now: datetime | None = None
) -> Referral:
    """Tell one more addressee than the route says; one of that name is made where there is none. Held like the rest.

    Of words without an address no letter can be written: this records whom a person told of them.
    """
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_tell(by, incident)
    check_names_no_address(reason)
    if not reason.strip():
        raise Denied(_("Say why somebody else is told."))
    is_words = incident.kind == IncidentKind.WORDS
    country = "" if is_words else _chase(incident).country
    to = referrals.addressee(incident, kind, name, country=country)
    referrals.make_room(incident, to, now=now)
    referral, made = referrals.make(incident, to, told_at=now if is_words else None, reason=reason, by=by, now=now)
    if not made:
        raise Late(_("They are told of it already."))
    _acted_on(incident)
    referrals.send(incident, by=by, now=now)
    details: dict[str, JSON] = {"kind": str(kind), "referral": str(referral.pk), "to": str(to.pk)}
    record_act("refer", incident, by=by, now=now, details=details)
    return referral


@transaction.atomic
def ask_police(*, by: User, incident: Incident, police: Named = "", now: datetime | None = None) -> PoliceHold:
    """Ask the police for clearance; nothing else leaves before they grant it. A route asks them by itself: pages offer
    this after a refusal only.
    """
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_ask_police(by, incident, holds.latest(incident))
    chase = _chase(incident)
    to = referrals.addressee(incident, AddresseeKind.POLICE, police, country=chase.country)
    hold = referrals.ask(incident, to, by=by, now=now)
    _acted_on(incident)
    referrals.send(incident, by=by, now=now)
    list_waiting(by=by, incident=incident, now=now)
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
    now: datetime | None = None,
) -> PoliceHold:
    """Keep what the police answered, as they date and number it. Granted: what was held back leaves from now on."""
    now = now or timezone.now()
    incident = locked(incident, by)
    # Before the letters, as whoever runs a chase locks them.
    open_chase(incident)
    hold = permissions.unanswered(by, holds.latest(incident))
    check_names_no_address(reference)
    if not reference.strip():
        raise Denied(_("An answer has a date and a reference."))
    first, last = holds.days_of_answer(hold, now=now)
    if answered_on > last:
        raise Denied(_("This day lies in the future."))
    if answered_on < first:
        raise Denied(_("This was before they were asked."))
    hold.answer, hold.answered_on, hold.reference = answer, answered_on, reference
    hold.recorded_by, hold.recorded_at = by, now
    hold.save(update_fields=["answer", "answered_on", "reference", "recorded_by", "recorded_at"])
    referrals.answered(hold, now=now)
    if answer == Clearance.GRANTED:
        referrals.start_again(incident, now=now)
        referrals.send(incident, by=by, now=now)
        list_waiting(by=by, incident=incident, now=now)
    details: dict[str, JSON] = {"hold": str(hold.pk), "answer": str(answer), "answered_on": str(answered_on)}
    record_act("record_clearance", incident, by=by, now=now, details=details)
    return hold
