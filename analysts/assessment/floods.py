"""Reports that are nearly alike and come by the dozen within hours: the first few as ever, the rest as one group.

Nothing is dropped or merged: each stays an incident that anybody may open and claim. Those of a group carry the blind
index of what they share (`Incident.flood`), have the lowest priority there is, and are one row of the queue. A tick
that says a child is in danger is kept and counted on that row, however many there are.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from analysts.models import Incident, Report, Sighting

# The time that counts as "at once"; received times are kept to the hour.
WINDOW = timedelta(hours=6)
# So many reports of one shape to one portal keep their own priority. A busy hotline gets some fifty reports an hour
# from all its portals: twenty alike through one of them within the window is no chance.
ALIKE = 20
# So many reports that name new addresses of one site, whatever their shape, at all portals. A service that everybody
# uses is named often, so the bar is higher.
OF_A_SITE = 100
# One report that names many pages counts once; but no report brings more than so many, on average, to what is alike.
# Otherwise a flood of few reports with a hundred addresses each is none.
INCIDENTS_EACH = 10
# So many incidents of a flood at a time may say that a child is in danger and be brought to the top for it.
IN_DANGER = 5
# More groups than this on one page would bury the queue again.
MOST_GROUPS = 20


def flood_of(report: Report, shape: bytes, site: bytes) -> bytes:
    """The flood that a new incident of the report belongs to, b"" for none. At most five queries, over the window.

    Args:
        shape: blind index of portal and shape; b"" for what cannot be compared.
        site: blind index of the site; b"" where there is none.
    """
    known = [key for key in (shape, site) if key]
    joined = Incident.objects.waiting().alike().filter(flood__in=known, waiting_since=report.received_hour)
    if going_on := joined.values_list("flood", flat=True).first():
        return bytes(going_on)
    since = report.received_hour - WINDOW
    alike = Incident.objects.filter(shape=shape, first_sighted__gte=since)
    if shape and _are_many(alike, report, ALIKE):
        return shape
    # `last_sighted` is there for its index.
    of_site = Incident.objects.filter(site_fingerprint=site, last_sighted__gte=since, first_sighted__gte=since)
    return site if site and _are_many(of_site, report, OF_A_SITE) else b""


def _are_many(alike: QuerySet[Incident], report: Report, enough: int) -> bool:
    """Whether that many other reports name what is alike, or it is more than that many reports would name."""
    others = Sighting.objects.filter(incident__in=alike).exclude(report=report)
    if others.values("report_id").distinct()[:enough].count() == enough:
        return True
    most = enough * INCIDENTS_EACH
    return alike[:most].count() == most


def is_believed(incident: Incident) -> bool:
    """Whether a child in danger, told of an incident in a flood, brings it to the top: the first few do.

    What it is not believed for stays in the flood, and is counted there.
    """
    alike = Q(shape=incident.shape) if incident.flood == incident.shape else Q(site_fingerprint=incident.flood)
    return Incident.objects.in_danger().apart().filter(alike)[:IN_DANGER].count() < IN_DANGER


def tells_of_danger(flood: bytes) -> bool:
    """Whether one that waits in the flood says already that a child is in danger."""
    return Incident.objects.in_danger().waiting().alike().filter(flood=flood).exists()


def waiting_floods() -> list[bytes]:
    """The floods that have incidents waiting, at most MOST_GROUPS, those that tell of danger first. Two queries."""
    return list(dict.fromkeys([*_find_floods(in_danger=True), *_find_floods(in_danger=False)]))[:MOST_GROUPS]


def _find_floods(*, in_danger: bool) -> list[bytes]:
    """One descent of the index for each flood; `in_danger`: of those alone that tell of danger, by their own index."""
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
