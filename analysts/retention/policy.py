"""The retention policy of keys: which step the nightly run takes with a key, given the content sealed under it."""

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
from countries.decided_settings import number_in_force
from reports.models import KeyState, SealingKey


@dataclass(frozen=True, slots=True)
class Tally:
    """Content sealed under one key: counts by kind that need not be kept, and counts by reason that must be."""

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
    """The step that the nightly run takes with a key."""

    NOTHING = "nothing", _("no change")
    CLOSE = "close", _("closed")
    EMPTY = "empty", _("emptied: kept content is resealed; destroyed later")
    DESTROY = "destroy", _("destroyed")


def closes_on(key: SealingKey) -> date:
    """The first day on which nothing new may be sealed to the key."""
    after = key.month.replace(day=28) + timedelta(days=4)
    return after.replace(day=1) + timedelta(days=settings.KEY_GRACE_DAYS)


def destruction_day(key: SealingKey, *, now: datetime) -> date:
    """The day on which an emptied key is destroyed (for one emptied now: counted from `now`).

    KEY_REST_DAYS leave time for a backup in between.
    """
    return (key.emptied_on or now.date()) + timedelta(days=settings.KEY_REST_DAYS)


def nightly_step(key: SealingKey, tally: Tally, *, now: datetime) -> KeyStep:
    """The step that a run at `now` takes with a key that is not destroyed."""
    today = now.date()
    if key.state == KeyState.OPEN and closes_on(key) > today:
        return KeyStep.NOTHING
    if key.emptied_on:
        return KeyStep.DESTROY if destruction_day(key, now=now) <= today else KeyStep.NOTHING
    # A key closed before its time was replaced, so it is emptied regardless of its content.
    replaced = closes_on(key) > today
    if replaced or tally.goes or not tally.stays:
        return KeyStep.EMPTY
    return KeyStep.CLOSE if key.state == KeyState.OPEN else KeyStep.NOTHING


@dataclass(frozen=True, slots=True)
class Plan:
    """A key and its step tonight; `destroyed_on` is None while the day is not settled."""

    key: SealingKey
    step: KeyStep
    tally: Tally
    destroyed_on: date | None


def build_plans(*, now: datetime) -> list[Plan]:
    """The steps of a run at `now` for keys that are closed or due to close, oldest first.

    The cost grows with the content sealed under them.
    """
    plans = []
    for key in SealingKey.objects.exclude(state=KeyState.DESTROYED).order_by("month", "pk"):
        if key.state == KeyState.OPEN and closes_on(key) > now.date():
            continue
        tally = tally_key(key, now=now)
        planned = nightly_step(key, tally, now=now)
        settled = key.emptied_on or planned == KeyStep.EMPTY
        plans.append(Plan(key, planned, tally, destruction_day(key, now=now) if settled else None))
    return plans


def overdue_incidents(*, now: datetime) -> "QuerySet[Incident]":
    """Incidents that have waited longer than UNASSESSED_DAYS. They are shown but never expire."""
    # Listing the priorities lets PostgreSQL enter the queue's index once for each instead of scanning all of it.
    return Incident.objects.filter(
        state=State.WAITING,
        priority__in=range(HIGHEST + 1),
        waiting_since__lt=now - timedelta(days=number_in_force("UNASSESSED_DAYS")),
    )
