"""What keeps an address off the list although it belongs there."""

from analysts.models import Clearance, Incident
from analysts.notices import outgoing
from analysts.url_list.codes import Waits


def address_or_why(incident: Incident) -> str | Waits:
    """The address as it may leave the house, or for what it waits."""
    # One at a time: the latest is the one that counts.
    hold = incident.police_holds.order_by("-at").first()
    if hold is not None and hold.answer != Clearance.GRANTED:
        return Waits.CLEARANCE
    try:
        return outgoing.address(incident)
    except outgoing.Unconfirmed:
        return Waits.CONFIRMATION
    except outgoing.Unreadable:
        return Waits.ADDRESS
