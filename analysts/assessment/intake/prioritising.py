"""Sets an incident's priority from everything known about it."""

from collections.abc import Collection, Iterable

from analysts.codes import Fact
from analysts.incidents.priority import URGENT, compute_priority
from analysts.models import Incident, Report

# At most this many reports of an incident are read for their facts.
MOST_REPORTS = 50


def set_priority(incident: Incident, *, facts: Collection[str] = (), urgent: bool = False) -> None:
    """Set priority and reasons on the instance; the caller saves them. `facts`: those of the latest report.

    `urgent`: it has a sealed tick. An incident that is URGENT stays so until it is decided and reopened.
    """
    all_facts = {fact for facts in _facts_of(incident) for fact in facts} | {*facts, *incident.priority_reasons}
    incident.priority, incident.priority_reasons = compute_priority(
        facts=all_facts if incident.child_in_danger else all_facts - {Fact.CHILD_IN_DANGER},
        address_kind=incident.address_kind,
        reports=incident.sightings.all()[:2].count(),
        known_site=_is_site_known(incident),
        reopened=incident.round > 1,
        alike=bool(incident.flood),
        urgent=urgent or incident.priority == URGENT,
    )


def _facts_of(incident: Incident) -> Iterable[list[str]]:
    """The facts ticked in at most MOST_REPORTS reports, so that the cost does not grow with their number.

    The caller adds the facts of the latest report, and the reasons that raised the priority before.
    """
    report_ids = incident.sightings.order_by().values("report_id")[:MOST_REPORTS]
    return Report.objects.filter(pk__in=report_ids).exclude(facts=[]).values_list("facts", flat=True)


def _is_site_known(incident: Incident) -> bool:
    if not incident.site_fingerprint:
        return False
    # Only decided incidents: a priority reason must not reveal a first review to the second reviewer.
    decided = Incident.objects.filter(site_fingerprint=incident.site_fingerprint).exclude(severity="")
    return decided.exclude(pk=incident.pk).exists()
