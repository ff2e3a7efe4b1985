"""Tests of the notice pages: lists by status, reasons, and staff actions."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.incidents.contents import opening
from analysts.models import Chase, Notice, NoticeItem, NoticeState, Recipient, Referral, User, WorkerHeartbeat
from analysts.models.notice import PATIENCE, DeadReason, DropReason
from analysts.takedown.notices import permissions, texts
from analysts.tests.factories import incident_of
from analysts.tests.notices import gathering_for, host, referred
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import why_not
from countries.models import Portal
from reports.models import NoticeLink
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.urls("portal_site.urls_staff")
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _words(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts()


@pytest.fixture
def item(belize: Portal, ana: User) -> NoticeItem:
    return gathering_for(incident_of(belize, "https://example.org/placeholderpath"), ana)


@pytest.fixture
def client(ana: User) -> Client:
    return client_of(ana)


def now_is(item: NoticeItem, **fields: Any) -> Notice:
    Notice.objects.filter(pk=item.notice_id).update(**fields)
    return Notice.objects.get(pk=item.notice_id)


def dead(item: NoticeItem, reason: DeadReason = DeadReason.REFUSED, code: int | None = 550) -> Notice:
    return now_is(item, state=NoticeState.DEAD, dead_reason=reason, dead_code=code, tried_at=timezone.now())


def by_hand(item: NoticeItem) -> Notice:
    return now_is(item, state=NoticeState.READY, next_try_at=None)


def page(client: Client, notice: Notice) -> str:
    return client.get(reverse("admin:notice", args=[notice.pk])).content.decode()


def act(client: Client, notice: Notice, name: str, data: dict[str, str] | None = None) -> Any:
    return client.post(f"/admin/notices/{notice.pk}/{name}/", data or {})


def last_event() -> tuple[str, str, dict[str, Any]]:
    event = AuditEvent.objects.exclude(action="notice.view").order_by("-number")[0]
    return event.action, event.actor, event.details


@pytest.mark.parametrize(
    ("box", "so"),
    [("", lambda item: item.notice), ("by_hand", by_hand), ("dead", dead)],
    ids=["scheduled", "by hand", "failed"],
)
def test_list_shows_what_waits_in_its_place_alone(box: str, so: Any, item: NoticeItem, client: Client) -> None:
    notice = so(item)
    shown = {each for each in ("", "by_hand", "dead", "sent") if notice.reference in listed(client, each)}

    assert shown == {box}


def listed(client: Client, box: str) -> str:
    return client.get(reverse("admin:notices", query={"box": box})).content.decode()


@pytest.mark.parametrize(("box", "so"), [("by_hand", by_hand), ("dead", dead)])
def test_outbox_leaves_out_notices_without_open_items(box: str, so: Any, item: NoticeItem, client: Client) -> None:
    """The takedown of every incident in the notice has ended, so there is nothing left to do."""
    notice = so(item)
    assert notice.reference in listed(client, box)
    NoticeItem.objects.update(dropped=DropReason.ENDED)
    page = listed(client, box)
    assert notice.reference not in page
    assert "No notices." in page


def test_words_of_what_is_not_sent_are_not_offered(item: NoticeItem, client: Client) -> None:
    act(client, item.notice, "cancel")
    text = page(client, Notice.objects.get())
    assert re.search(r'<form class="act" id="read".*?<button type="submit" disabled', text, re.DOTALL)
    assert act(client, item.notice, "read").status_code == 403


def test_list_and_page_name_no_address(item: NoticeItem, client: Client) -> None:
    for text in (listed(client, ""), page(client, item.notice)):
        assert "placeholderpath" not in text
        assert "example.org" not in text


def test_notice_about_other_portals_does_not_exist(item: NoticeItem, ben: User) -> None:
    client = client_of(ben)

    assert item.notice.reference not in listed(client, "")
    assert client.get(reverse("admin:notice", args=[item.notice_id])).status_code == 404
    assert act(client, item.notice, "cancel").status_code == 404


def test_dead_letter_says_in_plain_words_what_helps(item: NoticeItem, client: Client) -> None:
    notice = dead(item)

    assert "rejected the notice permanently (code 550)" in page(client, notice)
    assert "rejected the notice permanently (code 550)" in listed(client, "dead")


@pytest.mark.parametrize("reason", DeadReason.values)
def test_every_reason_has_its_words(reason: str, item: NoticeItem, client: Client) -> None:
    notice = dead(item, DeadReason(reason), None)

    assert client.get(reverse("admin:notice", args=[notice.pk])).context["status"].why


def test_dead_letter_is_tried_again_as_often_as_a_new_one(item: NoticeItem, client: Client) -> None:
    notice = dead(item)
    Notice.objects.update(attempts=16)
    assert act(client, notice, "try-again").status_code == 302

    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.dead_reason) == (NoticeState.READY, 0, "")
    assert notice.next_try_at is not None
    assert ProcrastinateJob.objects.filter(status="todo").count() == 2
    assert last_event() == ("notice.try_again", "ana", {})


def test_dead_letter_is_sent_by_hand_instead(item: NoticeItem, client: Client) -> None:
    notice = dead(item)
    act(client, notice, "by-hand")

    assert list(Notice.objects.by_hand()) == [notice]
    assert last_event() == ("notice.by_hand", "ana", {})


@pytest.mark.parametrize("name", ["try-again", "by-hand"])
def test_link_of_what_leaves_late_works_as_long_as_a_new_one(
    name: str, item: NoticeItem, client: Client, settings: Any
) -> None:
    notice, today = dead(item), timezone.now().date()
    in_time = today + timedelta(days=settings.NOTICE_LINK_DAYS)

    def link_after(reason: DeadReason, days_left: int) -> date:
        Notice.objects.update(state=NoticeState.DEAD, attempts=1, dead_reason=reason)
        NoticeLink.objects.update(expires_on=today + timedelta(days=days_left))
        assert act(client, notice, name).status_code == 302
        return NoticeLink.objects.get().expires_on

    assert link_after(DeadReason.REFUSED, 30) == in_time
    assert link_after(DeadReason.AWAY, -1) == in_time
    # The notice may have arrived, so a repeated letter has to be identical.
    assert link_after(DeadReason.AWAY, 30) == today + timedelta(days=30)


def test_link_of_what_waited_long_for_a_person_is_renewed_when_they_read_it(
    item: NoticeItem, client: Client, settings: Any
) -> None:
    notice, today = by_hand(item), timezone.now().date()
    NoticeLink.objects.update(expires_on=today - timedelta(days=1))
    text = read(client, notice).content.decode()
    in_time = today + timedelta(days=settings.NOTICE_LINK_DAYS)

    assert NoticeLink.objects.get().expires_on == in_time
    assert f"works until {in_time.isoformat()}" in text


def test_notice_that_is_taken_back_does_not_leave(item: NoticeItem, client: Client) -> None:
    act(client, item.notice, "cancel")

    item.refresh_from_db()
    assert (item.dropped, item.notice.state) == (DropReason.TAKEN_BACK, NoticeState.DROPPED)
    assert last_event() == ("notice.cancel", "ana", {"items": 1})


def test_one_address_is_left_out_and_the_rest_leaves(
    item: NoticeItem, belize: Portal, ana: User, client: Client
) -> None:
    other = gathering_for(incident_of(belize, "https://example.org/other"), ana)
    assert other.notice_id == item.notice_id
    client.post(f"/admin/notices/{item.notice_id}/items/{item.pk}/leave-out/")
    item.refresh_from_db()
    assert (item.dropped, item.notice.state) == (DropReason.TAKEN_BACK, NoticeState.GATHERING)
    assert last_event() == ("notice.leave_out", "ana", {"incident": str(item.incident_id)})

    client.post(f"/admin/notices/{item.notice_id}/items/{other.pk}/leave-out/")
    assert Notice.objects.get().state == NoticeState.DROPPED


@pytest.fixture
def elsewhere(item: NoticeItem, zambia: Portal, sena: User) -> NoticeItem:
    """An item in the same notice, from a portal that Ana does not work for."""
    return gathering_for(incident_of(zambia, "https://example.com/elsewhere"), sena)


def test_who_takes_a_letter_back_takes_nothing_of_other_portals(
    item: NoticeItem, elsewhere: NoticeItem, ana: User, ben: User
) -> None:
    answer = client_of(ana).post(f"/admin/notices/{item.notice_id}/cancel/", follow=True)
    item.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (item.dropped, elsewhere.dropped) == (DropReason.TAKEN_BACK, "")
    assert Notice.objects.get().state == NoticeState.GATHERING
    assert last_event() == ("notice.cancel", "ana", {"items": 1})
    assert "still sent with the addresses of other portals." in answer.content.decode()
    assert "No unsent address in this notice is from a portal you work for." in answer.content.decode()
    assert act(client_of(ana), item.notice, "cancel").status_code == 403

    act(client_of(ben), item.notice, "cancel")
    assert Notice.objects.get().state == NoticeState.DROPPED


@pytest.mark.parametrize(
    ("name", "so"),
    [("send-now", lambda item: item.notice), ("try-again", dead), ("by-hand", dead)],
    ids=["send now", "try again", "by hand"],
)
def test_what_is_done_to_the_whole_letter_is_for_who_works_for_all(
    name: str, so: Any, item: NoticeItem, elsewhere: NoticeItem, ana: User, sena: User
) -> None:
    notice = so(item)
    answer = act(client_of(ana), notice, name)
    assert answer.status_code == 403
    assert "This notice also covers portals you do not work for." in answer.content.decode()
    assert Notice.objects.get().state == notice.state

    assert act(client_of(sena), notice, name).status_code == 302


SENT = {"state": NoticeState.SENT, "sent_at": NOON}
BY_HAND = {"state": NoticeState.READY, "next_try_at": None}


@pytest.mark.parametrize(
    ("check", "fields", "moment"),
    [
        (permissions.check_can_read, {}, {}),
        (permissions.check_can_send_now, {}, {"now": NOON}),
        (permissions.check_can_try_again, {"state": NoticeState.DEAD}, {"now": NOON}),
        (permissions.check_can_send_by_hand, {"state": NoticeState.DEAD}, {"now": NOON}),
        (permissions.check_can_record_sent, BY_HAND, {"now": NOON}),
        (permissions.check_can_record_reply, SENT, {}),
    ],
)
def test_each_check_of_the_whole_letter_asks_for_every_address_in_it(
    check: Callable[..., None],
    fields: dict[str, Any],
    moment: dict[str, Any],
    item: NoticeItem,
    elsewhere: NoticeItem,
    ana: User,
) -> None:
    notice = Notice.objects.get()
    for name, value in fields.items():
        setattr(notice, name, value)
    assert "also covers portals" in why_not(check, ana, notice, **moment)
    NoticeItem.objects.filter(pk=elsewhere.pk).update(dropped=DropReason.GONE)
    assert why_not(check, ana, notice, **moment) == ""


def test_letter_without_open_addresses_can_be_cancelled(item: NoticeItem, elsewhere: NoticeItem, ben: User) -> None:
    NoticeItem.objects.update(dropped=DropReason.GONE)
    assert why_not(permissions.check_can_cancel, ben, item.notice, now=NOON) == ""


def test_what_is_just_being_sent_cannot_be_stopped(item: NoticeItem, client: Client) -> None:
    now = timezone.now()
    notice = now_is(item, state=NoticeState.READY, attempts=1, tried_at=now, next_try_at=now + PATIENCE)

    answer = act(client, notice, "cancel")
    assert answer.status_code == 403
    assert "This notice is being sent." in answer.content.decode()


def test_send_now_keeps_to_their_hours(item: NoticeItem, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    act(client, item.notice, "send-now")
    item.notice.refresh_from_db()
    assert item.notice.scheduled_at <= timezone.now()
    assert last_event() == ("notice.send_now", "ana", {})

    recipient = item.notice.recipient
    recipient.blocked_days = [timezone.localdate() + timedelta(days=day) for day in range(-1, 2)]
    recipient.save()
    answer = act(client, item.notice, "send-now")
    assert answer.status_code == 403
    assert "The recipient is closed until" in answer.content.decode()


# --- By hand ---------------------------------------------------------------------------------------


def read(client: Client, notice: Notice) -> Any:
    return act(client, notice, "read")


def test_words_are_shown_once_they_are_asked_for_and_on_record(item: NoticeItem, client: Client) -> None:
    notice = by_hand(item)
    assert "placeholderpath" not in page(client, notice)
    answer = read(client, notice)

    assert "https://example.org/placeholderpath" in answer.content.decode()
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    details = {"items": 1, "page": 1, "link": True, "incidents": [str(item.incident_id)]}
    assert last_event() == ("notice.read", "ana", details)


def test_words_that_tell_of_other_portals_are_for_who_works_for_all(
    item: NoticeItem, elsewhere: NoticeItem, ana: User, sena: User
) -> None:
    notice = by_hand(item)

    assert read(client_of(ana), notice).status_code == 403
    assert "Ask a colleague who works for Belize and Zambia." in page(client_of(ana), notice)
    assert "/elsewhere" in read(client_of(sena), notice).content.decode()
    assert "And 1 address from portals you do not work for." in page(client_of(ana), notice)


def test_analyst_marks_a_manual_notice_as_sent(item: NoticeItem, client: Client, ana: User) -> None:
    notice = by_hand(item)
    seen = read(client, notice).context["form"]["digest"].value()
    answer = act(client, notice, "sent", {"digest": seen, "is_sent": "on"})

    notice.refresh_from_db()
    item.refresh_from_db()
    assert answer.status_code == 302
    assert (notice.state, notice.sent_by) == (NoticeState.SENT, ana)
    assert opening.unseal_copy(item) == "https://example.org/placeholderpath"
    assert Chase.objects.get().noticed_at == Referral.objects.get().noticed_at == notice.sent_at
    assert last_event() == ("notice.sent", "ana", {"items": 1, "attempts": 0})


def test_marking_a_notice_as_sent_requires_confirmation(item: NoticeItem, client: Client) -> None:
    notice = by_hand(item)

    assert act(client, notice, "sent", {"digest": "x"}).status_code == 422
    assert Notice.objects.get().state == NoticeState.READY


@pytest.mark.parametrize(
    "sent", [{"digest": "x"}, {"digest": "0" * 64, "is_sent": "on"}], ids=["not confirmed", "changed"]
)
def test_refused_form_shows_the_letter_again_only_within_the_reveal_hours(
    sent: dict[str, str], item: NoticeItem, client: Client, settings: Any
) -> None:
    notice = by_hand(item)
    assert "placeholderpath" in act(client, notice, "sent", sent).content.decode()

    settings.REVEAL_HOURS = 0
    asked = act(client, notice, "sent", sent)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert "placeholderpath" not in asked.content.decode()


@pytest.mark.parametrize("sent", [None, {"digest": "x"}, {"digest": "0" * 64, "is_sent": "on"}])
def test_words_wait_until_after_the_pause(
    sent: dict[str, str] | None, item: NoticeItem, client: Client, settings: Any
) -> None:
    notice = by_hand(item)
    settings.CUT_OFF = "00:00"
    assert act(client, notice, "sent" if sent else "read", sent)["Location"] == "/admin/pause/"
    assert "notice.read" not in AuditEvent.objects.values_list("action", flat=True)

    onward = client.post("/admin/pause/go-on/", follow=True)
    assert "placeholderpath" in onward.content.decode()


def test_manual_notice_may_be_marked_as_sent_after_the_cut_off(item: NoticeItem, client: Client, settings: Any) -> None:
    notice = by_hand(item)
    seen = read(client, notice).context["form"]["digest"].value()
    settings.CUT_OFF = "00:00"
    act(client, notice, "sent", {"digest": seen, "is_sent": "on"})

    assert Notice.objects.get().state == NoticeState.SENT


def test_only_what_is_sent_by_hand_is_kept_as_sent(item: NoticeItem, client: Client) -> None:
    answer = act(client, item.notice, "sent", {"digest": "x"})

    assert answer.status_code == 403
    assert "placeholderpath" not in answer.content.decode()


def test_letter_that_changed_meanwhile_is_read_again(item: NoticeItem, client: Client) -> None:
    notice = by_hand(item)
    answer = act(client, notice, "sent", {"digest": "0" * 64, "is_sent": "on"})

    assert answer.status_code == 409
    assert "The notice has changed since you read it." in answer.content.decode()
    assert Notice.objects.get().state == NoticeState.READY


def test_what_moved_since_is_not_sent_by_hand_either(item: NoticeItem, client: Client) -> None:
    notice = by_hand(item)
    seen = read(client, notice).context["form"]["digest"].value()
    Chase.objects.update(trace=2)
    answer = act(client, notice, "sent", {"digest": seen, "is_sent": "on"})

    assert answer.status_code == 409
    item.refresh_from_db()
    assert (item.dropped, item.notice.state) == (DropReason.MOVED, NoticeState.DROPPED)


# --- On the incident's page ------------------------------------------------------------------------


def part(client: Client, item: NoticeItem) -> str:
    text = client.get(reverse("admin:incident", args=[item.incident_id]), ALL_OPEN).content.decode()
    return text.partition('<section class="card" id="notices"')[2].partition("</section>")[0]


def test_incident_page_shows_the_recipient_and_the_scheduled_time(item: NoticeItem, client: Client) -> None:
    shown = part(client, item)

    assert item.notice.reference in shown
    assert "Example Hosting" in shown
    assert "Scheduled for" in shown


def test_incident_says_why_it_was_left_out(item: NoticeItem, client: Client) -> None:
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)

    assert "It is sent with a later notice once it is." in part(client, item)


def test_incident_page_shows_a_recipient_to_be_notified_later(belize: Portal, ana: User, client: Client) -> None:
    later = timezone.now() + timedelta(days=2)
    referral = referred(belize, ana, host("Later Hosting", by=ana), not_before=later)
    text = client.get(reverse("admin:incident", args=[referral.incident_id]), ALL_OPEN).content.decode()

    assert "Later Hosting" in text
    assert "not before" in text


@pytest.mark.parametrize(
    ("late", "why"),
    [
        ("worker", "The background worker is not running."),
        ("unverified", "The recipient is not verified, or no longer used."),
        ("link", "PUBLIC_URL is not set, so the notice has no reply link."),
        ("mail", "This installation has no mail server."),
        ("attempts", "The mail server did not accept it in 3 attempts."),
        ("", "The background worker runs, but has not sent it."),
    ],
)
def test_notice_that_should_have_left_is_overdue_for_a_reason(
    item: NoticeItem, client: Client, settings: Any, late: str, why: str
) -> None:
    settings.PUBLIC_URL = "" if late == "link" else "https://report.example.org"
    settings.MAIL_HOST = "" if late == "mail" else "mail.example.org"
    due = timezone.now() - timedelta(minutes=6)
    Notice.objects.update(scheduled_at=due)
    if late == "attempts":
        Notice.objects.update(state=NoticeState.READY, attempts=3, next_try_at=due)
    if late == "unverified":
        Recipient.objects.update(verified_on=None, verified_by=None)
    if late != "worker":
        WorkerHeartbeat.objects.create(at=timezone.now())
    for text in (listed(client, ""), page(client, item.notice), part(client, item)):
        assert "Overdue since" in text
        assert "Scheduled for" not in text
        assert why in text


@pytest.mark.parametrize(
    ("minutes", "is_registered", "is_missed"), [(4, True, False), (6, True, True), (0, False, False), (1, False, True)]
)
def test_notice_and_bar_agree_whether_the_worker_runs(
    item: NoticeItem, client: Client, minutes: int, *, is_registered: bool, is_missed: bool
) -> None:
    """A process that was stopped in order is no longer registered."""
    Notice.objects.update(scheduled_at=timezone.now() - timedelta(hours=1))
    if is_registered:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    WorkerHeartbeat.objects.create(at=timezone.now() - timedelta(minutes=minutes))
    text = page(client, item.notice)

    assert ("The background worker is not running." in text) == is_missed
    assert ("The worker is not running: no mail leaves" in text) == is_missed


def test_notice_that_is_about_to_leave_is_not_overdue(item: NoticeItem, client: Client) -> None:
    Notice.objects.update(scheduled_at=timezone.now() - timedelta(minutes=4))

    assert "Scheduled for" in part(client, item)
