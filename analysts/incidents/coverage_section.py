"""The dashboard's notice about portals without analysts."""

from dataclasses import dataclass
from datetime import datetime

from analysts.accounts.coverage import uncovered_portals
from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import CoverageGap, User
from countries.models import Portal

COVERAGE_ROLES = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class UncoveredPortal:
    portal: Portal
    # None until the loss has been noted: within a minute.
    since: datetime | None


def show_uncovered(user: User, now: datetime, counts: Counts) -> PageSection | None:
    uncovered = uncovered_portals() if user.role in COVERAGE_ROLES else []
    if not uncovered:
        return None
    since = dict(CoverageGap.objects.values_list("portal", "since"))
    rows = [UncoveredPortal(portal, since.get(portal.pk)) for portal in uncovered]
    return PageSection("analysts/incidents/_dashboard_coverage.html", rows)
