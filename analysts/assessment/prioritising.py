"""An incident's priority weighed from everything known about it."""

from collections.abc import Collection, Iterable

from analysts.codes import Closing, Fact, Verdict
from analysts.incidents.priority import compute_priority
from analysts.models import Incident, Report
from analysts.states import State

# So many reports say all there is to say about one incident.
MOST_REPORTS = 50


def set_priority(incident: Incident, *, facts: Collection[str] = ()) -> None:
    """Set priority and reasons on the instance; the caller saves them. `facts`: what the latest report says."""
    told = {fact for facts in _facts_of(incident) for fact in facts} | {*facts, *incident.priority_reasons}
    incident.priority, incident.priority_reasons = compute_priority(
        facts=told if incident.child_in_danger else told - {Fact.CHILD_IN_DANGER},
        address_kind=incident.address_kind,
        reports=incident.sightings.all()[:2].count(),
        known_site=_is_site_known(incident),
        reopened=incident.round > 1,
        alike=bool(incident.flood),
    )


def _facts_of(incident: Incident) -> Iterable[list[str]]:
    """What was ticked in some reports: the cost of one more must not grow with those there are.

    Beyond MOST_REPORTS the caller has what the latest one says, and by its reasons what raised the priority before.
    """
    some = incident.sightings.order_by().values("report_id")[:MOST_REPORTS]
    return Report.objects.filter(pk__in=some).exclude(facts=[]).values_list("facts", flat=True)


def may_be_back(incident: Incident, report: Report) -> bool:
    """Whether a report received after the decision says that something is there which was not there then."""
    if incident.state != State.CLOSED or incident.closed_on is None:
        return False
    if incident.closing == Closing.GONE and (chases := incident.known_chases) and (ended_at := chases[-1].ended_at):
        # Put up again within hours.
        return report.received_hour > ended_at
    if report.received_hour.date() <= incident.closed_on:
        return False
    latest = incident.assessments.standing().first()
    return incident.closing == Closing.GONE or (latest is not None and latest.verdict == Verdict.NOT_ASSESSED)


def _is_site_known(incident: Incident) -> bool:
    if not incident.site_fingerprint:
        return False
    # Only what is decided: a first look that somebody else is to be blind to must not show through a reason.
    decided = Incident.objects.filter(site_fingerprint=incident.site_fingerprint).exclude(severity="")
    return decided.exclude(pk=incident.pk).exists()
