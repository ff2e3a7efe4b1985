"""Sets an incident's priority from everything known about it."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time

from analysts.codes import Closing, Fact, Verdict
from analysts.incidents.priority import compute_priority
from analysts.models import Assessment, Incident, Report
from analysts.states import State
from reports.models import the_hour

# At most this many reports of an incident are read for their facts.
MOST_REPORTS = 50


def set_priority(incident: Incident, *, facts: Collection[str] = ()) -> None:
    """Set priority and reasons on the instance; the caller saves them. `facts`: those of the latest report."""
    known = {fact for facts in _facts_of(incident) for fact in facts} | {*facts, *incident.priority_reasons}
    incident.priority, incident.priority_reasons = compute_priority(
        facts=known if incident.child_in_danger else known - {Fact.CHILD_IN_DANGER},
        address_kind=incident.address_kind,
        reports=incident.sightings.all()[:2].count(),
        known_site=_is_site_known(incident),
        reopened=incident.round > 1,
        alike=bool(incident.flood),
    )


def _facts_of(incident: Incident) -> Iterable[list[str]]:
    """The facts ticked in at most MOST_REPORTS reports, so that the cost does not grow with their number.

    The caller adds the facts of the latest report, and the reasons that raised the priority before.
    """
    some = incident.sightings.order_by().values("report_id")[:MOST_REPORTS]
    return Report.objects.filter(pk__in=some).exclude(facts=[]).values_list("facts", flat=True)


def may_be_back(incident: Incident, report: Report) -> bool:
    """Whether a report received after the decision suggests content that was not there at the time.

    Reports only have their hour. One of the hour of the closing counts as later: an extra review loses nothing.
    """
    if incident.state != State.CLOSED or incident.closed_on is None:
        return False
    latest = incident.assessments.in_force().first()
    if incident.closing != Closing.GONE and (latest is None or latest.verdict != Verdict.NOT_ASSESSED):
        return False
    return report.received_hour >= _closing_hour(incident, incident.closed_on, latest)


def _closing_hour(incident: Incident, closed_on: date, latest: Assessment | None) -> datetime:
    """The hour in which the incident was closed; the first of its day where only the day is known."""
    ended_at = incident.known_chases[-1].ended_at if incident.known_chases else None
    closed_at = ended_at if incident.closing == Closing.GONE and ended_at else latest and latest.at
    return the_hour(closed_at) if closed_at else datetime.combine(closed_on, time(), UTC)


def _is_site_known(incident: Incident) -> bool:
    if not incident.site_fingerprint:
        return False
    # Only decided incidents: a priority reason must not reveal a first review to the second reviewer.
    decided = Incident.objects.filter(site_fingerprint=incident.site_fingerprint).exclude(severity="")
    return decided.exclude(pk=incident.pk).exists()
