"""The rows of a report: itself, and a sighting for each incident that it names."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from analysts.assessment.intake.envelope_reading import ReceiptContents
from analysts.assessment.intake.incident_matching import IncidentMatch, add_spellings, open_form, shares_verdict_of
from analysts.incidents import contents
from analysts.incidents.locking import lock_in_order
from analysts.models import Incident, Report, Sighting
from reports.models import Submission, SubmissionKind


def report_of_envelopes(submissions: list[Submission], receipt: ReceiptContents) -> Report:
    """The receipt's report, as these envelopes alone give it.

    Portal and language are those of the report envelope if there is one; the hour is the earliest of all envelopes.
    """
    first = min(
        submissions, key=lambda submission: (submission.kind != SubmissionKind.REPORT, submission.received_hour)
    )
    return Report(
        receipt_id=first.receipt_id,
        portal_id=first.portal_id,
        language=first.language,
        received_hour=min(submission.received_hour for submission in submissions),
        facts=sorted(map(str, receipt.facts | receipt.ticked)),
        # From the database's row, not from the envelope: `run` reads it with the submission.
        source_id=getattr(first, "of_source", None),
    )


def insert_report(report: Report) -> bool:
    """Store the report, unless its receipt has one already; returns whether it was stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO analysts_report (receipt_id, portal_id, language, received_hour, facts, source_id, unpublished)
            VALUES (%s, %s, %s, %s, %s, %s, true) ON CONFLICT (receipt_id) DO NOTHING
            """,
            [
                *(report.receipt_id, report.portal_id, report.language, report.received_hour, report.facts),
                report.source_id,
            ],
        )
        return bool(cursor.rowcount)


def supplement_report(report: Report, receipt: ReceiptContents, most: int) -> tuple[Report, dict[uuid.UUID, Sighting]]:
    """Add the facts and the hour of further envelopes to the stored report; returns it and its sightings by incident.

    Cuts the items of `receipt` to the room that the sightings leave of `most`.
    """
    # Locks incidents before their reports, as staff actions do, so that intake and an analyst cannot deadlock.
    lock_in_order(Incident.objects.filter(sightings__report=report.pk))
    stored = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    sightings = {sighting.incident_id: sighting for sighting in stored.sightings.select_related("incident")}
    receipt.cut_items(max(0, most - len(sightings)))
    stored.facts = sorted({*stored.facts, *receipt.facts, *receipt.ticked})
    stored.received_hour = min(stored.received_hour, report.received_hour)
    stored.unpublished = True
    stored.save(update_fields=["facts", "unpublished", "received_hour"])
    return stored, sightings


def record_sightings(
    report: Report,
    referrer: bytes,
    places: Iterable[IncidentMatch],
    sightings: dict[uuid.UUID, Sighting],
    *,
    now: datetime,
) -> dict[uuid.UUID, IncidentMatch]:
    """Add the sightings of these incidents to `sightings`, by incident; returns the matches that the report names for
    the first time.

    Sightings of new incidents are not stored yet: they follow their incidents. `referrer`: that of these envelopes.
    """
    before = dict(sightings)
    new = {place.incident.pk: place for place in places if _record_sighting(place, report, sightings, now=now)}
    earlier = (bytes(sighting.referrer_fingerprint) for sighting in before.values())
    if referrer := referrer or (next(filter(None, earlier), b"") if new else b""):
        for sighting in sightings.values():
            sighting.referrer_fingerprint = sighting.referrer_fingerprint or referrer
        if before:
            report.sightings.filter(referrer_fingerprint=b"").update(referrer_fingerprint=referrer)
    of_new_incidents = {pk for pk, place in new.items() if place.is_new}
    Sighting.objects.bulk_create(
        sighting for pk, sighting in sightings.items() if pk not in before and pk not in of_new_incidents
    )
    return new


def _record_sighting(
    place: IncidentMatch, report: Report, sightings: dict[uuid.UUID, Sighting], *, now: datetime
) -> bool:
    """Note in `sightings` that the report names the incident, and how it writes the address; False if it named it
    before.

    A report that names a merged address beside another of the same incident has a sighting of each, as after a merge.
    """
    incident, merged_from = place.incident, place.merged_from
    sighting = sightings.get(incident.pk)
    is_new = is_named_first = sighting is None
    if sighting and merged_from and sighting.merged_from_id != merged_from.pk:
        incident, merged_from = merged_from, None
        sighting = sightings.get(incident.pk)
        is_new = sighting is None
    sighting = sighting or Sighting(
        incident=incident,
        report=report,
        portal_id=report.portal_id,
        merged_from=merged_from,
        round=incident.round,
        is_repeat=place.is_known,
        shares_verdict=shares_verdict_of(place.merged_from),
    )
    sightings[incident.pk] = sighting
    if place.spellings:
        named = place.merged_from or place.incident
        first = open_form(place.spellings[0]) if place.is_new else contents.intake_address(named)
        changed = add_spellings(sighting, place.spellings, of_incident=first, now=now)
        if changed and not is_new:
            sighting.save(update_fields=changed)
    return is_named_first
