"""What may be done about a notice and its answers: by analysts and seniors, about incidents that they may see."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, Notice, NoticeItem, NoticeState, Reply, User
from analysts.takedown.recipients.opening_hours import next_opening
from audit.permissions import Denied
from countries.models import Portal


def check_can_see_notices(user: User) -> None:
    check_sees_content(user)


def check_can_read(user: User, notice: Notice) -> None:
    """Its text tells of everything in it, so that whoever reads it may see all of that."""
    check_sees_content(user)
    if notice.state == NoticeState.DROPPED:
        raise Denied(_("It was not sent, and will not be."))
    check_sees_all(user, notice)


def check_sees_all(user: User, notice: Notice) -> None:
    """Whether they work for all that is to leave, or left, with it. What is done to the whole letter asks this."""
    if notice.items.filter(dropped="").exclude(incident__portals__overlap=user.portal_ids).exists():
        takes = {"portals": readers_of([notice.pk])[notice.pk]}
        raise Denied(
            _("It tells of portals that you do not work for, too. It takes somebody who works for %(portals)s.") % takes
        )


def check_can_stop(user: User, notice: Notice, *, now: datetime) -> None:
    """Whether what has not left may be kept from leaving."""
    check_sees_content(user)
    if notice.state == NoticeState.SENT:
        raise Denied(_("It has left."))
    if notice.state == NoticeState.DROPPED:
        raise Denied(_("It was not sent, and will not be."))
    if notice.is_leaving(now):
        raise Denied(_("It is just being sent. Look again in a few minutes."))


def check_can_cancel(user: User, notice: Notice, *, now: datetime) -> None:
    """Of a letter that tells of other portals, too, only what is theirs."""
    check_can_stop(user, notice, now=now)
    to_leave = notice.items.filter(dropped="")
    if not to_leave.filter(incident__in=Incident.objects.visible_to(user)).exists() and to_leave.exists():
        raise Denied(_("Nothing of the portals that you work for is to leave with it."))


def check_can_leave_out(user: User, item: NoticeItem, *, now: datetime) -> None:
    check_can_stop(user, item.notice, now=now)
    if item.dropped:
        raise Denied(_("It is left out already."))


def check_can_send_now(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if notice.state == NoticeState.DEAD or notice.is_by_hand:
        raise Denied(_("No e-mail of it is to leave."))
    opens_at = next_opening(notice.recipient, now)
    if opens_at > now:
        raise Denied(_("They are closed until %(time)s UTC.") % {"time": date_format(opens_at, "j M Y, H:i")})
    check_sees_all(user, notice)


def check_can_try_again(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if notice.state != NoticeState.DEAD:
        raise Denied(_("It has not been given up."))
    check_sees_all(user, notice)


def check_can_send_by_hand(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if notice.is_by_hand:
        raise Denied(_("It waits to be sent by hand already."))
    if notice.state == NoticeState.GATHERING:
        raise Denied(_("Further addresses may still join it."))
    check_sees_all(user, notice)


def check_can_record_sent(user: User, notice: Notice, *, now: datetime) -> None:
    check_can_stop(user, notice, now=now)
    if not notice.is_by_hand:
        raise Denied(_("It does not wait to be sent by hand."))
    if not notice.recipient.is_usable:
        raise Denied(_("Nobody has made sure that the recipient is who it should be. Have it verified first."))
    check_can_read(user, notice)


def check_can_read_replies(user: User, incident: Incident) -> None:
    """Whoever may see the incident: a recipient's words may quote what was reported."""
    check_sees_content(user)


def check_can_read_these(user: User, replies: Collection[Reply]) -> None:
    """Of a letter that tells of several portals, whoever works for them all: nobody reads it away from the others."""
    theirs = Reply.objects.readable_by(user).filter(pk__in=[reply.pk for reply in replies])
    if theirs.count() < len({reply.pk for reply in replies}):
        raise Denied(_("It answers a letter that tells of portals that you do not work for, too."))


def readers_of(notices: Collection[UUID]) -> dict[UUID, str]:
    """By letter: the names of all portals that it tells of; one person who works for them all may read it."""
    if not notices:
        return {}
    items = NoticeItem.objects.filter(notice__in=notices, dropped="")
    portals: dict[UUID, set[int]] = defaultdict(set)
    for notice, of_incident in items.values_list("notice", "incident__portals"):
        portals[notice].update(of_incident)
    names = dict(Portal.objects.filter(pk__in=set().union(*portals.values())).values_list("pk", "name"))
    return {
        notice: get_text_list(sorted(names[pk] for pk in known if pk in names), gettext("and"))
        for notice, known in portals.items()
    }
