"""Sends a notice: pre-send checks, sealing and committing of what is sent, delivery, and recording of the result.

Delivery is at least once: if a worker dies between the server's acceptance and the commit, the letter is sent again
with the same Message-ID. No lock is held during delivery; an attempt owns its notice until `PATIENCE` has passed.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Least
from django.utils import timezone

from analysts.accounts.alarms import retry_delay
from analysts.incidents.contents import storing
from analysts.incidents.locking import lock_in_order
from analysts.models import (
    Channel,
    Chase,
    DeadReason,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Referral,
    User,
)
from analysts.models.notice import PATIENCE
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.takedown.notices import outbox, rendering
from analysts.takedown.notices.corrections import category_to_state, update_corrections
from analysts.takedown.notices.machine_reports.building import NO_REPORTS, MachineReports, build_reports
from analysts.takedown.notices.post import Away, MailAccepted, MailRefused, post_letter
from analysts.takedown.notices.pre_send_checks import count_by_reason, still_to_send
from analysts.takedown.notices.rendering import Letter
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.recipients.opening_hours import next_opening
from audit.actions import JSON, record_event
from countries.decided_settings import number_in_force

LONGEST_WAIT = timedelta(hours=6)
# The fields of a notice that keep what its letter says.
OF_LETTER = ("template", "sender", "letter_values")


@dataclass(frozen=True, slots=True, repr=False)
class SendingAttempt:
    """A letter to deliver now. `number`: the number of this attempt, counted from 1."""

    notice: Notice
    number: int
    letter: Letter
    reports: MachineReports


def attempt_delivery(*, notice_id: uuid.UUID, now: datetime | None = None) -> None:
    """The body of the sending job. Does nothing if the notice is not due: sent, cancelled, or being sent already."""
    now = now or timezone.now()
    attempt = begin_attempt(notice_id, now=now)
    if attempt is None:
        return
    match post_letter(attempt.notice, attempt.letter, attempt.reports, now=now):
        case MailAccepted():
            mark_sent(attempt.notice, attempt.letter, attempt.reports, by=None, now=now)
        case Away(code):
            retry_later(attempt, code, now=now)
        case MailRefused(reason, code):
            handle_refusal(attempt, reason, code, now=now)
        case answer:
            assert_never(answer)


@transaction.atomic
def begin_attempt(notice_id: uuid.UUID, *, now: datetime) -> SendingAttempt | None:
    """Start an attempt: seal the addresses to send and return the letter; None if there is nothing to send, or sending
    is stopped: the notice then stays due. None as well while its recipient is not verified: it then waits.

    The attempt is counted before delivery, so concurrent jobs find that the notice is not due. Locking the chases first
    waits for concurrent decisions about its addresses, which the pre-send checks then take into account.
    """
    due = Notice.objects.due(now).filter(pk=notice_id)
    if not due.exists() or outbox.find_sending_stop(now):
        return None
    lock_chases(notice_id)
    notice = due.select_for_update(of=("self",)).select_related("recipient").first()
    if notice is None:
        return None
    opens_at = next_opening(notice.recipient, now)
    if opens_at > now:
        # The job is late, and the recipient has closed in the meantime.
        postpone_sending(notice, opens_at, now=now)
        return None
    notice.state, notice.next_try_at = NoticeState.READY, now
    items = still_to_send(notice)
    if not items:
        drop_notice(notice, now=now)
        return None
    if not Channel(notice.recipient.channel).is_mail:
        notice.next_try_at = None
        notice.save(update_fields=["state", "next_try_at"])
        refresh_steps_of_notice(notice, now=now)
        return None
    if notice.attempts >= settings.NOTICE_ATTEMPTS:
        mark_dead(notice, DeadReason.AWAY, None, now=now)
        return None
    if notice.tried_at is None:
        # The notice may have waited for months until the recipient opened.
        reply_links.renew_if_half_over(notice, now=now)
    try:
        letter = rendering.render_letter(notice)
    except rendering.CannotRender as missing:
        mark_dead(notice, missing.reason, None, now=now)
        return None
    seal_copies(notice, items, letter, now=now)
    notice.attempts += 1
    notice.tried_at, notice.next_try_at = now, now + PATIENCE
    copy_letter_fields(notice, letter)
    notice.save(update_fields=["state", "attempts", "tried_at", "next_try_at", *OF_LETTER])
    return SendingAttempt(notice, notice.attempts, letter, build_reports(notice, letter))


def copy_letter_fields(notice: Notice, letter: Letter) -> None:
    notice.template, notice.sender, notice.letter_values = letter.template, letter.sender, dict(letter.values)


def seal_copies(notice: Notice, items: list[NoticeItem], letter: Letter, *, now: datetime) -> None:
    """Store what is sent before it is sent: sealed copies of the addresses, and the number of each in the letter.

    Also notes hosts and numbers for the reply page. A letter without addresses leaves its items as they are.
    """
    if not letter.items:
        return
    hosts = {rendering.host_of(address) for address in letter.addresses.values()}
    reply_links.complete_link(notice, numbers=letter.numbers.values(), hosts=hosts)
    for item in items:
        storing.seal_copy(item, letter.addresses[item.pk], now=now, facts=letter.facts[item.pk])
        item.number, item.category = letter.numbers[item.pk], category_to_state(item)
    NoticeItem.objects.bulk_update(items, ["key", "sealed", "number", "category"], batch_size=100)


@transaction.atomic
def mark_sent(
    notice: Notice, letter: Letter, reports: MachineReports = NO_REPORTS, *, by: User | None, now: datetime
) -> None:
    """Record the notice as sent and its recipient as notified. `by`: the sender; None if it was sent automatically."""
    in_it = NoticeItem.objects.filter(pk__in=letter.addresses)
    chases = lock_chases(notice.pk)
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state == NoticeState.SENT:
        return
    notice.state, notice.sent_at, notice.sent_by = NoticeState.SENT, now, by
    copy_letter_fields(notice, letter)
    notice.dead_reason, notice.dead_code, notice.next_try_at = "", None, None
    fields = ["state", "sent_at", "sent_by", "dead_reason", "dead_code", "next_try_at"]
    notice.save(update_fields=[*fields, *OF_LETTER])
    if Purpose(notice.purpose).row.asks:
        note_recipient_notified(notice, in_it, chases, now=now)
    # Items that were left out during delivery were sent all the same.
    late = list(Incident.objects.filter(notice_items__in=in_it.exclude(dropped="")).order_by("pk"))
    in_it.exclude(dropped="").update(dropped="")
    for incident in late:
        update_corrections(incident, by=by, now=now)
    refresh_steps_of_notice(notice, now=now)
    details: dict[str, JSON] = {"items": len(letter.addresses), "attempts": notice.attempts}
    if reports != NO_REPORTS:
        details |= {"machine_reports": len(reports.files), "without_report": dict(reports.left_out)}
    record_event(by=by, action="notice.sent", on=notice, details=details, at=now)


def note_recipient_notified(
    notice: Notice, in_it: QuerySet[NoticeItem], chases: list[uuid.UUID], *, now: datetime
) -> None:
    """Start the clocks that run from a letter which asks for something. `chases`: the locked ones of its items."""
    notified = Chase.objects.filter(pk__in=chases, incident__in=in_it.values("incident"))
    # A clearance request does not notify anyone who could remove the content, so it starts neither the reminders nor
    # the time to removal.
    holds = PoliceHold.objects.waiting().filter(police=notice.recipient_id)
    notified.filter(noticed_at=None).exclude(incident__in=holds.values("incident")).update(noticed_at=now)
    holds.filter(incident__in=in_it.values("incident"), sent_at=None).order_by().update(sent_at=now)
    notified.update(due_at=Least("due_at", Value(now + timedelta(hours=number_in_force("CHASE_HOURS")))))
    Referral.objects.filter(items__in=in_it, noticed_at=None).update(noticed_at=now)
    # Receipts may now say so.
    Incident.objects.filter(pk__in=list(in_it.values_list("incident", flat=True))).update(unpublished=True)


def lock_chases(notice_id: uuid.UUID) -> list[uuid.UUID]:
    """Lock the incidents of the notice's items, then their open chases, and return the ids of the chases.

    Called before the notice is locked, in the same order as the actions on incidents that run and end chases.
    """
    about = list(NoticeItem.objects.filter(notice=notice_id).values_list("incident", flat=True))
    lock_in_order(Incident.objects.filter(pk__in=about), no_key=True)
    chases = Chase.objects.filter(incident__notice_items__notice=notice_id, ended_at=None).order_by("pk")
    return [chase.pk for chase in chases.select_for_update(of=("self",))]


@transaction.atomic
def retry_later(attempt: SendingAttempt, code: int | None, *, now: datetime) -> None:
    """Schedule the next attempt in the recipient's working hours; mark the notice as failed after the last one."""
    notice = still_ours(attempt)
    if notice is None:
        return
    if notice.attempts >= settings.NOTICE_ATTEMPTS:
        mark_dead(notice, DeadReason.AWAY, code, now=now)
        return
    postpone_sending(
        notice, next_opening(notice.recipient, now + retry_delay(notice.attempts, longest=LONGEST_WAIT)), now=now
    )


