"""The automatic run: who is reminded when, each step once, and what it leaves to people."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysts.models import (
    Assessment,
    Chase,
    CheckOutcome,
    DeadReason,
    DropReason,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    NoticeTemplate,
    PoliceHold,
    Purpose,
    Recipient,
    RecipientKind,
    Redaction,
    Referral,
    RouteStep,
    User,
)
from analysts.takedown.chasing import run as chasing
from analysts.takedown.chasing.actions import check
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.routing.actions import confirm_route
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal, incident_of, report_of
from analysts.tests.places import placed
from countries.models import Portal
from reports.models import SealingKey

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOST, OWNER, REGISTRAR = RecipientKind.HOST, RecipientKind.OWNER, RecipientKind.REGISTRAR


@pytest.fixture
def start() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 20 * DAY


@pytest.fixture
def verdict(belize: Portal, ana: User, start: datetime) -> Assessment:
    return assessed_illegal(incident_of(belize, now=start - DAY), ana, now=start)


def offices(kinds: Iterable[RecipientKind], by: User, at: datetime) -> list[Recipient]:
    return [office(kind, by, at=at) for kind in kinds]


def leave(now: datetime) -> None:
    """Mark all scheduled notices as sent, ignoring the recipients' working hours."""
    words = NoticeTemplate.objects.get_or_create(
        kind=HOST, purpose=Purpose.AGAIN, language="en", defaults={"subject": "S", "body": "B", "at": now}
    )[0]
    Notice.objects.filter(state=NoticeState.GATHERING).update(state=NoticeState.SENT, sent_at=now, template=words)


def run_and_send(moments: Iterable[datetime]) -> None:
    for now in moments:
        plan_due_notices(now=now)
        leave(now)


def steps(recipient: Recipient) -> list[tuple[int | None, str]]:
    items = NoticeItem.objects.filter(referral__to=recipient, dropped="").order_by("interval")
    return list(items.values_list("interval", "notice__purpose"))


def test_host_owner_and_registrar_are_reminded_in_their_rhythms(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    host, owner, registrar = offices([HOST, OWNER, REGISTRAR], ana, start)
    routed(verdict, [host, owner, registrar], first_notified_at=start)
    # A run each half hour for a week gives no step twice.
    run_and_send(start + halves * HOUR / 2 for halves in range(7 * 48 + 1))

    assert steps(host) == [(interval, "again") for interval in range(1, 8)]
    assert steps(owner) == [(3, "again"), (6, "again")]
    assert steps(registrar) == [(6, "again")]
    assert Chase.objects.get().interval == 7


def test_letters_are_opened_in_the_order_of_their_recipients(belize: Portal, ana: User, start: datetime) -> None:
    """Every transaction creates notices in this order, so that two never deadlock."""
    hosts = [office(HOST, ana, name=name, at=start) for name in ("Example Hosting", "Other Hosting")]
    first, second = sorted(hosts, key=lambda host: host.pk)
    for hours, to in enumerate([second, first]):
        incident = incident_of(belize, f"https://example.org/{hours}", now=start - DAY)
        routed(assessed_illegal(incident, ana, now=start), [to], first_notified_at=start + hours * HOUR)
        Chase.objects.filter(incident=incident).update(due_at=start + hours * HOUR)
    with CaptureQueriesContext(connection) as asked:
        plan_due_notices(now=start + 2 * DAY)
    opened = [each["sql"] for each in asked if each["sql"].startswith('INSERT INTO "analysts_notice" ')]

    assert [to.pk.hex in sql for to, sql in zip([first, second], opened, strict=True)] == [True, True]


def test_police_and_hotlines_are_not_reminded_by_machine(verdict: Assessment, ana: User, start: datetime) -> None:
    police, hotline = offices([RecipientKind.POLICE, RecipientKind.HOTLINE], ana, start)
    routed(verdict, [police, hotline], first_notified_at=start)
    run_and_send(start + days * DAY for days in range(10))

    assert NoticeItem.objects.count() == 0
    # The intervals still count, so that escalation is proposed in time.
    assert Chase.objects.get().interval == 9


def test_worker_that_was_away_for_three_days_gives_each_step_once(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    host, owner = offices([HOST, OWNER], ana, start)
    routed(verdict, [host, owner], first_notified_at=start)
    run_and_send([start + DAY, start + 4 * DAY + HOUR, start + 4 * DAY + 2 * HOUR, start + 5 * DAY])

    assert steps(host) == [(1, "again"), (4, "again"), (5, "again")]
    assert steps(owner) == [(3, "again")]


def test_clock_set_back_gives_nothing_twice(verdict: Assessment, ana: User, start: datetime) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host], first_notified_at=start)
    run_and_send([start + 2 * DAY, start + DAY, start - DAY, start + 2 * DAY + HOUR, start + 3 * DAY])

    assert steps(host) == [(2, "again"), (3, "again")]
    # A run keeps the number of intervals taken.
    Chase.objects.update(due_at=start)
    plan_due_notices(now=start + DAY)
    assert Chase.objects.get().interval == 3


