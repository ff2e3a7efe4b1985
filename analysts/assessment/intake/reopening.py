"""Which reports the decision on a closed incident answers, and when a later report reopens the incident.

A decision answers the reports received before it. A later report, even of the same hour, may be about content that was
put there since: its incident is reopened, and until the next decision its receipt does not show the earlier one.
"""

from datetime import datetime, timedelta

from analysts.codes import Closing, Verdict
from analysts.models import Assessment, Incident, Report, Sighting
from analysts.states import State
from countries.decided_settings import number_in_force
from reports.addresses import AddressKind

# Verdicts about content that was seen and is no case for the hotline. Reports of such an address are the easiest to
# repeat, so they reopen it at most once in REOPEN_DAYS.
CLEARED = (Verdict.NOT_ILLEGAL, Verdict.OUTSIDE_REMIT)
# Received times are cut to the hour.
HOUR = timedelta(hours=1)


def decided_at(incident: Incident) -> datetime | None:
    """When the incident was closed by a decision that later reports put in doubt; None if there is none.

    An incident closed because no further action is possible is illegal: its later reports need no other assessment.
    """
    if incident.state != State.CLOSED:
        return None
    match incident.closing:
        case Closing.GONE:
            return incident.known_chases[-1].ended_at if incident.known_chases else None
        case Closing.NOT_ACTIONED:
            latest = incident.assessments.in_force().first()
            return latest.at if latest else None
    return None


def is_account(incident: Incident) -> bool:
    """Whether it is the incident of an account: words about it were read, and it was not seen."""
    return incident.address_kind == AddressKind.ACCOUNT


def is_answered(incident: Incident, received_hour: datetime) -> bool:
    """Whether the decision on the incident, if it is closed, answers what was received in this hour and added now.

    One on an account answers only reports that were read before it.
    """
    at = decided_at(incident)
    return at is None or (received_hour + HOUR <= at and not is_account(incident))


def latest_hour_of(report: Report) -> datetime:
    """The hour of the report's latest envelope, which may be the one that names an address."""
    latest = report.receipt.submissions.order_by("-received_hour").first()
    return latest.received_hour if latest else report.received_hour


def may_reopen_at(incident: Incident, *, now: datetime) -> datetime:
    """When a report that came after the decision may reopen the closed incident: now, or REOPEN_DAYS after the last
    reopening if its content was seen and cleared then."""
    latest = incident.assessments.in_force().first()
    if incident.round == 1 or latest is None or latest.verdict not in CLEARED:
        return now
    return max(now, incident.waiting_since + timedelta(days=number_in_force("REOPEN_DAYS")))


def wait_for_next_round(incident: Incident, sighting: Sighting, *, now: datetime) -> None:
    """Leave the report of the sighting to the next round of its closed incident, which is reopened when it may be."""
    sighting.round = incident.round + 1
    sighting.save(update_fields=["round"])
    reopens_at = may_reopen_at(incident, now=now)
    incident.reopens_at = min(incident.reopens_at or reopens_at, reopens_at)
    incident.save(update_fields=["reopens_at"])


def answer_waiting_reports(incident: Incident) -> list[str]:
    """Let the current round answer the reports that waited for the next one: a decision was undone and made again.

    Returns the fields of the incident to save.
    """
    if incident.reopens_at is None:
        return []
    incident.sightings.filter(round__gt=incident.round).update(round=incident.round)
    incident.reopens_at = None
    return ["reopens_at"]


def earlier_verdict(incident: Incident) -> Assessment | None:
    """The verdict of the last round, if it cleared the content and the incident was reopened; None otherwise."""
    if incident.round == 1 or not incident.is_open_to_review:
        return None
    assessment = incident.assessments.in_force().filter(round__lt=incident.round).first()
    return (
        assessment
        if assessment is not None and assessment.round == incident.round - 1 and assessment.verdict in CLEARED
        else None
    )
