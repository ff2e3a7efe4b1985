"""Factories for reports, incidents and assessments, which go through sealing and intake as in production."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.intake import run as intake
from analysts.codes import AgeBand, Flag, Reason, Severity, Sex, Verdict, VerdictBasis
from analysts.models import Assessment, BulkClosing, FloodSample, Incident, Report, User
from countries.models import Portal
from reports import receipts
from tests.rig.fixtures import send_report


def report_of(
    portal: Portal,
    addresses: str = "https://example.org/gallery",
    *,
    now: datetime | None = None,
    **sent: Any,
) -> Report:
    """A report after intake. `sent`: arguments of `send_report`."""
    code = send_report(portal, addresses, now=now, **sent)
    intake.take_in(now=now)
    return Report.objects.get(pk=receipts.derive_credentials(code).receipt_id)


def incident_of(
    portal: Portal,
    addresses: str = "https://example.org/gallery",
    *,
    now: datetime | None = None,
    **sent: Any,
) -> Incident:
    """The waiting incident of a new report that names one address."""
    return Incident.objects.get(sightings__report=report_of(portal, addresses, now=now, **sent))


def claimed(incident: Incident, by: User, *, now: datetime | None = None) -> Incident:
    return actions.claim(by=by, incident=incident, now=now)


def assessed_illegal(
    incident: Incident,
    by: User,
    *,
    now: datetime | None = None,
    flags: Sequence[Flag] = (),
    basis: VerdictBasis = VerdictBasis.SEEN,
    severity: Severity = Severity.C,
) -> Assessment:
    incident = claimed(incident, by, now=now)
    return actions.assess(
        by=by,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.ILLEGAL,
        severity=severity,
        age_band=AgeBand.AGE_11_13 if severity.row.shows_child else "",
        sex=Sex.GIRLS if severity.row.shows_child else "",
        flags=[*flags, *([Flag.DRAWN] if severity == Severity.PROHIBITED else [])],
        basis=basis,
        now=now,
    )


def assessed_not_found(incident: Incident, by: User, *, now: datetime | None = None) -> Assessment:
    incident = claimed(incident, by, now=now)
    return actions.assess(
        by=by,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.NOT_ASSESSED,
        reason=Reason.CONTENT_NOT_FOUND,
        now=now,
    )


def sample_of(incident: Incident, by: User) -> FloodSample:
    """A sample of this one incident, not opened yet."""
    flood, now = bytes(incident.flood), timezone.now()
    sample = FloodSample.objects.create(flood=flood, by=by, at=now, seed=bytes(32), population=[incident.pk])
    sample.items.create(incident=incident)
    return sample


def closed_in_bulk(incident: Incident, by: User) -> BulkClosing:
    """A closing of many that has only this incident, whose sample was opened. The incident itself stays as it is."""
    sample, now = sample_of(incident, by), timezone.now()
    sample.items.update(opened_at=now)
    decision: dict[str, Any] = {"by": by, "at": now, "verdict": Verdict.NOT_ILLEGAL, "reason": Reason.OTHER}
    closing = BulkClosing.objects.create(flood=sample.flood, number=1, sample=sample, **decision)
    sample.ended_at = now
    sample.save(update_fields=["ended_at"])
    Assessment.objects.create(incident=incident, bulk=closing, **decision)
    return closing


def assessed_cleared(
    incident: Incident,
    by: User,
    *,
    verdict: Verdict = Verdict.NOT_ILLEGAL,
    reason: Reason = Reason.VIRTUAL,
    now: datetime | None = None,
) -> Assessment:
    """Content that was seen and is no case for the hotline."""
    held = claimed(incident, by, now=now)
    return actions.assess(by=by, incident=held, fence=held.fence, verdict=verdict, reason=reason, now=now)
