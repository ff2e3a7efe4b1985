"""Tests of sending to a real mail server on loopback: failures, pre-send checks, retries and lost jobs."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts import modes
from analysts.incidents.contents import opening
from analysts.models import (
    Channel,
    Chase,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Referral,
    User,
)
from analysts.models.notice import PATIENCE, DeadReason, DropReason
from analysts.pages import tasks
from analysts.takedown.notices import outbox, rendering, sending, texts
from analysts.takedown.notices.actions import DueNotice, plan_many
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.status import notice_status
from analysts.takedown.notices.tests.test_reply_links import opened
from analysts.takedown.routing.actions import ask_police
from analysts.tests.moody_mail import Mood, MoodyServer
from analysts.tests.notices import host, planned, referred
from audit.models import AuditEvent
from countries.models import InstallationMode, ModeKind, Portal

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AT_ONE = NOON + HOUR


@pytest.fixture
def server(settings: Any) -> Iterator[MoodyServer]:
    server = MoodyServer()
    server.start()
    settings.DEFAULT_FROM_EMAIL = "portals@hotline.example"
    settings.NOTICE_GROUP_MINUTES = 60
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": server.port, "timeout": 0.5},
        }
    }
    settings.DEMO = False
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _words(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts(now=NOON)


@pytest.fixture
def item(belize: Portal, ana: User, server: MoodyServer) -> NoticeItem:
    """An item in a notice that is scheduled for one o'clock."""
    item = planned(referred(belize, ana, host(by=ana), now=NOON), by=ana, now=NOON)
    assert item is not None
    return item


def send(notice: Notice, now: datetime = AT_ONE) -> Notice:
    sending.attempt_delivery(notice_id=notice.pk, now=now)
    return Notice.objects.get(pk=notice.pk)


def last_event() -> tuple[str, str, dict[str, Any]]:
    event = AuditEvent.objects.order_by("-number")[0]
    return event.action, event.actor, event.details


def tries() -> list[datetime | None]:
    """The scheduled times of the waiting jobs."""
    return list(ProcrastinateJob.objects.filter(status="todo").order_by("id").values_list("scheduled_at", flat=True))


def test_letter_reaches_its_recipient(item: NoticeItem, server: MoodyServer) -> None:
    notice = send(item.notice)

    (message,) = server.taken
    assert (message["To"], message["From"]) == ("abuse@example.net", "portals@hotline.example")
    assert message["Message-ID"] == notice.message_id
    assert message["Date"].datetime == AT_ONE
    parts = [(part.get_content_type(), part.get_filename()) for part in message.iter_parts()]
    assert parts == [("text/plain", None), ("text/csv", f"{notice.reference}.csv")]
    assert (notice.state, notice.sent_at, notice.sent_by, notice.attempts) == (NoticeState.SENT, AT_ONE, None, 1)
    assert last_event() == ("notice.sent", "", {"items": 1, "attempts": 1})


def test_link_of_a_letter_that_waited_for_a_closed_office_works_as_long_as_a_new_one(
    belize: Portal, ana: User, server: MoodyServer, settings: Any
) -> None:
    away = [NOON.date() + timedelta(days=number) for number in range(settings.NOTICE_LINK_DAYS + 10)]
    to = host(by=ana, blocked_days=away)
    item = planned(referred(belize, ana, to, now=NOON), by=ana, now=NOON)
    assert item is not None
    opens = datetime.combine(away[-1] + timedelta(days=1), time(), UTC)
    assert item.notice.scheduled_at == opens
    server.mood = Mood.BUSY
    assert send(item.notice, now=opens).state == NoticeState.READY
    until = opens.date() + timedelta(days=settings.NOTICE_LINK_DAYS)
    assert Notice.objects.get().link.expires_on == until
    # A letter that the server may have accepted is repeated unchanged.
    server.mood = Mood.WELL
    notice = send(item.notice, now=opens + timedelta(days=settings.NOTICE_LINK_DAYS - 1))
    assert (notice.state, notice.link.expires_on) == (NoticeState.SENT, until)
    (message,) = server.taken
    body = message.get_body()
    assert body is not None
    assert until.isoformat() in body.get_content()


def test_what_was_sent_is_kept_sealed(item: NoticeItem, server: MoodyServer) -> None:
    send(item.notice)

    item.refresh_from_db()
    assert opening.unseal_copy(item) == "https://example.org/gallery"


