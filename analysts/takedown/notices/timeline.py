"""Timeline entries of an incident for notices and replies."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When
from django.utils.translation import gettext as _

from analysts.incidents.display_safe import defang_text
from analysts.incidents.timeline import AUTOMATIC, MOST_OF_A_KIND, TimelineEntry
from analysts.models import Incident, NoticeItem, NoticeState, Purpose, Reply, User
from analysts.models.compiled_query import CompiledQuery, StatementCall
from analysts.takedown.facts.redaction import redactions_of
from analysts.takedown.notices.outbox_section import listed_items
from analysts.takedown.notices.redaction_review import sent_items
from analysts.takedown.notices.reply_section import SAID, decision_in_words, listed_replies
from reports.notices import AnswerKind


def notice_entry(item: NoticeItem) -> TimelineEntry:
    notice = item.notice
    what = {
        Purpose.FIRST: _("notice sent"),
        Purpose.AGAIN: _("reminder sent"),
        Purpose.ESCALATION: _("escalation sent"),
        Purpose.CLEARANCE: _("clearance request sent to the police"),
    }[Purpose(notice.purpose)]
    details = [defang_text(notice.recipient.name), notice.reference]
    if item.dropped:
        what, details = _("left out of a notice"), [*details, item.get_dropped_display()]
    at = notice.sent_at or notice.tried_at or notice.made_at
    by = notice.sent_by or notice.by or AUTOMATIC
    return TimelineEntry(at=at, by=by, what=what, details=details, repeats=notice.purpose == Purpose.AGAIN)


def reply_entry(reply: Reply) -> TimelineEntry:
    by, said = defang_text(reply.notice.recipient.name), str(SAID[AnswerKind(reply.kind)])
    details, sent_at = [said, decision_in_words(reply), reply.notice.reference], reply.notice.sent_at
    if reply.entered_by:
        details.append(_("entered by %(name)s") % {"name": reply.entered_by})
    details = [each for each in details if each]
    return TimelineEntry(at=reply.received_hour, by=by, what=_("reply"), details=details, after=sent_at)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """Yield replies before notices, so that of two entries at the same time the later step comes first."""
    yield from map(reply_entry, _replies(incident.pk))
    yield from map(notice_entry, _past_items(incident.pk))


@CompiledQuery
def _replies(incident_id: UUID) -> QuerySet[Reply]:
    found = Reply.objects.filter(notice__items__incident=incident_id, notice__items__dropped="")
    return found.select_related("notice__recipient", "entered_by").order_by("-received_hour")[:MOST_OF_A_KIND]


@CompiledQuery
def _past_items(incident_id: UUID) -> QuerySet[NoticeItem]:
    """Entries of notices that were sent, and of incidents left out of one."""
    found = NoticeItem.objects.filter(Q(notice__state=NoticeState.SENT) | ~Q(dropped=""), incident=incident_id)
    # Reminders come last, so that the cap never drops the first notice.
    reminders_last = Case(When(notice__purpose=Purpose.AGAIN, then=1), default=0)
    found = found.select_related("notice__recipient", "notice__by", "notice__sent_by")
    return found.order_by(reminders_last, "-notice__made_at")[:MOST_OF_A_KIND]


def calls_ahead(incident: Incident, user: User) -> list[StatementCall[Any]]:
    """The queries of the sections of notices and replies, and of the entries."""
    asked = (listed_items, _replies, _past_items, sent_items, redactions_of)
    return [*(each.call(incident.pk) for each in asked), listed_replies.call(incident.pk, user)]
