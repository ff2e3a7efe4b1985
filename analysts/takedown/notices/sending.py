"""A letter leaves: a last look, what is sent sealed and committed, then the mail server, then what it said.

At least once: a worker that dies between the server's yes and the commit sends it again, with the same Message-ID.
Nothing is locked while the server is waited for; a notice is its attempt's until `PATIENCE` is over.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import assert_never

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Least
from django.utils import timezone

from analysts.incidents import contents
from analysts.models import Channel, Chase, DeadReason, Notice, NoticeItem, NoticeState, PoliceHold, Referral, User
from analysts.models.notice import PATIENCE
from analysts.takedown.notices import outbox, rendering, reply_links
from analysts.takedown.notices.post import Away, MailAccepted, MailRefused, post_letter
from analysts.takedown.notices.pre_send_checks import count_by_reason, still_to_send
from analysts.takedown.notices.rendering import Letter
from analysts.takedown.recipients.opening_hours import next_opening
from audit.actions import JSON, record_event

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True, repr=False)
class SendingAttempt:
    """A letter as it leaves now, and which of its notice's attempts this is."""

    notice: Notice
    number: int
    letter: Letter


def attempt_delivery(*, notice_id: uuid.UUID, now: datetime | None = None) -> None:
    """What the job does. Nothing where nothing is due: it left, it was taken back, or somebody else is sending it."""
    now = now or timezone.now()
    attempt = begin_attempt(notice_id, now=now)
    if attempt is None:
        return
    match post_letter(attempt.notice, attempt.letter, now=now):
        case MailAccepted():
            mark_sent(attempt.notice, attempt.letter, by=None, now=now)
        case Away(code):
            retry_later(attempt, code, now=now)
        case MailRefused(reason, code):
            handle_refusal(attempt, reason, code, now=now)
        case answer:
            assert_never(answer)


@transaction.atomic
def begin_attempt(notice_id: uuid.UUID, *, now: datetime) -> SendingAttempt | None:
    """The letter to hand to the mail server now, with what leaves sealed in its rows; None where there is none.

    Whoever else comes meanwhile finds that the notice is not due: this counts as an attempt, whatever becomes of it.
    What somebody just decides about an address in it is waited for, and looked at.
    """
    due = Notice.objects.due(now).filter(pk=notice_id)
    if not due.exists():
        return None
    lock_chases(notice_id)
    notice = due.select_for_update(of=("self",)).select_related("recipient").first()
    if notice is None:
        return None
    opens_at = next_opening(notice.recipient, now)
    if opens_at > now:
        # Late, and by now their office is closed.
        postpone_sending(notice, opens_at)
        return None
    notice.state, notice.next_try_at = NoticeState.READY, now
    items = still_to_send(notice)
    if not items:
        drop_notice(notice, now=now)
        return None
    if not notice.recipient.is_usable:
        mark_dead(notice, DeadReason.NOT_VERIFIED, None, now=now)
        return None
    if notice.recipient.channel != Channel.EMAIL:
        notice.next_try_at = None
        notice.save(update_fields=["state", "next_try_at"])
        return None
    if notice.attempts >= settings.NOTICE_ATTEMPTS:
        mark_dead(notice, DeadReason.AWAY, None, now=now)
        return None
    if notice.tried_at is None:
        # It may have waited for months until their office opened.
        reply_links.renew_if_half_over(notice, now=now)
    try:
        letter = rendering.render_letter(notice)
    except rendering.CannotRender as missing:
        mark_dead(notice, missing.reason, None, now=now)
        return None
    seal_copies(notice, items, letter, now=now)
    notice.attempts += 1
    notice.tried_at, notice.next_try_at = now, now + PATIENCE
    notice.template = letter.template
    notice.save(update_fields=["state", "attempts", "tried_at", "next_try_at", "template"])
    return SendingAttempt(notice, notice.attempts, letter)


def seal_copies(notice: Notice, items: list[NoticeItem], letter: Letter, *, now: datetime) -> None:
    """Keep what is sent, before it is: whatever was sent can be told. Its link shows the host, if there is but one."""
    hosts = dict.fromkeys(rendering.host_of(address) for address in letter.addresses.values())
    # Of several, one is another one than what it shows.
    for host in islice(hosts, 2):
        reply_links.add_host_to_link(notice, host_text=host)
    for item in items:
        contents.seal_copy(item, letter.addresses[item.pk], now=now)
    NoticeItem.objects.bulk_update(items, ["key", "sealed"], batch_size=100)


