"""Changes by new envelopes of the incidents that their report names: flood, priority and round."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Prefetch

from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake.envelope_reading import ReceiptContents
from analysts.assessment.intake.incident_matching import FloodOf, IncidentMatch, extend_pattern, waiting_hour
from analysts.assessment.intake.prioritising import set_priority
from analysts.assessment.intake.reopening import is_account, is_answered, may_reopen_at, wait_for_next_round
from analysts.assessment.publishing import EVIDENCE, facts_of
from analysts.codes import Fact
from analysts.models import Incident, Report, Sighting
from analysts.states import State
from reports.models import the_hour
from reports.outcomes import public_state


def update_incidents(
    report: Report,
    receipt: ReceiptContents,
    new: Mapping[uuid.UUID, IncidentMatch],
    sightings: Iterable[Sighting],
    latest_hour: datetime,
    flood_of: FloodOf,
    *,
    is_unread: bool,
    now: datetime,
) -> bool:
    """Update flood, priority and round of the report's incidents, and store the new ones; returns whether the danger
    alert must go out.

    `new`: the matches of incidents that the report names for the first time. `sightings`: all of its incidents that
    are not merged. `is_unread`: one of them must be reopened, so that the text is read.
    """
    reviewed = _pks_to_review(report) if receipt.asks_again else frozenset()
    is_unread &= not reviewed
    # Ticked now, even if it was ticked and assessed before; an answer, which has no tick, raises nothing again.
    danger_is_new = Fact.CHILD_IN_DANGER in receipt.ticked
    was_raised = False
    for sighting in sightings:
        incident, place = sighting.incident, new.get(sighting.incident_id)
        is_late = place is not None and not is_answered(place.incident, latest_hour)
        if sighting.pk in reviewed:
            is_late |= incident.state == State.CLOSED
            sighting.asked_again, sighting.round = True, incident.round
            sighting.save(update_fields=["asked_again", "round"])
        in_danger = danger_is_new or (place is not None and Fact.CHILD_IN_DANGER in report.facts)
        review_again = is_unread or (is_late and may_reopen_at(incident, now=now) <= now)
        # The words about an account are the report: each is read, also after a verdict. So is a sealed tick.
        review_again |= receipt.is_urgent or (is_account(incident) and receipt.has_words)
        # Reopening one incident is enough for the text to be read.
        is_unread = False
        _update_flood(incident, place, receipt.shapes, flood_of)
        # A flood that is closed and repeated stays a flood.
        is_repeated = place is not None and is_late and floods.is_reported_again(incident, place.pattern, report)
        decided_round = incident.round
        if receipt.is_urgent and incident.flood and floods.is_believed_urgent(incident):
            incident.flood = b""
        was_raised |= _reprioritise_incident(
            incident,
            report,
            in_danger=in_danger,
            is_urgent=receipt.is_urgent,
            review_again=review_again,
            is_repeated=is_repeated,
            is_new=place is not None and place.is_new,
            now=now,
        )
        if incident.round != decided_round:
            # The round that this receipt has opened answers what it says now.
            sighting.round = incident.round
            sighting.save(update_fields=["round"])
        elif is_late:
            wait_for_next_round(incident, sighting, now=now)
    return danger_is_new and was_raised


def _pks_to_review(report: Report) -> frozenset[uuid.UUID]:
    """The sightings of the report that were closed for a reason at which its reporter may ask to look again."""
    evidence = Prefetch("incident", Incident.objects.prefetch_related(*EVIDENCE))
    reasons = {row.pk: public_state(facts_of(row))[1] for row in report.sightings.prefetch_related(evidence)}
    return frozenset(pk for pk, reason in reasons.items() if reason and reason.row.may_look_again)


def _update_flood(incident: Incident, place: IncidentMatch | None, shapes: list[str], flood_of: FloodOf) -> None:
    """Take an incident out of its flood if a report says of it what the flood's pattern does not contain.

    `place`: set if the report names the incident for the first time; otherwise `shapes` is new. A report that is
    similar to many others in this as well moves the incident to their flood. The caller saves the instance.
    """
    if not (incident.flood and incident.is_open_to_review):
        return
    if place is not None:
        if place.pattern != incident.shape:
            incident.flood = b""
    elif shapes:
        incident.shape = extend_pattern(bytes(incident.shape), shapes)
        incident.flood = flood_of(bytes(incident.shape), bytes(incident.site_fingerprint))


def _reprioritise_incident(
    incident: Incident,
    report: Report,
    *,
    in_danger: bool,
    is_urgent: bool,
    review_again: bool,
    is_repeated: bool,
    is_new: bool,
    now: datetime,
) -> bool:
    """Set the priority from everything known; reopen a decided incident if the new report calls for another review.

    Returns whether the danger alert must include the incident. In a flood only the first few incidents rise to the top,
    so that a tick cannot raise all of it. Every incident keeps its tick, and the first one that waits within the flood
    is included in the alert too.
    """
    incident.last_sighted = max(incident.last_sighted, report.received_hour)
    if in_danger and incident.flood and floods.is_believed(incident):
        incident.flood = b""
    stays_in = b""
    if in_danger or is_urgent or is_repeated:
        stays_in = bytes(incident.flood) if incident.is_open_to_review else floods.flood_to_return_to(incident)
    is_news = in_danger and not (stays_in and floods.tells_of_danger(stays_in))
    changed = ["last_sighted", "child_in_danger", "priority", "priority_reasons", "shape", "flood", "waiting_since"]
    if in_danger or review_again:
        incident.child_in_danger = incident.child_in_danger or in_danger
        if not incident.is_open_to_review:
            actions.return_to_queue(incident, now=now)
            # return_to_queue() cleared the flood, which would raise the incident to the top.
            incident.flood = stays_in
            incident.waiting_since = waiting_hour(report, since=incident.waiting_since)
        changed += actions.leave_batch(incident)
    if incident.waiting_since > the_hour(now):
        # Reported by a source that comes later, and now again.
        incident.waiting_since = min(incident.waiting_since, waiting_hour(report, since=report.received_hour))
    if incident.is_open_to_review:
        set_priority(incident, facts=report.facts, urgent=is_urgent, is_new=is_new)
    if is_new:
        incident.save(force_insert=True)
    else:
        incident.save(update_fields=changed)
    return is_news
