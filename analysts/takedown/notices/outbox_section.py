"""The incident page's section that lists its notices and their status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import PageSection, SectionHeading
from analysts.models import Incident, NoticeItem, Purpose
from analysts.takedown.notices.outbox import HoldUp, find_hold_up
from analysts.takedown.notices.status import DROPPED, NoticeStatus, notice_status

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
        return self.status.is_waiting and not self.left_out


def show_notices(incident: Incident, now: datetime) -> SectionHeading | None:
    """The section, with one query, and two more if a notice is late; None before the first notice."""
    items = NoticeItem.objects.filter(incident=incident).select_related("notice__recipient")
    items = items.order_by("-notice__made_at", "pk")[:MOST_LISTED]
    hold_up = find_hold_up((item.notice for item in items), now)
    rows = [notice_row(item, now, hold_up=hold_up) for item in items]
    if not rows:
        return None
    return SectionHeading(
        outcome=describe_notices(rows),
        build=lambda: PageSection("analysts/takedown/notices/_page_section.html", rows),
        is_open=any(row.needs_action for row in rows),
    )


def describe_notices(rows: Sequence[NoticeRow]) -> str:
    """The latest notice that needs action, else the latest."""
    row = next((row for row in rows if row.needs_action), rows[0])
    status = _("left out") if row.left_out else f"{row.status.label} {date_format(row.status.at, 'j M Y')}"
    number = ngettext("(%(number)s notice)", "(%(number)s notices)", len(rows)) % {"number": len(rows)}
    return format_html("<bdi>{}</bdi>: {} {}", row.recipient, status, number if len(rows) > 1 else "")


def notice_row(item: NoticeItem, now: datetime, *, hold_up: HoldUp | None) -> NoticeRow:
    notice = item.notice
    return NoticeRow(
        item=item,
        recipient=defang_text(notice.recipient.name),
        purpose=str(Purpose(notice.purpose).label),
        status=notice_status(notice, now, hold_up=hold_up),
        left_out=str(DROPPED[item.dropped]),
    )
