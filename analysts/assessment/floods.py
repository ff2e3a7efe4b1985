"""Floods: many similar reports within hours. The first few are queued as usual, the rest are shown as one group.

Nothing is dropped or merged: each report keeps an incident that can be opened and claimed. Incidents of a group carry
the blind index of what they share (`Incident.flood`), have the lowest priority and are one row of the queue. Every
report of a child in danger is kept and counted on that row.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from analysts.models import Incident, Report, Sighting

# Reports within this time count as simultaneous; received times are stored to the hour.
WINDOW = timedelta(hours=6)
# This many reports of one shape to one portal keep their own priority. A busy hotline gets about fifty reports an hour
# from all its portals, so twenty similar ones to one portal within the window are no coincidence.
ALIKE = 20
# This many reports of new addresses of one site, of any shape and to any portal, keep their own priority. Popular
# services are reported often, so the limit is higher.
OF_A_SITE = 100
# A report that names many pages counts once, but on average only this many similar incidents per report are accepted.
# Otherwise a few reports with a hundred addresses each would not count as a flood.
INCIDENTS_EACH = 10
# At most this many incidents of a flood are at the top of the queue at a time because a child may be in danger.
IN_DANGER = 5
# More groups than this on one page would bury the queue.
MOST_GROUPS = 20


def flood_of(report: Report, shape: bytes, site: bytes) -> bytes:
    """The flood that a new incident of the report belongs to, b"" if none. At most five queries, over the window.

    Args:
        shape: blind index of portal and shape; b"" if there is nothing to compare.
        site: blind index of the site; b"" if there is none.
    """
    known = [key for key in (shape, site) if key]
    joined = Incident.objects.waiting().alike().filter(flood__in=known, waiting_since=report.received_hour)
    if going_on := joined.values_list("flood", flat=True).first():
        return bytes(going_on)
    since = report.received_hour - WINDOW
    alike = Incident.objects.filter(shape=shape, first_sighted__gte=since)
    if shape and _are_many(alike, report, ALIKE):
        return shape
    # The filter on `last_sighted` is for its index.
    of_site = Incident.objects.filter(site_fingerprint=site, last_sighted__gte=since, first_sighted__gte=since)
    return site if site and _are_many(of_site, report, OF_A_SITE) else b""


def _are_many(alike: QuerySet[Incident], report: Report, enough: int) -> bool:
    """Whether `enough` other reports name `alike`, or it has as many incidents as that many reports would name."""
    others = Sighting.objects.filter(incident__in=alike).exclude(report=report)
    if others.values("report_id").distinct()[:enough].count() == enough:
        return True
    most = enough * INCIDENTS_EACH
    return alike[:most].count() == most


def is_reported_again(incident: Incident, report: Report) -> bool:
    """Whether the closed flood of the incident is repeated: ALIKE others of its site were named within the window.

    The incident then returns to the flood, not to the top of the queue.
    """
    if not incident.site_fingerprint:
        return False
    of_site = Incident.objects.filter(site_fingerprint=incident.site_fingerprint).exclude(pk=incident.pk)
    return of_site.filter(last_sighted__gte=report.received_hour - WINDOW)[:ALIKE].count() == ALIKE


def is_believed(incident: Incident) -> bool:
    """Whether a report of a child in danger raises this flood incident to the top: only the first IN_DANGER do.

    All other incidents stay in the flood and are counted there.
    """
    alike = Q(shape=incident.shape) if incident.flood == incident.shape else Q(site_fingerprint=incident.flood)
    return Incident.objects.in_danger().apart().filter(alike)[:IN_DANGER].count() < IN_DANGER


def tells_of_danger(flood: bytes) -> bool:
    """Whether an incident that waits in the flood is already marked as child in danger."""
    return Incident.objects.in_danger().waiting().alike().filter(flood=flood).exists()


def waiting_floods() -> list[bytes]:
    """Floods with waiting incidents, at most MOST_GROUPS, those with a child in danger first. Two queries."""
    return list(dict.fromkeys([*_find_floods(in_danger=True), *_find_floods(in_danger=False)]))[:MOST_GROUPS]


def _find_floods(*, in_danger: bool) -> list[bytes]:
    """One index descent per flood. `in_danger`: only floods with a child in danger, by their own index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found (flood) AS (
                (SELECT flood FROM analysts_incident
                 WHERE state = 'waiting' AND priority = 0 AND (child_in_danger OR NOT %(in_danger)s)
                 ORDER BY flood LIMIT 1)
                UNION ALL
                SELECT (SELECT next.flood FROM analysts_incident AS next
                        WHERE next.state = 'waiting' AND next.priority = 0 AND next.flood > found.flood
                            AND (next.child_in_danger OR NOT %(in_danger)s)
                        ORDER BY next.flood LIMIT 1)
                FROM found WHERE found.flood IS NOT NULL
            )
            SELECT flood FROM found WHERE flood IS NOT NULL LIMIT %(most)s
            """,
            {"in_danger": in_danger, "most": MOST_GROUPS},
        )
        return [bytes(flood) for (flood,) in cursor.fetchall()]
