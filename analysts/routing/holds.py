"""Whether the police keep an incident back."""

from analysts.models import Addressee, Incident, PoliceHold


def latest(incident: Incident) -> PoliceHold | None:
    """What was asked last, whichever place it was hosted at then: the police look into what was reported."""
    return incident.police_holds.select_related("police", "by", "recorded_by").order_by("-at").first()


def blocks(incident: Incident, *, to: Addressee | None = None) -> bool:
    """Whether nothing may leave about the incident: the police were asked and have not answered, or refused.

    `to`: nobody is kept from writing to the police force that was asked, for the question itself is such a letter.
    """
    blocking = incident.police_holds.blocking()
    return (blocking if to is None else blocking.exclude(police=to)).exists()