def test_facts_of_a_letter_stay_as_they_were_sent(item: NoticeItem, server: MoodyServer) -> None:
    server.mood = Mood.BUSY
    notice = send(item.notice)
    first = rendering.render_letter(notice)
    moved_to = host("Other Hosting", by=User.objects.get(username="ana"))
    Chase.objects.update(provider=moved_to, network="AS64497", country="FR")
    item.refresh_from_db()
    again = rendering.render_letter(notice)
    assert (again.body, again.attachment) == (first.body, first.attachment)
    assert "Hosting provider: Example Hosting\nCountry: Netherlands\n" in again.body


def test_removal_time_runs_from_the_first_letter(item: NoticeItem, server: MoodyServer, belize: Portal) -> None:
    send(item.notice)
    assert Chase.objects.get().noticed_at == Referral.objects.get().noticed_at == AT_ONE

    again = planned(Referral.objects.get(), by=None, now=NOON + 24 * HOUR, interval=1)
    assert again is not None
    send(again.notice, now=NOON + 26 * HOUR)
    assert Chase.objects.get().noticed_at == Referral.objects.get().noticed_at == AT_ONE


def test_question_for_clearance_begins_neither_removal_time_nor_reminders(
    belize: Portal, ana: User, server: MoodyServer
) -> None:
    police = host("Example Police", by=ana, kind="police", email="police@example.org")
    question = planned(referred(belize, ana, police, now=NOON), by=ana, now=NOON)
    assert question is not None
    PoliceHold.objects.create(incident=question.incident, police=police, by=ana, at=NOON)
    send(question.notice)
    assert Chase.objects.get().noticed_at is None
    assert Referral.objects.get().noticed_at == AT_ONE


def test_nothing_leaves_before_its_time_or_twice(item: NoticeItem, server: MoodyServer) -> None:
    assert send(item.notice, now=AT_ONE - MINUTE).state == NoticeState.GATHERING
    send(item.notice)
    send(item.notice, now=AT_ONE + HOUR)

    assert len(server.taken) == 1


def test_late_letter_waits_for_their_office_to_open(item: NoticeItem, server: MoodyServer) -> None:
    recipient = item.notice.recipient
    recipient.works_from, recipient.works_until = time(9), time(17)
    recipient.save()
    notice = send(item.notice, now=NOON + 10 * HOUR)

    assert (notice.state, notice.scheduled_at) == (NoticeState.GATHERING, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert tries()[-1] == notice.scheduled_at
    assert send(notice, now=notice.scheduled_at).state == NoticeState.SENT


@pytest.mark.parametrize(
    ("mood", "code"), [(Mood.REFUSES, 550), (Mood.REFUSES_LETTER, 554)], ids=["recipient", "letter"]
)
def test_refused_letter_waits_for_a_person(mood: Mood, code: int, item: NoticeItem, server: MoodyServer) -> None:
    server.mood = mood
    notice = send(item.notice)

    assert (notice.state, notice.dead_reason, notice.dead_code) == (NoticeState.DEAD, DeadReason.REFUSED, code)
    assert (notice.next_try_at, server.taken) == (None, [])
    assert last_event() == ("notice.dead", "", {"reason": "refused", "code": code})


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.HANGS, Mood.DROPS], ids=str)
def test_letter_is_tried_again_once_the_server_is_well(mood: Mood, item: NoticeItem, server: MoodyServer) -> None:
    server.mood = mood
    notice = send(item.notice)
    assert (notice.state, notice.attempts, notice.next_try_at) == (NoticeState.READY, 1, AT_ONE + MINUTE)
    assert tries()[-1] == AT_ONE + MINUTE

    server.mood = Mood.WELL
    notice = send(notice, now=AT_ONE + MINUTE)
    assert (notice.state, notice.attempts) == (NoticeState.SENT, 2)
    # The sender cannot know whether the first letter arrived; the recipient sees the same Message-ID twice.
    assert server.ids() == {notice.message_id: 1 if mood is Mood.BUSY else 2}


def test_server_that_took_it_and_says_no_goodbye_gets_it_once(item: NoticeItem, server: MoodyServer) -> None:
    server.mood = Mood.RUDE

    assert send(item.notice).state == NoticeState.SENT
    assert len(server.taken) == 1


