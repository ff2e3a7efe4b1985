"""What was done after the verdict, as lines of the incident's history: traces, routes, letters, answers, checks."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import chain

from django.db.models import Case, Q, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.assessment.timeline_entries import AUTOMATIC, Entry
from analysts.incidents.display_safe import harmless
from analysts.models import (
    AvailabilityCheck,
    Chase,
    HostingTrace,
    Incident,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Reply,
    Route,
    Step,
    UrlListEntry,
)
from analysts.takedown.notices.reply_section import SAID
from countries.languages import country_in_words
from reports.notices import AnswerKind

# Of each noun the latest so many.
MOST_OF_A_KIND = 50


def after_verdict(incident: Incident) -> Iterator[Entry]:
    """Not by time. Asks once for each noun, and for nothing where the incident was never found illegal."""
    if not incident.known_chases:
        return
    traces = incident.traces.select_related("by", "provider").order_by("-at")[:MOST_OF_A_KIND]
    routes = incident.routes.select_related("by").order_by("-at")[:MOST_OF_A_KIND]
    holds = incident.police_holds.select_related("by", "recorded_by", "police").order_by("-at")[:MOST_OF_A_KIND]
    items = (
        incident.notice_items.filter(Q(notice__state=NoticeState.SENT) | ~Q(dropped=""))
        .select_related("notice__addressee", "notice__by", "notice__sent_by")
        # Reminders last: none of them takes the place of who was told first.
        .order_by(Case(When(notice__purpose=Purpose.AGAIN, then=1), default=0), "-notice__made_at")[:MOST_OF_A_KIND]
    )
    replies = (
        Reply.objects.filter(notice__items__incident=incident, notice__items__dropped="")
        .select_related("notice__addressee")
        .order_by("-received_hour")[:MOST_OF_A_KIND]
    )
    checks = incident.checks.select_related("by").order_by("-at")[:MOST_OF_A_KIND]
    taken = incident.url_list_entries.filter(removed_on__isnull=False).order_by("-removed_on")[:MOST_OF_A_KIND]
    # Of one moment what follows first, as the list begins with the newest.
    yield from chain(
        (taken_off(entry, incident.known_chases) for entry in taken),
        chain.from_iterable(map(ended, incident.known_chases)),
        *(map(checked, checks), map(replied, replies), map(written, items)),
        *(chain.from_iterable(map(asked_police, holds)), map(routed, routes), map(traced, traces)),
    )


def traced(trace: HostingTrace) -> Entry:
    place = [
        country_in_words(trace.country),
        harmless(trace.provider.name),
        harmless(trace.network),
        harmless(trace.note),
    ]
    details = [trace.get_method_display(), *filter(None, place)]
    return Entry(at=trace.at, by=trace.by, what=_("traced"), details=details)


def routed(route: Route) -> Entry:
    steps = [str(Step(step).label) for step in route.steps]
    other = [harmless(route.reason)] if route.reason else []
    return Entry(
        at=route.at, by=route.by, what=_("route confirmed"), details=[country_in_words(route.country), *steps, *other]
    )


def asked_police(hold: PoliceHold) -> Iterator[Entry]:
    police = harmless(hold.police.name)
    yield Entry(at=hold.at, by=hold.by, what=_("police asked for clearance"), details=[police])
    if hold.recorded_at and hold.recorded_by and hold.answered_on:
        on = _("on %(date)s") % {"date": date_format(hold.answered_on, "j M Y")}
        details = [hold.get_answer_display(), on, harmless(hold.reference)]
        yield Entry(at=hold.recorded_at, by=hold.recorded_by, what=_("answer of the police"), details=details)


def written(item: NoticeItem) -> Entry:
    notice = item.notice
    what = {
        Purpose.FIRST: _("notice sent"),
        Purpose.AGAIN: _("reminder sent"),
        Purpose.ESCALATION: _("escalation sent"),
        Purpose.CLEARANCE: _("question sent to the police"),
    }[Purpose(notice.purpose)]
    details = [harmless(notice.addressee.name), notice.reference]
    if item.dropped:
        what, details = _("left out of a notice"), [*details, item.get_dropped_display()]
    at = notice.sent_at or notice.tried_at or notice.made_at
    by = notice.sent_by or notice.by or AUTOMATIC
    return Entry(at=at, by=by, what=what, details=details, repeats=notice.purpose == Purpose.AGAIN)


def replied(reply: Reply) -> Entry:
    by, said = harmless(reply.notice.addressee.name), str(SAID[AnswerKind(reply.kind)])
    details, sent_at = [said, reply.notice.reference], reply.notice.sent_at
    return Entry(at=reply.received_hour, by=by, what=_("answer"), details=details, after=sent_at)


def checked(check: AvailabilityCheck) -> Entry:
    return Entry(at=check.at, by=check.by, what=_("looked at"), details=[check.get_outcome_display()], repeats=True)


def taken_off(entry: UrlListEntry, chases: Iterable[Chase]) -> Entry:
    """That it was put there stands among the referrals. Only the day is kept, and its end stands for it; who it was
    stands on the audit record, where it did not come off with the end of the chase."""
    day = entry.removed_on or entry.added_on
    by = AUTOMATIC if day in {chase.ended_at.date() for chase in chases if chase.ended_at} else _("a colleague")
    at = datetime.combine(day, time.max, tzinfo=UTC)
    return Entry(at=at, by=by, what=_("off the URL list"), details=[], is_day=True)


def ended(chase: Chase) -> Iterator[Entry]:
    """Both are acts of people; the row does not know whose."""
    if chase.escalated_at:
        yield Entry(at=chase.escalated_at, by="", what=_("escalated"), details=[])
    if chase.ended_at:
        gone = [_("gone")] if chase.is_gone else []
        yield Entry(at=chase.ended_at, by="", what=_("work ended"), details=gone)
