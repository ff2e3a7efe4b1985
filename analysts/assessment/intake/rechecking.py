"""After a change of the rules for addresses: incidents that hold what is several addresses now are split.

The verdict stays with the address that analysts were shown, the incident's own. Every other address gets its reports,
their hours, questions and facts in an incident that waits for a review, and the daily batch corrects what its
receipts say. Incidents that a person merged stay merged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from analysts.accounts.alarms import raise_alarm
from analysts.assessment.actions.claims import leave_batch
from analysts.assessment.actions.outcomes import doubt_verdicts, return_to_queue
from analysts.assessment.intake.incident_matching import (
    add_spellings,
    address_index,
    lock_incidents,
    open_form,
    place_of_address,
    shares_verdict_of,
    sightings_with_spelling_of,
)
from analysts.assessment.intake.prioritising import set_priority
from analysts.assessment.intake.reopening import is_answered, latest_hour_of, wait_for_next_round
from analysts.codes import Closing, Fact
from analysts.incidents import contents
from analysts.incidents.contents import storing
from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.incidents.locking import lock_in_order, record_act, save_incident
from analysts.incidents.priority import URGENT
from analysts.models import AlarmKind, Incident, IncidentKind, Question, Report, Sighting
from audit.actions import JSON
from audit.models import AuditEvent
from reports.addresses import Address, find_spellings
from reports.models import the_hour

BATCH = 200


@dataclass(slots=True)
class Rechecked:
    """The findings of a run. Incidents by their numbers, never addresses."""

    read: int = 0
    # Erased, or under a key that is not in this keyring.
    unreadable: int = 0
    # (incident, number of its reports, number of other addresses among them).
    split: list[tuple[str, int, int]] = field(default_factory=list)
    # Their own address reads otherwise now; those that were decided wait again.
    readdressed: list[str] = field(default_factory=list)
    # Under legal hold, or all of their reports would leave: for a person to decide.
    undecided: list[str] = field(default_factory=list)


class _DryRun(Exception):
    """Ends the transaction of an incident in a dry run."""


def recheck_incidents(*, dry_run: bool, now: datetime) -> Rechecked:
    """Recheck every incident with an address, one transaction each. Safe to run repeatedly, and to be killed.

    For operators after an update: its cost grows with the number of incidents. A dry run stores nothing.
    """
    result = Rechecked()
    incidents = Incident.objects.filter(kind=IncidentKind.ADDRESS).exclude(closing=Closing.MERGED)
    after = UUID(int=0)
    while pks := list(incidents.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        after = pks[-1]
        for pk in pks:
            try:
                with transaction.atomic():
                    _recheck_incident(pk, result, now=now)
                    if dry_run:
                        raise _DryRun
            except _DryRun:
                continue
    return result


def _recheck_incident(pk: UUID, result: Rechecked, *, now: datetime) -> None:
    # The lock order of merge(): merged incidents before the one that they were merged into.
    merged = lock_in_order(Incident.objects.filter(merged_into=pk))
    incident = Incident.objects.select_for_update(of=("self",)).select_related("key").get(pk=pk)
    if incident.closing == Closing.MERGED:
        return
    opened = contents.intake_address(incident)
    own_address = _read_spelling(opened) if opened else None
    if opened is None or own_address is None:
        result.unreadable += 1
        return
    result.read += 1
    accepted = {own_address.key, *(other.key for other in _own_addresses(merged))}
    strays = _find_strays(incident, own_address, accepted, now=now)
    staying = incident.sightings.count() - sum(1 for stray in strays if not stray.stays)
    if strays and (incident.open_hold is not None or not staying):
        result.undecided.append(str(incident))
        return
    _correct_address(incident, opened, own_address, result, now=now)
    if not strays:
        return
    addresses_by_key = {address.key: address for stray in strays for address in stray.addresses}
    result.split.append((str(incident), incident.sightings.count(), len(addresses_by_key)))
    for key in sorted(addresses_by_key):
        _split_address(incident, addresses_by_key[key], [stray for stray in strays if key in stray.keys], now=now)
    for stray in strays:
        if stray.stays:
            stray.sighting.save(
                update_fields=storing.seal_spellings(stray.sighting, map(open_form, stray.stays), now=now)
            )
    if incident.is_open_to_review:
        set_priority(incident)
    save_incident(incident, "priority", "priority_reasons")
    record_act("split", incident, by=None, now=now, details={"count": len(strays), "reason": "rules"})


@dataclass(frozen=True, slots=True, repr=False)
class _Stray:
    """A sighting whose report names addresses that are not its incident's, beside those that are (`stays`)."""

    sighting: Sighting
    stays: list[Address]
    addresses: list[Address]

    @property
    def keys(self) -> set[str]:
        return {address.key for address in self.addresses}


