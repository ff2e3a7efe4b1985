"""The incident page's section that lists its notices and their status."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from analysts.incidents.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm, PageSection
from analysts.models import Incident, NoticeItem, Purpose, User
from analysts.models.compiled_query import CompiledQuery
from analysts.takedown.notices.outbox import HoldUp, find_hold_up
from analysts.takedown.notices.status import NoticeStatus, drop_words, notice_status

# Caps the section; more notices about one incident would not be read.
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice about the incident. `left_out`: why the incident was left out of it; "" if it is included."""

    item: NoticeItem
    recipient: str
    purpose: str
    status: NoticeStatus
    left_out: str

    @property
    def needs_action(self) -> bool:
        return self.status.waits and not self.left_out


@dataclass(frozen=True, slots=True)
class NoticeList:
    """The content of the section. `is_open`: a notice needs action by staff."""

    rows: list[NoticeRow]
    is_open: bool

    @property
    def first(self) -> NoticeRow:
        """The one to mention: the latest that needs action, else the latest."""
        return next((row for row in self.rows if row.needs_action), self.rows[0])


def build_notices_section(
    incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime
) -> PageSection | None:
    """Build the section with one query, and two more if a notice is late; None before the first notice."""
    items = listed_items(incident.pk)
    hold_up = find_hold_up((item.notice for item in items), now)
    rows = [notice_row(item, now, hold_up=hold_up) for item in items]
    if not rows:
        return None
    is_open = any(row.needs_action for row in rows)
    return PageSection("analysts/takedown/notices/_page_section.html", NoticeList(rows, is_open))


@CompiledQuery
def listed_items(incident_id: UUID) -> QuerySet[NoticeItem]:
    found = NoticeItem.objects.filter(incident=incident_id).select_related("notice__recipient")
    return found.order_by("-notice__made_at", "pk")[:MOST_LISTED]


def notice_row(item: NoticeItem, now: datetime, *, hold_up: HoldUp | None) -> NoticeRow:
    notice = item.notice
    return NoticeRow(
        item=item,
        recipient=defang_text(notice.recipient.name),
        purpose=str(Purpose(notice.purpose).label),
        status=notice_status(notice, now, hold_up=hold_up),
        left_out=drop_words(item.dropped),
    )
