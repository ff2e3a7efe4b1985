"""Timeline entries of an incident for notices and replies."""

from collections.abc import Iterator

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _

from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.timeline import AUTOMATIC, MOST_OF_A_KIND, TimelineEntry
from analysts.models import Confirmation, Incident, NoticeItem, NoticeState, Purpose, Reply
from analysts.takedown.notices.replies.page_section import decision_in_words
from reports.notices import AnswerKind


def notice_entry(item: NoticeItem) -> TimelineEntry:
    notice = item.notice
    title = {
        Purpose.FIRST: _("notice sent"),
        Purpose.AGAIN: _("reminder sent"),
        Purpose.ESCALATION: _("escalation sent"),
        Purpose.CLEARANCE: _("clearance request sent to the police"),
        Purpose.CORRECTION: _("correction sent"),
        Purpose.BACK: _("question answered"),
        Purpose.OUTCOME: _("outcome of the appeal sent"),
        Purpose.ALERT: _("alert sent before a verdict"),
    }[Purpose(notice.purpose)]
    details = [defang_text(notice.recipient.name), notice.reference]
    if item.dropped:
        title, details = _("left out of a notice"), [*details, item.get_dropped_display()]
    at = notice.sent_at or notice.tried_at or notice.made_at
    by = notice.sent_by or notice.by or AUTOMATIC
    return TimelineEntry(at=at, by=by, title=title, details=details, repeats=notice.purpose == Purpose.AGAIN)


def call_entry(reply: Reply) -> TimelineEntry:
    """The call back about an answer of the police."""
    details = [reply.get_confirmation_display(), reply.notice.reference]
    by = reply.confirmed_by or AUTOMATIC
    return TimelineEntry(at=reply.confirmed_at or reply.received_at, by=by, title=_("called back"), details=details)


def reply_entry(reply: Reply) -> TimelineEntry:
    by, answer = defang_text(reply.notice.recipient.name), str(ANSWER_KINDS[AnswerKind(reply.kind)].label)
    case_number, sent_at = defang_text(reply.case_number), reply.notice.sent_at
    details = [answer, decision_in_words(reply), case_number, reply.notice.reference]
    if reply.entered_by and reply.confirmation != Confirmation.INBOX:
        details.append(_("entered by %(name)s") % {"name": reply.entered_by})
    details = [detail for detail in details if detail]
    # Replies of earlier releases have their hour only, which may be that of the notice.
    at = max(reply.received_at, sent_at) if sent_at else reply.received_at
    return TimelineEntry(at=at, by=by, title=_("reply"), details=details, after=sent_at)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """Yield replies before notices, so that of two entries at the same time the later step comes first."""
    people = ("entered_by", "confirmed_by")
    replies = Reply.objects.about(incident).select_related("notice__recipient", *people).order_by("-received_at")
    for reply in replies[:MOST_OF_A_KIND]:
        if reply.confirmation in (Confirmation.CALL, Confirmation.DENIED):
            yield call_entry(reply)
        yield reply_entry(reply)
    # Items of notices that were sent, and items left out of one.
    items = NoticeItem.objects.filter(Q(notice__state=NoticeState.SENT) | ~Q(dropped=""), incident=incident)
    items = items.select_related("notice__recipient", "notice__by", "notice__sent_by")
    # Reminders come last, so that the cap never drops the first notice.
    reminders_last = Case(When(notice__purpose=Purpose.AGAIN, then=1), default=0)
    yield from map(notice_entry, items.order_by(reminders_last, "-notice__made_at")[:MOST_OF_A_KIND])
