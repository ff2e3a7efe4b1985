"""The address of an incident in the form that may be shared."""

from analysts.incidents import contents
from analysts.models import Incident, Redaction
from reports.addresses import find_addresses
from reports.addresses.identifying import TokenKind, find_identifying_parts, token_kinds


class AddressUnreadable(Exception):
    """The incident has no address, the address was erased, or its key is missing."""


class Unconfirmed(Exception):
    """The address may identify a person, and no analyst has confirmed which parts may be shared."""

    def __init__(self, kinds: list[TokenKind]) -> None:
        super().__init__()
        self.kinds = kinds


def address_to_share(incident: Incident) -> str:
    """Return the address in its confirmed form, or in full if no part of it looks personal.

    One query; none if `redaction` was selected with the incident.

    Raises:
        Unconfirmed: an analyst has to confirm or redact it first.
        AddressUnreadable: it cannot be unsealed.
    """
    confirmed = redaction_of(incident)
    if confirmed is not None:
        address = contents.letter_copy(confirmed)
        if address is None:
            raise AddressUnreadable
        return address
    whole = full_address(incident)
    if findings := find_identifying_parts(whole):
        raise Unconfirmed(token_kinds(findings))
    return whole


def needs_confirmation(incident: Incident) -> bool:
    """Whether an analyst has to confirm the redaction before the address is sent.

    This includes addresses that were sent before they were recognised as personal, and no unreadable ones: rendering
    reports those.
    """
    try:
        address_to_share(incident)
    except Unconfirmed:
        return True
    except AddressUnreadable:
        pass
    return False


def redaction_of(incident: Incident) -> Redaction | None:
    """The confirmed redaction of an incident; one query unless it was read, or selected with the incident."""
    relation = Incident.redaction.related
    if not relation.is_cached(incident):
        relation.set_cached_value(incident, Redaction.objects.filter(incident=incident).select_related("by").first())
    return getattr(incident, "redaction", None)


def full_address(incident: Incident) -> str:
    """Return the whole address without tracking parameters, including those recognised only since it was reported.

    Raises:
        AddressUnreadable: it cannot be unsealed.
    """
    opened = contents.letter_address(incident)
    if opened is None:
        raise AddressUnreadable
    addresses = find_addresses(opened.normalised)
    return addresses[0].normalised if len(addresses) == 1 else opened.normalised
