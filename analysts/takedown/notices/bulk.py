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
class Wanted:
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


def plan_many(wanted: Sequence[Wanted], *, now: datetime) -> int:
    """Add each step to the gathering notice of its recipient, or to a new one; return how many were added.

    Runs inside the caller's transaction, which has locked the chases; checks no permission and records no audit event.
    Skips steps that already exist and incidents that the notice already names. The number of statements depends on the
    number of notices that have to be opened, not on the number of steps.
    """
    given = _existing_steps(wanted)
    left = [each for each in wanted if each.step not in given]
    planned = 0
    while left:
        open_letters = _lock_open_letters({each.letter for each in left})
        named = _drop_reasons(open_letters.values(), left)
        by_letter: dict[Letter, list[Wanted]] = defaultdict(list)
        for each in left:
            notice = open_letters.get(each.letter)
            match named.get((notice.pk, each.referral.incident_id)) if notice else None:
                case None:
                    by_letter[each.letter].append(each)
                case "":
                    pass
                case _:
                    # The item was left out of this notice earlier: include it again.
                    planned += _plan_singly(each, now=now)
        room = _remaining_capacity(open_letters)
        left, items = [], []
        for letter, several in sorted(by_letter.items()):
            notice, size = open_letters.get(letter), room.get(letter, 0)
            if notice is None or not size:
                # A full notice is closed and a new one is opened.
                notice, size = _find_or_open_notice(several[0], now=now), MOST_ITEMS
            items += [_build_item(notice, each) for each in several[:size]]
            left += several[size:]
        # Two referrals of an incident to the same recipient need only one item.
        planned += len(NoticeItem.objects.bulk_create(items, ignore_conflicts=True))
    return planned


def _existing_steps(wanted: Iterable[Wanted]) -> set[tuple[UUID, int]]:
    referrals = [each.referral.pk for each in wanted]
    return set(NoticeItem.objects.filter(referral__in=referrals, dropped="").values_list("referral", "interval"))


def _lock_open_letters(letters: Collection[Letter]) -> dict[Letter, Notice]:
    """The gathering notices that exist for `letters`, locked."""
    waiting = lock_gathering(recipient for recipient, _purpose in letters)
    found = {(each.recipient_id, Purpose(each.purpose)): each for each in waiting}
    return {letter: found[letter] for letter in letters if letter in found}


def _drop_reasons(notices: Iterable[Notice], wanted: Iterable[Wanted]) -> dict[tuple[UUID, UUID], str]:
    """Maps (notice, incident) of existing items to the reason they were left out; "" if they are included."""
    incidents = {each.referral.incident_id for each in wanted}
    items = NoticeItem.objects.filter(notice__in=[each.pk for each in notices], incident__in=incidents)
    return {(notice, incident): why for notice, incident, why in items.values_list("notice", "incident", "dropped")}


def _remaining_capacity(letters: dict[Letter, Notice]) -> dict[Letter, int]:
    items = NoticeItem.objects.filter(notice__in=[each.pk for each in letters.values()])
    numbers = dict(items.order_by().values_list("notice").annotate(Count("pk")))
    return {letter: max(0, MOST_ITEMS - numbers.get(notice.pk, 0)) for letter, notice in letters.items()}


def _find_or_open_notice(each: Wanted, *, now: datetime) -> Notice:
    return find_or_open_notice(each.to, each.purpose, incident=each.referral.incident, by=None, now=now)


def _plan_singly(each: Wanted, *, now: datetime) -> bool:
    planned = plan_notice(referral=each.referral, interval=each.interval, purpose=each.purpose, by=None, now=now)
    return planned is not None


def _build_item(notice: Notice, each: Wanted) -> NoticeItem:
    return NoticeItem(
        notice=notice,
        incident_id=each.referral.incident_id,
        referral=each.referral,
        interval=each.interval,
        trace=each.chase.trace,
    )
