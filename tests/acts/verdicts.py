"""Verdicts of analysts on incidents that they hold."""

from analysts.assessment import actions
from analysts.codes import AgeBand, Reason, Severity, Sex, Verdict, VerdictBasis
from analysts.models import Assessment, Incident, User


def assess_as_illegal(by: User, incident: Incident) -> Assessment:
    return actions.assess(
        by=by,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.ILLEGAL,
        basis=VerdictBasis.SEEN,
        severity=Severity.C,
        age_band=AgeBand.AGE_11_13,
        sex=Sex.GIRLS,
    )


def assess_as_not_found(by: User, incident: Incident) -> Assessment:
    return actions.assess(
        by=by,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.NOT_ASSESSED,
        reason=Reason.CONTENT_NOT_FOUND,
    )
