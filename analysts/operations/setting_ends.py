"""The end of a setting that was tightened for a time: its earlier value comes back, on record, with a mail."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.operator_mails import sign_in_line
from analysts.codes import Role
from analysts.models import AlarmKind, User
from analysts.operations.editable_settings import EDITABLE
from analysts.operations.setting_changes import describe_change, save_change, stored_value
from analysts.operations.setting_rows import EditableSetting
from audit.actions import record_event
from countries.models import DecidedSetting


def end_tightened_settings(*, now: datetime | None = None) -> int:
    """Put the settings whose time is over back to their earlier value; returns how many. Run every minute."""
    now = now or timezone.now()
    due = DecidedSetting.objects.filter(ends_at__lte=now, name__in=EDITABLE)
    return sum(_end_setting(name, now) for name in due.order_by("name").values_list("name", flat=True))


@transaction.atomic
def _end_setting(name: str, now: datetime) -> bool:
    due = DecidedSetting.objects.filter(pk=name, ends_at__lte=now)
    setting = due.select_for_update(no_key=True, skip_locked=True).first()
    if setting is None:
        return False
    row, before = EDITABLE[name], stored_value(setting).at(now)
    decided = setting.changes.order_by("-pk")[:1].get()
    value = _earlier_value(row, setting.returns_to)
    save_change(
        setting,
        value,
        reason=_("The time of the decision is over."),
        by=decided.changed_by_id,
        approved_by=None,
        now=now,
        effective_at=now,
        ends_at=None,
    )
    raise_alarm(AlarmKind.SETTING, to=User.objects.mail_addresses(Role.ADMINISTRATOR), now=now)
    record_event(by=None, action="setting.end", on=setting, details=describe_change(row, before, value), at=now)
    return True


def _earlier_value(row: EditableSetting, value: str) -> str:
    """The value, or "" for the server's own where an update of the software allows it no longer."""
    try:
        return row.clean(value) if value else ""
    except ValidationError:
        return ""


def write_setting_mail() -> AlarmMail | None:
    """The mail to administrators; None if none of them has an address."""
    to = User.objects.mail_addresses(Role.ADMINISTRATOR)
    if not to:
        return None
    message = _("A setting that was tightened for a time has its earlier value again. Its page shows both.")
    return AlarmMail(message + sign_in_line(), subject=_("Reporting portals: a setting has its earlier value"), to=to)