@pytest.mark.parametrize("state", [NoticeState.READY, NoticeState.DEAD])
def test_letter_that_waits_for_a_person_is_the_only_one(
    verdict: Assessment, ana: User, start: datetime, state: NoticeState
) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host], first_notified_at=start)
    plan_due_notices(now=start + DAY)
    dead = {"dead_reason": DeadReason.AWAY, "tried_at": start + DAY} if state == NoticeState.DEAD else {}
    Notice.objects.update(state=state, next_try_at=None, **dead)
    plan_due_notices(now=start + 2 * DAY)

    assert steps(host) == [(1, "again")]


def test_letter_that_waits_for_their_office_to_open_is_the_only_one(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host], first_notified_at=start)
    # Three intervals pass while the notice waits.
    for days in (1, 2, 3):
        plan_due_notices(now=start + days * DAY)
    assert steps(host) == [(1, "again")]
    leave(start + 3 * DAY + HOUR)
    run_and_send([start + 4 * DAY])

    assert steps(host) == [(1, "again"), (4, "again")]


def test_reminders_keep_to_the_hours_and_blocked_days_of_their_office(belize: Portal, ana: User, settings: Any) -> None:
    settings.NOTICE_GROUP_MINUTES = 60
    thursday = datetime(2026, 3, 26, 12, tzinfo=UTC)
    verdict = assessed_illegal(incident_of(belize, now=thursday), ana, now=thursday)
    [host] = offices([HOST], ana, thursday)
    hours: dict[str, Any] = {"works_from": time(9), "works_until": time(17), "workdays": [0, 1, 2, 3, 4]}
    friday, tuesday = date(2026, 3, 27), date(2026, 3, 31)
    Recipient.objects.update(**hours, time_zone="Europe/London", blocked_days=[friday, tuesday])
    routed(verdict, [host], first_notified_at=thursday)
    left = []
    for hour in range(7 * 24):
        now = thursday + hour * HOUR
        plan_due_notices(now=now)
        for notice in Notice.objects.filter(state=NoticeState.GATHERING, scheduled_at__lte=now):
            left += [(item.interval, notice.scheduled_at) for item in notice.items.all()]
            leave(now)

    # The clocks there go forward during this weekend.
    assert left == [
        # Due on the blocked Friday; it also covers the weekend.
        (1, datetime(2026, 3, 30, 8, tzinfo=UTC)),
        # Monday noon, plus the grouping hour; the step of the blocked Tuesday waits.
        (4, datetime(2026, 3, 30, 13, tzinfo=UTC)),
        (5, datetime(2026, 4, 1, 8, tzinfo=UTC)),
        (6, datetime(2026, 4, 1, 13, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("zone", "notified_at"),
    [
        ("Europe/London", "2026-03-28 12:30"),
        ("Europe/London", "2026-10-24 12:30"),
        ("America/New_York", "2026-10-31 01:30"),
        ("Pacific/Auckland", "2028-02-28 23:59"),
    ],
)
def test_nights_that_change_the_clock_and_the_leap_day_give_each_step_once(
    belize: Portal, ana: User, zone: str, notified_at: str
) -> None:
    there = ZoneInfo(zone)
    first_notified_at = datetime.fromisoformat(notified_at).replace(tzinfo=there)
    began = first_notified_at.astimezone(UTC)
    verdict = assessed_illegal(incident_of(belize, now=began), ana, now=began)
    [host] = offices([HOST], ana, began)
    routed(verdict, [host], first_notified_at=first_notified_at)
    given = []
    # Every half hour, in local time.
    for halves in range(3 * 48 + 1):
        now = (began + halves * HOUR / 2).astimezone(there)
        given += [halves / 2] * plan_due_notices(now=now)
        leave(now)

    assert given == [24, 48, 72]
    assert steps(host) == [(1, "again"), (2, "again"), (3, "again")]


def test_new_host_is_reminded_after_a_move_once_the_route_is_approved(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    old, new = office(HOST, ana, name="Example Hosting", at=start), office(HOST, ana, name="Other Hosting", at=start)
    routed(verdict, [old], first_notified_at=start)
    run_and_send([start + DAY])
    placed(verdict.incident, "DE", new, now=start + 2 * DAY - HOUR)
    run_and_send([start + 2 * DAY, start + 3 * DAY])
    assert (steps(old), steps(new)) == ([(1, "again")], [])

    approved = start + 3 * DAY + HOUR
    confirm_route(by=ana, incident=verdict.incident, steps=[RouteStep.NOTICE_HOST], reason="r", now=approved)
    run_and_send([approved])
    Referral.objects.filter(to=new).update(noticed_at=approved)
    run_and_send(start + days * DAY for days in (4, 5, 6))

    # The first reminder comes after a whole interval.
    assert (steps(old), steps(new)) == ([(1, "again")], [(0, "first"), (5, "again"), (6, "again")])


def test_what_is_back_is_chased_from_the_beginning(
    verdict: Assessment, belize: Portal, ana: User, start: datetime
) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host], first_notified_at=start)
    run_and_send([start + DAY])
    for days in (2, 3, 4):
        at = start + days * DAY
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, at=at, now=at)
    report_of(belize, now=start + 6 * DAY)
    # Nothing is sent before a new verdict, nor after it before a route.
    run_and_send([start + 7 * DAY])
    again = assessed_illegal(Incident.objects.get(), ana, now=start + 8 * DAY)
    run_and_send([start + 9 * DAY])
    assert steps(host) == [(1, "again")]

    routed(again, [host])
    run_and_send([start + 10 * DAY])
    first, second = Referral.objects.order_by("at")
    assert list(second.items.values_list("interval", "notice__purpose")) == [(0, "first")]
    assert list(first.items.values_list("interval", flat=True)) == [1]
    assert [(chase.round, chase.interval) for chase in Chase.objects.order_by("round")] == [(1, 1), (2, 0)]


