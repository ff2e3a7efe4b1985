"""What people do about a notice that has not left: hurry it, stop it, try it again, or send it themselves."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from analysts.models import DeadReason, Incident, Notice, NoticeItem, NoticeState, User
from analysts.models.notice import DropReason
from analysts.takedown.notices import outbox, permissions, rendering, reply_links
from analysts.takedown.notices.pre_send_checks import drop_reasons, still_to_send, waiting_items
from analysts.takedown.notices.rendering import Letter
from analysts.takedown.notices.sending import drop_notice, lock_chases, mark_sent, seal_copies
from analysts.takedown.recipients.opening_hours import next_opening
from audit.actions import record_event
from audit.permissions import Denied, Late


def lock_notice(notice: Notice, by: User) -> Notice:
    """The row as it is now, locked until the transaction ends, if it exists for `by`."""
    found = Notice.objects.visible_to(by).select_for_update(of=("self",)).select_related("recipient")
    try:
        return found.get(pk=notice.pk)
    except Notice.DoesNotExist:
        raise Denied(_("This notice does not exist.")) from None


@transaction.atomic
def send_now(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """It gathers no longer, or waits no longer for a mail server that was away."""
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_send_now(by, notice, now=now)
    if notice.state == NoticeState.GATHERING:
        notice.leaves_at = now
    else:
        notice.next_try_at = now
    notice.save(update_fields=["leaves_at", "next_try_at"])
    outbox.schedule_sending(notice, now)
    record_event(by=by, action="notice.send_now", on=notice, at=now)
    return notice


@transaction.atomic
def cancel(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """It is not sent. The steps in it count as not given; no machine gives them again.

    What is of portals that `by` does not work for still leaves.
    """
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_cancel(by, notice, now=now)
    theirs = notice.items.filter(dropped="", incident__in=Incident.objects.visible_to(by))
    items = theirs.update(dropped=DropReason.TAKEN_BACK)
    if not notice.items.filter(dropped="").exists():
        give_up(notice)
    record_event(by=by, action="notice.cancel", on=notice, details={"items": items}, at=now)
    return notice


@transaction.atomic
def leave_out(*, by: User, item: NoticeItem, now: datetime | None = None) -> NoticeItem:
    """One address does not leave with it; the rest does."""
    now = now or timezone.now()
    item.notice = lock_notice(item.notice, by)
    item.refresh_from_db(fields=["dropped"])
    permissions.check_can_leave_out(by, item, now=now)
    item.dropped = DropReason.TAKEN_BACK
    item.save(update_fields=["dropped"])
    if not item.notice.items.filter(dropped="").exists():
        give_up(item.notice)
    record_event(by=by, action="notice.leave_out", on=item.notice, details={"incident": str(item.incident_id)}, at=now)
    return item


def give_up(notice: Notice) -> None:
    notice.state, notice.next_try_at = NoticeState.DROPPED, None
    notice.dead_reason, notice.dead_code = "", None
    notice.save(update_fields=["state", "next_try_at", "dead_reason", "dead_code"])


@transaction.atomic
def try_again(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """A dead one is handed to the mail server again, as often as a new one, in the recipient's working hours."""
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_try_again(by, notice, now=now)
    reset_to_ready(notice, next_try_at=next_opening(notice.recipient, now), now=now)
    record_event(by=by, action="notice.try_again", on=notice, at=now)
    return notice


@transaction.atomic
def send_by_hand(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """No e-mail of it leaves any more: a person tells them."""
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_send_by_hand(by, notice, now=now)
    reset_to_ready(notice, next_try_at=None, now=now)
    record_event(by=by, action="notice.by_hand", on=notice, at=now)
    return notice


def reset_to_ready(notice: Notice, *, next_try_at: datetime | None, now: datetime) -> None:
    if not may_have_arrived(notice) or notice.link.expires_on <= now.date():
        reply_links.renew_link(notice, now=now)
    notice.state, notice.attempts, notice.next_try_at = NoticeState.READY, 0, next_try_at
    notice.dead_reason, notice.dead_code = "", None
    notice.save(update_fields=["state", "attempts", "next_try_at", "dead_reason", "dead_code"])
    if next_try_at:
        outbox.schedule_sending(notice, next_try_at)


def may_have_arrived(notice: Notice) -> bool:
    """Whether a mail server may have taken it, and its answer was lost: who has it already gets the same once more."""
    return notice.attempts > 0 and notice.dead_reason in ("", DeadReason.AWAY)


@transaction.atomic
def read_letter(*, by: User, notice: Notice, now: datetime | None = None) -> Letter | None:
    """Its words as they are to leave, or left; None where nothing in it is to leave any more. On record.

    What a person is about to send has had its last look.

    Raises:
        rendering.Missing: it cannot be written.
        outgoing.Unconfirmed: somebody has to say first what may leave of an address.
    """
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_read(by, notice)
    if notice.is_by_hand:
        if not still_to_send(notice):
            drop_notice(notice, now=now)
            return None
        reply_links.renew_if_half_over(notice, now=now)
    letter = rendering.render_letter(notice)
    record_event(by=by, action="notice.read", on=notice, details={"items": len(letter.addresses)}, at=now)
    return letter


@transaction.atomic
def record_sent(*, by: User, notice: Notice, seen: str, now: datetime | None = None) -> Notice:
    """`by` has told the recipient. `seen`: the mark of the letter that they had before them."""
    now = now or timezone.now()
    lock_chases(notice.pk)
    notice = lock_notice(notice, by)
    permissions.check_can_record_sent(by, notice, now=now)
    items = waiting_items(notice)
    if not items or drop_reasons(items, notice.recipient):
        raise Late(_("It has changed since you read it: something in it must not leave any more. Read it again."))
    try:
        letter = rendering.render_letter(notice)
    except rendering.CannotRender:
        raise Late(_("It has changed since you read it, and cannot be written any more. Read it again.")) from None
    if not constant_time_compare(seen, mark_of(letter)):
        raise Late(_("It has changed since you read it. Read it again, and tell them what is different."))
    seal_copies(notice, items, letter, now=now)
    mark_sent(notice, letter, by=by, now=now)
    return notice


def mark_of(letter: Letter) -> str:
    """What tells this letter from any other, and tells nothing else about it."""
    words = [letter.subject, letter.body, letter.attachment.decode()]
    return salted_hmac("analysts.takedown.notices.letter", "\0".join(words), algorithm="sha256").hexdigest()


@transaction.atomic
def view_list(*, by: User, box: str, now: datetime | None = None) -> None:
    """Put on record that a list of notices was seen."""
    permissions.check_can_see_notices(by)
    record_event(by=by, action="notice.view", details={"box": str(box)}, at=now or timezone.now())


@transaction.atomic
def view_notice(*, by: User, notice: Notice, now: datetime | None = None) -> None:
    """Put on record that a notice was seen, its addresses masked."""
    permissions.check_can_see_notices(by)
    record_event(by=by, action="notice.view", on=notice, at=now or timezone.now())
