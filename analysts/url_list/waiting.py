"""What keeps an address off the list although it belongs there."""

from analysts.models import Incident
from analysts.notices import outgoing
from analysts.url_list.codes import Waits


def address_or_why(incident: Incident) -> str | Waits:
    """The address as it may leave the house, or for what it waits."""
    if incident.police_holds.blocking().exists():
        return Waits.CLEARANCE
    try:
        return outgoing.address(incident)
    except outgoing.Unconfirmed:
        return Waits.CONFIRMATION
    except outgoing.Unreadable:
        return Waits.ADDRESS