def test_nothing_is_planned_while_people_have_to_decide(verdict: Assessment, ana: User, start: datetime) -> None:
    [host] = offices([HOST], ana, start)
    chase = routed(verdict, [host], first_notified_at=start)

    def planned_after(days: int) -> int:
        return plan_due_notices(now=start + days * DAY)

    for undecided in ({"trace": 2}, {"trace": 1, "routed_trace": None}):
        Chase.objects.filter(pk=chase.pk).update(**undecided)
        assert planned_after(1) == 0
        Chase.objects.filter(pk=chase.pk).update(due_at=start)
    Chase.objects.filter(pk=chase.pk).update(routed_trace=1)
    hold = PoliceHold.objects.create(
        incident=verdict.incident, police=office(RecipientKind.POLICE, ana, at=start), by=ana, at=start
    )
    assert planned_after(2) == 0
    hold.delete()
    Recipient.objects.filter(pk=host.pk).update(verified_on=None, verified_by=None)
    assert planned_after(3) == 0
    Recipient.objects.filter(pk=host.pk).update(verified_on=start.date(), verified_by=ana)
    check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=start + 3 * DAY)
    assert planned_after(4) == 0
    check(by=ana, incident=verdict.incident, outcome=CheckOutcome.ONLINE, now=start + 4 * DAY)
    # Missed steps are not made up for.
    assert planned_after(5) == 1
    assert steps(host) == [(5, "again")]


