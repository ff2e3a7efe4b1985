"""Page sections of retention: warnings about keys, waits and the audit log (dashboard), legal holds (timeline)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import cast

from django.db import connection
from django.utils.translation import gettext as _

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.incidents.priority import HIGHEST
from analysts.incidents.table import count_label
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Hold, Incident, User
from analysts.retention import anchoring, policy
from analysts.retention.permissions import check_can_see_keys
from analysts.states import State
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from reports import keys
from reports.models import KeyClass

HEALTH_ROLES = frozenset({Role.ANALYST, Role.SENIOR, Role.OPERATOR, Role.ADMINISTRATOR})

OLDEST_WAITING = """
    SELECT min(oldest.waiting_since) FROM generate_series(0, %s) AS level (priority) CROSS JOIN LATERAL (
        SELECT waiting_since FROM analysts_incident
        WHERE state = %s AND analysts_incident.priority = level.priority ORDER BY waiting_since LIMIT 1
    ) AS oldest
"""
# Roles that see warnings about the audit log.
RECORD_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Health:
    """The faults of the keys. `keys_wanting` lists each key class without a key of this month."""

    keys_wanting: list[str]
    # Number of incidents unassessed for more than `overdue_days`; "" if none.
    overdue: str
    overdue_days: int
    sees_keys: bool


def build_health(user: User, now: datetime) -> Health:
    oldest = oldest_waiting()
    # Counted only if the longest waiting incident is overdue.
    too_long = oldest is not None and oldest < now - timedelta(days=number_in_force("UNASSESSED_DAYS"))
    return Health(
        overdue=count_label(policy.overdue_incidents(now=now)) if too_long else "",
        overdue_days=number_in_force("UNASSESSED_DAYS"),
        sees_keys=is_allowed(check_can_see_keys, user),
        keys_wanting=[str(key_class.label) for key_class in KeyClass if not is_key_current(key_class, now)],
    )


def oldest_waiting() -> datetime | None:
    """When the longest waiting incident began to wait; one index lookup for each priority."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_WAITING, [HIGHEST, State.WAITING])
        [(oldest,)] = cursor.fetchall()
    return cast("datetime | None", oldest)


def is_key_current(key_class: KeyClass, now: datetime) -> bool:
    try:
        return keys.is_of_month(keys.public_key(now, key_class).id, now)
    except keys.NoOpenKey:
        return False


def show_audit_trouble(user: User, now: datetime, counts: Counts) -> PageSection | None:
    trouble = anchoring.find_trouble(now) if user.role in RECORD_ROLES else ""
    return PageSection("analysts/retention/_dashboard_audit.html", trouble) if trouble else None


def show_health(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The notice of missing keys and late verdicts; None if there are neither."""
    if user.role not in HEALTH_ROLES:
        return None
    health = build_health(user, now)
    is_well = not (health.keys_wanting or health.overdue)
    return None if is_well else PageSection("analysts/retention/_dashboard_health.html", health)


def hold_entries(hold: Hold) -> Iterator[TimelineEntry]:
    yield TimelineEntry(at=hold.at, by=hold.by, title=_("legal hold placed"), details=[hold.get_reason_display()])
    if hold.released_at and hold.released_by:
        yield TimelineEntry(at=hold.released_at, by=hold.released_by, title=_("legal hold released"), details=[])


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    latest_holds = incident.holds.select_related("by", "released_by").order_by("-at")[:MOST_OF_A_KIND]
    yield from chain.from_iterable(map(hold_entries, latest_holds))
