"""Exposure of each user per day, and the limits on it. No row names an incident.

Days are those of WORK_TIME_ZONE. Verbs call the counting functions inside their transaction, before the audit event.
Each runs one conditional UPDATE, and three more statements on a user's first action of a day.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Extract, Greatest, Least

from analysts.codes import Limit
from analysts.models import Exposure, User
from analysts.welfare.display_preferences import preferences_of
from countries.decided_settings import number_in_force, text_in_force

# Each reveal counts at least so long. A person who opens and closes seventy reports in seconds each has read all of
# them, and content stays longer than the page: without this such a morning would be no exposure.
LEAST_REVEAL = timedelta(seconds=10)
# How long a user can continue past a limit, unless another limit is reached first.
CONTINUATION = timedelta(minutes=30)


def work_zone() -> ZoneInfo:
    return ZoneInfo(text_in_force("WORK_TIME_ZONE"))


def work_day(now: datetime) -> date:
    return now.astimezone(work_zone()).date()


# --- Counting -------------------------------------------------------------------------------------


def begin_reveal(by: User, number: int = 1, *, now: datetime) -> None:
    """Start counting: content of `number` addresses is revealed to the user from now on, for LEAST_REVEAL at least."""
    numbers = {"reveals": F("reveals") + number, "addresses_read": F("addresses_read") + number}
    _update_day(by, now, **_begin(now), **numbers)


def begin_words(by: User, number: int = 1, *, now: datetime) -> None:
    """Count that the reporters' words about `number` revealed addresses are shown as well."""
    _update_day(by, now, **_begin(now), reveals=F("reveals") + number)


def extend_reveal(by: User, *, now: datetime) -> None:
    """Count the time since the last call, up to VEIL_MINUTES: the content is still revealed."""
    _update_day(by, now, **_seconds_until(now), open_since=_from(now))


def count_characters(by: User, number: int, *, now: datetime) -> None:
    """Count characters of content that is shown for the first time since it was revealed."""
    _update_day(by, now, characters_read=F("characters_read") + number)


def end_reveal(by: User, *, now: datetime) -> None:
    """Stop counting: nothing is revealed to the user any more, including from an earlier day."""
    # Two rows, because midnight may have passed since the reveal. Older rows were closed when their next day began.
    latest = Exposure.objects.filter(user=by).order_by("-day").values("pk")[:2]
    Exposure.objects.filter(pk__in=latest, open_since__isnull=False).update(**_seconds_until(now), open_since=None)


def count_decision(by: User, *, now: datetime) -> None:
    _update_day(by, now, **_seconds_until(now), open_since=None, decisions=F("decisions") + 1)


def count_skip(by: User, *, now: datetime) -> None:
    _update_day(by, now, **_seconds_until(now), open_since=None, skips=F("skips") + 1)


def add_reveal(by: User, *, seconds: int, characters: int, now: datetime) -> None:
    """Count a reveal on the isolated workstation whose result was returned, for LEAST_REVEAL at least."""
    least = max(seconds, int(LEAST_REVEAL.total_seconds()))
    changes = {"seconds": F("seconds") + least, "since_break": F("since_break") + least}
    _update_day(by, now, **changes, reveals=F("reveals") + 1, characters_read=F("characters_read") + characters)


def count_file_reveals(by: User, number: int, *, now: datetime) -> None:
    """Count addresses that were put into a file. The time spent viewing them is unknown."""
    _update_day(by, now, reveals=F("reveals") + number)


def count_related(by: User, number: int, *, now: datetime) -> None:
    """Count addresses shown beside a revealed one: their reveal and their time are that one's."""
    _update_day(by, now, addresses_read=F("addresses_read") + number)


def count_copies(by: User, number: int, *, now: datetime) -> None:
    """Count addresses shown in full to be copied; they are revealed already."""
    _update_day(by, now, addresses_copied=F("addresses_copied") + number)


def begin_break(by: User, *, now: datetime) -> None:
    """Begin a break of BREAK_MINUTES."""
    until = now + timedelta(minutes=number_in_force("BREAK_MINUTES"))
    changes = {**_seconds_until(now), "since_break": 0, "open_since": None, "breaks": F("breaks") + 1}
    _update_day(by, now, **changes, break_until=until, continued_until=None)


def record_continuing(by: User, *, until: datetime, passes_limit: bool, now: datetime) -> None:
    """Count that the user continues past a limit, until `until`. `passes_limit`: it is one of the organisation's."""
    changes = {"passed_limit": True} if passes_limit else {}
    _update_day(by, now, **changes, continued=F("continued") + 1, continued_until=until, break_until=None)


def set_avoided_warnings(by: User, notices: list[str], *, now: datetime) -> None:
    """Store the content warnings to avoid for the rest of the day."""
    _update_day(by, now, avoids=notices)


def warnings_to_avoid(by: User, *, now: datetime) -> frozenset[str]:
    """The content warnings that the user avoids today. One query."""
    return frozenset(_today_rows(by, now).values_list("avoids", flat=True).first() or ())


def _today_rows(by: User, now: datetime) -> QuerySet[Exposure]:
    return Exposure.objects.filter(user=by, day=work_day(now))


