"""A letter to a recipient that cannot be sent anything waits with one to-do, and leaves once that is settled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from analysts.assessment.actions.appeals import decide_appeal
from analysts.codes import Role
from analysts.codes.appeals import AppealReason, UnseenReason
from analysts.codes.letter_topics import BackTopic
from analysts.models import AlertReason, Appeal, Notice, NoticeItem, NoticeState, Purpose, Recipient, User
from analysts.models.notice import UNSENT, DropReason
from analysts.takedown.alerts.actions import tell_police_now
from analysts.takedown.chase_lifecycle import end_chase
from analysts.takedown.chasing.lists import to_do_counts
from analysts.takedown.chasing.to_do import CHECK
from analysts.takedown.notices import outbox, permissions, sending
from analysts.takedown.notices.corrections import correct_letter
from analysts.takedown.notices.outbox_lists import Box, notices_in_box
from analysts.takedown.notices.replies import intake
from analysts.takedown.notices.replies.actions import answer_reply, read_replies
from analysts.takedown.notices.tests.test_sending import _words as _words
from analysts.takedown.notices.tests.test_sending import server as server
from analysts.takedown.recipients.actions import change_recipient, close_down, reopen, verify
from analysts.tests.factories import incident_of
from analysts.tests.moody_mail import MoodyServer
from analysts.tests.notices import host, mark_as_sent, planned, referred
from analysts.tests.replies import answered
from audit.permissions import Denied
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.fixtures import create_person

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AT_ONE, LATER = NOON + timedelta(hours=1), NOON + timedelta(days=3)
NEW_ADDRESS = {"email": "desk@example.net"}


def _never_verified(recipient: Recipient, olga: User) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(verified_on=None, verified_by=None, verified_digest="")


def _changed(recipient: Recipient, olga: User) -> None:
    change_recipient(by=olga, recipient=recipient, details=NEW_ADDRESS, now=NOON)


def _without_address(recipient: Recipient, olga: User) -> None:
    change_recipient(by=olga, recipient=recipient, details={"email": ""}, now=NOON)


def _out_of_use(recipient: Recipient, olga: User) -> None:
    close_down(by=olga, recipient=recipient, now=NOON)


UNUSABLE: dict[str, Callable[[Recipient, User], None]] = {
    "never verified": _never_verified,
    "changed, waiting for a second person": _changed,
    "without an address": _without_address,
    "out of use": _out_of_use,
}


def _settle(recipient: Recipient, olga: User, sena: User) -> None:
    """One person enters what is missing, and another verifies it."""
    recipient.refresh_from_db()
    if recipient.closed_on:
        reopen(by=olga, recipient=recipient, now=LATER)
    if not recipient.email:
        change_recipient(by=olga, recipient=recipient, details=NEW_ADDRESS, now=LATER)
    recipient.refresh_from_db()
    verify(by=sena, recipient=recipient, digest_on_page=recipient.value_digest(), now=LATER)


def begin_letter(portal: Portal, by: User, to: Recipient, purpose: Purpose) -> NoticeItem:
    if purpose.row.is_unassessed:
        incident = incident_of(portal, now=NOON, details={"facts": ["child_in_danger"]})
        tell_police_now(by=by, incident=incident, to=to, not_the_danger=True, reason=AlertReason.NOW, now=NOON)
        return NoticeItem.objects.get()
    referral = referred(portal, by, to, now=NOON - timedelta(days=2))
    earlier = None if purpose.row.comes_first else planned(referral, by=by, now=NOON - timedelta(days=2))
    if earlier:
        mark_as_sent(earlier.notice, now=NOON - timedelta(days=1))
        earlier.notice.refresh_from_db()
    if earlier and purpose.row.answers_reply:
        return begin_answer(earlier, portal, by, purpose)
    if earlier and not purpose.row.asks:
        end_chase(referral.incident, reason=DropReason.ENDED, now=NOON)
        return correct_letter(earlier, by=by, now=NOON)
    item = planned(referral, by=by, now=NOON, purpose=purpose, interval=0 if purpose.row.comes_first else 1)
    assert item is not None
    return item


def begin_answer(earlier: NoticeItem, portal: Portal, by: User, purpose: Purpose) -> NoticeItem:
    """A letter that answers a reply. That with the outcome of an appeal waits until after the takedown has ended."""
    incident, asks = earlier.incident, purpose == Purpose.BACK
    answered(earlier.notice, AnswerKind.NEED_MORE if asks else AnswerKind.CONTESTED, "Words.", now=NOON)
    assert intake.take_in(now=NOON) == 1
    reply = earlier.notice.replies.get()
    read_replies(by=by, incident=incident, replies=[reply], now=NOON)
    if asks:
        return answer_reply(by=by, incident=incident, reply=reply, topic=BackTopic.WHERE, now=NOON).items.get()
    reviewer, appeal = create_person("reviewer", Role.SENIOR, portal), Appeal.objects.get()
    reason, unseen = AppealReason.ILLEGAL, UnseenReason.FORM
    decide_appeal(by=reviewer, incident=incident, appeal=appeal, reason=reason, unseen_reason=unseen, now=NOON)
    end_chase(incident, reason=DropReason.ENDED, now=NOON)
    return NoticeItem.objects.get(notice__purpose=purpose)


def send(notice: Notice, now: datetime) -> Notice:
    sending.attempt_delivery(notice_id=notice.pk, now=now)
    return Notice.objects.select_related("recipient").get(pk=notice.pk)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("way", UNUSABLE)
def test_letter_waits_with_one_to_do_and_then_leaves(
    way: str, purpose: Purpose, belize: Portal, ana: User, olga: User, sena: User, server: MoodyServer
) -> None:
    kind = "police" if purpose in (Purpose.CLEARANCE, Purpose.ALERT) else "host"
    item = begin_letter(belize, ana, host(by=ana, kind=kind, country="BZ"), purpose)
    UNUSABLE[way](item.notice.recipient, olga)
    notice = send(item.notice, AT_ONE)

    # A letter that answers a reply takes no further address.
    takes_no_other = purpose.row.answers_reply or purpose.row.is_unassessed
    waiting = NoticeState.READY if takes_no_other else NoticeState.GATHERING
    assert (notice.state, server.taken) == (waiting, [])
    assert outbox.reschedule_lost_notices(now=LATER) == 0
    # Later, the silence of the recipient since the earlier letter is due for review as well.
    to_do = [kind.name for kind in to_do_counts(ana, AT_ONE) if kind is not CHECK]
    is_over = purpose in (Purpose.CORRECTION, Purpose.OUTCOME, Purpose.ALERT)
    assert to_do == ["correction" if is_over else "unverified"]
    assert list(notices_in_box(Box.LEAVING, ana)) == [notice]
    with pytest.raises(Denied, match="not verified, or no longer used"):
        permissions.check_can_send_now(ana, notice, now=LATER)

    _settle(notice.recipient, olga, sena)
    with connection.cursor() as cursor:
        # The jobs that found nothing to do.
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert outbox.reschedule_lost_notices(now=LATER) == 1
    notice = send(notice, LATER)
    assert (notice.state, [letter["Message-ID"] for letter in server.taken]) == (NoticeState.SENT, [notice.message_id])


@pytest.mark.parametrize("way", UNUSABLE)
def test_letter_to_send_by_hand_waits_as_well(way: str, belize: Portal, ana: User, olga: User) -> None:
    notice = begin_letter(belize, ana, host(by=ana), Purpose.FIRST).notice
    Notice.objects.update(state=NoticeState.READY, next_try_at=None)
    assert [kind.name for kind in to_do_counts(ana, LATER) if kind is not CHECK] == ["by_hand"]
    UNUSABLE[way](notice.recipient, olga)

    assert [kind.name for kind in to_do_counts(ana, LATER) if kind is not CHECK] == ["unverified"]
    assert list(notices_in_box(Box.BY_HAND, ana)) == []
    assert list(notices_in_box(Box.LEAVING, ana)) == [notice]


def test_letter_with_nothing_left_to_send_does_not_wait(
    belize: Portal, ana: User, olga: User, server: MoodyServer
) -> None:
    item = begin_letter(belize, ana, host(by=ana), Purpose.FIRST)
    _changed(item.notice.recipient, olga)
    NoticeItem.objects.update(dropped="ended")

    assert send(item.notice, AT_ONE).state not in UNSENT
