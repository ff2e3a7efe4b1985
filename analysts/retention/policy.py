"""What a night does with a key, by what lies under it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.incidents.priority import HIGHEST
from analysts.models import Incident
from analysts.retention.sealed import GOES, kinds_under
from analysts.states import State
from reports.models import KeyState, SealingKey


@dataclass(frozen=True, slots=True)
class Tally:
    """What lies under one key: how many of each kind go, and how many stay, by reason."""

    goes: Mapping[str, int]
    stays: Mapping[str, int]


def tally_key(key: SealingKey, *, now: datetime) -> Tally:
    goes: Counter[str] = Counter()
    stays: Counter[str] = Counter()
    for kind in kinds_under(key):
        for why, number in kind.under(key, now).order_by().values_list("why").annotate(number=Count("pk")):
            if why == GOES:
                goes[kind.name] += number
            else:
                stays[why] += number
    return Tally(goes, stays)


class KeyStep(TextChoices):
    """What a night does with a key."""

    NOTHING = "nothing", _("stays as it is")
    CLOSE = "close", _("closed")
    EMPTY = "empty", _("what stays is sealed anew; destroyed later")
    DESTROY = "destroy", _("destroyed")


def closes_on(key: SealingKey) -> date:
    """The first day of the key that nobody should seal to it any more."""
    after = key.month.replace(day=28) + timedelta(days=4)
    return after.replace(day=1) + timedelta(days=settings.KEY_GRACE_DAYS)


def destruction_day(key: SealingKey, *, now: datetime) -> date:
    """When a key that is, or now becomes, empty is destroyed: a backup must be made in between."""
    return (key.emptied_on or now.date()) + timedelta(days=settings.KEY_REST_DAYS)


def nightly_step(key: SealingKey, found: Tally, *, now: datetime) -> KeyStep:
    """What the night of `now` does with a key that is not destroyed."""
    today = now.date()
    if key.state == KeyState.OPEN and closes_on(key) > today:
        return KeyStep.NOTHING
    if key.emptied_on:
        return KeyStep.DESTROY if destruction_day(key, now=now) <= today else KeyStep.NOTHING
    # Closed within its month: it was replaced, and is to go whatever lies under it.
    replaced = closes_on(key) > today
    if replaced or found.goes or not found.stays:
        return KeyStep.EMPTY
    return KeyStep.CLOSE if key.state == KeyState.OPEN else KeyStep.NOTHING


@dataclass(frozen=True, slots=True)
class Plan:
    """A key and what tonight does with it; `destruction_day` where that is settled."""

    key: SealingKey
    step: KeyStep
    found: Tally
    destroyed_on: date | None


def build_plans(*, now: datetime) -> list[Plan]:
    """What a run at `now` would do: keys that are closed or should be, the oldest first. Costs what lies under them."""
    plans = []
    for key in SealingKey.objects.exclude(state=KeyState.DESTROYED).order_by("month", "pk"):
        if key.state == KeyState.OPEN and closes_on(key) > now.date():
            continue
        found = tally_key(key, now=now)
        planned = nightly_step(key, found, now=now)
        settled = key.emptied_on or planned == KeyStep.EMPTY
        plans.append(Plan(key, planned, found, destruction_day(key, now=now) if settled else None))
    return plans


def overdue_incidents(*, now: datetime) -> "QuerySet[Incident]":
    """Incidents that wait longer than UNASSESSED_DAYS: shown, never expired."""
    # Named by priority, so that the queue's index is entered once for each instead of read from end to end.
    return Incident.objects.filter(
        state=State.WAITING,
        priority__in=range(HIGHEST + 1),
        waiting_since__lt=now - timedelta(days=settings.UNASSESSED_DAYS),
    )
