"""Planning of many reminders at once: `plan_notice` in bulk, with a bounded number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from analysts.models import Chase, Notice, NoticeItem, Purpose, Recipient, Referral
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.notices.batching import MOST_ITEMS, find_or_open_notice, lock_gathering

# Recipient and purpose. At most one notice gathers for each pair.
type Letter = tuple[UUID, Purpose]


@dataclass(frozen=True, slots=True)
class DueNotice:
    """One step of a chase: notify `to`, the recipient of `referral`, of its incident for an interval and a purpose."""

    referral: Referral
    to: Recipient
    chase: Chase
    interval: int
    purpose: Purpose

    @property
    def letter(self) -> Letter:
        return self.to.pk, self.purpose

    @property
    def step(self) -> tuple[UUID, int]:
        return self.referral.pk, self.interval


def plan_many(steps: Sequence[DueNotice], *, now: datetime) -> int:
    """Add each step to the gathering notice of its recipient, or to a new one; return how many were added.

    Runs inside the caller's transaction, which has locked the chases; checks no permission and records no audit event.
    Skips steps that already exist and incidents that the notice already names. The number of statements depends on the
    number of notices that have to be opened, not on the number of steps.
    """
    existing = _existing_steps(steps)
    missing = [step for step in steps if step.step not in existing]
    planned = 0
    while missing:
        open_letters = _lock_open_letters({step.letter for step in missing})
        reasons = _drop_reasons(open_letters.values(), missing)
        by_letter: dict[Letter, list[DueNotice]] = defaultdict(list)
        for step in missing:
            notice = open_letters.get(step.letter)
            match reasons.get((notice.pk, step.referral.incident_id)) if notice else None:
                case None:
                    by_letter[step.letter].append(step)
                case "":
                    pass
                case _:
                    # The item was left out of this notice earlier: include it again.
                    planned += _plan_singly(step, now=now)
        room = _remaining_capacity(open_letters)
        missing, items = [], []
        for letter, several in sorted(by_letter.items()):
            notice, size = open_letters.get(letter), room.get(letter, 0)
            if notice is None or not size:
                # A full notice is closed and a new one is opened.
                notice, size = _find_or_open_notice(several[0], now=now), MOST_ITEMS
            items += [_build_item(notice, addition) for addition in several[:size]]
            missing += several[size:]
        # Two referrals of an incident to the same recipient need only one item.
        planned += len(NoticeItem.objects.bulk_create(items, ignore_conflicts=True))
    return planned


def _existing_steps(steps: Iterable[DueNotice]) -> set[tuple[UUID, int]]:
    referrals = [step.referral.pk for step in steps]
    return set(NoticeItem.objects.filter(referral__in=referrals, dropped="").values_list("referral", "interval"))


def _lock_open_letters(letters: Collection[Letter]) -> dict[Letter, Notice]:
    """The gathering notices that exist for `letters`, locked."""
    waiting = lock_gathering(recipient for recipient, _purpose in letters)
    open_letters = {(notice.recipient_id, Purpose(notice.purpose)): notice for notice in waiting}
    return {letter: open_letters[letter] for letter in letters if letter in open_letters}


def _drop_reasons(notices: Iterable[Notice], steps: Iterable[DueNotice]) -> dict[tuple[UUID, UUID], str]:
    """Maps (notice, incident) of existing items to the reason they were left out; "" if they are included."""
    incidents = {step.referral.incident_id for step in steps}
    items = NoticeItem.objects.filter(notice__in=[notice.pk for notice in notices], incident__in=incidents)
    return {(notice, incident): why for notice, incident, why in items.values_list("notice", "incident", "dropped")}


def _remaining_capacity(letters: dict[Letter, Notice]) -> dict[Letter, int]:
    items = NoticeItem.objects.filter(notice__in=[letter.pk for letter in letters.values()])
    numbers = dict(items.order_by().values_list("notice").annotate(Count("pk")))
    return {letter: max(0, MOST_ITEMS - numbers.get(notice.pk, 0)) for letter, notice in letters.items()}


def _find_or_open_notice(step: DueNotice, *, now: datetime) -> Notice:
    return find_or_open_notice(step.to, step.purpose, incident=step.referral.incident, by=None, now=now)


def _plan_singly(step: DueNotice, *, now: datetime) -> bool:
    planned = plan_notice(referral=step.referral, interval=step.interval, purpose=step.purpose, by=None, now=now)
    return planned is not None


def _build_item(notice: Notice, step: DueNotice) -> NoticeItem:
    return NoticeItem(
        notice=notice,
        incident_id=step.referral.incident_id,
        referral=step.referral,
        interval=step.interval,
        trace=step.chase.trace,
    )
