"""Makes sealing keys: a pair of files and the matching row, in the order that survives a kill."""

from datetime import date, datetime

from reports import keys
from reports.models import KeyClass, KeyState, SealingKey


def months_around(today: date, *, back: int, ahead: int) -> list[date]:
    """The first of each month from `back` months before `today`'s to `ahead` months after."""
    this = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(this - back, this + ahead + 1)]


def make_missing(*, now: datetime, back: int = 0) -> int:
    """Make the keys that are missing for this month and the 13 ahead, and for `back` months before; returns how many.

    A month that is not over has an open key of each class, even if an earlier one was closed. A past month that had a
    key gets no other.
    """
    number = 0
    this_month = now.date().replace(day=1)
    for month in months_around(this_month, back=back, ahead=keys.MONTHS_AHEAD):
        for key_class in KeyClass:
            month_keys = SealingKey.objects.filter(key_class=key_class, month=month)
            still_good = month_keys if month < this_month else month_keys.filter(state=KeyState.OPEN)
            if not still_good.exists():
                _make_key(key_class, month)
                number += 1
            # Also where an earlier run was cut short.
            for key in month_keys.filter(state=KeyState.OPEN):
                keys.publish(key.pk)
    addresses = SealingKey.objects.filter(key_class=KeyClass.ADDRESSES).exclude(state=KeyState.DESTROYED)
    for key_id in addresses.values_list("pk", flat=True):
        # A key from before masks were sealed, or of a run cut short.
        keys.create_mask_key(key_id)
    return number


def make_another(key: SealingKey) -> str:
    """A key of the same class and month, to replace `key`; returns its id. One made by a run cut short is used."""
    siblings = SealingKey.objects.filter(key_class=key.key_class, month=key.month, state=KeyState.OPEN)
    newer = [sibling.pk for sibling in siblings if keys.key_generation(sibling.pk) > keys.key_generation(key.pk)]
    key_id = newer[0] if newer else _make_key(KeyClass(key.key_class), key.month)
    keys.publish(key_id)
    return key_id


def _make_key(key_class: KeyClass, month: date) -> str:
    """The private half, then the row. Published last: a public half without a row would be sealed to and refused."""
    month_keys = SealingKey.objects.filter(key_class=key_class, month=month).values_list("pk", flat=True)
    number = max(map(keys.key_generation, month_keys), default=0) + 1
    key_id = keys.create(key_class, month, number=number)
    SealingKey.objects.create(id=key_id, key_class=key_class, month=month)
    return key_id
