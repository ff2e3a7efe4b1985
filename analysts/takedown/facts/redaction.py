"""The address of an incident as it may leave the house."""

from analysts.incidents import contents
from analysts.models import Incident, Outgoing
from reports.addresses import find_addresses
from reports.addresses.identifying import TokenKind, find_identifying_parts, token_kinds


class AddressUnreadable(Exception):
    """There is no address, it was erased, or its key is not here."""


class Unconfirmed(Exception):
    """Something in the address may lead to a person, and nobody has said what may leave."""

    def __init__(self, found: list[TokenKind]) -> None:
        super().__init__()
        self.found = found


def address_to_share(incident: Incident) -> str:
    """What may leave: as somebody confirmed it, else as it is kept where nothing in it looks personal.

    One query, none where `outgoing` was selected with the incident.

    Raises:
        Unconfirmed: somebody has to confirm or shorten it first.
        Unreadable: it cannot be opened.
    """
    confirmed = redaction_of(incident)
    if confirmed is not None:
        left = contents.unseal_copy(confirmed)
        if left is None:
            raise AddressUnreadable
        return left
    whole = full_address(incident)
    if found := find_identifying_parts(whole):
        raise Unconfirmed(token_kinds(found))
    return whole


def redaction_of(incident: Incident) -> Outgoing | None:
    try:
        return incident.outgoing
    except Outgoing.DoesNotExist:
        return None


def full_address(incident: Incident) -> str:
    """All of it, without tracking parameters: those too that were not known as such when it came in.

    Raises:
        Unreadable: it cannot be opened.
    """
    opened = contents.unseal_address(incident)
    if opened is None:
        raise AddressUnreadable
    found = find_addresses(opened.normalised)
    return found[0].normalised if len(found) == 1 else opened.normalised
