"""What every verb needs: the row locked, the claim still the same, the change saved and put on record."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing
from analysts.models import Incident, User
from analysts.states import target
from audit.actions import JSON, Actor, record_event

# Verbs about incidents import it from here.
from audit.permissions import Denied, Late


def lock_incident(incident: Incident, by: User) -> Incident:
    """The row as it is now, locked until the transaction ends, if it exists for `by`."""
    try:
        return Incident.objects.visible_to(by).select_for_update(of=("self",)).get(pk=incident.pk)
    except Incident.DoesNotExist:
        raise Denied(_("This incident does not exist.")) from None


def check_fence(incident: Incident, fence: int) -> None:
    if incident.fence != fence:
        raise Late(_("Your claim has ended and the incident has moved on; nothing was changed."))


def record_act(
    action: str,
    incident: Incident,
    *,
    by: Actor | None,
    now: datetime,
    details: dict[str, JSON] | None = None,
    sighted: Incident | None = None,
) -> None:
    """`sighted`: whose sightings tell the portal, where the incident itself has none left."""
    sightings = (sighted or incident).sightings.order_by("portal__slug")
    if isinstance(by, User):
        # Of the portals the actor works for: an incident is often shared with others.
        sightings = sightings.filter(portal__in=by.portals.all())
    portal = sightings.values_list("portal__slug", flat=True).first()
    record_event(by=by, action=f"incident.{action}", on=incident, portal=portal or "", details=details, at=now)


def save_incident(incident: Incident, *fields: str) -> None:
    """Save what a verb changed, and mark that the receipts' states are to be published anew."""
    incident.unpublished = True
    incident.save(update_fields=[*fields, "unpublished"])


def end_claim(incident: Incident) -> list[str]:
    """End the claim on the instance; returns the fields to save."""
    incident.claimed_by = None
    incident.claimed_until = None
    return ["state", "claimed_by", "claimed_until"]


def set_closed(incident: Incident, closing: Closing, now: datetime) -> list[str]:
    incident.state = target("close")
    incident.closing = closing
    incident.closed_on = now.date()
    return ["state", "closing", "closed_on"]
