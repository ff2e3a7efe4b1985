"""Tables of what is due and why, counted in elapsed hours across clock changes and calendar edges."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from analysts.codes import Role
from analysts.models import Chase, RecipientKind, User
from analysts.models.hosting import ASKS_FOR_CHECK
from analysts.takedown.alerts import to_do as alerts_to_do
from analysts.takedown.appeals import to_do as appeals_to_do
from analysts.takedown.chasing import rules
from analysts.takedown.chasing import to_do as chasing_to_do
from analysts.takedown.chasing.lists import TO_DO, due_items, due_reason
from analysts.takedown.chasing.permissions import check_can_check, check_can_escalate
from analysts.takedown.chasing.to_do import CHECK
from analysts.takedown.next_steps import to_do as next_steps_to_do
from analysts.takedown.notices import to_do as notices_to_do
from analysts.takedown.routing import to_do as routing_to_do
from analysts.takedown.systemic_cases import to_do as systemic_to_do
from analysts.takedown.to_do_kinds import ToDoKind
from analysts.takedown.tracing import to_do as tracing_to_do
from analysts.tests.factories import assessed_illegal, incident_of
from audit.permissions import why_not
from countries.models import Portal

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _defaults(settings: Any) -> None:
    settings.CHASE_HOURS, settings.CHASE_OWNER_EVERY, settings.CHASE_REGISTRAR_EVERY = 24, 3, 6
    settings.CHASE_ESCALATE_AFTER, settings.CHECK_HOURS, settings.GONE_CHECKS = 7, 24, 3


def steps_until(kind: RecipientKind, noticed_at: datetime, moments: list[datetime]) -> list[int]:
    """The intervals for which one recipient gets a reminder, with runs at `moments`."""
    taken, given = 0, []
    for now in moments:
        step = rules.reminder_step(
            kind, noticed_at=noticed_at, first_notified_at=noticed_at, steps_taken=taken, now=now
        )
        if step is not None:
            given.append(step)
        taken = max(taken, rules.intervals_since(noticed_at, now))
    return given


def hourly(start: datetime, days: int) -> list[datetime]:
    return [start + hours * HOUR for hours in range(days * 24 + 1)]


@pytest.mark.parametrize(
    ("kind", "intervals"),
    [
        (RecipientKind.HOST, [*range(1, 13)]),
        (RecipientKind.PLATFORM, [*range(1, 13)]),
        (RecipientKind.OWNER, [3, 6, 9, 12]),
        (RecipientKind.REGISTRAR, [6, 12]),
        (RecipientKind.POLICE, []),
        (RecipientKind.HOTLINE, []),
    ],
)
def test_each_kind_is_reminded_in_its_rhythm(kind: RecipientKind, intervals: list[int]) -> None:
    assert steps_until(kind, NOON, hourly(NOON, 12)) == intervals


@pytest.mark.parametrize(
    ("zone", "before"),
    [
        # Days of 23 and 25 hours, the leap day, the end of the year, and a date that a country skipped.
        ("Europe/London", "2026-03-28 12:00"),
        ("Europe/London", "2026-10-24 12:00"),
        ("America/New_York", "2026-11-01 01:30"),
        ("Australia/Lord_Howe", "2026-04-04 12:00"),
        ("UTC", "2028-02-28 12:00"),
        ("UTC", "2027-02-28 12:00"),
        ("Pacific/Auckland", "2026-12-30 23:59"),
        ("Pacific/Apia", "2011-12-29 12:00"),
    ],
)
def test_clocks_and_calendars_shift_nothing(zone: str, before: str) -> None:
    noticed = datetime.fromisoformat(before).replace(tzinfo=ZoneInfo(zone))
    start = noticed.astimezone(UTC)
    # The same moments in local time and in UTC.
    local = [moment.astimezone(ZoneInfo(zone)) for moment in hourly(start, 4)]

    assert steps_until(RecipientKind.HOST, noticed, local) == [1, 2, 3, 4]
    assert steps_until(RecipientKind.HOST, start, [start + 24 * HOUR - timedelta(seconds=1)]) == []
    assert steps_until(RecipientKind.HOST, start, [start + 24 * HOUR]) == [1]
    # The next due times, counted from a moment in local time.
    assert rules.next_run(noticed, 0, noticed) == start + 24 * HOUR
    assert rules.check_due_at(Chase(since=noticed)) == start + 24 * HOUR
    assert rules.escalation_due_at(noticed_at=noticed, escalated_at=None) == start + 7 * 24 * HOUR


def test_three_days_down_give_each_the_latest_step_once() -> None:
    # Day 1 is given; there are no runs until day 4, and then none until day 13.
    moments = [NOON + DAY, NOON + 4 * DAY + HOUR, NOON + 4 * DAY + 2 * HOUR, NOON + 13 * DAY, NOON + 13 * DAY]

    assert steps_until(RecipientKind.HOST, NOON, moments) == [1, 4, 13]
    # Only the latest step of the gap is given, with its own interval.
    assert steps_until(RecipientKind.OWNER, NOON, moments) == [3, 12]
    assert steps_until(RecipientKind.REGISTRAR, NOON, moments) == [12]


def test_clock_set_back_gives_nothing_again_and_goes_on_after() -> None:
    skewed = [NOON - DAY, NOON + 2 * DAY, NOON + DAY, NOON - 5 * DAY, NOON + 2 * DAY, NOON + 3 * DAY]

    assert steps_until(RecipientKind.HOST, NOON, skewed) == [2, 3]
    assert rules.intervals_since(NOON, NOON - 5 * DAY) == 0


def test_recipient_notified_later_waits_a_whole_interval_for_the_reminder() -> None:
    def step(first_notified_at: datetime, days: int) -> int | None:
        now = NOON + days * DAY
        return rules.reminder_step(
            RecipientKind.HOST, noticed_at=NOON, first_notified_at=first_notified_at, steps_taken=days - 1, now=now
        )

    assert step(NOON + 47 * HOUR, 2) is None
    assert step(NOON + 47 * HOUR, 3) == 3
    assert step(NOON + 48 * HOUR, 3) == 3
    assert step(NOON + 48 * HOUR + timedelta(seconds=1), 3) is None


@pytest.mark.parametrize("kind", RecipientKind)
def test_next_reminder_date_matches_the_first_run_that_yields_a_reminder(kind: RecipientKind) -> None:
    for notified_hours, steps in product([0, 1, 24, 47, 48, 49, 100], [0, 1, 2, 3, 5, 6, 11]):
        first_notified_at = NOON + notified_hours * HOUR
        # The first daily run that yields a reminder.
        first_run = next(
            (
                NOON + days * DAY
                for days in range(steps + 1, steps + 20)
                if rules.reminder_step(
                    kind,
                    noticed_at=NOON,
                    first_notified_at=first_notified_at,
                    steps_taken=max(steps, days - 1),
                    now=NOON + days * DAY,
                )
            ),
            None,
        )
        due = rules.next_step_at(kind, noticed_at=NOON, first_notified_at=first_notified_at, steps_taken=steps)
        assert due == first_run, (notified_hours, steps)


def test_next_run_is_the_next_interval_and_never_waits_for_people() -> None:
    assert rules.next_run(None, 0, NOON) == NOON + DAY
    assert rules.next_run(NOON, 0, NOON + HOUR) == NOON + DAY
    assert rules.next_run(NOON, 4, NOON + 4 * DAY) == NOON + 5 * DAY
    # With the clock set back, the next run is for the first interval not yet taken.
    assert rules.next_run(NOON, 4, NOON - 4 * DAY) == NOON + 5 * DAY


@pytest.mark.parametrize(
    ("checks", "in_a_row", "first"),
    [
        ([], 0, None),
        ([(0, "gone")], 1, 0),
        ([(0, "gone"), (24, "gone"), (48, "gone")], 3, 0),
        # Checks at least twelve hours apart both count; closer ones count once.
        ([(0, "gone"), (12, "gone"), (24, "gone")], 3, 0),
        ([(0, "gone"), (11, "gone"), (12, "gone"), (13, "gone")], 2, 0),
        ([(0, "gone"), (0, "gone"), (0, "gone")], 1, 0),
        ([(0, "gone"), (24, "online"), (48, "gone")], 1, 48),
        ([(0, "gone"), (24, "online")], 0, None),
        ([(0, "gone"), (24, "unclear"), (48, "gone"), (72, "unclear"), (96, "gone")], 3, 0),
        ([(0, "unclear")], 0, None),
        # Recorded out of order, as after an import.
        ([(48, "gone"), (0, "gone"), (24, "online")], 1, 48),
        # If two checks have the same time, the one recorded later counts.
        ([(0, "gone"), (24, "gone"), (24, "online")], 0, None),
        ([(0, "gone"), (24, "online"), (24, "gone")], 2, 0),
    ],
)
def test_gone_counts_looks_in_a_row(checks: list[tuple[int, str]], in_a_row: int, first: int | None) -> None:
    found = rules.count_removed_checks([(NOON + hours * HOUR, outcome) for hours, outcome in checks])

    assert (found.in_a_row, found.at) == (in_a_row, None if first is None else NOON + first * HOUR)
    assert found.checked_at == max((NOON + hours * HOUR for hours, _outcome in checks), default=None)
    assert found.is_enough is (in_a_row == 3)


@pytest.mark.parametrize(
    ("checks", "counts_at"),
    [
        ([], None),
        ([(0, "online")], None),
        ([(0, "gone")], 12),
        ([(0, "gone"), (11, "gone")], 12),
        ([(0, "gone"), (12, "gone")], 24),
        ([(0, "gone"), (20, "unclear")], 12),
        ([(0, "gone"), (20, "online")], None),
    ],
)
def test_next_check_counts_half_an_interval_after_the_last_that_counted(
    checks: list[tuple[int, str]], counts_at: int | None
) -> None:
    found = rules.count_removed_checks([(NOON + hours * HOUR, outcome) for hours, outcome in checks])
    assert found.next_counts_at == (None if counts_at is None else NOON + counts_at * HOUR)
    if counts_at is not None:
        for hours, counts in ((counts_at - 1, False), (counts_at, True)):
            again = rules.count_removed_checks(
                [(NOON + at * HOUR, outcome) for at, outcome in [*checks, (hours, "gone")]]
            )
            assert (again.in_a_row > found.in_a_row) is counts


def chase(**known: Any) -> Chase:
    return Chase(**{"incident_id": uuid4(), "round": 1, "since": NOON, **known})


def names_due(known: Chase, now: datetime, waiting: dict[str, datetime | None]) -> list[str]:
    return [each.kind.name for each in due_items(known, waiting, now=now)]


TRACED = {"trace": 1, "traced_at": NOON}
ROUTED = {**TRACED, "routed_trace": 1}
NOTICED = {**ROUTED, "noticed_at": NOON}


@pytest.mark.parametrize(
    ("known", "hours", "waiting", "expected"),
    [
        ({}, 0, [], ["trace"]),
        ({}, 24, [], ["trace", "check"]),
        (TRACED, 1, [], ["route"]),
        (ROUTED, 1, [], []),
        (ROUTED, 1, ["police"], ["police"]),
        (ROUTED, 1, ["redaction"], ["redaction"]),
        (ROUTED, 1, ["unverified"], ["unverified"]),
        (NOTICED, 23, [], []),
        (NOTICED, 24, [], ["check"]),
        (NOTICED, 23, ["reply", "dead", "by_hand"], ["reply", "by_hand", "dead"]),
        ({**NOTICED, "trace": 2}, 1, [], ["moved"]),
        ({**NOTICED, "checked_at": NOON + 160 * HOUR}, 167, [], []),
        ({**NOTICED, "checked_at": NOON + 160 * HOUR}, 168, [], ["escalate"]),
        ({**NOTICED, "checked_at": NOON + 160 * HOUR, "escalated_at": NOON + 150 * HOUR}, 170, [], []),
        # After a check found it removed, the next check decides; after a move the new route comes first.
        ({**NOTICED, "checked_at": NOON + 160 * HOUR, "removed_in_a_row": 1}, 168, [], []),
        ({**NOTICED, "checked_at": NOON + 160 * HOUR, "trace": 2}, 168, [], ["moved"]),
        # Proposed again while it stays online.
        ({**NOTICED, "checked_at": NOON + 320 * HOUR, "escalated_at": NOON + 150 * HOUR}, 320, [], ["escalate"]),
        ({**NOTICED, "ended_at": NOON + HOUR}, 1000, ["reply"], []),
    ],
)
def test_due_says_what_now(known: dict[str, Any], hours: int, waiting: list[str], expected: list[str]) -> None:
    assert names_due(chase(**known), NOON + hours * HOUR, dict.fromkeys(waiting, NOON)) == expected


def test_due_says_why_since_when_and_where_it_is_done() -> None:
    known = chase(**NOTICED, checked_at=NOON + DAY, removed_in_a_row=2, removed_at=NOON)
    [check] = due_items(known, {}, now=NOON + 2 * DAY)

    assert (check.why, check.since) == ("Found removed 2 of 3 times in a row.", NOON + 2 * DAY)
    assert check.url == f"/admin/incidents/{known.incident_id}/#status"


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({}, "Not checked since the verdict 30 hours ago."),
        ({"noticed_at": NOON + 5 * HOUR}, "Not checked since the first notice was sent 25 hours ago."),
        ({"noticed_at": NOON, "checked_at": NOON + 29 * HOUR}, "Last checked 1 hour ago."),
    ],
)
def test_due_check_states_the_time_of_the_last_availability_check(known: dict[str, Any], says: str) -> None:
    assert due_reason(CHECK, chase(**known), NOON + 30 * HOUR) == says


@pytest.mark.parametrize("each", TO_DO, ids=lambda kind: kind.name)
def test_every_thing_due_has_words(each: ToDoKind[Any]) -> None:
    assert due_reason(each, chase(**NOTICED), NOON).endswith(".")
    assert str(each.why).endswith(".")
    assert str(each.label)


def test_every_kind_of_to_do_is_listed_once_and_waits_for_one_thing() -> None:
    assert len({each.name for each in TO_DO}) == len(TO_DO)
    # The page shows the step that a review is of.
    assert [each for each in TO_DO if bool(each.since) is bool(each.waiting)] == [next_steps_to_do.REVIEW]
    rooms = [
        alerts_to_do,
        appeals_to_do,
        chasing_to_do,
        next_steps_to_do,
        notices_to_do,
        routing_to_do,
        systemic_to_do,
        tracing_to_do,
    ]
    offered = [row for room in rooms for row in vars(room).values() if isinstance(row, ToDoKind)]
    assert len(offered) == len(TO_DO)
    assert set(offered) == set(TO_DO)


@pytest.mark.parametrize(
    ("chase", "refused", "not_escalated"),
    [
        (None, "Only open", "Only open"),
        (Chase(ended_at=NOON, noticed_at=NOON), "Only open", "Only open"),
        (Chase(), "", "No notice"),
        (Chase(noticed_at=NOON), "", ""),
        (Chase(noticed_at=NOON, trace=2, routed_trace=1), "", "hosting has changed"),
        (Chase(noticed_at=NOON, removed_in_a_row=1), "", "found it removed"),
    ],
)
def test_open_chases_are_checked_and_noticed_ones_escalated(
    chase: Chase | None, refused: str, not_escalated: str
) -> None:
    user = User(role=Role.ANALYST)
    for check, reason in ((check_can_check, refused), (check_can_escalate, not_escalated)):
        answer = why_not(check, user, chase)
        assert (bool(answer), reason in answer) == (bool(reason), True)


# --- Checks of the isolated workstation -------------------------------------------------------------------------------

TIMES = ("checked_at", "noticed_at", *ASKS_FOR_CHECK)


def test_workstation_is_asked_for_a_check_by_one_rule(belize: Portal, ana: User) -> None:
    """The rule of one chase and that of the list, with each combination of times before and after the limit."""
    incident = incident_of(belize, now=NOON - 5 * DAY)
    assessed_illegal(incident, ana, now=NOON - 4 * DAY)
    chase, wrong = Chase.objects.get(), []
    for values in product((None, NOON - 2 * DAY, NOON - HOUR), repeat=len(TIMES)):
        Chase.objects.update(**dict(zip(TIMES, values, strict=True)))
        chase.refresh_from_db()
        is_wanted = rules.check_wanted_at(chase) <= NOON
        if Chase.objects.to_check(NOON - DAY).exists() is not is_wanted:
            wrong.append(values)
        asked = [values[TIMES.index(name)] for name in ASKS_FOR_CHECK]
        assert is_wanted or not any(asked)
    assert wrong == []
