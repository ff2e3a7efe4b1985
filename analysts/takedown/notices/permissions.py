"""Permissions for notices and replies: analysts and senior analysts, for incidents that they may see.

And for notice texts, which contain no report data.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.incidents.bulk_actions import check_is_free
from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, Notice, NoticeItem, NoticeState, PoliceHold, Purpose, Recipient, Reply, User
from analysts.takedown.recipients.opening_hours import next_opening
from audit.permissions import Denied, Late
from countries.models import Portal

TEXT_READERS, check_can_read_texts = restrict_to(
    CONTENT_ROLES | {Role.OPERATOR}, _("Only analysts and operators can see notice texts.")
)
TEXT_WRITERS, check_can_write_texts = restrict_to({Role.OPERATOR}, _("Only operators can change notice texts."))


def check_can_read(user: User, notice: Notice) -> None:
    """The letter lists all addresses, so the reader must be allowed to see every incident in it."""
    check_sees_content(user)
    if notice.state == NoticeState.DROPPED:
        raise Denied(_("This notice is cancelled."))
    check_sees_all(user, notice)


def check_sees_all(user: User, notice: Notice) -> None:
    """Whether the user works for the portals of all included items. Required for actions on the whole letter."""
    if notice.items.filter(dropped="").exclude(incident__portals__overlap=user.portal_array).exists():
        takes = {"portals": readers_of([notice.pk])[notice.pk]}
        raise Denied(
            _("This notice also covers portals you do not work for. Ask a colleague who works for %(portals)s.") % takes
        )


def check_can_stop(user: User, notice: Notice, *, now: datetime) -> None:
    """Whether sending of the notice can still be stopped."""
    check_sees_content(user)
    if notice.state == NoticeState.SENT:
        raise Denied(_("This notice has been sent."))
    if notice.state == NoticeState.DROPPED:
        raise Denied(_("This notice is cancelled."))
    if notice.is_sending(now):
        raise Denied(_("This notice is being sent. Check again in a few minutes."))


def check_can_cancel(user: User, notice: Notice, *, now: datetime) -> None:
    """Cancelling affects only the items from the user's own portals; at least one must be included."""
    check_can_stop(user, notice, now=now)
    to_leave = notice.items.filter(dropped="")
    if not to_leave.filter(incident__in=Incident.objects.visible_to(user)).exists() and to_leave.exists():
        raise Denied(_("No unsent address in this notice is from a portal you work for."))


def check_can_leave_out(user: User, item: NoticeItem, *, now: datetime) -> None:
    check_can_stop(user, item.notice, now=now)
    if item.dropped:
        raise Denied(_("This address is already left out."))


def check_recipient_is_usable(notice: Notice) -> None:
    if not notice.recipient.is_usable:
        raise Denied(_("The recipient is not verified, or no longer used. Have it verified first."))


def check_can_send_now(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if notice.state == NoticeState.DEAD or notice.is_by_hand:
        raise Denied(_("This notice is not waiting to be sent by e-mail."))
    check_recipient_is_usable(notice)
    opens_at = next_opening(notice.recipient, now)
    if opens_at > now:
        raise Denied(_("The recipient is closed until %(time)s UTC.") % {"time": date_format(opens_at, "j M Y, H:i")})
    check_sees_all(user, notice)


def check_can_try_again(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if notice.state != NoticeState.DEAD:
        raise Denied(_("This notice has not failed."))
    check_sees_all(user, notice)


def check_can_send_by_hand(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if notice.is_by_hand:
        raise Denied(_("This notice is already waiting to be sent by hand."))
    if notice.state == NoticeState.GATHERING:
        raise Denied(_("Addresses can still be added to this notice."))
    check_sees_all(user, notice)


def check_can_record_sent(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if not notice.is_by_hand:
        raise Denied(_("This notice is not waiting to be sent by hand."))
    check_recipient_is_usable(notice)
    check_can_read(user, notice)


def check_can_record_reply(user: User, notice: Notice) -> None:
    """A reply may be about every address of the notice, so a user who enters one must be allowed to see all."""
    check_sees_content(user)
    if notice.state != NoticeState.SENT:
        raise Denied(_("This notice has not been sent."))
    if Purpose(notice.purpose).row.is_unassessed:
        raise Denied(_("This alert asks for no reply. Refer the incident once it is assessed."))
    check_sees_all(user, notice)


def check_can_read_replies(user: User, incident: Incident) -> None:
    """Replies may quote reported content, so the user must be allowed to see content.

    Replies about an incident claimed by a colleague are left to the colleague. Replies about one that waits for the
    police are read: nothing is sent by it, and one of them may be the answer of the police.
    """
    check_sees_content(user)
    check_is_free(user, incident, blocked=())


def check_can_read_these(user: User, replies: Collection[Reply]) -> None:
    """Marking replies as read requires access to every portal of the notice.

    Otherwise one user could mark a reply as read before colleagues of the other portals have seen it.
    """
    readable = Reply.objects.readable_by(user).filter(pk__in=[reply.pk for reply in replies])
    if readable.count() < len({reply.pk for reply in replies}):
        raise Denied(_("This reply also covers portals you do not work for."))


def check_can_answer(user: User, incident: Incident, reply: Reply) -> None:
    """A letter back goes to a recipient who needs more information, once, and not against the police."""
    check_can_read_replies(user, incident)
    check_can_read_these(user, [reply])
    if not Reply.objects.unanswered().filter(pk=reply.pk).exists():
        raise Denied(_("This reply asks for nothing, or has been answered already."))
    if not reply.notice.recipient.is_usable:
        raise Denied(_("The recipient is not verified, or no longer used. Have it verified first."))
    items = NoticeItem.objects.filter(notice=reply.notice_id, dropped="").select_related("referral__to")
    holds = PoliceHold.objects.blocking().filter(incident__in=items.values("incident"))
    blocking = {hold.incident_id: hold for hold in holds}
    referrals = [item.referral for item in items if item.referral and item.incident_id in blocking]
    if any(blocking[referral.incident_id].keeps_back(referral) for referral in referrals):
        raise Denied(_("The police have not granted clearance. Nothing can be sent."))


def check_can_call_back(user: User, incident: Incident, reply: Reply) -> None:
    """An answer of the police is confirmed once, by a call to the number that was verified."""
    check_can_read_replies(user, incident)
    check_can_read_these(user, [reply])
    if not Reply.objects.to_call().about(incident).filter(pk=reply.pk).exists():
        raise Late(_("This answer needs no call, or a colleague has called already."))
    check_has_phone(reply.notice.recipient)


def check_has_phone(recipient: Recipient) -> None:
    """A call back goes to a verified number, and to no other."""
    if not recipient.verified_phone:
        raise Denied(_("No telephone number of this recipient is verified. Have one entered and verified first."))


def readers_of(notices: Collection[UUID]) -> dict[UUID, str]:
    """Maps each notice to the names of its portals. Reading its replies requires access to all of them."""
    if not notices:
        return {}
    items = NoticeItem.objects.filter(notice__in=notices, dropped="")
    portals: dict[UUID, set[int]] = defaultdict(set)
    for notice, of_incident in items.values_list("notice", "incident__portals"):
        portals[notice].update(of_incident)
    names = dict(Portal.objects.filter(pk__in=set().union(*portals.values())).values_list("pk", "name"))
    return {
        notice: get_text_list(sorted(names[pk] for pk in user_ids if pk in names), gettext("and"))
        for notice, user_ids in portals.items()
    }
