"""What is due, by kind, on the dashboard."""

from dataclasses import dataclass
from datetime import datetime

from analysts.incidents.page_kit import PageSection
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import MOST_COUNTED, counted
from analysts.models import User
from analysts.takedown.chasing.lists import Kind, kinds
from analysts.takedown.url_list.entries import to_review
from audit.permissions import allowed


@dataclass(frozen=True, slots=True)
class DueCounts:
    """Those kinds of which something is due, and how many entries of the URL list are to be reviewed, as text."""

    kinds: list[Kind]
    reviews: str


def show_due(user: User, now: datetime) -> PageSection | None:
    if not allowed(check_can_see_queue, user):
        return None
    reviews = counted(to_review(user, on=now.date())[:MOST_COUNTED].count())
    return PageSection("analysts/takedown/chasing/_dashboard.html", DueCounts(kinds(user, now), reviews))
