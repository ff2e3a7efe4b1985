"""Entering an address that staff found, or received by other means than a public report."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.accounts.alarms import raise_alarm
from analysts.assessment.actions.outcomes import return_to_queue
from analysts.assessment.intake.incident_matching import keep_address, open_form
from analysts.assessment.intake.prioritising import set_priority
from analysts.assessment.intake.reopening import decided_at, may_reopen_at
from analysts.assessment.permissions import check_can_enter
from analysts.codes import EntryOrigin, Fact, IncidentKind
from analysts.incidents.actions import write_note
from analysts.incidents.contents import storing
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import HOTLINE, AlarmKind, EnteredAddress, Incident, User
from analysts.models.incident_queries import LOWEST
from audit.actions import record_event
from countries.models import Portal
from reports.addresses import Address
from reports.models import the_hour


@transaction.atomic
def enter_address(
    *,
    by: User,
    address: Address,
    origin: EntryOrigin,
    portal: Portal | None,
    in_danger: bool = False,
    note: str = "",
    now: datetime | None = None,
) -> Incident:
    """Enter the address for one of the portals of `by`, or for the hotline (None); returns its incident.

    As for a report, a known address keeps its incident, which is reopened if it was decided before. Nothing is counted
    as a report, and no receipt changes.
    """
    now = now or timezone.now()
    check_can_enter(by, portal)
    incident = _match_incident(address, portal, now=now)
    EnteredAddress.objects.bulk_create(
        [
            EnteredAddress(
                incident=incident, portal=portal, origin=origin, by=by, entered_hour=the_hour(now), in_danger=in_danger
            )
        ],
        ignore_conflicts=True,
    )
    _review_again(incident, in_danger=in_danger, now=now)
    if note:
        write_note(incident, by=by, text=note, now=now)
    if in_danger:
        raise_alarm(AlarmKind.DANGER, now=now)
    record_event(
        by=by,
        action="incident.enter",
        on=incident,
        portal=portal.slug if portal else "",
        details={"origin": str(origin), "in_danger": in_danger, "characters": len(note)},
        at=now,
    )
    return incident


def enter_imported(address: Address, portal: Portal | None, *, by: User, now: datetime) -> Incident:
    """Put an open case of a former system in the queue; returns its incident.

    Unlike `enter_address` it reopens nothing and is no event of its own: the caller records all cases at once, and has
    found no incident of the address. One that has come meanwhile keeps its state.
    """
    incident = _match_incident(address, portal, now=now)
    entry = EnteredAddress(
        incident=incident, portal=portal, origin=EntryOrigin.IMPORTED, by=by, entered_hour=the_hour(now)
    )
    EnteredAddress.objects.bulk_create([entry], ignore_conflicts=True)
    if incident.is_open_to_review:
        set_priority(incident)
        incident.save(update_fields=["priority", "priority_reasons"])
    return incident


def _match_incident(address: Address, portal: Portal | None, *, now: datetime) -> Incident:
    """The locked incident of the address, or the one that it was merged into; a new one if there is none."""
    index, incident_id, hour = compute_fingerprint("address", address.key), uuid.uuid4(), the_hour(now)
    locked = Incident.objects.select_for_update(of=("self",)).select_related("key")
    existing = locked.filter(fingerprint=index).first()
    if existing is None:
        Incident.objects.get_or_create(
            fingerprint=index,
            defaults={
                "id": incident_id,
                "kind": IncidentKind.ADDRESS,
                "address_kind": address.kind,
                "site_fingerprint": compute_fingerprint("site", address.site) if address.site else b"",
                "host_fingerprint": compute_fingerprint("host", address.host) if address.host else b"",
                **storing.seal_address(incident_id, open_form(address), now=now),
                "portals": [portal.pk if portal else HOTLINE],
                "first_sighted": hour,
                "last_sighted": hour,
                "waiting_since": hour,
                "priority": LOWEST + 1,
            },
        )
        existing = locked.get(fingerprint=index)
    keep_address(existing, address, now=now)
    return existing if existing.merged_into_id is None else locked.get(pk=existing.merged_into_id)


def _review_again(incident: Incident, *, in_danger: bool, now: datetime) -> None:
    """Reopen a decided incident as a report would, and set its priority."""
    incident.last_sighted = max(incident.last_sighted, the_hour(now))
    incident.child_in_danger = incident.child_in_danger or in_danger
    if not incident.is_open_to_review and (in_danger or decided_at(incident)):
        reopens_at = now if in_danger else may_reopen_at(incident, now=now)
        if reopens_at <= now:
            return_to_queue(incident, now=now)
        else:
            incident.reopens_at = min(incident.reopens_at or reopens_at, reopens_at)
    if incident.is_open_to_review:
        # A member of staff named it: it needs an individual review, so it leaves its flood.
        incident.flood = b""
        set_priority(incident, facts=[Fact.CHILD_IN_DANGER] if in_danger else [])
    changed = ["last_sighted", "child_in_danger", "reopens_at", "flood", "priority", "priority_reasons"]
    incident.save(update_fields=changed)
