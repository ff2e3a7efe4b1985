"""Seals the addresses that measured pages show, so that unsealing is part of their cost."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from analysts.incidents import sealing_contexts
from analysts.incidents.contents import storing
from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.models import Incident, IncidentKind, Report
from reports import keys, sealing
from reports.models import Arrival, KeyClass, Submission, SubmissionKind

ADDRESS = "https://images.example.org/gallery/{id}/placeholder.html?page=2"
NOTIFIED = {"description": "A gallery that was shared in a public group.", "seen_on": "yesterday"}


def seal_addresses(incidents: Iterable[Incident], *, now: datetime) -> None:
    """Seal an address of usual length into each incident that has one."""
    sealed = [incident for incident in incidents if incident.kind == IncidentKind.ADDRESS]
    for incident in sealed:
        address = ADDRESS.format(id=incident.pk)
        storing.set_address(incident, OpenAddress(address, address), now=now)
    Incident.objects.bulk_update(sealed, ["key", "sealed_address", "sealed_mask"], batch_size=200)


def write_envelopes(reports: Sequence[Report], *, now: datetime) -> None:
    """Two envelopes for each report: the addresses, and the details that followed."""
    key = keys.public_key(now, KeyClass.WORDS)
    for report in reports:
        for kind, words in (
            (SubmissionKind.REPORT, {"addresses": ADDRESS.format(id="1")}),
            (SubmissionKind.DETAILS, NOTIFIED),
        ):
            envelope = Submission(
                receipt_id=report.pk,
                kind=kind,
                portal_id=report.portal_id,
                language=report.language,
                received_hour=report.received_hour,
                key_id=key.id,
                digest=f"{kind}".encode(),
            )
            envelope.sealed = sealing.seal_json(words, to=key, info=sealing_contexts.submission_info(envelope))
            envelope.save()
    # Taken in already, so without an `Arrival`.
    Arrival.objects.all().delete()
