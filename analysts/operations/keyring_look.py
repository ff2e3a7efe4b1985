"""The worker's look at the keyring: metrics and mails about trouble report it without seeing a key themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.models import HostReading, ReadingKind
from analysts.operations.health_item import HealthItem
from analysts.retention.page_section import is_key_current
from reports.keys import has_private_half
from reports.models import KeyClass, KeyState, SealingKey, SealingKeyQuerySet

# The worker looks each minute.
LOOK_LATE = timedelta(minutes=5)
KEYS_LOST_ADVICE = _(
    "What was sealed with them cannot be opened. Have the server’s administrators restore the keyring from its backup, "
    "as docs/guides/backup.md describes."
)
LOOK_LATE_ADVICE = _(
    "The worker has not looked at the keyring, so a lost key would not be noticed. Have the server’s administrators "
    "run: systemctl status portals-worker"
)


@transaction.atomic
def look_at_keyring(now: datetime) -> None:
    """Store whether each class has a key of `now`'s month, and each valid key its private half.

    A row for each class and each key; `number` is 1 where something is missing. They replace those of the last look.
    """
    missing: dict[str, bool] = {key_class.value: not is_key_current(key_class, now) for key_class in KeyClass}
    missing |= {key_id: not has_private_half(key_id) for key_id in _valid_keys().values_list("pk", flat=True)}
    rows = [HostReading(kind=ReadingKind.KEYRING, name=name, number=missing[name], read_at=now) for name in missing]
    HostReading.objects.filter(kind=ReadingKind.KEYRING).delete()
    HostReading.objects.bulk_create(rows)


def key_item(look: Sequence[HostReading], now: datetime) -> HealthItem:
    """The last look, and the months with keys. After a look that is old or absent, nothing is known of them."""
    since = min((row.read_at for row in look), default=None)
    is_old = since is None or since <= now - LOOK_LATE
    absent = {row.name for row in look if row.number != 0}
    wanting = [key_class for key_class in KeyClass if key_class.value in absent]
    keys = list(_valid_keys().order_by("month", "id"))
    lost = [key.pk for key in keys if key.pk in absent]
    return HealthItem(
        "keys",
        _("Sealing keys"),
        not is_old and bool(wanting or lost),
        since if is_old else None,
        LOOK_LATE_ADVICE if is_old else KEYS_LOST_ADVICE if lost else _("Run manage.py tend_keys."),
        (_describe_age(since, now),)
        if is_old
        else (
            *(gettext("no key of this month: %(kind)s") % {"kind": key_class.label} for key_class in wanting),
            *(gettext("private half missing: %(key)s") % {"key": key_id} for key_id in lost),
            *_list_months(keys),
        ),
        is_unknown=is_old,
    )


def _valid_keys() -> SealingKeyQuerySet:
    return SealingKey.objects.exclude(state=KeyState.DESTROYED)


def _describe_age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return gettext("never looked at")
    return gettext("not looked at for %(time)s") % {"time": timesince(since, now)}


def _list_months(keys: Sequence[SealingKey]) -> list[str]:
    months = [(key_class, [key.month for key in keys if key.key_class == key_class]) for key_class in KeyClass]
    return [
        gettext("%(kind)s: %(first)s to %(last)s")
        % {
            "kind": key_class.label,
            "first": date_format(of_class[0], "F Y"),
            "last": date_format(of_class[-1], "F Y"),
        }
        for key_class, of_class in months
        if of_class
    ]
