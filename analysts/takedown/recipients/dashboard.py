"""How many recipients wait to be verified, on the dashboard."""

from datetime import datetime

from analysts.incidents.page_kit import PageSection
from analysts.models import User
from analysts.takedown.recipients.performance import wanted
from analysts.takedown.recipients.permissions import check_may_verify
from audit.permissions import allowed


def show_unverified(user: User, now: datetime) -> PageSection | None:
    number = wanted().count() if allowed(check_may_verify, user) else 0
    return PageSection("analysts/takedown/recipients/_dashboard.html", number) if number else None