def _find_strays(incident: Incident, own_address: Address, accepted: set[str], *, now: datetime) -> list[_Stray]:
    strays = []
    for sighting in incident.sightings.select_related("report", "merged_from").order_by("pk"):
        spelt = [address for spelling in contents.intake_spellings(sighting) if (address := _read_spelling(spelling))]
        if not spelt and (spelt := _spellings_in_report(sighting, own_address)):
            # From before sightings kept their address.
            sighting.save(update_fields=add_spellings(sighting, spelt, of_incident=None, now=now))
        if others := [address for address in spelt if address.key not in accepted]:
            strays.append(_Stray(sighting, [variant for variant in spelt if variant.key in accepted], others))
    return strays


def _spellings_in_report(sighting: Sighting, own_address: Address) -> list[Address]:
    """The addresses in the report's envelopes, on the same page as the incident's, that no other incident has."""
    siblings = Incident.objects.filter(sightings__report=sighting.report_id).exclude(pk=sighting.incident_id)
    known_keys = {address.key for address in _own_addresses(siblings.select_related("key"))}
    texts = [
        value
        for envelope in contents.intake_envelopes(sighting.report)
        for value in envelope.payload.values()
        if isinstance(value, str)
    ]
    spellings = [address for text in texts for address in find_spellings(text)]
    return [
        spelling
        for spelling in spellings
        if _page_of(spelling) == _page_of(own_address) and spelling.key not in known_keys
    ]


def _page_of(address: Address) -> str:
    return address.key.partition("#")[0].partition("?")[0]


def _own_addresses(incidents: Iterable[Incident]) -> list[Address]:
    opened = [contents.intake_address(incident) for incident in incidents]
    return [address for spelling in opened if spelling and (address := _read_spelling(spelling))]


def _read_spelling(opened: OpenAddress) -> Address | None:
    """The text as typed, by the rules of today; where they find nothing in it, what it was normalised to."""
    for text in (opened.reported, opened.normalised):
        spellings = find_spellings(text)
        if spellings:
            return next((spelling for spelling in spellings if spelling.reported == text), spellings[0])
    return None


def _correct_address(
    incident: Incident, opened: OpenAddress, address: Address, result: Rechecked, *, now: datetime
) -> None:
    """Store the address and its fingerprints as the rules read it now; look again where another one was shown."""
    displayed = next(iter(find_spellings(opened.normalised)), None)
    is_other = displayed is None or displayed.key != address.key
    index = address_index(address)
    changed: list[str] = []
    if address.normalised != opened.normalised:
        _keep_spellings(incident, opened, now=now)
        changed += storing.set_address(incident, open_form(address), now=now)
    if bytes(incident.fingerprint) != index and not _is_split_off(incident):
        if not Incident.objects.filter(fingerprint=index).exists():
            incident.fingerprint = index
            changed.append("fingerprint")
        elif is_other:
            result.undecided.append(str(incident))
    for name, text in (("site", address.site), ("host", address.host)):
        fingerprint = compute_fingerprint(name, text) if text else b""
        if bytes(getattr(incident, f"{name}_fingerprint")) != fingerprint:
            setattr(incident, f"{name}_fingerprint", fingerprint)
            changed.append(f"{name}_fingerprint")
    if changed:
        incident.save(update_fields=changed)
    if is_other:
        result.readdressed.append(str(incident))
        if not incident.is_open_to_review:
            return_to_queue(incident, now=now)
            doubt_verdicts(incident)
        record_act("readdress", incident, by=None, now=now, details={"reason": "rules"})