@transaction.atomic
def handle_refusal(attempt: SendingAttempt, reason: DeadReason, code: int | None, *, now: datetime) -> None:
    notice = still_ours(attempt)
    if notice is not None:
        mark_dead(notice, reason, code, now=now)


def still_ours(attempt: SendingAttempt) -> Notice | None:
    """The locked notice if it still belongs to the attempt.

    None if the attempt exceeded `PATIENCE` and another one has begun, or a user acted on the notice.
    """
    ours = Notice.objects.filter(pk=attempt.notice.pk, state=NoticeState.READY, attempts=attempt.number)
    return ours.select_for_update(of=("self",)).select_related("recipient").first()


def postpone_sending(notice: Notice, at: datetime, *, now: datetime) -> None:
    field = "scheduled_at" if notice.state == NoticeState.GATHERING else "next_try_at"
    setattr(notice, field, at)
    notice.save(update_fields=[field])
    outbox.schedule_sending(notice, at)
    refresh_steps_of_notice(notice, now=now)


def drop_notice(notice: Notice, *, now: datetime) -> None:
    """Cancel a notice that has no items left to send."""
    notice.state, notice.next_try_at = NoticeState.DROPPED, None
    notice.save(update_fields=["state", "next_try_at"])
    refresh_steps_of_notice(notice, now=now)
    reasons = notice.items.values_list("dropped", flat=True)
    record_event(by=None, action="notice.dropped", on=notice, details={"reasons": count_by_reason(reasons)}, at=now)


def mark_dead(notice: Notice, reason: DeadReason, code: int | None, *, now: datetime) -> None:
    """Mark the notice as failed, so that it waits for staff with the reason."""
    notice.state, notice.next_try_at, notice.tried_at = NoticeState.DEAD, None, now
    notice.dead_reason, notice.dead_code = reason, code
    notice.save(update_fields=["state", "next_try_at", "tried_at", "dead_reason", "dead_code"])
    refresh_steps_of_notice(notice, now=now)
    record_event(by=None, action="notice.dead", on=notice, details={"reason": str(reason), "code": code}, at=now)


def refresh_steps_of_notice(notice: Notice, *, now: datetime) -> None:
    """Refresh the next steps of the incidents in the notice, including those left out of it."""
    refresh_next_steps(set(notice.items.values_list("incident", flat=True)), now=now)
