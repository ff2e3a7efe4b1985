"""Referrals, holds and notices that follow from a route; callers provide transaction, permissions and audit event."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.locking import save_incident
from analysts.models import (
    Assessment,
    Chase,
    Clearance,
    Incident,
    NoticeItem,
    PoliceHold,
    Purpose,
    Recipient,
    RecipientKind,
    Referral,
    Route,
    RouteStep,
    User,
)
from analysts.models.notice import UNSENT, DropReason
from analysts.states import sources, target
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.notices.batching import lock_gathering
from analysts.takedown.recipients.actions import find_or_create_recipient
from analysts.takedown.routing import holds
from analysts.takedown.routing.destinations import kinds_of_steps, national_recipients
from analysts.takedown.routing.permissions import check_recipient
from analysts.takedown.routing.rules import Proposal, wait_before
from audit.permissions import Denied

# A recipient that an analyst chose, or the name of one, which is created if it does not exist.
type Named = Recipient | str


def verdict_of(incident: Incident) -> Assessment:
    """Return the illegal verdict to act on. Raises `Denied` if there is none."""
    verdict = incident.assessments.acted_on()
    if verdict is None:
        raise Denied(_("Only open incidents with an illegal verdict can be referred."))
    return verdict


def resolve_recipient(incident: Incident, kind: RecipientKind, name: Named, *, country: str = "") -> Recipient:
    """Return the recipient for `name`; without a name, the first police force or hotline of the country.

    Raises `Denied` if there is none.
    """
    if isinstance(name, Recipient):
        return name
    if name.strip():
        check_recipient(name, incident)
        return find_or_create_recipient(kind=kind, name=name, country=country if kind.row.is_national else "")
    first = next(iter(national_recipients(country)[kind]), None) if kind.row.is_national else None
    if first is None:
        raise Denied(_("Name the recipient: %(kind)s.") % {"kind": kind.label})
    return first


def recipients_of(
    incident: Incident, chase: Chase, steps: Collection[RouteStep], names: Mapping[RecipientKind, Named]
) -> dict[RecipientKind, Recipient]:
    """Return the recipients of the steps: named by an analyst, found by the traces, or the first of the country."""
    recipients = {
        kind: chase.provider or "" if kind.row.is_traced else names.get(kind, "") for kind in kinds_of_steps(steps)
    }
    return {kind: resolve_recipient(incident, kind, name, country=chase.country) for kind, name in recipients.items()}


def begin_route(route: Route, chase: Chase, proposal: Proposal, names: Mapping[RecipientKind, Named]) -> None:
    """Create the referrals of a route, and plan the notices that may already be sent.

    `names`: recipients that the analyst chose, or names, for which recipients are found or created.
    """
    incident, steps, by, now = route.incident, [RouteStep(step) for step in route.steps], route.by, route.at
    to = recipients_of(incident, chase, steps, names)
    is_new_place = chase.routed_trace != chase.trace
    if chase.has_moved:
        end_of_place(incident, chase.trace, now=now)
    # Due now, so that the next run determines the next step.
    chase.routed_trace, chase.due_at = chase.trace, now
    chase.save(update_fields=["routed_trace", "due_at"])
    hold = holds.latest_hold(incident)
    # A granted clearance stays valid for the same trace, even after a new verdict.
    is_granted = hold is not None and hold.answer == Clearance.GRANTED and not is_new_place
    if hold is not None and not hold.answer:
        # The hold applies until it is decided. Its referral may have ended with an earlier chase: open it again.
        get_or_create_referral(incident, hold.police, by=by, now=now)
    elif RouteStep.POLICE_HOLD in steps and not is_granted:
        request_clearance(incident, to[RecipientKind.POLICE], by=by, now=now)
    for step in steps:
        if step.recipient_kind and step != RouteStep.POLICE_HOLD:
            wait = wait_before(step, proposal)
            recipient, not_before = to[step.recipient_kind], now + wait if wait else None
            get_or_create_referral(incident, recipient, not_before=not_before, by=by, now=now)
    mark_acted_on(incident)
    plan_first_notices(incident, by=by, now=now)


def mark_acted_on(incident: Incident) -> None:
    """Set the state to `acting`, unless the incident is waiting for a new verdict."""
    if incident.state in sources("refer"):
        incident.state = target("refer")
        save_incident(incident, "state")


def get_or_create_referral(
    incident: Incident,
    to: Recipient,
    *,
    not_before: datetime | None = None,
    first_notified_at: datetime | None = None,
    reason: str = "",
    by: User,
    now: datetime,
) -> tuple[Referral, bool]:
    """Return the open referral to the recipient and whether it is new. `first_notified_at`: when staff contacted it."""
    kind = RecipientKind(to.kind).row.referred_as
    if kind is None:
        raise Denied(_("Nothing is referred to a recipient of this kind. It can be informed of a child in danger."))
    referral = incident.referrals.filter(kind=kind, to=to, ended_at=None).first()
    if referral is not None:
        return referral, False
    new_referral = Referral.objects.create(
        incident=incident,
        assessment=verdict_of(incident),
        kind=kind,
        recipient=to.name,
        to=to,
        not_before=not_before,
        noticed_at=first_notified_at,
        reason=reason,
        by=by,
        at=now,
    )
    return new_referral, True


def make_room(incident: Incident, to: Recipient, *, now: datetime) -> None:
    """End referrals to the recipient whose notices were cancelled, so that a new one can be created."""
    end_referrals(
        filter_cancelled(incident.referrals.filter(to=to, ended_at=None)), reason=DropReason.TAKEN_BACK, now=now
    )


def filter_cancelled(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """Return referrals that were never notified because staff cancelled all their notices."""
    # One index finds all items of an incident; the index by referral only contains items that are not dropped.
    unsent = referrals.filter(noticed_at=None, items__dropped=DropReason.TAKEN_BACK, items__incident=F("incident"))
    return unsent.exclude(items__dropped="")


def request_clearance(incident: Incident, police: Recipient, *, by: User, now: datetime) -> PoliceHold:
    """Create the hold and a new referral for the request, even if the police were notified of the incident before."""
    end_referrals(incident.referrals.filter(ended_at=None, to=police), reason=DropReason.TAKEN_BACK, now=now)
    get_or_create_referral(incident, police, by=by, now=now)
    return PoliceHold.objects.create(incident=incident, police=police, by=by, at=now)


def end_clearance_request(hold: PoliceHold, *, now: datetime) -> None:
    """Cancel a request that has not been sent yet, unless the route refers the incident to the police anyway."""
    route = hold.incident.routes.order_by("-at").first()
    if route is None or RouteStep.POLICE not in route.steps:
        # `at` may be later than the hold, if the request was repeated. Referrals that staff added have a reason.
        question = hold.incident.referrals.filter(ended_at=None, to=hold.police_id, at__gte=hold.at, reason="")
        end_referrals(question, reason=DropReason.TAKEN_BACK, now=now)


def start_again(incident: Incident, *, now: datetime) -> None:
    """Restart the delay of later notices: they are due their full delay after `now`."""
    later_referrals = incident.referrals.filter(ended_at=None, noticed_at=None, not_before__isnull=False)
    later_referrals.update(not_before=F("not_before") - F("at") + now)


def end_of_place(incident: Incident, trace: int, *, now: datetime) -> None:
    """End the referrals of the previous hosting after a move, and drop their unsent notices.

    The URL list entry stays, because members block an address wherever it is hosted. So does a clearance request that
    the police have yet to decide.
    """
    ended = incident.referrals.filter(ended_at=None).exclude(kind=ReferralKind.URL_LIST)
    hold = holds.latest_hold(incident)
    if hold is not None and not hold.answer:
        _items_to_send(ended.filter(to=hold.police_id)).update(trace=trace)
        ended = ended.exclude(to=hold.police_id)
    end_referrals(ended, reason=DropReason.MOVED, now=now)


def end_referrals(referrals: QuerySet[Referral], *, reason: DropReason, now: datetime) -> None:
    """End the referrals and drop their unsent notice items."""
    _items_to_send(referrals).update(dropped=reason)
    referrals.update(ended_at=now)


def _items_to_send(referrals: QuerySet[Referral]) -> QuerySet[NoticeItem]:
    items = NoticeItem.objects.filter(referral__in=referrals.values("pk"), corrects=None, interval__isnull=False)
    return items.filter(dropped="", notice__state__in=UNSENT)


def plan_first_notices(incident: Incident, *, by: User, now: datetime) -> None:
    """Plan the first notice for each open referral that has none yet and is not on hold.

    Notices that staff cancelled are not planned again.
    """
    hold = holds.latest_hold(incident)
    moved = any(chase.has_moved for chase in incident.chases.filter(ended_at=None))
    waiting = incident.referrals.filter(ended_at=None, noticed_at=None, to__isnull=False)
    cancelled = incident.notice_items.filter(dropped=DropReason.TAKEN_BACK, referral__isnull=False)
    waiting = waiting.exclude(pk__in=cancelled.values("referral"))
    due = [
        referral
        for referral in waiting.select_related("to", "incident").order_by("to_id", "pk")
        if not (hold and hold.keeps_back(referral)) and (not moved or holds.is_asking(hold, referral.to_id))
    ]
    lock_gathering(referral.to_id for referral in due)
    for referral in due:
        purpose = Purpose.CLEARANCE if holds.is_asking(hold, referral.to_id) else Purpose.FIRST
        plan_notice(referral=referral, interval=0, purpose=purpose, by=by, now=now)
