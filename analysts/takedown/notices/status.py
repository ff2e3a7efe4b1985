"""How a notice stands, in plain words: what is with it, since or until when, and what a person has to do."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.models import DeadReason, DropReason, Notice, NoticeState


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """`label` in two words; `at`: since or until when, as `label` says; `why`: what is behind it, "" where that is all.

    `waits`: for a person.
    """

    label: str
    at: datetime
    why: str = ""
    waits: bool = False


def notice_status(notice: Notice, now: datetime) -> NoticeStatus:
    match NoticeState(notice.state):
        case NoticeState.GATHERING:
            return NoticeStatus(_("leaves"), notice.leaves_at, "" if notice.recipient.is_usable else not_verified())
        case NoticeState.READY if notice.is_by_hand:
            return NoticeStatus(_("to be sent by hand since"), notice.leaves_at, waits=True)
        case NoticeState.READY if notice.is_leaving(now):
            return NoticeStatus(_("is being sent since"), notice.tried_at or notice.leaves_at)
        case NoticeState.READY:
            return NoticeStatus(_("leaves"), notice.next_try_at or notice.leaves_at, attempt_words(notice))
        case NoticeState.SENT:
            return NoticeStatus(_("sent"), notice.sent_at or notice.leaves_at)
        case NoticeState.DEAD:
            return NoticeStatus(
                _("could not be sent"), notice.tried_at or notice.leaves_at, dead_words(notice), waits=True
            )
        case NoticeState.DROPPED:
            return NoticeStatus(
                _("was not sent"), notice.tried_at or notice.leaves_at, _("Nothing in it was to leave.")
            )


def attempt_words(notice: Notice) -> str:
    if not notice.attempts:
        return ""
    return ngettext(
        "The mail server did not take it in %(number)d attempt.",
        "The mail server did not take it in %(number)d attempts.",
        notice.attempts,
    ) % {"number": notice.attempts}


def not_verified() -> str:
    return _("Nobody has made sure yet that the recipient is who it should be. Nothing leaves before.")


def dead_words(notice: Notice) -> str:
    """Why, and what helps."""
    match DeadReason(notice.dead_reason):
        case DeadReason.REFUSED if notice.dead_code:
            return _(
                "The mail server refuses it for good (code %(code)d). Have the e-mail address of the recipient"
                " corrected and try again, or send it by hand."
            ) % {"code": notice.dead_code}
        case DeadReason.REFUSED:
            return _(
                "The mail server cannot deliver to this e-mail address. Have it corrected and try again, or send it"
                " by hand."
            )
        case DeadReason.AWAY:
            return attempt_words(notice) + " " + _("Have somebody look at the mail server, then try again.")
        case DeadReason.NO_MAIL:
            return _("This installation has no mail server. Send it by hand, or have one set and try again.")
        case DeadReason.NO_TEMPLATE:
            return _("There is no text for this kind of recipient. Have an operator write one, then try again.")
        case DeadReason.NO_PLACEHOLDER:
            return _("Its text asks for something that there is not. Have an operator correct it, then try again.")
        case DeadReason.NOT_VERIFIED:
            return _("The recipient is not verified, or no longer used. Have it verified, then try again.")
        case DeadReason.UNREADABLE:
            return _("An address in it cannot be opened. Leave it out, then try again.")


def drop_words(dropped: str) -> str:
    """Why an address was left out, and what follows; "" where it was not."""
    if not dropped:
        return ""
    match DropReason(dropped):
        case DropReason.MOVED:
            return _("It is hosted elsewhere now: whoever approves its new route has the right recipient told.")
        case DropReason.GONE:
            return _("A look found it gone.")
        case DropReason.ENDED:
            return _("The work on the incident ended.")
        case DropReason.HELD:
            return _("The police had not cleared it. It leaves with a later notice once they have.")
        case DropReason.UNCONFIRMED:
            return _(
                "Nobody had confirmed what may leave of its address. It leaves with a later notice once somebody has."
            )
        case DropReason.TAKEN_BACK:
            return _("It is not needed any more, or a person took it back.")