def test_waits_grow_until_a_person_has_to_decide(item: NoticeItem, server: MoodyServer, settings: Any) -> None:
    server.stop()
    now, waits = AT_ONE, []
    notice = send(item.notice, now)
    while notice.next_try_at:
        waits.append(int((notice.next_try_at - now) / MINUTE))
        now = notice.next_try_at
        notice = send(notice, now)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[360] * 6]
    assert (notice.state, notice.dead_reason, notice.dead_code) == (NoticeState.DEAD, DeadReason.AWAY, None)
    assert notice.attempts == settings.NOTICE_ATTEMPTS == 16
    assert timedelta(days=1.5) < now - AT_ONE < timedelta(days=2.5)


def test_attempt_at_night_waits_for_the_morning(item: NoticeItem, server: MoodyServer) -> None:
    recipient = item.notice.recipient
    recipient.works_from, recipient.works_until = time(9), time(14)
    recipient.save()
    server.mood = Mood.BUSY
    Notice.objects.update(attempts=6)
    notice = send(item.notice)

    # An hour and four minutes later the recipient is closed.
    assert notice.next_try_at == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def test_away_and_back_loses_nothing(belize: Portal, ana: User, server: MoodyServer) -> None:
    hosts = [host(f"Host {number}", by=ana) for number in range(5)]
    notices = [
        item.notice
        for number, to in enumerate(hosts)
        if (item := planned(referred(belize, ana, to, f"example.org/{number}", now=NOON), by=ana, now=NOON))
    ]
    server.stop()
    for notice in notices:
        send(notice)
    assert Notice.objects.filter(state=NoticeState.READY).count() == 5

    server.start()
    for notice in notices:
        send(notice, now=AT_ONE + MINUTE)
    assert Notice.objects.filter(state=NoticeState.SENT).count() == 5
    assert set(server.ids().values()) == {1}


# --- Pre-send checks -------------------------------------------------------------------------------


def moved(item: NoticeItem) -> None:
    Chase.objects.update(trace=2)


def added_after_the_move(item: NoticeItem) -> None:
    moved(item)
    NoticeItem.objects.update(trace=2)


def mark_removed(item: NoticeItem) -> None:
    Chase.objects.update(removed_in_a_row=1, removed_at=NOON)


def ended(item: NoticeItem) -> None:
    Chase.objects.update(ended_at=NOON, due_at=None)


def person_of(item: NoticeItem) -> User:
    return Referral.objects.get(items=item).by


def refused_by_police(item: NoticeItem) -> None:
    asked(item)
    PoliceHold.objects.update(
        answer="refused", answered_on=NOON.date(), reference="1", recorded_by=person_of(item), recorded_at=NOON
    )


def unseen(item: NoticeItem) -> None:
    Chase.objects.update(unseen_since=NOON)


def asked(item: NoticeItem) -> None:
    police = host("Police", by=person_of(item), kind="police")
    PoliceHold.objects.create(incident=item.incident, police=police, by=person_of(item), at=NOON)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (moved, DropReason.MOVED),
        (added_after_the_move, DropReason.MOVED),
        (mark_removed, DropReason.GONE),
        (ended, DropReason.ENDED),
        (asked, DropReason.HELD),
        (refused_by_police, DropReason.HELD),
        (unseen, DropReason.UNSEEN),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_last_look_leaves_out_what_must_not_leave(
    happens: Any, reason: DropReason, item: NoticeItem, server: MoodyServer
) -> None:
    happens(item)
    notice = send(item.notice)

    item.refresh_from_db()
    assert (notice.state, item.dropped, server.taken) == (NoticeState.DROPPED, reason, [])
    assert bytes(item.sealed) == b""
    assert last_event() == ("notice.dropped", "", {"reasons": {str(reason): 1}})


def test_hold_that_was_granted_keeps_nothing_back(item: NoticeItem, server: MoodyServer) -> None:
    refused_by_police(item)
    PoliceHold.objects.update(at=NOON - HOUR)
    by = person_of(item)
    PoliceHold.objects.create(
        incident=item.incident,
        police=PoliceHold.objects.get().police,
        by=by,
        at=NOON,
        answer="granted",
        answered_on=NOON.date(),
        reference="2",
        recorded_by=by,
        recorded_at=NOON,
    )

    assert send(item.notice).state == NoticeState.SENT


