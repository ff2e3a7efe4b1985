"""Matching reports to existing incidents, or to new ones in the queue."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from analysts.incidents import contents, near_duplicates
from analysts.incidents.contents import storing
from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import Incident, IncidentKind, Report, Sighting
from analysts.models.incident_queries import LOWEST, portal_language
from reports.addresses import Account, Address, AddressKind
from reports.models import KeyState

# Returns the flood of a new incident with this pattern and site, b"" if none.
type FloodOf = Callable[[bytes, bytes], bytes]


def shares_verdict_of(merged_from: Incident | None) -> bool:
    """Whether a verdict answers a report of this merged incident's address; None for an address that was not merged."""
    return merged_from is None or bool(merged_from.is_compared)


class IncidentMatch(NamedTuple):
    """The incident of a report.

    pattern: that of this report for the incident (`start_pattern`); b"" if there is nothing to compare.
    merged_from: the incident with the reported address, if that one was merged.
    spellings: how the report writes the address.
    is_known: whether the address had been reported before.
    """

    incident: Incident
    pattern: bytes
    merged_from: Incident | None = None
    spellings: Sequence[Address] = ()
    is_known: bool = False


def start_pattern(report: Report, shape: str, shapes: Iterable[str]) -> bytes:
    """The blind index of everything that similar reports share (`analysts.assessment.flood.folding`).

    Args:
        shape: of the address, or of the words of a report without one.
        said: the shapes of the report's further envelopes.
    """
    return extend_pattern(compute_fingerprint("shape", f"{report.portal_id}|{report.language}|{shape}"), shapes)


def extend_pattern(pattern: bytes, shapes: Iterable[str]) -> bytes:
    """The pattern of a report that also says this: the same whether it says it at once or later."""
    for shape in sorted(shapes):
        pattern = pattern and compute_fingerprint("shape", f"{pattern.hex()}|{shape}")
    return pattern


def place_of_address(
    address: Address, report: Report, flood_of: FloodOf, *, shapes: Sequence[str], now: datetime
) -> IncidentMatch:
    index = compute_fingerprint("address", address.key)
    pattern = start_pattern(report, near_duplicates.shape_of_address(address), shapes)
    existing = Incident.objects.select_for_update(of=("self",)).select_related("key").filter(fingerprint=index).first()
    if existing is not None:
        keep_address(existing, address, now=now)
        return _place_of(existing, pattern)._replace(is_known=True)
    return _place_of(new_incident(address, report, index, pattern, flood_of, now=now), pattern)


def new_incident(
    address: Address, report: Report, index: bytes, pattern: bytes, flood_of: FloodOf, *, now: datetime
) -> Incident:
    """Create the incident with this fingerprint, or get it if a concurrent transaction created it first."""
    incident_id = uuid.uuid4()
    site = compute_fingerprint("site", address.site) if address.site else b""
    incident, _ = Incident.objects.get_or_create(
        fingerprint=index,
        defaults={
            "id": incident_id,
            "kind": IncidentKind.ADDRESS,
            "address_kind": address.kind,
            "site_fingerprint": site,
            "host_fingerprint": _host_fingerprint(address),
            **storing.seal_address(incident_id, open_form(address), now=now),
            **_first_seen(report),
            **_flood_fields(pattern, flood_of(pattern, site)),
        },
    )
    return incident


def _host_fingerprint(address: Address) -> bytes:
    return compute_fingerprint("host", address.host) if address.host else b""


def _place_of(existing: Incident, pattern: bytes) -> IncidentMatch:
    """The incident that receives the reports: the one that `existing` was merged into, if any. Merges never chain."""
    if existing.merged_into_id is None:
        return IncidentMatch(existing, pattern)
    into = Incident.objects.select_for_update(of=("self",)).select_related("key").get(pk=existing.merged_into_id)
    return IncidentMatch(into, pattern, merged_from=existing)


