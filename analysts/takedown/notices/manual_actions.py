"""Staff actions on an unsent notice: send now, cancel, leave out an address, try again, send by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import DeadReason, Incident, Notice, NoticeItem, NoticeState, User
from analysts.models.notice import DropReason
from analysts.takedown.notices import outbox, permissions, rendering
from analysts.takedown.notices.pre_send_checks import drop_reasons, still_to_send, waiting_items
from analysts.takedown.notices.rendering import Letter
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.sending import drop_notice, lock_chases, mark_sent, refresh_steps_of_notice, seal_copies
from analysts.takedown.recipients.opening_hours import next_opening
from analysts.welfare import exposure
from analysts.welfare.meter import MOST_AN_EVENT, Door, pass_door
from audit.actions import record_event, record_view
from audit.permissions import Denied, Late


def lock_notice(notice: Notice, by: User) -> Notice:
    """Reload and lock the notice until the transaction ends.

    Raises:
        Denied: the notice is not visible to `by`.
    """
    notices = Notice.objects.visible_to(by).select_for_update(of=("self",)).select_related("recipient")
    try:
        return notices.get(pk=notice.pk)
    except Notice.DoesNotExist:
        raise Denied(_("This notice does not exist.")) from None


@transaction.atomic
def send_now(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """Send a gathering notice, or one that waits for its next attempt, at once."""
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_send_now(by, notice, now=now)
    if notice.state == NoticeState.GATHERING:
        notice.scheduled_at = now
    else:
        notice.next_try_at = now
    notice.save(update_fields=["scheduled_at", "next_try_at"])
    outbox.schedule_sending(notice, now)
    refresh_steps_of_notice(notice, now=now)
    record_event(by=by, action="notice.send_now", on=notice, at=now)
    return notice


@transaction.atomic
def cancel(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """Cancel the notice. Its steps count as not taken and are not planned again automatically.

    Items from portals that `by` does not work for are still sent.
    """
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_cancel(by, notice, now=now)
    visible_items = notice.items.filter(dropped="", incident__in=Incident.objects.visible_to(by))
    items = visible_items.update(dropped=DropReason.TAKEN_BACK)
    if not notice.items.filter(dropped="").exists():
        give_up(notice)
    refresh_steps_of_notice(notice, now=now)
    record_event(by=by, action="notice.cancel", on=notice, details={"items": items}, at=now)
    return notice


@transaction.atomic
def leave_out(*, by: User, item: NoticeItem, now: datetime | None = None) -> NoticeItem:
    """Leave one address out of the notice; the others are still sent."""
    now = now or timezone.now()
    item.notice = lock_notice(item.notice, by)
    item.refresh_from_db(fields=["dropped"])
    permissions.check_can_leave_out(by, item, now=now)
    item.dropped = DropReason.TAKEN_BACK
    item.save(update_fields=["dropped"])
    if not item.notice.items.filter(dropped="").exists():
        give_up(item.notice)
    refresh_steps_of_notice(item.notice, now=now)
    record_event(by=by, action="notice.leave_out", on=item.notice, details={"incident": str(item.incident_id)}, at=now)
    return item


def give_up(notice: Notice) -> None:
    notice.state, notice.next_try_at = NoticeState.DROPPED, None
    notice.dead_reason, notice.dead_code = "", None
    notice.save(update_fields=["state", "next_try_at", "dead_reason", "dead_code"])


@transaction.atomic
def try_again(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """Retry a failed notice with a fresh count of attempts, during the recipient's working hours."""
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_try_again(by, notice, now=now)
    reset_to_ready(notice, next_try_at=next_opening(notice.recipient, now), now=now)
    refresh_steps_of_notice(notice, now=now)
    record_event(by=by, action="notice.try_again", on=notice, at=now)
    return notice


@transaction.atomic
def send_by_hand(*, by: User, notice: Notice, now: datetime | None = None) -> Notice:
    """Stop e-mail delivery of the notice: a member of staff sends it by hand."""
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_send_by_hand(by, notice, now=now)
    reset_to_ready(notice, next_try_at=None, now=now)
    refresh_steps_of_notice(notice, now=now)
    record_event(by=by, action="notice.by_hand", on=notice, at=now)
    return notice


def reset_to_ready(notice: Notice, *, next_try_at: datetime | None, now: datetime) -> None:
    if not may_have_arrived(notice) or notice.link.expires_on <= now.date():
        reply_links.renew_link(notice, now=now)
        notice.letter_values = {}
    notice.state, notice.attempts, notice.next_try_at = NoticeState.READY, 0, next_try_at
    notice.dead_reason, notice.dead_code = "", None
    fields = ["state", "attempts", "next_try_at", "dead_reason", "dead_code", "letter_values"]
    notice.save(update_fields=fields)
    if next_try_at:
        outbox.schedule_sending(notice, next_try_at)


