"""Sets an incident's priority from everything known about it."""

from collections.abc import Collection

from django.db import connection

from analysts.codes import Fact
from analysts.incidents.priority import URGENT, compute_priority
from analysts.models import Incident, Report

# At most this many reports of an incident are read for their facts.
MOST_REPORTS = 50


def set_priority(
    incident: Incident, *, facts: Collection[str] = (), urgent: bool = False, is_new: bool = False
) -> None:
    """Set priority and reasons on the instance; the caller saves them. `facts`: those of the latest report.

    `urgent`: it has a sealed tick. An incident that is URGENT stays so until it is decided and reopened.
    `is_new`: it is not stored yet, and has one report.
    """
    facts_of_reports: list[list[str]] = [[]] if is_new else _facts_of(incident)
    all_facts = {fact for facts in facts_of_reports for fact in facts} | {*facts, *incident.priority_reasons}
    incident.priority, incident.priority_reasons = compute_priority(
        facts=all_facts if incident.child_in_danger else all_facts - {Fact.CHILD_IN_DANGER},
        address_kind=incident.address_kind,
        reports=len(facts_of_reports),
        known_site=_is_site_known(incident),
        reopened=incident.round > 1,
        alike=bool(incident.flood),
        urgent=urgent or incident.priority == URGENT,
    )


def _facts_of(incident: Incident) -> list[list[str]]:
    """The facts ticked in each of at most MOST_REPORTS reports, so that the cost does not grow with their number.

    The caller adds the facts of the latest report, and the reasons that raised the priority before.
    """
    report_ids = incident.sightings.order_by().values("report_id")[:MOST_REPORTS]
    return list(Report.objects.filter(pk__in=report_ids).values_list("facts", flat=True))


def _is_site_known(incident: Incident) -> bool:
    """Whether another incident of the site has an illegal verdict.

    Only decided incidents: a priority reason must not reveal a first review to the second reviewer.
    """
    site = bytes(incident.site_fingerprint)
    if not site:
        return False
    with connection.cursor() as cursor:
        # The next site in the partial index `incident_illegal`, whose conditions are repeated: asked for this site
        # alone, where it is common and has no verdict, a plan may read every incident.
        cursor.execute(
            """
            SELECT site_fingerprint FROM analysts_incident
            WHERE site_fingerprint >= %s AND site_fingerprint <> '' AND severity <> '' AND id <> %s
            ORDER BY site_fingerprint LIMIT 1
            """,
            [site, incident.pk],
        )
        return bool(cursor.fetchone() == (site,))
