"""Batching of notices: one notice per recipient and purpose within the grouping time, and each step once."""

import re
import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.models import Chase, Notice, NoticeItem, NoticeState, Purpose, User
from analysts.models.notice import DropReason
from analysts.takedown.notices import batching, outbox
from analysts.tests.notices import host, planned, referred
from countries.models import Portal

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _an_hour(settings: Any) -> None:
    settings.NOTICE_GROUP_MINUTES = 60
    settings.DEFAULT_FROM_EMAIL = "Example Hotline <portals@hotline.example>"


def jobs() -> list[tuple[str, dict[str, Any], datetime | None]]:
    waiting = ProcrastinateJob.objects.filter(status="todo").order_by("id")
    return [(job.task_name, job.args, job.scheduled_at) for job in waiting]


def test_notice_and_its_job_are_there_together(belize: Portal, ana: User) -> None:
    item = planned(referred(belize, ana, host(by=ana)), by=ana, now=NOON)

    assert item is not None
    notice = item.notice
    assert (notice.state, notice.purpose, notice.by) == (NoticeState.GATHERING, Purpose.FIRST, ana)
    assert (notice.made_at, notice.scheduled_at, notice.attempts) == (NOON, NOON + HOUR, 0)
    assert re.fullmatch(r"RP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", notice.reference)
    assert re.fullmatch(r"<[0-9a-f]{32}@hotline\.example>", notice.message_id)
    assert (item.interval, item.trace, item.dropped, bytes(item.sealed)) == (0, 1, "", b"")
    # Jobs hold only the notice's id.
    assert jobs() == [(outbox.SEND_TASK, {"notice_id": str(notice.pk)}, NOON + HOUR)]


def test_act_that_fails_leaves_neither_notice_nor_job(belize: Portal, ana: User) -> None:
    referral = referred(belize, ana, host(by=ana))
    with transaction.atomic():
        planned(referral, by=ana, now=NOON)
        transaction.set_rollback(True)

    assert not Notice.objects.exists()
    assert jobs() == []


def test_addresses_of_one_host_leave_in_one_letter(belize: Portal, ana: User) -> None:
    example, other = host(by=ana), host("Other Hosting", by=ana)
    items = [planned(referred(belize, ana, example, f"example.org/{n}"), by=ana, now=NOON + n * HOUR) for n in range(2)]
    elsewhere = planned(referred(belize, ana, other, "example.com/a"), by=ana, now=NOON)
    again = planned(
        referred(belize, ana, example, "example.org/z"), by=ana, now=NOON, interval=1, purpose=Purpose.AGAIN
    )

    of = [item.notice for item in (*items, elsewhere, again) if item]
    assert of[0] == of[1]
    # The first item sets the sending time; later items do not delay the notice.
    assert Notice.objects.get(pk=of[0].pk).scheduled_at == NOON + HOUR
    assert len({of[0], of[2], of[3]}) == 3
    assert len(jobs()) == 3


def test_step_is_given_once(belize: Portal, ana: User) -> None:
    referral = referred(belize, ana, host(by=ana))
    assert planned(referral, by=ana, now=NOON) is not None
    assert planned(referral, by=ana, now=NOON) is None
    Notice.objects.update(state=NoticeState.READY)
    assert planned(referral, by=ana, now=NOON + HOUR) is None

    assert NoticeItem.objects.count() == 1


def test_letter_that_gathers_names_an_incident_once(belize: Portal, ana: User) -> None:
    referral = referred(belize, ana, host(by=ana))
    first = planned(referral, by=None, now=NOON, interval=1, purpose=Purpose.AGAIN)
    # The recipient is closed, so the notice is still gathering when the next step is due.
    assert planned(referral, by=None, now=NOON + 24 * HOUR, interval=2, purpose=Purpose.AGAIN) is None

    assert list(NoticeItem.objects.all()) == [first]


def test_what_was_left_out_may_join_again(belize: Portal, ana: User) -> None:
    referral = referred(belize, ana, host(by=ana))
    planned(referral, by=ana, now=NOON)
    NoticeItem.objects.update(dropped=DropReason.TAKEN_BACK)
    Chase.objects.update(trace=2)
    again = planned(referral, by=ana, now=NOON)

    assert again == NoticeItem.objects.get()
    assert (again.dropped, again.trace) == ("", 2)


def test_what_must_wait_keeps_no_letter_waiting(belize: Portal, ana: User) -> None:
    example = host(by=ana)
    later = referred(belize, ana, example, "example.org/later", not_before=NOON + 48 * HOUR)
    now = referred(belize, ana, example, "example.org/now")
    Chase.objects.filter(incident=later.incident_id).update(due_at=NOON + 72 * HOUR)

    assert planned(later, by=ana, now=NOON) is None
    joined = planned(now, by=ana, now=NOON)
    assert joined is not None
    assert joined.notice.scheduled_at == NOON + HOUR
    # The chase becomes due at that time, and its next run plans the step.
    assert Chase.objects.get(incident=later.incident_id).due_at == NOON + 48 * HOUR
    assert planned(later, by=None, now=NOON + 48 * HOUR) is not None


@pytest.mark.parametrize("over", ["chase", "referral"])
def test_nothing_is_planned_once_the_work_has_ended(over: str, belize: Portal, ana: User) -> None:
    referral = referred(belize, ana, host(by=ana))
    if over == "chase":
        Chase.objects.update(ended_at=NOON, due_at=None)
    else:
        referral.ended_at = NOON

    assert planned(referral, by=ana, now=NOON) is None
    assert not Notice.objects.exists()


def test_letter_leaves_when_the_office_is_open(belize: Portal, ana: User) -> None:
    office: dict[str, Any] = {
        "works_from": time(9),
        "works_until": time(17),
        "workdays": [0, 1, 2, 3, 4],
        "time_zone": "Europe/Paris",
    }
    item = planned(referred(belize, ana, host(by=ana, **office)), by=ana, now=NOON + 4 * HOUR)

    assert item is not None
    # It is 18:00 in Paris, so the notice is scheduled for the next morning there.
    assert item.notice.scheduled_at == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert jobs()[0][2] == item.notice.scheduled_at


def test_full_letter_makes_room_for_another_one(belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST_ITEMS", 2)
    example = host(by=ana)
    for number in range(5):
        planned(referred(belize, ana, example, f"example.org/{number}"), by=ana, now=NOON)

    notices = list(Notice.objects.order_by("state", "made_at"))
    assert [(notice.state, notice.items.count()) for notice in notices] == [
        ("gathering", 1),
        ("ready", 2),
        ("ready", 2),
    ]
    assert [notice.next_try_at for notice in notices] == [None, NOON + HOUR, NOON + HOUR]
    assert len(jobs()) == 3


@pytest.mark.django_db(transaction=True)
def test_many_at_once_find_the_same_letter(belize: Portal, ana: User) -> None:
    example = host(by=ana)
    referrals = [referred(belize, ana, example, f"example.org/{number}") for number in range(8)]
    together = threading.Barrier(len(referrals))

    def take(number: int) -> None:
        try:
            together.wait()
            with transaction.atomic():
                planned(referrals[number], by=ana, now=NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[number]) for number in range(len(referrals))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert NoticeItem.objects.count() == 8
    # Other tests that commit may have left jobs behind.
    assert [args for _task, args, _at in jobs()].count({"notice_id": str(Notice.objects.get().pk)}) == 1
