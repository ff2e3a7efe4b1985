"""Pure functions that compute when reminders, checks and escalations of an illegal incident are due.

They count elapsed hours in UTC, so that no clock change, leap day or end of year skips or repeats a step. Each
interval's steps are taken once: after a pause only the latest is taken, and none is repeated when a clock is set back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analysts.models import Chase, RecipientKind
from analysts.models.hosting import ASKS_FOR_CHECK, CheckOutcome
from countries.decided_settings import number_in_force


def chase_interval() -> timedelta:
    return timedelta(hours=number_in_force("CHASE_HOURS"))


def time_between(since: datetime, now: datetime) -> timedelta:
    """Elapsed time. Python subtracts two datetimes of the same zone by wall clock, hence the conversion to UTC."""
    return now.astimezone(UTC) - since.astimezone(UTC)


def moment_after(moment: datetime, time: timedelta) -> datetime:
    """The moment that follows after `time` has elapsed, in UTC."""
    return moment.astimezone(UTC) + time


def intervals_since(noticed_at: datetime | None, now: datetime) -> int:
    """Whole intervals since the first notice; 0 without a notice, or if `now` is before it."""
    return 0 if noticed_at is None else max(0, time_between(noticed_at, now) // chase_interval())


def intervals_per_reminder(kind: RecipientKind) -> int | None:
    """The number of intervals between automatic reminders to this kind of recipient. None: people contact them."""
    return kind.row.reminded_every() if kind.row.reminded_every else None


def reminder_step(
    kind: RecipientKind, *, noticed_at: datetime, first_notified_at: datetime, steps_taken: int, now: datetime
) -> int | None:
    """The interval whose reminder is due to a recipient now; None where none is due.

    Args:
        noticed_at: when the first notice about the incident was sent; intervals count from there.
        first_notified_at: when this recipient got its first notice; its first reminder is at least one interval later.
        taken: the last interval whose steps have been taken.
    """
    if (rhythm := intervals_per_reminder(kind)) is None:
        return None
    latest = intervals_since(noticed_at, now) // rhythm * rhythm
    if latest <= steps_taken or first_notified_at > moment_after(noticed_at, (latest - 1) * chase_interval()):
        return None
    return latest


def next_step_at(
    kind: RecipientKind, *, noticed_at: datetime, first_notified_at: datetime, steps_taken: int
) -> datetime | None:
    """When `reminder_step` next yields a reminder for the recipient; None where it never does."""
    if (rhythm := intervals_per_reminder(kind)) is None:
        return None
    first = (steps_taken // rhythm + 1) * rhythm
    while first_notified_at > moment_after(noticed_at, (first - 1) * chase_interval()):
        first += rhythm
    return moment_after(noticed_at, first * chase_interval())


def next_run(noticed_at: datetime | None, steps_taken: int, now: datetime) -> datetime:
    """When the next run should look at a chase whose intervals are taken up to `steps_taken`.

    Before the first notice there is nothing to count from. A notice sent meanwhile has its first reminder a whole
    interval later, so one interval from now is early enough.
    """
    return (
        moment_after(now, chase_interval())
        if noticed_at is None
        else moment_after(noticed_at, (steps_taken + 1) * chase_interval())
    )


def check_due_at(chase: Chase) -> datetime:
    """When the next check is due: CHECK_HOURS after the latest check, else the first notice, else the verdict.

    At once if a recipient has reported it as removed since.
    """
    seen_at = chase.checked_at or chase.noticed_at or chase.since
    due_at = moment_after(seen_at, timedelta(hours=number_in_force("CHECK_HOURS")))
    return min(due_at, chase.removal_reported_at or due_at)


def check_wanted_at(chase: Chase) -> datetime:
    """When the isolated workstation is asked for a check: once it is due, or at once if it was asked for."""
    asked_at: list[datetime | None] = [getattr(chase, name) for name in ASKS_FOR_CHECK]
    return min([check_due_at(chase), *filter(None, asked_at)])


def escalation_due_at(*, noticed_at: datetime | None, escalated_at: datetime | None) -> datetime | None:
    """When to propose escalation: CHASE_ESCALATE_AFTER intervals after the latest escalation or first notice."""
    start = escalated_at or noticed_at
    return moment_after(start, number_in_force("CHASE_ESCALATE_AFTER") * chase_interval()) if start else None


# --- Removal ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RemovedChecks:
    """The sum of all checks.

    `at`, `counted_at`: the first and the latest of the row that found it removed; `checked_at`: the latest check.
    """

    in_a_row: int
    at: datetime | None
    checked_at: datetime | None
    counted_at: datetime | None

    @property
    def is_enough(self) -> bool:
        return self.in_a_row >= number_in_force("GONE_CHECKS")

    @property
    def next_counts_at(self) -> datetime | None:
        """From when another check that finds it removed counts; None before the first."""
        return moment_after(self.counted_at, min_check_gap()) if self.counted_at else None


def min_check_gap() -> timedelta:
    """The least time between two checks that both count, so that three clicks in a minute are one check."""
    return timedelta(hours=number_in_force("CHECK_HOURS")) / 2


def count_removed_checks(checks: Iterable[tuple[datetime, str]]) -> RemovedChecks:
    """Count the checks in a row that found it removed.

    "Still online" resets the count; "unclear" leaves it unchanged. If two checks have the same time, the one recorded
    later counts.

    Args:
        checks: the time by which each check counts and its outcome, in the order they were recorded.
    """
    outcomes = dict(checks)
    in_a_row, first, last = 0, None, None
    for at in sorted(outcomes):
        match CheckOutcome(outcomes[at]):
            case CheckOutcome.ONLINE:
                in_a_row, first, last = 0, None, None
            case CheckOutcome.GONE if last is None or time_between(last, at) >= min_check_gap():
                in_a_row, first, last = in_a_row + 1, first or at, at
            case CheckOutcome.GONE | CheckOutcome.UNCLEAR:
                pass
    return RemovedChecks(in_a_row, first, max(outcomes, default=None), last)


def verdict_minute(since: datetime) -> datetime:
    """The verdict's time to the minute, because the form takes no seconds."""
    return since.replace(second=0, microsecond=0)
