"""Police holds: whether the police allow notices about an incident."""

from datetime import date, datetime
from uuid import UUID

from analysts.models import Clearance, Incident, PoliceHold, Recipient
from analysts.takedown.recipients.opening_hours import zone_of


def latest_hold(incident: Incident) -> PoliceHold | None:
    """Return the latest clearance request, even if the incident was hosted elsewhere then."""
    return incident.police_holds.select_related("police").last()


def is_blocked(incident: Incident, *, to: Recipient | None = None) -> bool:
    """Return whether the police have been asked for clearance and have not granted it.

    `to`: the recipient of a notice. The police force that was asked is exempt, so that the request itself can be sent.
    """
    latest = latest_hold(incident)
    return is_blocking(latest) and (to is None or latest is None or latest.police_id != to.pk)


def is_blocking(latest: PoliceHold | None) -> bool:
    """As `is_blocked`, by the latest request."""
    return latest is not None and latest.answer != Clearance.GRANTED


def is_asking(hold: PoliceHold | None, to: UUID | None) -> bool:
    """Return whether that police force has yet to decide on the hold."""
    return hold is not None and not hold.answer and hold.police_id == to


def days_of_answer(hold: PoliceHold, *, now: datetime) -> tuple[date, date]:
    """Return the earliest and latest valid dates of a decision, in the time zone of the police, who date it."""
    zone = zone_of(hold.police)
    return hold.at.astimezone(zone).date(), now.astimezone(zone).date()
