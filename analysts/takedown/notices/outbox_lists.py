"""The lists of notices by status: scheduled, to send by hand, failed, and recently sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.incidents.display.display_safe import defang_text
from analysts.models import Notice, NoticeItem, NoticeQuerySet, NoticeState, User
from analysts.takedown.notices.outbox import find_hold_up
from analysts.takedown.notices.status import NoticeStatus, notice_status


class Box(TextChoices):
    LEAVING = "", _("scheduled")
    BY_HAND = "by_hand", _("to send by hand")
    DEAD = "dead", _("failed")
    SENT = "sent", _("recently sent")


def box_of(name: str) -> Box:
    """The box named in the query string; the scheduled notices if the name is unknown."""
    return Box(name) if name in Box.values else Box.LEAVING


def notices_in_box(box: Box, user: User) -> NoticeQuerySet:
    """The notices of the box that `user` may see, in the order of the index that serves it."""
    notices = Notice.objects.visible_to(user).select_related("recipient")
    match box:
        case Box.LEAVING:
            return notices.to_leave().order_by("scheduled_at", "pk")
        case Box.BY_HAND:
            return still_tells(notices.by_hand()).order_by("scheduled_at", "pk")
        case Box.DEAD:
            return still_tells(notices.filter(state=NoticeState.DEAD)).order_by("tried_at", "pk")
        case Box.SENT:
            return notices.filter(state=NoticeState.SENT).order_by(F("sent_at").desc(), "pk")


def still_tells(notices: NoticeQuerySet) -> NoticeQuerySet:
    """The notices that still have an item to send; the others need no action."""
    return notices.filter(Exists(NoticeItem.objects.filter(notice=OuterRef("pk"), dropped="")))


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A notice in a list. `number`: how many addresses it includes."""

    notice: Notice
    recipient: str
    number: int
    status: NoticeStatus


def outbox_rows(notices: Iterable[Notice], now: datetime) -> list[OutboxRow]:
    """Rows for the list, with one query for all counts. Expects `recipient` to be selected."""
    rows = list(notices)
    items = NoticeItem.objects.filter(notice__in=rows, dropped="").order_by()
    numbers = dict(items.values_list("notice").annotate(Count("pk")))
    hold_up = find_hold_up(rows, now)
    return [
        OutboxRow(
            notice,
            defang_text(notice.recipient.name),
            numbers.get(notice.pk, 0),
            notice_status(notice, now, hold_up=hold_up),
        )
        for notice in rows
    ]
