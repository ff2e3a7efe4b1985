"""The to-do list: its kinds in order, their counts for a user, and the due to-dos of one chase."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.urls import reverse

from analysts.incidents.attached import Attached
from analysts.incidents.row_counts import count_each, read_each
from analysts.incidents.table import MOST_SHORT, first_ids, short_label
from analysts.models import Appeal, Chase, ChildAlert, NextStep, Notice, PoliceHold, Referral, Reply, SystemicCase, User
from analysts.takedown.alerts.to_do import ALERT, WRONG_ALERT
from analysts.takedown.appeals.to_do import APPEAL
from analysts.takedown.chasing.to_do import CHECK, CHECK_REMOVAL, ESCALATE, LOOK
from analysts.takedown.next_steps.to_do import REVIEW
from analysts.takedown.notices.to_do import BY_HAND, CORRECTION, DEAD, REPLY, UNCONFIRMED_REDACTION
from analysts.takedown.routing.to_do import MOVED, POLICE, ROUTE, UNVERIFIED
from analysts.takedown.systemic_cases.to_do import SYSTEMIC
from analysts.takedown.to_do_kinds import ToDoKind
from analysts.takedown.tracing.to_do import TRACE

# Kinds differ in the model of their rows.
type ListedKind = (
    ToDoKind[Appeal]
    | ToDoKind[Chase]
    | ToDoKind[ChildAlert]
    | ToDoKind[NextStep]
    | ToDoKind[Notice]
    | ToDoKind[PoliceHold]
    | ToDoKind[Referral]
    | ToDoKind[Reply]
    | ToDoKind[SystemicCase]
)

# In the order of the list.
TO_DO: tuple[ListedKind, ...] = (
    ALERT,
    WRONG_ALERT,
    LOOK,
    MOVED,
    ROUTE,
    TRACE,
    UNCONFIRMED_REDACTION,
    POLICE,
    REPLY,
    APPEAL,
    SYSTEMIC,
    BY_HAND,
    DEAD,
    UNVERIFIED,
    CORRECTION,
    REVIEW,
    CHECK_REMOVAL,
    CHECK,
    ESCALATE,
)
BY_NAME = {kind.name: kind for kind in TO_DO}
URGENT = tuple(kind for kind in TO_DO if kind.is_urgent)

# Maps the name of a kind to the time since which one of its rows has waited; None or no key where none waits.
type Waiting = Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class ToDoCount:
    """A kind of to-do and its capped count as text."""

    kind: ListedKind
    number: str


@dataclass(frozen=True, slots=True)
class Due:
    """One due to-do. `why` is the reason for display; `url` leads to the section where it is done."""

    kind: ListedKind
    why: str
    since: datetime
    url: str


def to_do_counts(user: User, now: datetime, few_ids: Sequence[UUID] | None = None) -> dict[ListedKind, int]:
    """Count the due to-dos by kind, each up to one above MOST_SHORT, without kinds that have none. Two queries.

    `few_ids`: as `find_few_takedowns`.
    """
    kinds = find_possible_kinds()
    counts = count_each(due_rows(user, now, few_ids, most=MOST_SHORT + 1, kinds=kinds))
    return {kind: number for kind in kinds if (number := counts[kind.name])}


def find_possible_kinds() -> list[ListedKind]:
    """All kinds but those of which no portal has a row. One query.

    Django needs longer to write the count of a kind that is seldom due than PostgreSQL to see that there is none.
    """
    seldom = [kind for kind in TO_DO if kind.needs]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {kind.needs})' for kind in seldom)}")  # noqa: S608 - of constants
        is_possible = dict(zip(seldom, cursor.fetchone(), strict=True))
    return [kind for kind in TO_DO if is_possible.get(kind, True)]


def due_rows(
    user: User, now: datetime, few_ids: Sequence[UUID] | None, *, most: int, kinds: Sequence[ListedKind] = TO_DO
) -> dict[str, "QuerySet[Model, object]"]:
    """The due to-dos by kind, each up to `most`, counted in the order of their indexes or by the ids `few_ids`."""
    return {
        kind.name: first_ids(kind.due_among(few_ids, user, now), most, in_order=not kind.begins_with(few_ids))
        for kind in kinds
    }


def due_kinds(user: User, now: datetime, few_ids: Sequence[UUID] | None) -> list[ToDoCount]:
    """The kinds with at least one due to-do, in the order of the list."""
    return [ToDoCount(kind, short_label(number)) for kind, number in to_do_counts(user, now, few_ids).items()]


def followed_up_due(user: User, now: datetime) -> QuerySet[NextStep]:
    """The due next steps of the incidents that `user` follows up."""
    return NextStep.objects.filter(owner=user, review_at__lte=now)


def own_kinds(owned: Sequence[UUID], user: User, now: datetime) -> list[ToDoCount]:
    """As `due_kinds`, of the incidents `owned`. Two queries."""
    kinds = find_possible_kinds()
    own_rows = {kind.name: first_ids(kind.due_of(owned, user, now), MOST_SHORT + 1) for kind in kinds}
    return counted_kinds(count_each(own_rows), kinds)


def due_lines(
    kind: ListedKind, user: User, now: datetime, few_ids: Sequence[UUID] | None, owned: Sequence[UUID] | None
) -> "QuerySet[Any]":
    """The due rows of the kind, as its lines need them; of the incidents `owned` if these are given."""
    return kind.rows(user, now, few_ids, owned)


def counted_kinds(counts: Mapping[str, int], kinds: Sequence[ListedKind]) -> list[ToDoCount]:
    """The kinds with at least one row, of the numbers of `due_rows`."""
    return [ToDoCount(kind, short_label(counts[kind.name])) for kind in kinds if counts[kind.name]]


def waiting_of(chase: Chase, attached: Attached | None = None) -> Waiting:
    """The times since which rows other than the chase's own wait for a person. One query, or none.

    attached: the kinds of rows that its incident has, so that only these are queried; None if that is not known.
    """
    rows = {
        kind.name: kind.waiting(chase.incident_id)
        for kind in TO_DO
        if kind.waiting and (attached is None or getattr(attached, kind.attached))
    }
    return read_each(rows)


def due_items(chase: Chase, waiting: Waiting, *, now: datetime) -> list[Due]:
    """The due to-dos of a chase, in the order of the list; empty once the chase has ended."""
    if chase.ended_at is not None:
        return []
    due = [(kind, since) for kind in TO_DO if (since := since_when(kind, chase, waiting)) and since <= now]
    url = reverse("admin:incident", args=[chase.incident_id])
    return [Due(kind, due_reason(kind, chase, now), since, f"{url}#{kind.section}") for kind, since in due]


def since_when(kind: ListedKind, chase: Chase, waiting: Waiting) -> datetime | None:
    """When the to-do became or will become due; None where it does not apply."""
    return kind.since(chase) if kind.since else waiting.get(kind.name)


def due_reason(kind: ListedKind, chase: Chase, now: datetime) -> str:
    """The reason for display, with the elapsed time where the kind gives it."""
    return (kind.explain(chase, now) if kind.explain else "") or str(kind.why)
