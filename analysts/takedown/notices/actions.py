"""Planning of notices: adding an incident to the notice for a recipient, or many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import Least

from analysts.models import Chase, Notice, NoticeItem, Purpose, Recipient, Referral, User
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.facts.looks import waits_for_look
from analysts.takedown.notices.batching import add_to_notice, capacity_for, find_or_open_notice, lock_gathering

# Recipient and purpose. At most one notice gathers for each pair.
type Letter = tuple[UUID, Purpose]


def plan_notice(
    *, referral: Referral, interval: int, purpose: Purpose, by: User | None, now: datetime
) -> NoticeItem | None:
    """Add the incident of `referral` to the gathering notice of its recipient, or to a new one.

    Runs inside the caller's transaction, which has locked the incident; checks no permission and records no audit
    event. Locks the chase before the notice, in the same order as `sending`. The notice and its sending job commit
    together. `interval` 0 is the first notice; each later interval is a step of the chase.

    Returns None if nothing is added: the step already exists, the gathering notice already names the incident, the
    chase or the referral has ended, the content has not been looked at, or `referral.not_before` is in the future. In
    the last case the chase becomes due at that time, and its next run plans the step again: a notice that waited until
    then would delay its other items.
    """
    chase = open_chase(referral.incident_id)
    if chase is None or referral.to is None or referral.ended_at is not None or waits_for_look(chase, purpose):
        return None
    if referral.not_before and referral.not_before > now:
        # Least ignores NULL, so an unset due_at is replaced as well.
        due = Least("due_at", referral.not_before)
        Chase.objects.filter(pk=chase.pk).update(due_at=due)
        return None
    if referral.items.filter(interval=interval, dropped="", corrects=None).exists():
        return None
    notice = find_or_open_notice(referral.to, purpose, incident=referral.incident, by=by, now=now)
    if notice.items.filter(incident=referral.incident_id, dropped="").exists():
        return None
    return add_to_notice(
        NoticeItem(notice=notice, incident=referral.incident, referral=referral, interval=interval, trace=chase.trace)
    )


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
    Skips steps that already exist, incidents that the notice already names, and those without a look on record. The
    number of statements depends on the number of notices that have to be opened, not on the number of steps.
    """
    referrals = [step.referral.pk for step in steps]
    items = NoticeItem.objects.filter(referral__in=referrals, dropped="", corrects=None)
    existing = set(items.values_list("referral", "interval"))
    missing = [step for step in steps if step.step not in existing and not waits_for_look(step.chase, step.purpose)]
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
                    item = plan_notice(
                        referral=step.referral, interval=step.interval, purpose=step.purpose, by=None, now=now
                    )
                    planned += item is not None
        room = _remaining_capacity(open_letters)
        missing, additions = [], []
        for letter, several in sorted(by_letter.items()):
            notice, size = open_letters.get(letter), room.get(letter, 0)
            if notice is None or not size:
                # A full notice is closed and a new one is opened.
                incident = several[0].referral.incident
                notice = find_or_open_notice(several[0].to, letter[1], incident=incident, by=None, now=now)
                size = capacity_for(several[0].to)
            additions += [_build_item(notice, addition) for addition in several[:size]]
            missing += several[size:]
        # Two referrals of an incident to the same recipient need only one item.
        planned += len(NoticeItem.objects.bulk_create(additions, ignore_conflicts=True))
    return planned


def _lock_open_letters(letters: Collection[Letter]) -> dict[Letter, Notice]:
    """The gathering notices that exist for `letters`, locked."""
    waiting = lock_gathering(recipient for recipient, _purpose in letters)
    open_letters = {(notice.recipient_id, Purpose(notice.purpose)): notice for notice in waiting}
    return {letter: open_letters[letter] for letter in letters if letter in open_letters}


def _drop_reasons(notices: Iterable[Notice], steps: Iterable[DueNotice]) -> dict[tuple[UUID, UUID], str]:
    """Maps (notice, incident) of existing items to the reason they were left out; "" if they are included."""
    incidents = {step.referral.incident_id for step in steps}
    items = NoticeItem.objects.filter(notice__in=[notice.pk for notice in notices], incident__in=incidents)
    return {
        (notice, incident): reason for notice, incident, reason in items.values_list("notice", "incident", "dropped")
    }


def _remaining_capacity(letters: dict[Letter, Notice]) -> dict[Letter, int]:
    items = NoticeItem.objects.filter(notice__in=[letter.pk for letter in letters.values()])
    numbers = dict(items.order_by().values_list("notice").annotate(Count("pk")))
    return {
        letter: max(0, capacity_for(notice.recipient) - numbers.get(notice.pk, 0)) for letter, notice in letters.items()
    }


def _build_item(notice: Notice, step: DueNotice) -> NoticeItem:
    return NoticeItem(
        notice=notice,
        incident_id=step.referral.incident_id,
        referral=step.referral,
        interval=step.interval,
        trace=step.chase.trace,
    )