def test_letter_leaves_without_what_is_left_out(belize: Portal, ana: User, server: MoodyServer) -> None:
    to = host(by=ana)
    stays = planned(referred(belize, ana, to, "example.org/stays", now=NOON), by=ana, now=NOON)
    goes = planned(referred(belize, ana, to, "example.org/moves", now=NOON), by=ana, now=NOON)
    assert stays
    assert goes
    Chase.objects.filter(incident=goes.incident).update(trace=2)
    notice = send(stays.notice)

    assert notice.state == NoticeState.SENT
    assert "/stays" in server.taken[0].as_string()
    assert "/moves" not in server.taken[0].as_string()


def test_answer_page_names_the_host_of_what_left_if_it_is_but_one(
    belize: Portal, ana: User, server: MoodyServer
) -> None:
    """The items are planned in bulk, as reminders are."""

    def shown(*addresses: str) -> str:
        to = host(f"Host {addresses}", by=ana)
        chases = {}
        for address in addresses:
            referral = referred(belize, ana, to, address, now=NOON)
            chases[referral] = Chase.objects.get(incident=referral.incident)
        wanted = [DueNotice(referral, to, chase, 0, Purpose.FIRST) for referral, chase in chases.items()]
        with transaction.atomic():
            plan_many(wanted, now=NOON)
        notice = send(Notice.objects.get(recipient=to))
        assert notice.state == NoticeState.SENT
        found = opened(reply_links.reply_url(notice), now=AT_ONE)
        assert found is not None
        return found.host

    assert shown("https://example.org/one", "https://example.org/two") == "example[.]org"
    assert shown("https://example.org/three", "https://example.com/four") == ""


def test_what_ended_between_two_attempts_leaves_in_none_after(item: NoticeItem, server: MoodyServer) -> None:
    server.mood = Mood.BUSY
    notice = send(item.notice)
    server.mood = Mood.WELL
    moved(item)

    assert send(notice, now=AT_ONE + MINUTE).state == NoticeState.DROPPED
    assert server.taken == []


def test_without_words_nothing_leaves(item: NoticeItem, server: MoodyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "latest_by_language", lambda kind, purpose: {})
    notice = send(item.notice)

    assert (notice.state, notice.dead_reason) == (NoticeState.DEAD, DeadReason.NO_TEMPLATE)


@pytest.mark.parametrize("channel", [Channel.LINK, Channel.BY_HAND])
def test_what_a_person_sends_waits_for_them(channel: Channel, item: NoticeItem, server: MoodyServer) -> None:
    recipient = item.notice.recipient
    recipient.channel, recipient.form_address = channel, "example.net/abuse"
    recipient.mark_verified()
    recipient.save()
    notice = send(item.notice)

    assert (notice.is_by_hand, notice.attempts, server.taken) == (True, 0, [])
    assert list(Notice.objects.by_hand()) == [notice]
    send(notice, now=AT_ONE + 24 * HOUR)
    assert outbox.reschedule_lost_notices(now=AT_ONE + 24 * HOUR) == 0


# --- No server, two workers, lost jobs -------------------------------------------------------------


def test_without_a_mail_server_it_waits_for_a_person(item: NoticeItem, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "portal_site.mail.NoMail"}}
    notice = send(item.notice)

    assert (notice.state, notice.dead_reason) == (NoticeState.DEAD, DeadReason.NO_MAIL)


def test_demo_without_a_mail_server_sends_no_mail(
    item: NoticeItem, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO, settings.MAIL_HOST = True, ""
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}

    assert send(item.notice).state == NoticeState.SENT
    assert "example.org" not in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_letter(item: NoticeItem, server: MoodyServer) -> None:
    together = threading.Barrier(4)

    def work() -> None:
        try:
            together.wait()
            sending.attempt_delivery(notice_id=item.notice_id, now=AT_ONE)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert server.ids() == {item.notice.message_id: 1}
    assert Notice.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_being_decided_when_a_letter_leaves_is_waited_for(
    item: NoticeItem, server: MoodyServer, ana: User
) -> None:
    def work() -> None:
        try:
            sending.attempt_delivery(notice_id=item.notice_id, now=AT_ONE)
        finally:
            connection.close()

    police = host("Example Police", by=ana, kind="police", email="police@example.org")
    worker = threading.Thread(target=work)
    with transaction.atomic():
        ask_police(by=ana, incident=item.incident, police=police)
        worker.start()
        while worker.is_alive() and not somebody_waits():
            pass
    worker.join()

    item.refresh_from_db()
    assert (item.dropped, server.taken) == (DropReason.HELD, [])


