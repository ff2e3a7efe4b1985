"""The link to the URL list, on the dashboard."""

from datetime import datetime

from analysts.incidents.page_kit import PageSection
from analysts.models import User
from analysts.takedown.url_list.permissions import check_can_see_list
from audit.permissions import allowed


def show_list(user: User, now: datetime) -> PageSection | None:
    if not allowed(check_can_see_list, user):
        return None
    return PageSection("analysts/takedown/url_list/_dashboard.html", None)