def _update_day(by: User, now: datetime, **changes: object) -> None:
    if _today_rows(by, now).update(**changes):
        return
    # First action of the day. Content may have been left revealed at the end of the day before.
    end_reveal(by, now=now)
    Exposure.objects.bulk_create([Exposure(user=by, day=work_day(now))], ignore_conflicts=True)
    _today_rows(by, now).update(**changes)


def _begin(now: datetime) -> dict[str, Combinable]:
    """Updates that count the time until `now` and LEAST_REVEAL ahead: `open_since` is when further time counts."""
    least = int(LEAST_REVEAL.total_seconds())
    counted = {name: seconds + least for name, seconds in _seconds_until(now).items()}
    return {**counted, "open_since": ExpressionWrapper(_from(now) + LEAST_REVEAL, output_field=DateTimeField())}


def _from(now: datetime) -> Combinable:
    """`now`, or the end of the time that was counted ahead."""
    return Greatest(F("open_since"), Value(now, output_field=DateTimeField()))


def _seconds_until(now: datetime) -> dict[str, Combinable]:
    """Updates that add the seconds since `open_since` to both counters; 0 if nothing is revealed, or it is ahead."""
    since = ExpressionWrapper(Value(now, output_field=DateTimeField()) - F("open_since"), output_field=DurationField())
    seconds = Cast(Coalesce(Extract(since, "epoch"), 0), IntegerField())
    # Content is hidden after VEIL_MINUTES without a request, so longer gaps are not exposure.
    gap = Greatest(0, Least(seconds, number_in_force("VEIL_MINUTES") * 60))
    return {"seconds": F("seconds") + gap, "since_break": F("since_break") + gap}


# --- Limits ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """The organisation's limits, or a person's own where those are stricter."""

    budget: timedelta
    break_after: timedelta
    cut_off: time | None


def organisation_limits() -> Limits:
    return Limits(
        budget=timedelta(minutes=number_in_force("EXPOSURE_MINUTES")),
        break_after=timedelta(minutes=number_in_force("BREAK_AFTER_MINUTES")),
        cut_off=time.fromisoformat(text_in_force("CUT_OFF")) if text_in_force("CUT_OFF") else None,
    )


def limits_of(user: User) -> Limits:
    """The stricter of the organisation's limits and the user's own."""
    common, preferences = organisation_limits(), preferences_of(user)
    if preferences is None:
        return common
    cut_offs = [cut_off for cut_off in (common.cut_off, preferences.cut_off) if cut_off is not None]
    return Limits(
        budget=min(common.budget, _own_or_default(preferences.budget_minutes, common.budget)),
        break_after=min(common.break_after, _own_or_default(preferences.break_after_minutes, common.break_after)),
        cut_off=min(cut_offs, default=None),
    )


def _own_or_default(minutes: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if minutes is None else timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class ExposureStatus:
    """A user's exposure and limits at the time `now`."""

    now: datetime
    limits: Limits
    day: Exposure

    @property
    def exposed_for(self) -> timedelta:
        return timedelta(seconds=self.day.seconds)

    @property
    def since_break(self) -> timedelta:
        return timedelta(seconds=self.day.since_break)

    @property
    def limit(self) -> Limit | None:
        """The limit that applies now; None if none is reached or the user continues past it."""
        return None if self.is_continuing else next(iter(self.reached), None)

    @property
    def is_continuing(self) -> bool:
        return self.day.continued_until is not None and self.day.continued_until > self.now

    @property
    def reached(self) -> list[Limit]:
        """Every limit that is reached; those that last until the end of the day come first."""
        on_break = self.day.break_until is not None and self.day.break_until > self.now
        cut_off = self.cut_off_today
        limits = {
            Limit.CUT_OFF: cut_off is not None and self.now >= cut_off,
            Limit.BUDGET: self.exposed_for >= self.limits.budget,
            Limit.ON_BREAK: on_break,
            Limit.BREAK: self.since_break >= self.limits.break_after,
        }
        return [limit for limit, is_reached in limits.items() if is_reached]

    @property
    def reached_of_organisation(self) -> list[Limit]:
        """As `reached`, by the organisation's limits: whether stricter ones are reached is private."""
        return replace(self, limits=organisation_limits()).reached

    @property
    def continues_until(self) -> datetime:
        """The time until which the user can continue: after CONTINUATION, or when another limit can be reached."""
        ends = [self.now + CONTINUATION]
        if Limit.BUDGET not in self.reached:
            ends.append(self.now + self.limits.budget - self.exposed_for)
        if self.cut_off_today is not None and Limit.CUT_OFF not in self.reached:
            ends.append(self.cut_off_today)
        return min(ends)

    @property
    def cut_off_today(self) -> datetime | None:
        if self.limits.cut_off is None:
            return None
        return datetime.combine(work_day(self.now), self.limits.cut_off, tzinfo=work_zone())


def exposure_status(user: User, *, now: datetime) -> ExposureStatus:
    """Two queries: the day, and the user's own settings."""
    day = _today_rows(user, now).first() or Exposure(user=user, day=work_day(now))
    return ExposureStatus(now=now, limits=limits_of(user), day=day)
