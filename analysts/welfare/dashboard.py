"""What staff protection puts on the dashboard."""

from datetime import datetime

from analysts.incidents.page_kit import PageSection
from analysts.models import User
from analysts.welfare.permissions import check_can_see_welfare
from audit.permissions import allowed


def show_welfare(user: User, now: datetime) -> PageSection | None:
    return PageSection("analysts/welfare/_dashboard.html", None) if allowed(check_can_see_welfare, user) else None