def _keep_spellings(incident: Incident, opened: OpenAddress, *, now: datetime) -> None:
    """Seal the address into the sightings that have their spelling from the incident, before it is read otherwise."""
    for sighting in sightings_with_spelling_of(incident):
        sighting.save(update_fields=storing.seal_spellings(sighting, [opened], now=now))


def _is_split_off(incident: Incident) -> bool:
    """Whether a person split it off another incident: it is found by that, not by its address."""
    events = AuditEvent.objects.filter(object_id=str(incident.pk), action="incident.split", details__has_key="from")
    pairs = [(str(event.details.get("from")), str(event.details.get("report"))) for event in events]
    sightings = {str(report): pk for report, pk in incident.sightings.values_list("report_id", "pk")}
    return any(
        bytes(incident.fingerprint) == compute_fingerprint("split", f"{sightings[report]}|{came_from}")
        for came_from, report in pairs
        if report in sightings
    )


def _split_address(incident: Incident, address: Address, strays: list[_Stray], *, now: datetime) -> None:
    """Give the sightings of an address to its incident; a sighting that stays with another address is doubled."""
    reports = [stray.sighting.report for stray in strays]
    first = min(reports, key=lambda report: report.received_hour)
    stored = lock_incidents([address_index(address)])
    match = place_of_address(address, first, stored, lambda *_: b"", shapes=(), now=now)
    to = match.incident
    if match.is_new:
        to.save(force_insert=True)
    if to.pk == incident.pk:
        return
    for stray in strays:
        _give_sighting(stray, address, to, match.merged_from, now=now)
    # Which of its reports has the sealed tick is not known.
    may_be_urgent = incident.is_open_to_review and incident.priority >= URGENT
    _take_facts(to, reports, is_known=match.is_known, may_be_urgent=may_be_urgent, now=now)
    details: dict[str, JSON] = {"from": str(incident.pk), "count": len(strays), "reason": "rules"}
    record_act("split", to, by=None, now=now, details=details)


def _give_sighting(
    stray: _Stray, address: Address, to: Incident, merged_from: Incident | None, *, now: datetime
) -> None:
    sighting = stray.sighting
    spelt = [open_form(variant) for variant in stray.addresses if variant.key == address.key]
    existing = to.sightings.filter(report=sighting.report_id).first()
    moves = not stray.stays and address.key == stray.addresses[0].key
    if existing is None and moves:
        Question.objects.filter(incident=sighting.incident_id, report=sighting.report_id).update(incident=to)
        existing, sighting.incident, sighting.merged_from = sighting, to, merged_from
    elif existing is None:
        existing = Sighting(
            incident=to,
            report=sighting.report,
            portal_id=sighting.portal_id,
            referrer_fingerprint=sighting.referrer_fingerprint,
            merged_from=merged_from,
        )
    elif moves:
        Question.objects.filter(incident=sighting.incident_id, report=sighting.report_id).update(incident=to)
        sighting.delete()
        spelt = [*contents.intake_spellings(existing), *spelt]
    storing.seal_spellings(existing, dict.fromkeys(spelt), now=now)
    existing.round, existing.shares_verdict = to.round, shares_verdict_of(existing.merged_from)
    existing.save()
    if not is_answered(to, latest_hour_of(existing.report)):
        wait_for_next_round(to, existing, now=now)


def _take_facts(to: Incident, reports: list[Report], *, is_known: bool, may_be_urgent: bool, now: datetime) -> None:
    hours = [report.received_hour for report in reports]
    to.first_sighted, to.last_sighted = min(to.first_sighted, *hours), max(to.last_sighted, *hours)
    in_danger = any(Fact.CHILD_IN_DANGER in report.facts for report in reports)
    if is_known and to.reopens_at is not None and to.reopens_at <= now:
        return_to_queue(to, now=now)
    if to.is_open_to_review:
        to.child_in_danger = to.child_in_danger or in_danger
        if not is_known:
            # It waits from now on: it was never shown.
            to.waiting_since = the_hour(now)
        facts = sorted({fact for report in reports for fact in report.facts})
        set_priority(to, facts=facts, urgent=may_be_urgent)
        if in_danger:
            raise_alarm(AlarmKind.DANGER)
    fields = leave_batch(to)
    save_incident(
        to, *fields, "first_sighted", "last_sighted", "waiting_since", "child_in_danger", "priority", "priority_reasons"
    )
