"""Alerts for portals that get unusually many reports: a dashboard notice, and a mail that contains a count only.

A portal's hour is unusual with more than LEAST reports and more than TIMES the hourly median of the seven days before.
Intake counts reports per portal and hour, so a check costs the same however many reports are stored.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.codes import Role
from analysts.incidents import volume_alert
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import AlarmKind, PortalHour, Report, User
from countries.models import Portal
from reports.models import the_hour

LEAST = 50
TIMES = 10
HOUR = timedelta(hours=1)
USUALLY = timedelta(days=7)
BETWEEN_MAILS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unusual:
    """A portal with unusually many reports. `reports`: the higher of the current and last hour; `usual`: the median."""

    portal: Portal
    reports: int
    usual: int


def unusual_portals(portals: QuerySet[Portal], *, now: datetime) -> list[Unusual]:
    """Portals among these with unusually many reports in the current or last hour. One query, two if there are any."""
    hour = the_hour(now)
    busy = PortalHour.objects.filter(portal=OuterRef("portal"), hour__range=(hour - HOUR, hour), reports__gt=LEAST)
    week = PortalHour.objects.filter(Exists(busy), portal__in=portals, hour__range=(hour - HOUR - USUALLY, hour))
    hours: dict[int, dict[datetime, int]] = defaultdict(dict)
    for portal, counted, number in week.values_list("portal", "hour", "reports"):
        hours[portal][counted] = number
    volumes: dict[int, tuple[int, int]] = {}
    for portal, reports in hours.items():
        last, current = reports.pop(hour - HOUR, 0), reports.pop(hour, 0)
        usual = _median_per_hour(reports.values())
        if _is_unusual(max(last, current), usual):
            volumes[portal] = max(last, current), usual
    portals_by_name = Portal.objects.filter(pk__in=volumes).order_by("name") if volumes else ()
    return [Unusual(portal, *volumes[portal.pk]) for portal in portals_by_name]


def count_report(report: Report) -> None:
    """Count a new report, and raise the alarm if its portal's hour is unusual: at most one mail per portal and day.

    Call it last in the transaction, because all reports of one portal and hour lock the same row.
    """
    portal, hour = report.portal_id, report.received_hour
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO analysts_portalhour (portal_id, hour, reports, mailed) VALUES (%s, %s, 1, false)
            ON CONFLICT (portal_id, hour) DO UPDATE SET reports = analysts_portalhour.reports + 1
            RETURNING reports
            """,
            [portal, hour],
        )
        [reports] = cursor.fetchone() or [0]
    if reports <= LEAST:
        return
    before = PortalHour.objects.filter(portal=portal, hour__lte=hour)
    if before.filter(hour__gt=hour - BETWEEN_MAILS, mailed=True).exists():
        return
    week = before.filter(hour__gte=hour - USUALLY, hour__lt=hour).values_list("reports", flat=True)
    if _is_unusual(reports, _median_per_hour(week)):
        PortalHour.objects.filter(portal=portal, hour=hour).update(mailed=True)
        raise_alarm(AlarmKind.VOLUME, at_once=False)


def write_volume_mail() -> AlarmMail | None:
    """The mail; None if no portal has unusually many reports any more."""
    number = len(unusual_portals(Portal.objects.all(), now=timezone.now()))
    if not number:
        return None
    return AlarmMail(
        ngettext(
            "%(count)d portal gets far more reports than usual.",
            "%(count)d portals get far more reports than usual.",
            number,
        )
        % {"count": number}
    )


def _is_unusual(reports: int, usual: int) -> bool:
    return reports > max(LEAST, TIMES * usual)


def _median_per_hour(reports: Iterable[int]) -> int:
    """The median of all hours in USUALLY. Hours without a report have no row and count as 0."""
    counts = list(reports)
    silent = USUALLY // HOUR - len(counts)
    return median_low([*counts, *[0] * silent])


# The roles that see the dashboard notice.
ALERT_ROLES = frozenset({Role.ANALYST, Role.SENIOR, Role.OPERATOR})


def count_busy_hours(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    """The hours without which no portal is unusual. Hours are stored whole: these are the current and the last one."""
    if user.role not in ALERT_ROLES:
        return {}
    busy = PortalHour.objects.filter(hour__gt=now - 2 * HOUR, hour__lte=now, reports__gt=LEAST)
    return {"busy_hours": busy.filter(portal__in=user.portal_ids)}


def show_unusual(user: User, now: datetime, counts: Counts) -> PageSection | None:
    unusual = volume_alert.unusual_portals(user.visible_portals(), now=now) if counts.get("busy_hours") else []
    return PageSection("analysts/incidents/_dashboard_volume.html", unusual) if unusual else None
