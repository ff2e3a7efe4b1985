"""Portals with far more reports than usual, on the dashboard."""

from datetime import datetime

from analysts.codes import Role
from analysts.incidents import volume_alert
from analysts.incidents.page_kit import PageSection
from analysts.models import User

# Who is warned that a portal gets far more reports than usual.
ALERT_ROLES = frozenset({Role.ANALYST, Role.SENIOR, Role.OPERATOR})


def show_unusual(user: User, now: datetime) -> PageSection | None:
    unusual = volume_alert.unusual(user.portals.all(), now=now) if user.role in ALERT_ROLES else []
    return PageSection("analysts/incidents/_dashboard_volume.html", unusual) if unusual else None
