"""Many reminders planned at once: as `plan_notice` does for one, in statements that do not grow with their number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from analysts.models import Chase, Notice, NoticeItem, Purpose, Recipient, Referral
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.notices.batching import MOST_ITEMS, find_or_open_notice, lock_gathering

# Whom it is to, and what for: of each only one gathers at a time.
type Letter = tuple[UUID, Purpose]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One step: `to`, the recipient of `referral`, is told of its incident for an interval and a purpose."""

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
    """Have each join the notice that gathers for its recipient, or a new one; returns how many did.

    Inside the caller's transaction, which has locked the chases; no permission, no record. A step that was given
    already is left out, and so is an incident that the letter names already. However many there are, it takes a handful
    of statements, and those of each letter that has to be opened.
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
                    # Left out of it before, and wanted in it again.
                    planned += _plan_singly(each, now=now)
        room = _remaining_capacity(open_letters)
        left, items = [], []
        for letter, several in sorted(by_letter.items()):
            notice, size = open_letters.get(letter), room.get(letter, 0)
            if notice is None or not size:
                # Where the other one is full, it makes way.
                notice, size = _find_or_open_notice(several[0], now=now), MOST_ITEMS
            items += [_build_item(notice, each) for each in several[:size]]
            left += several[size:]
        # Of two referrals to the same office one is enough.
        planned += len(NoticeItem.objects.bulk_create(items, ignore_conflicts=True))
    return planned


def _existing_steps(wanted: Iterable[Wanted]) -> set[tuple[UUID, int]]:
    referrals = [each.referral.pk for each in wanted]
    return set(NoticeItem.objects.filter(referral__in=referrals, dropped="").values_list("referral", "interval"))


def _lock_open_letters(letters: Collection[Letter]) -> dict[Letter, Notice]:
    """Those there are, locked."""
    waiting = lock_gathering(recipient for recipient, _purpose in letters)
    found = {(each.recipient_id, Purpose(each.purpose)): each for each in waiting}
    return {letter: found[letter] for letter in letters if letter in found}


def _drop_reasons(notices: Iterable[Notice], wanted: Iterable[Wanted]) -> dict[tuple[UUID, UUID], str]:
    """What the letters name already of these incidents, and why it was left out again: "" where it was not."""
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
