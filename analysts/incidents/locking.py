"""Shared steps of the verbs on an incident: lock the row, check the claim, save the change, record the event."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing
from analysts.models import EnteredAddress, Incident, IncidentQuerySet, Sighting, User
from analysts.states import State, target
from audit.actions import JSON, Actor, record_event

# Verbs on incidents import these from here.
from audit.permissions import Denied, Late
from countries.decided_settings import number_in_force

# While a child may be in danger, a claim on which nothing is done ends sooner.
DANGER_CLAIM = timedelta(minutes=10)


def lock_incident(incident: Incident, by: User) -> Incident:
    """Lock and return the current row until the transaction ends. Raises Denied if `by` cannot see it."""
    try:
        return Incident.objects.visible_to(by).select_for_update(of=("self",)).get(pk=incident.pk)
    except Incident.DoesNotExist:
        raise Denied(_("This incident does not exist.")) from None


def lock_in_order(incidents: IncidentQuerySet, *, no_key: bool = False) -> list[Incident]:
    """Lock the rows in the order of their keys, and return them so. Two that lock several never wait for each other.

    `no_key`: other transactions may go on referring to the incidents.
    """
    return list(incidents.order_by("pk").select_for_update(of=("self",), no_key=no_key))


def check_fence(incident: Incident, fence: int) -> None:
    if incident.fence != fence:
        raise Late(_("Your claim has ended and the incident has changed since. Nothing was saved."))


def record_act(
    action: str,
    incident: Incident,
    *,
    by: Actor | None,
    now: datetime,
    details: dict[str, JSON] | None = None,
    sighted: Incident | None = None,
) -> None:
    """Record an audit event. `sighted`: the incident whose sightings name the portal, if `incident` has none left.

    An act of the holder extends the claim while a child may be in danger.
    """
    if isinstance(by, User):
        note_work(incident, by, now=now)
    portal = portal_on_record(sighted or incident, by)
    record_event(by=by, action=f"incident.{action}", on=incident, portal=portal, details=details, at=now)


def portal_on_record(incident: Incident, by: Actor | None) -> str:
    """The slug of the portal that an event on the incident names: the first by slug. "" if there is none."""
    # Only portals the actor works for: other portals may have sighted the incident too.
    portals = by.portal_ids if isinstance(by, User) else None
    sighted = Sighting.objects.filter(incident=incident)
    # Only an incident that staff entered has no report; entries for the hotline have no portal, and sort last.
    entered = EnteredAddress.objects.filter(incident=incident)
    return _first_slug(sighted, portals) or _first_slug(entered, portals)


def _first_slug(rows: QuerySet[Sighting] | QuerySet[EnteredAddress], portals: list[int] | None) -> str:
    if portals is not None:
        rows = rows.filter(portal__in=portals)
    return rows.order_by("portal__slug").values_list("portal__slug", flat=True).first() or ""


def first_portals(incidents: Iterable[Incident], by: User) -> dict[UUID, str]:
    """As `portal_on_record`, of several incidents by id. One query."""
    sighted = Sighting.objects.filter(incident__in=incidents, portal__in=by.portal_ids)
    return dict(sighted.values("incident").annotate(first=Min("portal__slug")).values_list("incident", "first"))


def save_incident(incident: Incident, *fields: str) -> None:
    """Save the changed fields and mark the states of its receipts for publication."""
    incident.unpublished = True
    incident.save(update_fields=[*fields, "unpublished"])


def claim_end(incident: Incident, now: datetime) -> datetime:
    """When a claim ends that begins or is used now: after CLAIM_MINUTES, or DANGER_CLAIM if that is sooner.

    DANGER_CLAIM holds while a child may be in danger and no call about it is on record.
    """
    lease = timedelta(minutes=number_in_force("CLAIM_MINUTES"))
    is_urgent = incident.child_in_danger and not incident.alerts.calls().exists()
    return now + (min(lease, DANGER_CLAIM) if is_urgent else lease)


def note_work(incident: Incident, by: User, *, now: datetime) -> None:
    """Extend the claim of `by` while a child may be in danger, because something was done. Other claims stay as is."""
    if incident.child_in_danger and incident.is_held_by(by):
        extend_claim(incident, now=now)


def extend_claim(incident: Incident, *, now: datetime) -> None:
    """Extend a claim that lasts to `claim_end`, on the instance and its row."""
    until, end = incident.claimed_until, claim_end(incident, now)
    if until is None or until >= end:
        return
    held = Incident.objects.filter(pk=incident.pk, state=State.CLAIMED, fence=incident.fence, claimed_until__lt=end)
    if held.update(claimed_until=end):
        incident.claimed_until = end


def end_claim(incident: Incident) -> list[str]:
    """End the claim on the instance; returns the fields to save."""
    incident.claimed_by = None
    incident.claimed_until = None
    incident.batch = None
    return ["state", "claimed_by", "claimed_until", "batch"]


def set_closed(incident: Incident, closing: Closing, now: datetime) -> list[str]:
    incident.state = target("close")
    incident.closing = closing
    incident.closed_on = now.date()
    return ["state", "closing", "closed_on"]
