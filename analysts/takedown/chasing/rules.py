"""When something is due about an illegal incident. Pure: facts and a moment go in, nothing is read or changed.

All counting is in elapsed hours, in UTC: no change of clocks, leap day or year's end makes a step come twice or not at
all. The steps of an interval are given once: after a pause the latest one, never all that were
missed, and none again where a clock was set back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from analysts.models import RecipientKind
from analysts.models.hosting import CheckOutcome


def chase_interval() -> timedelta:
    return timedelta(hours=settings.CHASE_HOURS)


def time_between(since: datetime, now: datetime) -> timedelta:
    """As a stopwatch has it: two times of the same zone are subtracted by their clock faces."""
    return now.astimezone(UTC) - since.astimezone(UTC)


def moment_after(moment: datetime, time: timedelta) -> datetime:
    """So much elapsed time later."""
    return moment.astimezone(UTC) + time


def intervals_since(noticed_at: datetime | None, now: datetime) -> int:
    """How many whole intervals have passed since the first notice; 0 before it, and where the clock is behind it."""
    return 0 if noticed_at is None else max(0, time_between(noticed_at, now) // chase_interval())


def intervals_per_reminder(kind: RecipientKind) -> int | None:
    """After how many intervals each one of its kind is reminded. None: a person talks to them."""
    return kind.row.reminded_every() if kind.row.reminded_every else None


def reminder_step(
    kind: RecipientKind, *, noticed_at: datetime, told_at: datetime, taken: int, now: datetime
) -> int | None:
    """The interval whose reminder a recipient is to get now; None where it gets none.

    Args:
        noticed_at: when the first notice about the incident left; the intervals are counted from there.
        told_at: when this recipient got its first one: it is not reminded before a whole interval has passed.
        taken: the last interval whose steps were taken.
    """
    if (rhythm := intervals_per_reminder(kind)) is None:
        return None
    latest = intervals_since(noticed_at, now) // rhythm * rhythm
    if latest <= taken or told_at > moment_after(noticed_at, (latest - 1) * chase_interval()):
        return None
    return latest


def next_step_at(kind: RecipientKind, *, noticed_at: datetime, told_at: datetime, taken: int) -> datetime | None:
    """When `reminder_step` has the recipient reminded next; None where it never does."""
    if (rhythm := intervals_per_reminder(kind)) is None:
        return None
    first = (taken // rhythm + 1) * rhythm
    while told_at > moment_after(noticed_at, (first - 1) * chase_interval()):
        first += rhythm
    return moment_after(noticed_at, first * chase_interval())


def next_run(noticed_at: datetime | None, taken: int, now: datetime) -> datetime:
    """When the machine looks at a chase again whose intervals are taken up to `taken`.

    Before the first notice there is nothing to count from; one that leaves meanwhile is a whole interval away from its
    first reminder, so that looking again an interval later comes in time for it.
    """
    return (
        moment_after(now, chase_interval())
        if noticed_at is None
        else moment_after(noticed_at, (taken + 1) * chase_interval())
    )


def check_due_at(*, since: datetime, noticed_at: datetime | None, checked_at: datetime | None) -> datetime:
    """When somebody is to look: so long after the latest check, else after the first notice, else after the verdict."""
    return moment_after(checked_at or noticed_at or since, timedelta(hours=settings.CHECK_HOURS))


def escalation_due_at(*, noticed_at: datetime | None, escalated_at: datetime | None) -> datetime | None:
    """When telling somebody else is proposed: so many intervals after the first notice, or the latest escalation."""
    begun = escalated_at or noticed_at
    return moment_after(begun, settings.CHASE_ESCALATE_AFTER * chase_interval()) if begun else None


# --- Gone -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gone:
    """What all checks say together. `at`: of the first in the row that found it gone; `checked_at`: of the latest."""

    in_a_row: int
    at: datetime | None
    checked_at: datetime | None

    @property
    def is_enough(self) -> bool:
        return self.in_a_row >= settings.GONE_CHECKS


def min_check_gap() -> timedelta:
    """How far apart two checks are at least that both count: three clicks in a minute are one look."""
    return timedelta(hours=settings.CHECK_HOURS) / 2


def count_removed_checks(checks: Iterable[tuple[datetime, str]]) -> Gone:
    """Count the checks in a row that found it gone.

    "Still online" begins anew, "unclear" neither counts nor begins anew. Of two checks of the same moment the one that
    was recorded later counts: that is how a mistaken one is corrected.

    Args:
        checks: when somebody looked and what they found, in the order in which it was recorded.
    """
    found = dict(checks)
    in_a_row, first, last = 0, None, None
    for at in sorted(found):
        match CheckOutcome(found[at]):
            case CheckOutcome.ONLINE:
                in_a_row, first, last = 0, None, None
            case CheckOutcome.GONE if last is None or time_between(last, at) >= min_check_gap():
                in_a_row, first, last = in_a_row + 1, first or at, at
            case CheckOutcome.GONE | CheckOutcome.UNCLEAR:
                pass
    return Gone(in_a_row, first, max(found, default=None))


def verdict_minute(since: datetime) -> datetime:
    """The minute of the verdict: people enter no seconds."""
    return since.replace(second=0, microsecond=0)
