"""Seals content into rows: addresses with their masks, the ways in which reports write them, and copies."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import TypedDict

from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.incidents.sealing_contexts import Copy, address_info, copy_info, mask_info, sighting_info
from analysts.models import Incident, Sighting
from reports import keys, sealing
from reports.addresses import mask_all_but_suffix
from reports.models import KeyClass

# Ways in which one report writes one address that are kept; more tell an analyst nothing.
MOST_SPELLINGS = 10


class AddressFields(TypedDict):
    """The fields of an incident that hold its address."""

    key_id: str
    sealed_address: bytes
    sealed_mask: bytes


def seal_address(incident_id: uuid.UUID, address: OpenAddress, *, now: datetime) -> AddressFields:
    """Seal an incident's address, and its mask, which lists show.

    Uses the current key, not the report's, which may be closed after a long pause.
    """
    key = keys.public_key(now, KeyClass.ADDRESSES)
    content = {"normalised": address.normalised, "reported": address.reported}
    return AddressFields(
        key_id=key.id,
        sealed_address=sealing.seal_json(content, to=key, info=address_info(incident_id)),
        sealed_mask=seal_mask(mask_all_but_suffix(address.normalised), incident_id, key.id),
    )


def set_address(incident: Incident, address: OpenAddress, *, now: datetime) -> tuple[str, ...]:
    """Seal the address into the instance; returns the fields that the caller saves."""
    for name, value in seal_address(incident.pk, address, now=now).items():
        setattr(incident, name, value)
    return ("key", "sealed_address", "sealed_mask")


def seal_mask(mask: str, incident_id: uuid.UUID, key_id: str) -> bytes:
    """b"" if this installation has no key of masks yet: `masking.seal_missing_masks` seals it later."""
    try:
        return sealing.seal_mask(mask, by=keys.mask_key(key_id), info=mask_info(incident_id))
    except keys.KeyMissing:
        return b""


def seal_spellings(sighting: Sighting, spellings: Iterable[OpenAddress], *, now: datetime) -> tuple[str, ...]:
    """Set the first MOST_SPELLINGS of `spellings` on the instance, sealed under the key of the month of `now`.

    Returns the fields that the caller saves.
    """
    key = keys.public_key(now, KeyClass.ADDRESSES)
    content: list[sealing.JSON] = [
        {"normalised": spelling.normalised, "reported": spelling.reported}
        for spelling in islice(spellings, MOST_SPELLINGS)
    ]
    sighting.key_id, sighting.has_incident_spelling = key.id, False
    sighting.sealed_address = sealing.seal_json({"spellings": content}, to=key, info=sighting_info(sighting))
    return ("key", "has_incident_spelling", "sealed_address")


def seal_copy(copy: Copy, address: str, *, now: datetime, facts: Mapping[str, str] | None = None) -> None:
    """Set `address` on the instance, sealed under the key of the month of `now`. The caller saves the instance.

    `facts`: what a letter states about the address, by name; None for copies that are not in a letter.
    """
    key = keys.public_key(now, KeyClass.ADDRESSES)
    content: dict[str, sealing.JSON] = {"address": address}
    if facts is not None:
        content["facts"] = {str(name): text for name, text in facts.items()}
    copy.key_id, copy.sealed = key.id, sealing.seal_json(content, to=key, info=copy_info(copy))
