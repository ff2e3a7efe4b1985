"""Matching reports to existing incidents, or to new ones in the queue."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet

from analysts.codes import Fact
from analysts.incidents import contents, near_duplicates
from analysts.incidents.contents import storing
from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.incidents.locking import lock_in_order
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
    is_new: the incident is not stored yet.
    """

    incident: Incident
    pattern: bytes
    merged_from: Incident | None = None
    spellings: Sequence[Address] = ()
    is_known: bool = False
    is_new: bool = False


def lock_incidents(fingerprints: Iterable[bytes]) -> dict[bytes, Incident]:
    """The stored incidents with these fingerprints, locked in the order of their ids. One query."""
    incidents = Incident.objects.filter(fingerprint__in=fingerprints).select_related("key")
    return {bytes(incident.fingerprint): incident for incident in lock_in_order(incidents)}


def address_index(address: Address) -> bytes:
    return compute_fingerprint("address", address.key)


def account_index(account: Account) -> bytes:
    return compute_fingerprint("account", account.key)


def words_index(report: Report) -> bytes:
    """The fingerprint of the report's words: by its receipt, so that a second run finds them again."""
    return compute_fingerprint("words", str(report.receipt_id))


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
    address: Address,
    report: Report,
    stored: Mapping[bytes, Incident],
    flood_of: FloodOf,
    *,
    shapes: Sequence[str],
    now: datetime,
) -> IncidentMatch:
    """`stored`: as `lock_incidents` returns them."""
    index = address_index(address)
    pattern = start_pattern(report, near_duplicates.shape_of_address(address), shapes)
    if existing := stored.get(index):
        keep_address(existing, address, now=now)
        return _place_of(existing, pattern)._replace(is_known=True)
    return IncidentMatch(build_incident(address, report, index, pattern, flood_of, now=now), pattern, is_new=True)


def build_incident(
    address: Address, report: Report, index: bytes, pattern: bytes, flood_of: FloodOf, *, now: datetime
) -> Incident:
    """A new incident with this fingerprint. The caller saves it."""
    incident_id = uuid.uuid4()
    site = compute_fingerprint("site", address.site) if address.site else b""
    return Incident(
        id=incident_id,
        fingerprint=index,
        kind=IncidentKind.ADDRESS,
        address_kind=address.kind,
        site_fingerprint=site,
        host_fingerprint=_host_fingerprint(address),
        **storing.seal_address(incident_id, open_form(address), now=now),
        **_first_seen(report),
        **_flood_fields(pattern, flood_of(pattern, site)),
    )


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
    address_to_keep = contents.intake_address(incident)
    if address_to_keep is None:
        # Erased, and so is the spelling of the reports that have it from the incident.
        sightings_with_spelling_of(incident).update(has_incident_spelling=False)
    incident.save(update_fields=storing.set_address(incident, address_to_keep or open_form(address), now=now))


def sightings_with_spelling_of(incident: Incident) -> QuerySet[Sighting]:
    """Sightings that seal no spelling, because the incident has theirs; merged ones where it is merged now."""
    named = Q(incident=incident, merged_from=None) | Q(incident=incident.merged_into_id, merged_from=incident)
    return Sighting.objects.filter(named, has_incident_spelling=True)


def add_spellings(
    sighting: Sighting, addresses: Iterable[Address], *, of_incident: OpenAddress | None, now: datetime
) -> tuple[str, ...]:
    """Add to the instance how its report writes the address; returns the fields that the caller saves.

    `of_incident`: the address as its incident has it; where that is all, nothing is sealed.
    """
    spellings = contents.intake_spellings(sighting)
    new = [spelling for spelling in map(open_form, addresses) if spelling not in spellings]
    if not new or len(spellings) >= storing.MOST_SPELLINGS:
        return ()
    if [*spellings, *new] == [of_incident]:
        sighting.has_incident_spelling = True
        return ("has_incident_spelling",)
    return storing.seal_spellings(sighting, [*spellings, *new], now=now)


def place_of_words(
    report: Report, texts: list[str], stored: Mapping[bytes, Incident], flood_of: FloodOf, *, shapes: Sequence[str]
) -> IncidentMatch:
    """The incident of a report that names no address.

    `texts`: the readable texts of the report; without any word, the incident is not similar to others.
    `stored`: as `lock_incidents` returns them.
    """
    index = words_index(report)
    words = near_duplicates.shape_of_words("\n".join(texts))
    pattern = start_pattern(report, words, shapes) if any(character.isalpha() for character in words) else b""
    if existing := stored.get(index):
        return _place_of(existing, pattern)
    return _new_words(index, report, pattern, flood_of)


def place_of_account(
    account: Account,
    report: Report,
    texts: list[str],
    stored: Mapping[bytes, Incident],
    flood_of: FloodOf,
    *,
    shapes: Sequence[str],
) -> IncidentMatch:
    """The incident of an account: words, by the account's key. It has no sealed address, host or site.

    `stored`: as `lock_incidents` returns them.
    """
    index = account_index(account)
    pattern = start_pattern(report, near_duplicates.shape_of_words("\n".join(texts)), shapes)
    if existing := stored.get(index):
        return _place_of(existing, pattern)._replace(is_known=True)
    return _new_words(index, report, pattern, flood_of, address_kind=AddressKind.ACCOUNT)


def _new_words(
    index: bytes, report: Report, pattern: bytes, flood_of: FloodOf, *, address_kind: str = ""
) -> IncidentMatch:
    incident = Incident(
        fingerprint=index,
        kind=IncidentKind.WORDS,
        address_kind=address_kind,
        **_first_seen(report),
        **_flood_fields(pattern, flood_of(pattern, b"")),
    )
    return IncidentMatch(incident, pattern, is_new=True)


def _flood_fields(pattern: bytes, flood: bytes) -> dict[str, Any]:
    return {"shape": pattern, "flood": flood, "priority": LOWEST if flood else LOWEST + 1}


def _first_seen(report: Report) -> dict[str, Any]:
    hour = report.received_hour
    return {
        # The first sighting would add these two; setting them here saves one version of the row.
        "portals": [report.portal_id],
        "portal_languages": [portal_language(report.portal_id, report.language)],
        "first_sighted": hour,
        "last_sighted": hour,
        "waiting_since": waiting_hour(report, since=hour),
    }


def waiting_hour(report: Report, *, since: datetime) -> datetime:
    """Since when an incident that waits since this hour counts as waiting, as far as the report goes.

    Reports of a source below its share come later in the queue, each by a date: reports that arrive after it come later
    still. Not where a child may be in danger.
    """
    if report.source is None or not report.source.is_late or Fact.CHILD_IN_DANGER in report.facts:
        return since
    return since + timedelta(days=settings.SOURCE_LATER_DAYS)
