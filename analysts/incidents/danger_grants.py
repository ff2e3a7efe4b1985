"""A danger report whose analysts are all away goes to every senior analyst: a recorded grant that expires.

Given by a job, not by intake: an event at the moment of intake would reveal the minute of a report's arrival.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import Incident, PortalGrant, User
from audit.actions import record_event
from audit.log_ids import AccountId
from countries.models import Portal

# Analysts without any request for longer than this are away.
AWAY = timedelta(hours=1)
# A new grant follows while the report still waits and the analysts are still away.
GRANTED = timedelta(hours=12)


def grant_unattended_danger(*, now: datetime | None = None) -> int:
    """Give every senior analyst access to portals with a waiting danger report and no analyst at work.

    Returns how many portals were granted.
    """
    now = now or timezone.now()
    return sum(_grant_portal(portal, now) for portal in Portal.objects.filter(pk__in=_portals_in_danger()))


def _portals_in_danger() -> list[int]:
    """Ids of the portals of waiting danger reports, read from their partial index."""
    waiting = Incident.objects.in_danger().waiting().order_by().values("portals")
    waiting_sql, values = waiting.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT unnest(portals) FROM ({waiting_sql}) AS waiting", values)  # noqa: S608 - of the queryset above
        return [portal for (portal,) in cursor.fetchall()]


def are_analysts_away(portal: Portal, now: datetime) -> bool:
    """Whether none of the portal's analysts has made a request within AWAY; also true if it has no analysts."""
    since = now - AWAY
    present = User.objects.analysts_of([portal.pk]).filter(Q(seen_at__gte=since) | Q(last_login__gte=since))
    return not present.exists()


@transaction.atomic
def _grant_portal(portal: Portal, now: datetime) -> bool:
    # Locked, so that two runs do not both grant it.
    portal = Portal.objects.locked().get(pk=portal.pk)
    if not are_analysts_away(portal, now):
        return False
    reached = PortalGrant.objects.filter(portal=portal, until__gt=now).values("user")
    seniors = (
        User.objects.filter(role=Role.SENIOR, is_active=True)
        .exclude(pk__in=User.objects.analysts_of([portal.pk]).values("pk"))
        .exclude(pk__in=reached)
        .order_by("pk")
    )
    granted = [PortalGrant(user=senior, portal=portal, at=now, until=now + GRANTED) for senior in seniors]
    if not granted:
        return False
    PortalGrant.objects.bulk_create(granted)
    record_event(
        by=None,
        action="coverage.grant",
        on=portal,
        portal=portal.slug,
        details={
            "members": [AccountId(grant.user_id) for grant in granted],
            "until": granted[0].until.isoformat(timespec="minutes"),
        },
        at=now,
    )
    return True


def count_grants(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    return {"grants": PortalGrant.objects.filter(user=user, until__gt=now)} if user.role == Role.SENIOR else {}


def show_grants(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The notice about the user's grants in force."""
    if not counts.get("grants"):
        return None
    grants = list(user.grants.filter(until__gt=now).select_related("portal").order_by("portal__name"))
    return PageSection("analysts/incidents/_dashboard_grants.html", grants) if grants else None
