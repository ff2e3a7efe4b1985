"""The dashboard's notice about portals without analysts."""

from datetime import datetime

from analysts.accounts.coverage import uncovered_portals
from analysts.codes import Role
from analysts.incidents.page_kit import PageSection
from analysts.models import User

COVERAGE_ROLES = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


def show_uncovered(user: User, now: datetime) -> PageSection | None:
    uncovered = uncovered_portals() if user.role in COVERAGE_ROLES else []
    return PageSection("analysts/incidents/_dashboard_coverage.html", uncovered) if uncovered else None
