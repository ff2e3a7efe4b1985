"""Floods: many similar reports within hours. The first few are queued as usual, the rest are shown as one group.

The pattern of a flood is what all of its reports share: portal, language, every word of the address with its host and
port (or of the text, where there is no address), and every word and tick that was sent with it. Only numbers and
machine-made names may differ (`analysts.incidents.near_duplicates`). `Incident.shape` is the pattern's blind index. An
incident is in the flood only if every report of it has that pattern; any other keeps its own priority.

A site with an illegal verdict is never folded without a person: neither later reports, nor those that wait at the time.
An analyst may fold the waiting incidents of one site by hand (`analysts.assessment.actions.folding`).

Nothing is dropped or merged: each report keeps an incident that can be opened and claimed. Incidents of a group carry
the pattern's index (`Incident.flood`), have the lowest priority and are one row of the queue. Every report of a child
in danger is kept and counted on that row.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from analysts.incidents.priority import URGENT, PriorityReason, priority_from
from analysts.models import Incident, IncidentQuerySet, Report, Sighting

# Reports within this time count as simultaneous; received times are stored to the hour.
WINDOW = timedelta(hours=6)
# This many reports of one shape to one portal keep their own priority. A busy hotline gets about fifty reports an hour
# from all its portals, so twenty similar ones to one portal within the window are no coincidence.
ALIKE = 20
# A report that names many pages counts once, but on average only this many similar incidents per report are accepted.
# Otherwise a few reports with a hundred addresses each would not count as a flood.
INCIDENTS_EACH = 10
# At most this many incidents of a flood are at the top of the queue at a time because a child may be in danger.
IN_DANGER = 5
# Among this many that have waited longest, those of a flood are counted that are URGENT. With more at once, folded ones
# stay folded.
MOST_URGENT = 200
# More groups than this on one page would bury the queue.
MOST_GROUPS = 20


def flood_of(report: Report, pattern: bytes, site: bytes) -> bytes:
    """The flood that a new incident of the report belongs to, b"" if none. At most five queries, two if none is alike.

    Args:
        pattern: that of the report for this incident; b"" if there is nothing to compare.
        site: blind index of the site; b"" if there is none.
    """
    if not pattern:
        return b""
    similar = Incident.objects.filter(shape=pattern, first_sighted__gte=report.received_hour - WINDOW)
    is_flood = _waits_since(pattern, report.received_hour) or _are_many(similar, report, ALIKE)
    return pattern if is_flood and not has_illegal_verdict(site) else b""


def _waits_since(flood: bytes, hour: datetime) -> bool:
    """Whether an incident of the flood waits since this hour."""
    with connection.cursor() as cursor:
        # The state and the priority of the partial index `incident_members` are no parameters: without their values no
        # plan could use it.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM analysts_incident"
            " WHERE state = 'waiting' AND priority = 0 AND flood = %s AND waiting_since = %s)",
            [flood, hour],
        )
        return bool(cursor.fetchone() == (True,))


def _are_many(similar: QuerySet[Incident], report: Report, enough: int) -> bool:
    """Whether `enough` other reports name `alike`, or it has as many incidents as that many reports would name."""
    most = enough * INCIDENTS_EACH
    incidents = similar[:most].count()
    if incidents in (0, most):
        return incidents == most
    others = Sighting.objects.filter(incident__in=similar).exclude(report=report)
    return others.values("report_id").distinct()[:enough].count() == enough


def has_illegal_verdict(site: bytes) -> bool:
    """Whether an address of the site was found illegal, including one that is being reviewed again since."""
    if not site:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT analysts_has_illegal_verdict(%s)", [site])
        return bool(cursor.fetchone() == (True,))


def flood_to_return_to(incident: Incident) -> bytes:
    """The flood that a closed incident was closed with and may wait in again; b"" if a person must look at its site."""
    return b"" if has_illegal_verdict(bytes(incident.site_fingerprint)) else bytes(incident.flood)


def is_reported_again(incident: Incident, pattern: bytes, report: Report) -> bool:
    """Whether the closed flood of the incident is repeated: many reports of its pattern came within the window.

    The incident then returns to the flood, not to the top of the queue.
    """
    if not pattern or not pattern == bytes(incident.flood) == bytes(incident.shape):
        return False
    # The site is that of the pattern; its index is by the last sighting.
    site = Incident.objects.filter(site_fingerprint=incident.site_fingerprint)
    return _are_many(site.filter(shape=pattern, last_sighted__gte=report.received_hour - WINDOW), report, ALIKE)


def is_believed(incident: Incident) -> bool:
    """Whether a report of a child in danger raises this flood incident to the top: only the first IN_DANGER do.

    All other incidents stay in the flood and are counted there.
    """
    similar = Incident.objects.in_danger().apart().filter(shape=incident.flood)
    return similar[:IN_DANGER].count() < IN_DANGER


def is_believed_urgent(incident: Incident) -> bool:
    """Whether a sealed tick raises this flood incident to the top: as for danger, only the first IN_DANGER of it."""
    urgent = Incident.objects.waiting().filter(priority=URGENT).in_order()
    shapes = [bytes(shape) for shape in urgent.values_list("shape", flat=True)[:MOST_URGENT]]
    return len(shapes) < MOST_URGENT and shapes.count(bytes(incident.flood)) < IN_DANGER


def tells_of_danger(flood: bytes) -> bool:
    """Whether an incident that waits in the flood is already marked as child in danger."""
    return Incident.objects.in_danger().waiting().alike().filter(flood=flood).exists()


def unfold_illegal_sites(site: bytes | None = None) -> int:
    """Give incidents that were folded without a person their own priority if their site has an illegal verdict.

    Called with the site of a new verdict, and by each intake without one for those that were locked at the time.
    Returns how many were unfolded.
    """
    folded = Incident.objects.folded_on_sites()
    sites = _find_illegal_folded_sites() if site is None else [site] if has_illegal_verdict(site) else []
    return sum(unfold(folded.filter(site_fingerprint=site), also=PriorityReason.KNOWN_SITE) for site in sites)


def unfold(members: IncidentQuerySet, *, also: PriorityReason | None = None) -> int:
    """Give the members of a flood the priority that their reasons add up to; returns how many.

    Skips those that are locked by another transaction. `also`: a reason that they have from now on.
    """
    locked = members.order_by("pk").select_for_update(skip_locked=True, of=("self",))
    by_reasons: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    for pk, reasons in locked.values_list("pk", "priority_reasons"):
        remaining = [reason for reason in reasons if reason != PriorityReason.ALIKE]
        by_reasons[tuple([*remaining, also] if also and also not in remaining else remaining)].append(pk)
    for of, pks in by_reasons.items():
        Incident.objects.filter(pk__in=pks).update(flood=b"", priority=priority_from(of), priority_reasons=[*of])
    return sum(map(len, by_reasons.values()))


def with_known_floods(most: int) -> str:
    """The WITH clause of `known`: at most `most` floods with waiting incidents, those with a child in danger (place 0)
    before the others (1). One index descent per flood; those in danger have an index of their own."""
    descents = ", ".join(
        f"""
        {name} (flood) AS (
            (SELECT flood FROM analysts_incident
             WHERE state = 'waiting' AND priority = 0 {condition} ORDER BY flood LIMIT 1)
            UNION ALL
            SELECT (SELECT next.flood FROM analysts_incident AS next
                    WHERE next.state = 'waiting' AND next.priority = 0 AND next.flood > {name}.flood {condition}
                    ORDER BY next.flood LIMIT 1)
            FROM {name} WHERE {name}.flood IS NOT NULL
        )
        """  # noqa: S608 - constants
        for name, condition in (("in_danger", "AND child_in_danger"), ("any_flood", ""))
    )
    return f"""
        WITH RECURSIVE {descents}, known AS MATERIALIZED (
            SELECT flood, min(place) AS place FROM (
                (SELECT flood, 0 AS place FROM in_danger WHERE flood IS NOT NULL LIMIT {most})
                UNION ALL
                (SELECT flood, 1 FROM any_flood WHERE flood IS NOT NULL LIMIT {most})
            ) AS found GROUP BY flood ORDER BY min(place), flood LIMIT {most}
        )
    """  # noqa: S608 - constants


def _find_illegal_folded_sites() -> list[bytes]:
    """The sites of folded incidents that have an illegal verdict; a few index descents per site, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found (site) AS (
                (SELECT site_fingerprint FROM analysts_incident
                 WHERE state IN ('waiting', 'claimed') AND priority = 0 AND site_fingerprint <> ''
                 ORDER BY site_fingerprint LIMIT 1)
                UNION ALL
                SELECT (SELECT next.site_fingerprint FROM analysts_incident AS next
                        WHERE next.state IN ('waiting', 'claimed') AND next.priority = 0
                            AND next.site_fingerprint <> '' AND next.site_fingerprint > found.site
                        ORDER BY next.site_fingerprint LIMIT 1)
                FROM found WHERE found.site IS NOT NULL
            )
            SELECT site FROM found WHERE site IS NOT NULL AND analysts_has_illegal_verdict(site)
            """
        )
        return [bytes(site) for (site,) in cursor.fetchall()]
