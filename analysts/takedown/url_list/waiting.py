"""What keeps an address off the list although it belongs there."""

from analysts.models import Incident
from analysts.takedown.facts import redaction
from analysts.takedown.url_list.codes import Waits


def address_or_why(incident: Incident) -> str | Waits:
    """The address as it may leave the house, or for what it waits."""
    if incident.police_holds.blocking().exists():
        return Waits.CLEARANCE
    try:
        return redaction.address(incident)
    except redaction.Unconfirmed:
        return Waits.CONFIRMATION
    except redaction.Unreadable:
        return Waits.ADDRESS