def somebody_waits() -> bool:
    """Whether another connection waits for a lock that this one holds."""
    blocked = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({blocked})")
        return bool(cursor.fetchone()[0])


def test_killed_attempt_is_taken_up_once_its_patience_is_over(item: NoticeItem, server: MoodyServer) -> None:
    # The worker dies before the server responds.
    assert sending.begin_attempt(item.notice_id, now=AT_ONE) is not None
    ProcrastinateJob.objects.all().delete()
    notice = send(item.notice, now=AT_ONE + MINUTE)
    assert (notice.state, notice.is_sending(AT_ONE + MINUTE), server.taken) == (NoticeState.READY, True, [])
    assert outbox.reschedule_lost_notices(now=AT_ONE + PATIENCE) == 0

    late = AT_ONE + PATIENCE + outbox.GRACE
    assert outbox.reschedule_lost_notices(now=late) == 1
    assert outbox.reschedule_lost_notices(now=late) == 0
    assert send(notice, now=late).state == NoticeState.SENT


def test_yes_of_an_attempt_that_lasted_too_long_counts(item: NoticeItem, server: MoodyServer) -> None:
    slow = sending.begin_attempt(item.notice_id, now=AT_ONE)
    assert slow is not None
    second = sending.begin_attempt(item.notice_id, now=AT_ONE + PATIENCE)
    assert second is not None
    sending.retry_later(slow, 451, now=AT_ONE + PATIENCE)
    assert Notice.objects.get().attempts == 2
    sending.mark_sent(slow.notice, slow.letter, by=None, now=AT_ONE + PATIENCE)
    sending.handle_refusal(second, DeadReason.REFUSED, 550, now=AT_ONE + PATIENCE)

    notice = Notice.objects.get()
    assert (notice.state, notice.dead_reason) == (NoticeState.SENT, "")


def test_incident_that_ends_during_sending_counts_as_notified(item: NoticeItem, server: MoodyServer) -> None:
    attempt = sending.begin_attempt(item.notice_id, now=AT_ONE)
    assert attempt is not None
    NoticeItem.objects.update(dropped=DropReason.ENDED)
    sending.mark_sent(attempt.notice, attempt.letter, by=None, now=AT_ONE)

    assert NoticeItem.objects.get().dropped == ""


def test_job_carries_an_id_and_sends(item: NoticeItem, server: MoodyServer) -> None:
    Notice.objects.update(scheduled_at=timezone.now() - MINUTE)
    tasks.send_notice(notice_id=str(item.notice_id))
    tasks.find_late_notices(timestamp=0)

    assert Notice.objects.get().state == NoticeState.SENT


def stop_sending(by: User, *, ends_at: datetime | None = None) -> InstallationMode:
    kind, begins = ModeKind.SENDING_STOPPED, AT_ONE - MINUTE
    return modes.start_mode(by=by, kind=kind, reason="Wrong letters.", ends_at=ends_at, now=begins)


def test_letters_wait_while_sending_is_stopped(item: NoticeItem, server: MoodyServer, adam: User) -> None:
    mode, late = stop_sending(adam), AT_ONE + 2 * HOUR
    jobs, events = tries(), AuditEvent.objects.count()

    notice = send(item.notice)

    assert (notice.state, server.taken) == (NoticeState.GATHERING, [])
    assert outbox.reschedule_lost_notices(now=late) == 0
    assert (tries(), AuditEvent.objects.count()) == (jobs, events)
    status = notice_status(notice, late, hold_up=outbox.find_hold_up([notice], late))
    assert (status.label, status.is_waiting) == ("Overdue since", True)
    assert status.why.startswith("Sending is stopped for the whole installation.")

    modes.end_mode(by=adam, mode=mode, now=late)
    ProcrastinateJob.objects.all().delete()
    assert outbox.reschedule_lost_notices(now=late) == 1
    assert send(notice, late).state == NoticeState.SENT


def test_letters_leave_once_the_time_of_the_mode_has_come(item: NoticeItem, adam: User) -> None:
    stop_sending(adam, ends_at=AT_ONE)
    assert send(item.notice).state == NoticeState.SENT
