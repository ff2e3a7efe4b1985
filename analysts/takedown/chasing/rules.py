"""What is due about an illegal incident, and why. Pure: facts and a moment go in, nothing is read or changed.

All counting is in elapsed hours, in UTC: no change of clocks, leap day or year's end makes a step come twice or not at
all. The steps of an interval are given once: after a pause the latest one, never all that were
missed, and none again where a clock was set back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from django.conf import settings
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysts.models import AddresseeKind, Chase
from analysts.models.hosting import CheckOutcome


def interval() -> timedelta:
    return timedelta(hours=settings.CHASE_HOURS)


def elapsed(since: datetime, now: datetime) -> timedelta:
    """As a stopwatch has it: two times of the same zone are subtracted by their clock faces."""
    return now.astimezone(UTC) - since.astimezone(UTC)


def after(moment: datetime, time: timedelta) -> datetime:
    """So much elapsed time later."""
    return moment.astimezone(UTC) + time


def passed(noticed_at: datetime | None, now: datetime) -> int:
    """How many whole intervals have passed since the first notice; 0 before it, and where the clock is behind it."""
    return 0 if noticed_at is None else max(0, elapsed(noticed_at, now) // interval())


def every(kind: AddresseeKind) -> int | None:
    """After how many intervals each one of its kind is reminded. None: a person talks to them."""
    return kind.row.reminded_every() if kind.row.reminded_every else None


def step(kind: AddresseeKind, *, noticed_at: datetime, told_at: datetime, taken: int, now: datetime) -> int | None:
    """The interval whose reminder an addressee is to get now; None where it gets none.

    Args:
        noticed_at: when the first notice about the incident left; the intervals are counted from there.
        told_at: when this addressee got its first one: it is not reminded before a whole interval has passed.
        taken: the last interval whose steps were taken.
    """
    if (rhythm := every(kind)) is None:
        return None
    latest = passed(noticed_at, now) // rhythm * rhythm
    if latest <= taken or told_at > after(noticed_at, (latest - 1) * interval()):
        return None
    return latest


def next_step_at(kind: AddresseeKind, *, noticed_at: datetime, told_at: datetime, taken: int) -> datetime | None:
    """When `step` has the addressee reminded next; None where it never does."""
    if (rhythm := every(kind)) is None:
        return None
    first = (taken // rhythm + 1) * rhythm
    while told_at > after(noticed_at, (first - 1) * interval()):
        first += rhythm
    return after(noticed_at, first * interval())


def next_run(noticed_at: datetime | None, taken: int, now: datetime) -> datetime:
    """When the machine looks at a chase again whose intervals are taken up to `taken`.

    Before the first notice there is nothing to count from; one that leaves meanwhile is a whole interval away from its
    first reminder, so that looking again an interval later comes in time for it.
    """
    return after(now, interval()) if noticed_at is None else after(noticed_at, (taken + 1) * interval())


def check_due_at(*, since: datetime, noticed_at: datetime | None, checked_at: datetime | None) -> datetime:
    """When somebody is to look: so long after the latest check, else after the first notice, else after the verdict."""
    return after(checked_at or noticed_at or since, timedelta(hours=settings.CHECK_HOURS))


def escalation_due_at(*, noticed_at: datetime | None, escalated_at: datetime | None) -> datetime | None:
    """When telling somebody else is proposed: so many intervals after the first notice, or the latest escalation."""
    begun = escalated_at or noticed_at
    return after(begun, settings.CHASE_ESCALATE_AFTER * interval()) if begun else None


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


def apart() -> timedelta:
    """How far apart two checks are at least that both count: three clicks in a minute are one look."""
    return timedelta(hours=settings.CHECK_HOURS) / 2


def gone(checks: Iterable[tuple[datetime, str]]) -> Gone:
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
            case CheckOutcome.GONE if last is None or elapsed(last, at) >= apart():
                in_a_row, first, last = in_a_row + 1, first or at, at
            case CheckOutcome.GONE | CheckOutcome.UNCLEAR:
                pass
    return Gone(in_a_row, first, max(found, default=None))


def counted_from(since: datetime) -> datetime:
    """The minute of the verdict: people enter no seconds."""
    return since.replace(second=0, microsecond=0)


# --- What now, and why ------------------------------------------------------------------------------


class What(TextChoices):
    """What a person has to do, in the order of the list."""

    MOVED = "moved", gettext_lazy("Approve the new route")
    ROUTE = "route", gettext_lazy("Confirm the route")
    TRACE = "trace", gettext_lazy("Find out where it is hosted")
    OUTGOING = "outgoing", gettext_lazy("Confirm what may leave of its address")
    POLICE = "police", gettext_lazy("Get the answer of the police")
    REPLY = "reply", gettext_lazy("Read an answer")
    BY_HAND = "by_hand", gettext_lazy("Send a notice by hand")
    DEAD = "dead", gettext_lazy("Decide about a notice that could not be sent")
    UNVERIFIED = "unverified", gettext_lazy("Have an addressee verified")
    CHECK = "check", gettext_lazy("Look whether it is still there")
    ESCALATE = "escalate", gettext_lazy("Tell somebody else")

    @property
    def section(self) -> str:
        """The id of the part of the incident page where it is done."""
        match self:
            case What.MOVED | What.ROUTE | What.POLICE | What.UNVERIFIED:
                return "route"
            case What.TRACE:
                return "hosting"
            case What.OUTGOING:
                return "leaving"
            case What.REPLY:
                return "replies"
            case What.BY_HAND | What.DEAD:
                return "notices"
            case What.CHECK | What.ESCALATE:
                return "stands"
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that waits for a person. `why` is for people to read; `url` leads to where it is done."""

    what: What
    why: str
    since: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person beside the chase's own row; the moment since when, None where nothing waits."""

    outgoing: datetime | None = None
    police: datetime | None = None
    reply: datetime | None = None
    by_hand: datetime | None = None
    dead: datetime | None = None
    unverified: datetime | None = None