def open_form(address: Address) -> OpenAddress:
    """The address as it is sealed."""
    return OpenAddress(address.normalised, address.reported)


def keep_address(incident: Incident, address: Address, *, now: datetime) -> None:
    """Keep an address readable that is reported again, beyond the end of its key.

    An address under a key that is no longer open is sealed under the current key at once: a concurrent destruction of
    the old key then no longer finds it.
    """
    if not incident.host_fingerprint and address.host:
        # The incident predates host fingerprints. They need the plain address, which the report supplies.
        incident.host_fingerprint = _host_fingerprint(address)
        incident.save(update_fields=["host_fingerprint"])
    if incident.key is None or incident.key.state == KeyState.OPEN:
        return
    address_to_keep = contents.intake_address(incident) or open_form(address)
    incident.save(update_fields=storing.set_address(incident, address_to_keep, now=now))


def add_spellings(sighting: Sighting, addresses: Iterable[Address], *, now: datetime) -> bool:
    """Add to the instance how its report writes the address; whether that changed anything. The caller saves it."""
    spellings = contents.intake_spellings(sighting)
    new = [spelling for spelling in map(open_form, addresses) if spelling not in spellings]
    if not new or len(spellings) >= storing.MOST_SPELLINGS:
        return False
    storing.seal_spellings(sighting, [*spellings, *new], now=now)
    return True


def place_of_words(report: Report, texts: list[str], flood_of: FloodOf, *, shapes: Sequence[str]) -> IncidentMatch:
    """The incident of a report that names no address. It is keyed by the receipt, so that a second run finds it again.

    `texts`: the readable texts of the report; without any word, the incident is not similar to others.
    """
    index = compute_fingerprint("words", str(report.receipt_id))
    words = near_duplicates.shape_of_words("\n".join(texts))
    pattern = start_pattern(report, words, shapes) if any(character.isalpha() for character in words) else b""
    existing = Incident.objects.filter(fingerprint=index).first()
    if existing is not None:
        return _place_of(existing, pattern)
    return _new_words(index, report, pattern, flood_of)


def place_of_account(
    account: Account, report: Report, texts: list[str], flood_of: FloodOf, *, shapes: Sequence[str]
) -> IncidentMatch:
    """The incident of an account: words, by the account's key. It has no sealed address, host or site."""
    index = compute_fingerprint("account", account.key)
    pattern = start_pattern(report, near_duplicates.shape_of_words("\n".join(texts)), shapes)
    existing = Incident.objects.select_for_update(of=("self",)).filter(fingerprint=index).first()
    if existing is not None:
        return _place_of(existing, pattern)._replace(is_known=True)
    return _new_words(index, report, pattern, flood_of, address_kind=AddressKind.ACCOUNT)


def _new_words(
    index: bytes, report: Report, pattern: bytes, flood_of: FloodOf, *, address_kind: str = ""
) -> IncidentMatch:
    """Create the incident of words, or get it if a concurrent transaction created it first."""
    incident, _ = Incident.objects.get_or_create(
        fingerprint=index,
        defaults={
            "kind": IncidentKind.WORDS,
            "address_kind": address_kind,
            **_first_seen(report),
            **_flood_fields(pattern, flood_of(pattern, b"")),
        },
    )
    return IncidentMatch(incident, pattern)


def _flood_fields(pattern: bytes, flood: bytes) -> dict[str, bytes | int]:
    return {"shape": pattern, "flood": flood, "priority": LOWEST if flood else LOWEST + 1}


def _first_seen(report: Report) -> dict[str, list[int] | list[str] | datetime]:
    hour = report.received_hour
    return {
        # The first sighting would add these two; setting them here saves one version of the row.
        "portals": [report.portal_id],
        "portal_languages": [portal_language(report.portal_id, report.language)],
        "first_sighted": hour,
        "last_sighted": hour,
        "waiting_since": hour,
    }