def may_have_arrived(notice: Notice) -> bool:
    """Whether a mail server may have accepted the notice although its response was lost.

    The recipient may then have the letter, so a retry has to repeat it unchanged, including its link.
    """
    return notice.attempts > 0 and notice.dead_reason in ("", DeadReason.AWAY)


@dataclass(frozen=True, slots=True, repr=False)
class LetterPage:
    """One page of a letter, counted from 1: at most MOST_AN_EVENT addresses. Only the first has the text."""

    letter: Letter
    number: int
    pages: int

    @property
    def items(self) -> Sequence[NoticeItem]:
        return self.letter.items[self._first : self._first + MOST_AN_EVENT]

    @property
    def table(self) -> str:
        """The headings of the attached table, and its lines of this page."""
        headings, lines = self.letter.table[:1], self.letter.table[1:]
        return "".join([*headings, *lines[self._first : self._first + MOST_AN_EVENT]])

    @property
    def case_file(self) -> str:
        """The title of the attached facts, and their blocks of this page; "" for recipients who get none."""
        title, blocks = self.letter.case_file[:1], self.letter.case_file[1:]
        return "".join([*title, *blocks[self._first : self._first + MOST_AN_EVENT]])

    @property
    def has_text(self) -> bool:
        return self.number == 1

    @property
    def characters(self) -> int:
        """The characters on the page."""
        return len(self.letter.body if self.has_text else "") + len(self.table) + len(self.case_file)

    @property
    def _first(self) -> int:
        return (self.number - 1) * MOST_AN_EVENT


@transaction.atomic
def read_letter(*, by: User, notice: Notice, page: int = 1, now: datetime | None = None) -> LetterPage | None:
    """Return a page of the letter as it will be or was sent; its addresses count as revealed to `by`.

    A notice to be sent by hand passes the pre-send checks first. Returns None if they leave nothing to send. Only such
    a letter has its reply link, and the notice says from then on that staff have seen it.

    Raises:
        rendering.CannotRender: the letter cannot be generated.
        redaction.Unconfirmed: the redaction of an address has to be confirmed first.
    """
    now = now or timezone.now()
    notice = lock_notice(notice, by)
    permissions.check_can_read(by, notice)
    if notice.is_by_hand:
        if not still_to_send(notice):
            drop_notice(notice, now=now)
            return None
        reply_links.renew_if_half_over(notice, now=now)
    letter = rendering.render_letter(notice, shows_link=notice.is_by_hand)
    pages = max(1, ceil(len(letter.items) / MOST_AN_EVENT))
    letter_page = LetterPage(letter, min(max(1, page), pages), pages)
    shows_link = notice.is_by_hand and letter_page.has_text
    if shows_link and notice.link_read_at is None:
        notice.link_read_at = now
        notice.save(update_fields=["link_read_at"])
    exposure.count_characters(by, letter_page.characters, now=now)
    pass_door(
        Door.LETTER,
        by=by,
        incidents=[item.incident for item in letter_page.items],
        notice=notice,
        details={"items": len(letter.items), "page": letter_page.number, "link": shows_link},
        now=now,
    )
    return letter_page


@transaction.atomic
def record_sent(*, by: User, notice: Notice, digest_on_page: str, now: datetime | None = None) -> Notice:
    """Record that `by` sent the notice by hand. `digest_on_page`: `mark_of` the letter that was on their screen.

    Raises:
        Late: the letter has changed since.
    """
    now = now or timezone.now()
    lock_chases(notice.pk)
    notice = lock_notice(notice, by)
    permissions.check_can_record_sent(by, notice, now=now)
    items = waiting_items(notice)
    if not items or drop_reasons(items, notice.recipient):
        raise Late(_("The notice has changed since you read it: an address must no longer be sent. Read it again."))
    try:
        letter = rendering.render_letter(notice)
    except rendering.CannotRender:
        raise Late(_("The notice has changed since you read it, and its text can no longer be generated.")) from None
    if not constant_time_compare(digest_on_page, mark_of(letter)):
        raise Late(
            _("The notice has changed since you read it. Read it again, and send the recipient the differences.")
        )
    seal_copies(notice, items, letter, now=now)
    mark_sent(notice, letter, by=by, now=now)
    return notice


def mark_of(letter: Letter) -> str:
    """A keyed digest that identifies the letter without revealing its content."""
    words = [letter.subject, letter.body, letter.attachment.decode(), *letter.case_file]
    return salted_hmac("analysts.takedown.notices.letter", "\0".join(words), algorithm="sha256").hexdigest()


def view_list(*, by: User, box: str, now: datetime | None = None) -> None:
    """Record that `by` viewed a list of notices."""
    check_sees_content(by)
    record_view(by=by, action="notice.view", details={"box": str(box)}, at=now or timezone.now())


def view_notice(*, by: User, notice: Notice, now: datetime | None = None) -> None:
    """Record that `by` viewed a notice with its addresses masked."""
    check_sees_content(by)
    record_view(by=by, action="notice.view", on=notice, at=now or timezone.now())
