"""Reports that are nearly alike and come by the dozen within hours: the first few as ever, the rest as one group.

Nothing is dropped or merged: each stays an incident that anybody may open and claim. Those of a group carry the blind
index of what they share (`Incident.flood`), have the lowest priority there is, and are one row of the queue.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import Q

from analysts.models import Incident, Report, Sighting

# The time that counts as "at once"; received times are kept to the hour.
WINDOW = timedelta(hours=6)
# So many reports of one shape to one portal keep their own priority. A busy hotline gets some fifty reports an hour
# from all its portals: twenty alike through one of them within the window is no chance.
ALIKE = 20
# So many reports that name new addresses of one site, whatever their shape, at all portals. A service that everybody
# uses is named often, so the bar is higher.
OF_A_SITE = 100
# So many incidents of a flood at a time may say that a child is in danger and be believed like any other.
IN_DANGER = 5
# More groups than this on one page would bury the queue again.
MOST_GROUPS = 20


def flood_of(report: Report, shape: bytes, site: bytes) -> bytes:
    """The flood that a new incident of the report belongs to, b"" for none. At most three queries, over the window.

    Args:
        shape: blind index of portal and shape; b"" for what cannot be compared.
        site: blind index of the site; b"" where there is none.
    """
    known = [key for key in (shape, site) if key]
    joined = Incident.objects.waiting().alike().filter(flood__in=known, waiting_since=report.received_hour)
    if going_on := joined.values_list("flood", flat=True).first():
        return bytes(going_on)
    since = report.received_hour - WINDOW
    if shape and _reports(report, Q(incident__shape=shape, incident__first_sighted__gte=since), ALIKE):
        return shape
    # `last_sighted` is there for its index.
    of_site = Q(incident__site_fingerprint=site, incident__last_sighted__gte=since, incident__first_sighted__gte=since)
    return site if site and _reports(report, of_site, OF_A_SITE) else b""


def _reports(report: Report, alike: Q, enough: int) -> bool:
    """Whether that many other reports are alike. One that names a hundred addresses counts once."""
    others = Sighting.objects.filter(alike).exclude(report=report)
    return others.values("report_id").distinct()[:enough].count() == enough


def is_believed(incident: Incident) -> bool:
    """Whether a child in danger, told of an incident in a flood, brings it to the top: the first few do."""
    alike = Q(shape=incident.shape) if incident.flood == incident.shape else Q(site_fingerprint=incident.flood)
    return Incident.objects.in_danger().filter(alike)[:IN_DANGER].count() < IN_DANGER


def groups() -> list[bytes]:
    """The floods that have incidents waiting, at most MOST_GROUPS: one descent of the index for each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found (flood) AS (
                (SELECT flood FROM analysts_incident
                 WHERE state = 'waiting' AND priority = 0 ORDER BY flood LIMIT 1)
                UNION ALL
                SELECT (SELECT next.flood FROM analysts_incident AS next
                        WHERE next.state = 'waiting' AND next.priority = 0 AND next.flood > found.flood
                        ORDER BY next.flood LIMIT 1)
                FROM found WHERE found.flood IS NOT NULL
            )
            SELECT flood FROM found WHERE flood IS NOT NULL LIMIT %s
            """,
            [MOST_GROUPS],
        )
        return [bytes(flood) for (flood,) in cursor.fetchall()]
