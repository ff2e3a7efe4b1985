"""What keys, erasure and the audit record put on the dashboard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from analysts.codes import Role
from analysts.incidents.page_kit import PageSection
from analysts.incidents.priority import HIGHEST
from analysts.incidents.table import MOST_COUNTED, age, count, counted
from analysts.models import Incident, User
from analysts.retention import anchoring, policy
from analysts.retention.permissions import check_can_see_keys
from audit.permissions import allowed
from reports import keys
from reports.models import Arrival, KeyClass

HEALTH_ROLES = frozenset({Role.ANALYST, Role.SENIOR, Role.OPERATOR, Role.ADMINISTRATOR})


# Who is told that the audit record needs a look.
RECORD_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Health:
    """Counts and times only. `keys_wanting` names each class whose key is missing or not this month's."""

    longest_waiting: str
    not_taken_in: str
    keys_wanting: list[str]
    # How many wait longer than `overdue_days`; empty where none does.
    overdue: str
    overdue_days: int
    sees_keys: bool


def health(user: User, now: datetime) -> Health:
    oldest = oldest_waiting()
    # Asked only where there can be any: nothing that waits is older.
    too_long = oldest is not None and oldest < now - timedelta(days=settings.UNASSESSED_DAYS)
    return Health(
        longest_waiting=age(oldest, now) if oldest else "",
        overdue=count(policy.unassessed_too_long(now=now)) if too_long else "",
        overdue_days=settings.UNASSESSED_DAYS,
        sees_keys=allowed(check_can_see_keys, user),
        not_taken_in=counted(Arrival.objects.all()[:MOST_COUNTED].count()),
        keys_wanting=[str(key_class.label) for key_class in KeyClass if not sealed_by_current_key(key_class, now)],
    )


def oldest_waiting() -> datetime | None:
    """Since when the longest waiting incident waits: one descent of the queue's index for each priority."""
    first, *others = [
        Incident.objects.waiting().filter(priority=priority).order_by("waiting_since").values_list("waiting_since")[:1]
        for priority in range(HIGHEST + 1)
    ]
    return min((hour for (hour,) in first.union(*others, all=True)), default=None)


def sealed_by_current_key(key_class: KeyClass, now: datetime) -> bool:
    try:
        return keys.is_of_month(keys.public_key(now, key_class).id, now)
    except keys.NoOpenKey:
        return False


def show_audit_trouble(user: User, now: datetime) -> PageSection | None:
    trouble = anchoring.trouble(now) if user.role in RECORD_ROLES else ""
    return PageSection("analysts/retention/_dashboard_audit.html", trouble) if trouble else None


def show_health(user: User, now: datetime) -> PageSection | None:
    if user.role not in HEALTH_ROLES:
        return None
    return PageSection("analysts/retention/_dashboard_health.html", health(user, now))