@transaction.atomic
def mark_sent(notice: Notice, letter: Letter, *, by: User | None, now: datetime) -> None:
    """It is with them. `by`: who sent it, where a person did."""
    in_it = NoticeItem.objects.filter(pk__in=letter.addresses)
    chases = lock_chases(notice.pk)
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state == NoticeState.SENT:
        return
    notice.state, notice.sent_at, notice.sent_by, notice.template = NoticeState.SENT, now, by, letter.template
    notice.dead_reason, notice.dead_code, notice.next_try_at = "", None, None
    notice.save(update_fields=["state", "sent_at", "sent_by", "template", "dead_reason", "dead_code", "next_try_at"])
    told = Chase.objects.filter(pk__in=chases, incident__in=in_it.values("incident"))
    # A question for clearance tells nobody who could take it down: neither reminders nor the time to removal begin.
    asked = PoliceHold.objects.waiting().filter(police=notice.recipient_id).values("incident")
    told.filter(noticed_at=None).exclude(incident__in=asked).update(noticed_at=now)
    told.update(due_at=Least("due_at", Value(now + timedelta(hours=settings.CHASE_HOURS))))
    Referral.objects.filter(items__in=in_it, noticed_at=None).update(noticed_at=now)
    # What ended while the letter was on its way was told all the same.
    in_it.exclude(dropped="").update(dropped="")
    details: dict[str, JSON] = {"items": len(letter.addresses), "attempts": notice.attempts}
    record_event(by=by, action="notice.sent", on=notice, details=details, at=now)


def lock_chases(notice_id: uuid.UUID) -> list[uuid.UUID]:
    """The open chases of what is in it, locked before it is: as whoever runs or ends a chase takes its locks."""
    chases = Chase.objects.filter(incident__notice_items__notice=notice_id, ended_at=None).order_by("pk")
    return [chase.pk for chase in chases.select_for_update(of=("self",))]


@transaction.atomic
def retry_later(attempt: SendingAttempt, code: int | None, *, now: datetime) -> None:
    """Another attempt after a while, in the recipient's working hours; dead after the last one."""
    notice = still_ours(attempt)
    if notice is None:
        return
    if notice.attempts >= settings.NOTICE_ATTEMPTS:
        mark_dead(notice, DeadReason.AWAY, code, now=now)
        return
    postpone_sending(notice, next_opening(notice.recipient, now + retry_delay(notice.attempts)))


@transaction.atomic
def handle_refusal(attempt: SendingAttempt, reason: DeadReason, code: int | None, *, now: datetime) -> None:
    notice = still_ours(attempt)
    if notice is not None:
        mark_dead(notice, reason, code, now=now)


def still_ours(attempt: SendingAttempt) -> Notice | None:
    """Locked; None where the attempt lasted too long and another one has begun, or a person acted since."""
    ours = Notice.objects.filter(pk=attempt.notice.pk, state=NoticeState.READY, attempts=attempt.number)
    return ours.select_for_update(of=("self",)).select_related("recipient").first()


def retry_delay(attempts: int) -> timedelta:
    """After the first attempt a minute, each time twice as long, up to six hours."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


def postpone_sending(notice: Notice, at: datetime) -> None:
    field = "leaves_at" if notice.state == NoticeState.GATHERING else "next_try_at"
    setattr(notice, field, at)
    notice.save(update_fields=[field])
    outbox.schedule_sending(notice, at)


def drop_notice(notice: Notice, *, now: datetime) -> None:
    """Nothing in it is to be sent any more."""
    notice.state, notice.next_try_at = NoticeState.DROPPED, None
    notice.save(update_fields=["state", "next_try_at"])
    reasons = notice.items.values_list("dropped", flat=True)
    record_event(by=None, action="notice.dropped", on=notice, details={"reasons": count_by_reason(reasons)}, at=now)


def mark_dead(notice: Notice, reason: DeadReason, code: int | None, *, now: datetime) -> None:
    """It waits for a person, who reads why."""
    notice.state, notice.next_try_at, notice.tried_at = NoticeState.DEAD, None, now
    notice.dead_reason, notice.dead_code = reason, code
    notice.save(update_fields=["state", "next_try_at", "tried_at", "dead_reason", "dead_code"])
    record_event(by=None, action="notice.dead", on=notice, details={"reason": str(reason), "code": code}, at=now)
