"""What was decided about an incident."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from analysts.codes import AgeBand, Commerciality, Flag, Reason, Severity, Sex, SiteType, Verdict
from analysts.harmless import harmless
from analysts.models import Assessment, Hold, Incident, Referral, User

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the incident's history."""

    at: datetime
    by: User
    what: str
    details: list[str]


def history(incident: Incident) -> list[Entry]:
    """Assessments, referrals and legal holds, newest first."""
    assessments = incident.assessments.select_related("by").order_by("-at")[:MOST_LISTED]
    referrals = incident.referrals.select_related("by").order_by("-at")[:MOST_LISTED]
    holds = incident.holds.select_related("by", "released_by").order_by("-at")[:MOST_LISTED]
    entries = [
        *map(assessed, assessments),
        *map(referred, referrals),
        *(entry for hold in holds for entry in held(hold)),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST_LISTED]


def assessed(assessment: Assessment) -> Entry:
    return Entry(
        at=assessment.at,
        by=assessment.by,
        what=str(Verdict(assessment.verdict).label),
        details=[str(code.label) for code in codes(assessment)],
    )


def codes(assessment: Assessment) -> Iterator[TextChoices]:
    """What the assessment says beyond its verdict; what was left open is left out."""
    if assessment.severity:
        yield Severity(assessment.severity)
        yield AgeBand(assessment.age_band)
        yield Sex(assessment.sex)
    if assessment.reason:
        yield Reason(assessment.reason)
    if assessment.site_type != SiteType.NOT_DETERMINED:
        yield SiteType(assessment.site_type)
    if assessment.commerciality != Commerciality.NOT_DETERMINED:
        yield Commerciality(assessment.commerciality)
    yield from map(Flag, assessment.flags)


def referred(referral: Referral) -> Entry:
    return Entry(
        at=referral.at,
        by=referral.by,
        what=referral.get_kind_display(),
        details=[harmless(referral.addressee)],
    )


def held(hold: Hold) -> Iterator[Entry]:
    yield Entry(at=hold.at, by=hold.by, what=_("put under legal hold"), details=[hold.get_reason_display()])
    if hold.released_at and hold.released_by:
        yield Entry(at=hold.released_at, by=hold.released_by, what=_("legal hold released"), details=[])
