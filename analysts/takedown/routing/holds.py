"""Whether the police keep an incident back."""

from datetime import date, datetime
from uuid import UUID

from analysts.models import Clearance, Incident, PoliceHold, Recipient
from analysts.takedown.recipients.opening_hours import zone_of


def latest_hold(incident: Incident) -> PoliceHold | None:
    """What was asked last, whichever place it was hosted at then: the police look into what was reported."""
    return incident.police_holds.select_related("police", "by", "recorded_by").order_by("-at").first()


def is_blocked(incident: Incident, *, to: Recipient | None = None) -> bool:
    """Whether nothing may leave about the incident: the police were asked and have not answered, or refused.

    `to`: nobody is kept from writing to the police force that was asked, for the question itself is such a letter.
    """
    blocking = incident.police_holds.blocking()
    return (blocking if to is None else blocking.exclude(police=to)).exists()


def keeps_back(hold: PoliceHold | None, *, to: UUID | None) -> bool:
    """The same of the incident's latest hold, once that is known."""
    return hold is not None and hold.answer != Clearance.GRANTED and hold.police_id != to


def is_asking(hold: PoliceHold | None, to: UUID | None) -> bool:
    """Whether that police force is being asked now."""
    return hold is not None and not hold.answer and hold.police_id == to


def days_of_answer(hold: PoliceHold, *, now: datetime) -> tuple[date, date]:
    """The first and the last day that an answer may bear: by the calendar of the police, who date it."""
    zone = zone_of(hold.police)
    return hold.at.astimezone(zone).date(), now.astimezone(zone).date()