def due(chase: Chase, waiting: Waiting, *, now: datetime) -> list[Due]:
    """Everything that is due about the incident of a chase, in the order of the list; none once it has ended."""
    if chase.ended_at is not None:
        return []
    found = {what: since for what in What if (since := since_when(what, chase, waiting)) and since <= now}
    url = reverse("admin:incident", args=[chase.incident_id])
    return [Due(what, why(what, chase, now), since, f"{url}#{what.section}") for what, since in found.items()]


def since_when(what: What, chase: Chase, waiting: Waiting = Waiting()) -> datetime | None:
    """Since when it is due, or from when on it will be; None where it is not."""
    match what:
        case What.MOVED:
            return chase.traced_at if chase.has_moved else None
        case What.ROUTE:
            return chase.traced_at if chase.routed_trace is None else None
        case What.TRACE:
            return chase.since if chase.trace == 0 else None
        case What.OUTGOING:
            return waiting.outgoing
        case What.POLICE:
            return waiting.police
        case What.REPLY:
            return waiting.reply
        case What.BY_HAND:
            return waiting.by_hand
        case What.DEAD:
            return waiting.dead
        case What.UNVERIFIED:
            return waiting.unverified
        case What.CHECK:
            return check_due_at(since=chase.since, noticed_at=chase.noticed_at, checked_at=chase.checked_at)
        case What.ESCALATE if chase.has_moved or chase.gone_in_a_row:
            # Its new route comes first, or the next look.
            return None
        case What.ESCALATE:
            return escalation_due_at(noticed_at=chase.noticed_at, escalated_at=chase.escalated_at)
        case _:
            assert_never(what)


# In words, for somebody who has not seen the incident today.
WHY: dict[What, Promise] = {
    What.MOVED: gettext_lazy("It is hosted elsewhere now. Nothing is sent until somebody approves where it goes."),
    What.ROUTE: gettext_lazy("Where it is hosted is known. Nothing is sent before its route is confirmed."),
    What.TRACE: gettext_lazy("It was found illegal. Three methods have to agree where it is hosted."),
    What.OUTGOING: gettext_lazy("Its address may lead to a person. Nothing is sent before somebody has looked."),
    What.POLICE: gettext_lazy("The police were asked for clearance. Nothing is sent before they give it."),
    What.REPLY: gettext_lazy("An addressee has answered, and nobody has read it."),
    What.BY_HAND: gettext_lazy("This addressee gets no e-mail from here: a person has to tell them."),
    What.DEAD: gettext_lazy("The notice was given up. The addressee does not know."),
    What.UNVERIFIED: gettext_lazy("Nobody has verified the addressee. Nothing is sent to it before."),
    What.CHECK: gettext_lazy("Nobody has looked for a while."),
    What.ESCALATE: gettext_lazy("It is still there."),
}


def why(what: What, chase: Chase, now: datetime) -> str:
    """The reason in words, with how long it has been where that tells more."""
    match what:
        case What.CHECK:
            return _why_check(chase, now)
        case What.ESCALATE if chase.noticed_at:
            return _("Still there %(time)s after the first notice.") % {"time": _days(chase.noticed_at, now)}
        case _:
            return str(WHY[what])


def _why_check(chase: Chase, now: datetime) -> str:
    if chase.gone_in_a_row:
        counts = {"count": chase.gone_in_a_row, "needed": settings.GONE_CHECKS}
        return _("Found gone %(count)s of %(needed)s times in a row.") % counts
    if chase.checked_at:
        return _("Looked at %(time)s ago.") % {"time": _days(chase.checked_at, now)}
    if chase.noticed_at:
        return _("Nobody has looked since the first notice left %(time)s ago.") % {"time": _days(chase.noticed_at, now)}
    return _("Nobody has looked since the verdict %(time)s ago.") % {"time": _days(chase.since, now)}


def _days(since: datetime, now: datetime) -> str:
    hours = max(0, int(elapsed(since, now) / timedelta(hours=1)))
    if hours < 48:
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    return ngettext("%(days)d day", "%(days)d days", hours // 24) % {"days": hours // 24}
