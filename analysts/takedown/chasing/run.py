"""The automatic run: plan reminders, and first notices that could not be planned earlier.

It reads only the chases that are due, so that the cost of a run does not grow with history. To-dos for people stay on
their list (`chasing.lists`); a run does not change them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from analysts.models import (
    Appeal,
    Chase,
    DropReason,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    RecipientKind,
    Redaction,
    Referral,
)
from analysts.models.routing import DENIAL_PAUSE
from analysts.takedown.chasing import rules
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.takedown.notices.actions import DueNotice, plan_many

BATCH = 1_000


def plan_due_notices(*, now: datetime | None = None) -> int:
    """Plan the notices that are due by `now`, and return how many addresses were added to a notice.

    Each batch is its own transaction. Chases locked by another run or a person are skipped, and come up again in the
    next run if they are still due.
    """
    now = now or timezone.now()
    planned, last = 0, None
    while True:
        with transaction.atomic():
            chases = _due_batch(now, last)
            if not chases:
                return planned
            # Planning sets the next time of each.
            last = chases[-1].due_at, chases[-1].pk
            planned += _plan_batch(chases, now=now)


def _due_batch(now: datetime, last: tuple[datetime | None, UUID] | None) -> list[Chase]:
    """Lock and return the next batch in index order, after `last`, so that an unchanged batch is not read twice."""
    due = Chase.objects.open().filter(due_at__lte=now).order_by("due_at", "pk")
    if last:
        due = due.filter(Q(due_at__gt=last[0]) | Q(due_at=last[0], pk__gt=last[1]), due_at__gte=last[0])
    return list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])


@dataclass(frozen=True, slots=True)
class BatchContext:
    """Data that a batch of chases needs, each loaded with one query."""

    referrals: dict[UUID, list[Referral]]
    # Incidents that wait for the police or for the decision on an appeal, or with an unconfirmed address that a notice
    # has already gone without.
    waiting: set[UUID]
    # Referrals with an unsent notice, and those whose notice a person cancelled.
    under_way: set[UUID]
    cancelled: set[UUID]


def _plan_batch(chases: Sequence[Chase], *, now: datetime) -> int:
    context = _load_context(chases)
    planned = plan_many([step for chase in chases for step in _due_steps(chase, context, now)], now=now)
    _move_on(chases, context, now)
    refresh_next_steps([chase.incident_id for chase in chases], now=now)
    return planned


def _load_context(chases: Iterable[Chase]) -> BatchContext:
    incidents = [chase.incident_id for chase in chases]
    referrals: dict[UUID, list[Referral]] = defaultdict(list)
    open_referrals = Referral.objects.filter(incident__in=incidents, ended_at=None, to__isnull=False)
    for referral in open_referrals.select_related("to"):
        referrals[referral.incident_id].append(referral)
    referral_ids = [referral.pk for some in referrals.values() for referral in some]
    items = NoticeItem.objects.filter(incident__in=incidents, referral__in=referral_ids)
    to_leave = items.filter(dropped="", interval__isnull=False).exclude(
        notice__state__in=[NoticeState.SENT, NoticeState.DROPPED]
    )
    unconfirmed = set(items.filter(dropped=DropReason.UNCONFIRMED).values_list("incident", flat=True))
    if unconfirmed:
        unconfirmed -= set(Redaction.objects.filter(incident__in=unconfirmed).values_list("incident", flat=True))
    holds = PoliceHold.objects.blocking().filter(incident__in=incidents)
    return BatchContext(
        referrals=referrals,
        waiting=unconfirmed | set(holds.values_list("incident", flat=True)) | Appeal.objects.holding_up(incidents),
        under_way=set(to_leave.values_list("referral", flat=True)),
        cancelled=set(items.filter(dropped=DropReason.TAKEN_BACK).values_list("referral", flat=True)),
    )


def _due_steps(chase: Chase, context: BatchContext, now: datetime) -> Iterator[DueNotice]:
    """The notices to plan now; none while a person has to decide first, or after a check found it removed."""
    is_waiting = (
        chase.routed_trace is None or chase.has_moved or chase.removed_in_a_row or chase.incident_id in context.waiting
    )
    for referral in () if is_waiting else context.referrals[chase.incident_id]:
        # A notice that still waits for office hours, the mail server or a person already covers this step.
        if referral.to is None or referral.pk in context.under_way:
            continue
        if referral.noticed_at is None or chase.noticed_at is None:
            may_leave = referral.not_before is None or referral.not_before <= now
            if may_leave and referral.noticed_at is None and referral.pk not in context.cancelled:
                yield DueNotice(referral, referral.to, chase, 0, Purpose.FIRST)
            continue
        if not referral.to.is_usable:
            # A first notice waits to be verified; reminders are not made up for.
            continue
        step = rules.reminder_step(
            RecipientKind(referral.to.kind),
            noticed_at=chase.noticed_at,
            first_notified_at=referral.noticed_at,
            steps_taken=chase.interval,
            now=now,
        )
        if step is not None and not referral.is_paused(now):
            yield DueNotice(referral, referral.to, chase, step, Purpose.AGAIN)


def _move_on(chases: Sequence[Chase], context: BatchContext, now: datetime) -> None:
    """Mark the intervals as taken, even where no reminder was due; one statement for all rows.

    While a reminder waits for a new trace, its interval stays to be taken, so that it leaves when the pause ends.
    """
    for chase in chases:
        interval = max(chase.interval, rules.intervals_since(chase.noticed_at, now))
        pauses = [
            referral.denied_at + DENIAL_PAUSE
            for referral in context.referrals[chase.incident_id]
            if referral.denied_at and referral.is_paused(now)
        ]
        chase.due_at = min([_due_next(chase, interval, context, now), *pauses])
        chase.interval = chase.interval if pauses else interval
    Chase.objects.bulk_update(chases, ["interval", "due_at"])


def _due_next(chase: Chase, interval: int, context: BatchContext, now: datetime) -> datetime:
    later = [
        referral.not_before
        for referral in context.referrals[chase.incident_id]
        if referral.not_before and referral.not_before > now and referral.noticed_at is None
    ]
    return min([rules.next_run(chase.noticed_at, interval, now), *later])