def test_no_reminder_is_sent_for_an_address_with_unconfirmed_redaction(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host], first_notified_at=start)
    plan_due_notices(now=start + DAY)
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
    leave(start + DAY)
    assert plan_due_notices(now=start + 2 * DAY) == 0
    key = SealingKey.objects.filter(key_class="addresses").latest("month")
    confirmed = start + 2 * DAY + HOUR
    Redaction.objects.create(incident=verdict.incident, found=[], is_shortened=False, key=key, by=ana, at=confirmed)
    run_and_send([start + 3 * DAY])

    assert steps(host) == [(3, "again")]


def test_nothing_is_sent_once_it_is_over(verdict: Assessment, ana: User, start: datetime) -> None:
    routed(verdict, offices([HOST], ana, start), first_notified_at=start)
    for days in (1, 2, 3):
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=start + days * DAY)

    assert plan_due_notices(now=start + 9 * DAY) == 0
    assert NoticeItem.objects.count() == 0


def test_host_notified_later_gets_its_first_notice_at_the_later_date(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host], not_before=start + 2 * DAY)
    moments = [start + HOUR, start + 2 * DAY - HOUR, start + 2 * DAY, start + 2 * DAY + HOUR]
    assert [plan_due_notices(now=now) for now in moments] == [0, 0, 1, 0]
    assert steps(host) == [(0, "first")]
    # The next run is when it may be sent, not an interval later.
    Chase.objects.update(due_at=start)
    NoticeItem.objects.all().delete()
    plan_due_notices(now=start + 2 * DAY - HOUR)
    assert Chase.objects.get().due_at == start + 2 * DAY


def test_first_notice_that_was_left_out_is_planned_again_once_it_may_leave(
    verdict: Assessment, ana: User, start: datetime
) -> None:
    [host] = offices([HOST], ana, start)
    routed(verdict, [host])
    assert plan_due_notices(now=start + HOUR) == 1
    NoticeItem.objects.update(dropped=DropReason.HELD)
    leave(start + 2 * HOUR)
    Chase.objects.update(due_at=start)

    assert plan_due_notices(now=start + 3 * HOUR) == 1
    # A notice that a person cancelled is not planned again.
    NoticeItem.objects.filter(dropped="").update(dropped=DropReason.TAKEN_BACK)
    Chase.objects.update(due_at=start)
    assert plan_due_notices(now=start + 4 * HOUR) == 0


def test_run_costs_the_same_for_one_and_for_ten(belize: Portal, ana: User, start: datetime) -> None:
    host = office(HOST, ana, at=start)

    def queries(number: int) -> int:
        for each in range(number):
            incident = incident_of(belize, f"https://example.org/{number}/{each}", now=start - DAY)
            routed(assessed_illegal(incident, ana, now=start), [host], first_notified_at=start)
        with CaptureQueriesContext(connection) as captured:
            assert plan_due_notices(now=start + 2 * DAY) == number
        leave(start + 2 * DAY)
        return len(captured)

    assert queries(1) == queries(10)


def test_batches_include_every_chase_due_at_the_same_time(
    belize: Portal, ana: User, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chasing, "BATCH", 2)
    host = office(HOST, ana, at=start)
    for each in range(5):
        incident = incident_of(belize, f"https://example.org/{each}", now=start - DAY)
        routed(assessed_illegal(incident, ana, now=start), [host], first_notified_at=start)

    assert plan_due_notices(now=start + DAY) == 5


def test_run_with_nothing_due_asks_once(verdict: Assessment, ana: User, start: datetime) -> None:
    routed(verdict, offices([HOST], ana, start), first_notified_at=start)
    plan_due_notices(now=start + DAY)
    with CaptureQueriesContext(connection) as captured:
        assert plan_due_notices(now=start + DAY + HOUR) == 0

    # One query, and the test's savepoint (two statements).
    assert len(captured) == 3
