"""The status of a notice in words: state, time, reason, and what staff have to do."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysts.models import DeadReason, DropReason, Notice, NoticeState, Recipient
from analysts.takedown.notices.outbox import HoldUp


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """The status of a notice. `at`: the time that `label` refers to. `why`: the reason and the next step, or "".

    `is_waiting`: whether the notice needs action by staff.
    """

    label: str
    at: datetime
    why: str = ""
    is_waiting: bool = False


def notice_status(notice: Notice, now: datetime, *, hold_up: HoldUp | None) -> NoticeStatus:
    """Return the status. `hold_up`: why nothing leaves (`outbox.find_hold_up`)."""
    if notice.is_late(now) and not notice.is_sending(now):
        return NoticeStatus(
            _("Overdue since"),
            notice.leaves_at or notice.scheduled_at,
            late_words(notice, hold_up=hold_up),
            is_waiting=True,
        )
    match NoticeState(notice.state):
        case NoticeState.GATHERING:
            return NoticeStatus(
                _("Scheduled for"),
                notice.scheduled_at,
                "" if notice.recipient.is_usable else not_verified(notice.recipient),
            )
        case NoticeState.READY if notice.is_by_hand:
            why = "" if notice.recipient.is_usable else not_verified(notice.recipient)
            return NoticeStatus(_("To send by hand since"), notice.scheduled_at, why, is_waiting=True)
        case NoticeState.READY if notice.is_sending(now):
            return NoticeStatus(_("Sending since"), notice.tried_at or notice.scheduled_at)
        case NoticeState.READY:
            return NoticeStatus(_("Scheduled for"), notice.next_try_at or notice.scheduled_at, attempt_words(notice))
        case NoticeState.SENT:
            return NoticeStatus(_("Sent"), notice.sent_at or notice.scheduled_at)
        case NoticeState.DEAD:
            return NoticeStatus(
                _("Failed"), notice.tried_at or notice.scheduled_at, dead_words(notice), is_waiting=True
            )
        case NoticeState.DROPPED:
            return NoticeStatus(
                _("Cancelled"), notice.tried_at or notice.scheduled_at, _("No address was left to send.")
            )


def late_words(notice: Notice, *, hold_up: HoldUp | None) -> str:
    """Why a notice that should have left has not, as far as is known, and the next step."""
    if hold_up is HoldUp.LOCKDOWN:
        return _(
            "A lockdown holds all letters. You can cancel it meanwhile. It is sent once the server’s administrators"
            " lift the lockdown."
        )
    if hold_up is HoldUp.SENDING_STOPPED:
        return _("Sending is stopped for the whole installation. It is sent once an administrator ends that mode.")
    if hold_up is HoldUp.WORKER_MISSED:
        return _("The background worker is not running. Have it started; until then nothing is sent by e-mail.")
    if not notice.recipient.is_usable:
        return not_verified(notice.recipient)
    if not settings.PUBLIC_URL:
        return no_public_url()
    if not settings.MAIL_HOST and not settings.DEMO:
        return no_mail()
    if notice.attempts:
        return attempt_words(notice) + " " + _("Have the mail server checked, then try again.")
    return _("The background worker runs, but has not sent it. Have its log checked, or send the notice by hand.")


def no_public_url() -> str:
    return _("PUBLIC_URL is not set, so the notice has no reply link. Have it configured, then try again.")


def no_mail() -> str:
    return _("This installation has no mail server. Send it by hand, or have one configured and try again.")


def attempt_words(notice: Notice) -> str:
    if not notice.attempts:
        return ""
    return ngettext(
        "The mail server did not accept it in %(number)d attempt.",
        "The mail server did not accept it in %(number)d attempts.",
        notice.attempts,
    ) % {"number": notice.attempts}


def not_verified(recipient: Recipient) -> str:
    if recipient.has_changed_since_verified:
        return _("The recipient is not verified since it changed. Nothing is sent until it is verified.")
    return _("The recipient is not verified, or no longer used. Nothing is sent until it is verified.")


def dead_words(notice: Notice) -> str:
    """Why a notice failed, and the next step."""
    match DeadReason(notice.dead_reason):
        case DeadReason.REFUSED if notice.dead_code:
            return _(
                "The mail server rejected the notice permanently (code %(code)d). Have the recipient’s e-mail address"
                " corrected and try again, or send it by hand."
            ) % {"code": notice.dead_code}
        case DeadReason.REFUSED:
            return _(
                "The mail server cannot deliver to this e-mail address. Have it corrected and try again, or send it"
                " by hand."
            )
        case DeadReason.AWAY:
            return attempt_words(notice) + " " + _("Have the mail server checked, then try again.")
        case DeadReason.NO_MAIL:
            return no_mail()
        case DeadReason.NO_TEMPLATE:
            return _("There is no text for this kind of recipient. Have an operator write one, then try again.")
        case DeadReason.NO_PLACEHOLDER if not settings.PUBLIC_URL:
            return no_public_url()
        case DeadReason.NO_PLACEHOLDER:
            return _("A placeholder in the text has no value. Have an operator correct the text, then try again.")
        case DeadReason.UNREADABLE:
            return _("An address in the notice cannot be decrypted. Leave it out, then try again.")


# Why an address was left out, and what happens next.
DROPPED = {
    "": "",
    DropReason.MOVED: gettext_lazy(
        "It is now hosted elsewhere. The right recipient is notified once the new route is approved."
    ),
    DropReason.GONE: gettext_lazy("An availability check found it removed."),
    DropReason.ENDED: gettext_lazy("The takedown of the incident ended."),
    DropReason.HELD: gettext_lazy(
        "The police had not granted clearance. It is sent with a later notice once they have."
    ),
    DropReason.UNCONFIRMED: gettext_lazy("Its redaction was not confirmed. It is sent with a later notice once it is."),
    DropReason.UNSEEN: gettext_lazy(
        "The content had not been looked at. It is sent with a later notice once a look is recorded."
    ),
    DropReason.APPEAL: gettext_lazy(
        "An appeal was being reviewed. It is sent with a later notice if the verdict is upheld."
    ),
    DropReason.DENIED: gettext_lazy("The recipient says that it is not with them. Reminders wait for a new trace."),
    DropReason.TAKEN_BACK: gettext_lazy("It is no longer needed, or was withdrawn."),
}
